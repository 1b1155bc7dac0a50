"""No two positions that keep each other in check are held by one person at a time (GB/T 22239-2019, 8.1.10)."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine.domain.errors import Refused
from engine.domain.roles import TITLES, incompatible
from engine.domain.said import said_in_both
from engine.store.tables.reference import Position


def check_compatible(
    session: Session,
    person_id: UUID,
    role: str,
    since: date,
    until: date | None,
    states: Iterable[str] = ("granted", "asked"),
) -> None:
    """Refused names what the position does not go with, among those of ``states`` on any of the same days."""
    query = select(Position.role).where(
        Position.person_id == person_id,
        Position.state.in_(tuple(states)),
        or_(Position.valid_to.is_(None), Position.valid_to >= since),
    )
    if until is not None:
        query = query.where(Position.valid_from <= until)
    for held in session.scalars(query.order_by(Position.role)):
        if incompatible(role, held):
            raise clash(role, held)


def clash(role: str, held: str) -> Refused:
    one, other = (said_in_both(*TITLES[name].values()) for name in (role, held))
    return Refused("incompatible", "同一人不能同时担任%(one)s和%(other)s", one=one, other=other)
