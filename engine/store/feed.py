"""Messages to the upper platform: what is read and written of them. A county's go out one after the other."""

from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from engine.domain.feed import REFUSED, WAITING
from engine.store import serials
from engine.store.locks import lock_name
from engine.store.tables.cases import Case
from engine.store.tables.feed import FeedMessage as M


def next_turn(session: Session, county: str) -> int:
    """The county's next place in the row; whoever takes one waits for the one before to commit."""
    return serials.take(session, county, "feed", county)


def serial_of_turn(session: Session, county: str, turn: int) -> str:
    """YWLSH of that turn; empty before the first."""
    return session.scalar(select(M.serial).where(M.county == county, M.turn == turn).limit(1)) or ""


def find(session: Session, county: str, message_id: UUID, lock: bool = False) -> M | None:
    query = select(M).where(M.county == county, M.id == message_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalar(query)


def of_case(session: Session, case: Case) -> list[M]:
    query = select(M).where(M.county == case.county, M.case_id == case.id)
    return list(session.scalars(query.order_by(M.turn, M.attempt)))


def lock_row(session: Session, county: str) -> None:
    """Until the transaction ends nobody else sends this county's messages."""
    lock_name(session, f"feed:{county}")


def first_waiting(session: Session, county: str) -> M | None:
    """What goes out next; None also where an earlier one was refused and nothing followed it yet."""
    later = aliased(M)
    stopped = (
        select(M.turn)
        .where(
            M.county == county,
            M.state == REFUSED,
            ~exists().where(later.county == M.county, later.turn == M.turn, later.attempt > M.attempt),
        )
        .order_by(M.turn)
        .limit(1)
    )
    stop = session.scalar(stopped)
    query = select(M).where(M.county == county, M.state == WAITING).order_by(M.turn, M.attempt).limit(1)
    row = session.scalar(query.execution_options(populate_existing=True))
    return row if row is not None and (stop is None or row.turn < stop) else None


def last_attempt(session: Session, row: M) -> int:
    query = select(M.attempt).where(M.county == row.county, M.turn == row.turn)
    return session.scalar(query.order_by(M.attempt.desc()).limit(1)) or row.attempt
