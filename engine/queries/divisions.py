"""Divisions by code, and to choose from level by level: a county of thousands of groups does not fit into one list."""

from collections.abc import Collection

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.queries.scoped import AFTER
from engine.store.tables.reference import Division

LEVELS = (9, 12, 14)  # digits of townships, villages, groups


def to_choose_from(session: Session, actor: Actor, chosen: str) -> list[Division]:
    """Those right below the actor's own, below the chosen one, and below what it lies in; in order of their codes."""
    within = [actor.division] + [
        chosen[:digits]
        for digits in LEVELS
        if len(actor.division) < digits <= len(chosen) and chosen.startswith(actor.division)
    ]
    below = [
        and_(Division.code > above, Division.code < above + AFTER, func.length(Division.code) == _next(above))
        for above in within
        if _next(above)
    ]
    if not below:
        return []
    return list(session.scalars(select(Division).where(or_(*below)).order_by(Division.code)))


def by_codes(session: Session, codes: Collection[str]) -> dict[str, Division]:
    return {row.code: row for row in session.scalars(select(Division).where(Division.code.in_(codes)))}


def _next(code: str) -> int | None:
    return next((digits for digits in LEVELS if digits > len(code)), None)
