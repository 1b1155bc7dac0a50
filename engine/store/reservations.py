"""Things that an open case holds: one active hold per thing, guarded by a unique index."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from engine.store.tables.cases import Case, Changeset, Reservation


def reserve(session: Session, case: Case, kind: str, code: str) -> str | None:
    """Hold the thing for the case. Gives None when the case has it, else the number of the case that holds it."""
    statement = insert(Reservation).values(
        county=case.county, case_id=case.id, kind=kind, code=code, released_at=None
    )
    taken = statement.on_conflict_do_nothing().returning(Reservation.code)
    if session.execute(taken).first():
        return None
    own = (Reservation.county == case.county, Reservation.case_id == case.id)
    before = delete(Reservation).where(
        *own, Reservation.kind == kind, Reservation.code == code, Reservation.released_at.is_not(None)
    )  # what it held once and let go of stands in its way, too
    if session.execute(before.returning(Reservation.code)).first() and session.execute(taken).first():
        return None
    number = holder(session, case.county, kind, code)
    return None if number == case.number else number or ""


def take_over(session: Session, case: Case, other: Case, kind: str, code: str, at: datetime) -> None:
    """The case holds the thing in the other's place, who has it back when it lets go."""
    _let_go(session, other, at, Reservation.kind == kind, Reservation.code == code)
    reserve(session, case, kind, code)


def _let_go(session: Session, case: Case, at: datetime, *which: Any) -> None:
    held = (
        Reservation.county == case.county,
        Reservation.case_id == case.id,
        Reservation.released_at.is_(None),
    )
    session.execute(update(Reservation).where(*held, *which).values(released_at=at))


def _give_back(session: Session, case: Case, codes: Collection[str]) -> None:
    """Households that the case has let go of belong to their own open cases again, from which it took them over."""
    standing = aliased(Reservation)
    held = exists().where(
        standing.county == Reservation.county,
        standing.kind == Reservation.kind,
        standing.code == Reservation.code,
        standing.released_at.is_(None),
    )
    applied = exists().where(
        Changeset.county == Case.county, Changeset.case_id == Case.id, Changeset.applied_at.is_not(None)
    )
    session.execute(
        update(Reservation)
        .where(
            Reservation.county == case.county,
            Reservation.case_id != case.id,
            Reservation.kind == "contractor",
            Reservation.code.in_(codes),
            Reservation.released_at.is_not(None),
            ~held,
            Case.county == Reservation.county,
            Case.id == Reservation.case_id,
            Case.contractor_code == Reservation.code,
            Case.status == "open",
            ~applied,
        )
        .values(released_at=None)
        .execution_options(synchronize_session=False)
    )


def holder(session: Session, county: str, kind: str, code: str) -> str | None:
    """Number of the open case that holds the thing, as far as it is in scope."""
    return session.scalar(
        select(Case.number)
        .join(Reservation, (Reservation.county == Case.county) & (Reservation.case_id == Case.id))
        .where(
            Reservation.county == county,
            Reservation.kind == kind,
            Reservation.code == code,
            Reservation.released_at.is_(None),
        )
    )


def held_by(session: Session, case: Case, kind: str) -> list[str]:
    """Codes of the things of that kind that the case holds now."""
    return list(
        session.scalars(
            select(Reservation.code)
            .where(
                Reservation.county == case.county,
                Reservation.case_id == case.id,
                Reservation.kind == kind,
                Reservation.released_at.is_(None),
            )
            .order_by(Reservation.code)
        )
    )


def release_others(session: Session, case: Case, keep: Collection[tuple[str, str]], at: datetime) -> None:
    """Let go of what the case holds besides these (kind, code): what it drew first and does not draw any more."""
    held = session.execute(
        select(Reservation.kind, Reservation.code).where(
            Reservation.county == case.county,
            Reservation.case_id == case.id,
            Reservation.released_at.is_(None),
        )
    ).all()
    gone = [(kind, code) for kind, code in held if (kind, code) not in keep]
    for kind, code in gone:
        _let_go(session, case, at, Reservation.kind == kind, Reservation.code == code)
    _give_back(session, case, [code for kind, code in gone if kind == "contractor"])


def holders(session: Session, county: str, kind: str, codes: Collection[str]) -> dict[str, str]:
    """Code -> number of the open case that holds it, of those that are held."""
    rows = session.execute(
        select(Reservation.code, Case.number)
        .join(Case, (Reservation.county == Case.county) & (Reservation.case_id == Case.id))
        .where(
            Reservation.county == county,
            Reservation.kind == kind,
            Reservation.code.in_(codes),
            Reservation.released_at.is_(None),
        )
    )
    return dict(rows.tuples().all())


def release(session: Session, case: Case, at: datetime) -> None:
    """Let go of everything that the case holds."""
    households = held_by(session, case, "contractor")
    _let_go(session, case, at)
    _give_back(session, case, households)


def codes_held(session: Session, case: Case, kind: str) -> list[str]:
    """What the case holds of that kind, or held."""
    query = select(Reservation.code).where(
        Reservation.county == case.county, Reservation.case_id == case.id, Reservation.kind == kind
    )
    return list(session.scalars(query))
