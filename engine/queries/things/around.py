"""What is around a household or its land: why it may not change, cases about it, their papers."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, defer

from engine.domain.actor import Actor
from engine.queries.as_of import When
from engine.queries.scoped import within
from engine.store.tables import register as t
from engine.store.tables.cases import Case, Paper, Reservation

MOST_CASES = 50


@dataclass(frozen=True)
class Blocked:
    """A dispute, mortgage, seizure or running transfer. ``now``: it stands on the day asked for."""

    block: t.Block
    now: bool


def blocks(session: Session, actor: Actor, codes: Collection[str], when: When) -> list[Blocked]:
    """Those that stand first, then the past ones; recorded by the instant asked for."""
    b = t.Block
    rows = session.scalars(
        select(b)
        .where(within(b, actor), b.code.in_(codes), b.recorded_at <= when.known, b.starts_on <= when.day)
        .order_by(b.starts_on.desc(), b.id.desc())
    )
    found = [Blocked(row, row.ends_on is None or row.ends_on >= when.day) for row in rows]
    return sorted(found, key=lambda one: not one.now)


def cases_about(session: Session, actor: Actor, codes: Collection[str]) -> list[Case]:
    """Cases of the scope that are about one of the codes or ever held one, open ones first, then the newest."""
    held = session.scalars(
        select(Reservation.case_id).where(Reservation.county == actor.county, Reservation.code.in_(codes))
    ).all()
    return list(
        session.scalars(
            select(Case)
            .where(within(Case, actor), or_(Case.contractor_code.in_(codes), Case.id.in_(held)))
            .order_by((Case.status == "open").desc(), Case.started_at.desc(), Case.number.desc())
            .limit(MOST_CASES)
        )
    )


def open_cases(session: Session, actor: Actor, codes: Collection[str]) -> dict[str, str]:
    """code of a household or parcel -> number of the open case that holds it."""
    rows = session.execute(
        select(Reservation.code, Case.number)
        .join(Case, and_(Case.county == Reservation.county, Case.id == Reservation.case_id))
        .where(
            Reservation.county == actor.county,
            Reservation.code.in_(codes),
            Reservation.released_at.is_(None),
        )
    )
    return {code: number for code, number in rows}


def papers_of(session: Session, actor: Actor, cases: Sequence[Case]) -> dict[UUID, list[Paper]]:
    """Ready papers by case, without what issued ones say, oldest first."""
    found: dict[UUID, list[Paper]] = {case.id: [] for case in cases}
    for paper in session.scalars(
        select(Paper)
        .where(within(Paper, actor), Paper.case_id.in_(found), Paper.status == "ready")
        .options(defer(Paper.context))
        .order_by(Paper.created_at, Paper.id)
    ):
        if paper.case_id is not None:
            found[paper.case_id].append(paper)
    return found
