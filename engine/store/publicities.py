"""Publicities of cases and the objections to them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from engine.store.tables.cases import Case, Objection, Publicity, Task


def find_publicity(session: Session, county: str, publicity_id: UUID) -> Publicity | None:
    """As far as it is in scope."""
    return session.get(Publicity, (county, publicity_id), populate_existing=True)


def of_case(session: Session, case: Case) -> list[Publicity]:
    query = select(Publicity).where(Publicity.county == case.county, Publicity.case_id == case.id)
    return list(session.scalars(query.order_by(Publicity.starts_on, Publicity.round, Publicity.id)))


def open_of(session: Session, case: Case) -> Publicity | None:
    """The one that is on display, or whose result is still to be recorded."""
    return session.scalar(
        select(Publicity)
        .where(Publicity.county == case.county, Publicity.case_id == case.id, Publicity.closed_at.is_(None))
        .order_by(Publicity.starts_on.desc(), Publicity.round.desc())
        .limit(1)
    )


def next_round(session: Session, case: Case, subject: str) -> int:
    query = select(func.max(Publicity.round)).where(
        Publicity.county == case.county, Publicity.case_id == case.id, Publicity.subject == subject
    )
    return (session.scalar(query) or 0) + 1


def objections_of(session: Session, case: Case) -> list[Objection]:
    query = select(Objection).where(Objection.county == case.county, Objection.case_id == case.id)
    return list(session.scalars(query.order_by(Objection.number)))


def objections_to(session: Session, publicity: Publicity) -> list[Objection]:
    query = select(Objection).where(
        Objection.county == publicity.county, Objection.publicity_id == publicity.id
    )
    return list(session.scalars(query.order_by(Objection.number)))


def next_number(session: Session, case: Case) -> int:
    query = select(func.max(Objection.number)).where(
        Objection.county == case.county, Objection.case_id == case.id
    )
    return (session.scalar(query) or 0) + 1


def objection_by_id(session: Session, county: str, objection_id: UUID) -> Objection | None:
    return session.get(Objection, (county, objection_id), populate_existing=True)


def objection_of_task(session: Session, case: Case, task_number: int) -> Objection | None:
    return session.scalar(
        select(Objection).where(
            Objection.county == case.county,
            Objection.case_id == case.id,
            Objection.task_number == task_number,
        )
    )


def untied_task(session: Session, case: Case, element: str) -> int | None:
    """The open task of that element that no objection has yet: the one that was opened for the last."""
    tied = select(Objection.task_number).where(
        Objection.county == case.county, Objection.case_id == case.id, Objection.task_number.is_not(None)
    )
    return session.scalar(
        select(Task.number)
        .where(
            Task.county == case.county,
            Task.case_id == case.id,
            Task.element == element,
            Task.status == "open",
            Task.number.not_in(tied),
        )
        .order_by(Task.number.desc())
        .limit(1)
    )


def neighbouring_parties(
    session: Session, county: str, party: str, metres: float
) -> Sequence[tuple[str, str, str]]:
    """(code, name, division) of the other issuing parties with land within so many metres of this one's land.

    As ``register.neighbours``: the boxes go back in as values, so that row security uses the index.
    """
    boxes = session.scalars(
        text("""
        select st_expand(v.geom, :metres)::text from operational.parcel_versions v
        join operational.parcels p on p.county = v.county and p.id = v.parcel_id
        join operational.issuing_parties f on f.county = p.county and f.id = p.issuing_party_id
        where v.county = :county and f.code = :party and v.valid_to is null and v.superseded_at is null"""),
        {"county": county, "party": party, "metres": metres},
    ).all()
    rows = session.execute(
        text("""
        select distinct f.code, fv.name, f.division
        from unnest(cast(:boxes as text[])::geometry[]) as near(box)
        join operational.parcel_versions v on v.geom && near.box
          and v.valid_to is null and v.superseded_at is null
        join operational.parcels p on p.county = v.county and p.id = v.parcel_id
        join operational.issuing_parties f on f.county = p.county and f.id = p.issuing_party_id
        join operational.issuing_party_versions fv on fv.county = f.county and fv.issuing_party_id = f.id
          and fv.valid_to is null and fv.superseded_at is null
        where v.county = :county and f.code <> :party
        order by f.code"""),
        {"county": county, "party": party, "boxes": list(boxes)},
    )
    return [(row.code, row.name, row.division) for row in rows]
