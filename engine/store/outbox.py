"""Effects outside the transaction: written with it, leased by one worker at a time, tried again, or an incident.

A lease is short and its worker renews it while it lives, so a dead worker's row is free within LEASE. The count of
attempts is the lease's mark: only the newest holder can renew, finish or fail a row, however late an older one wakes.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, insert, or_, select, update
from sqlalchemy.orm import Session

from engine.store.tables.work import LongWork, OutboxRow

LEASE = timedelta(seconds=30)
ATTEMPTS = 5  # and as many again after each retry of an incident
DIED = "WorkerDied"  # what is written of an attempt that nobody was left to tell of


class LeaseLost(Exception):
    """Somebody else holds the row by now; what was done about it must be undone."""


def put(
    session: Session,
    county: str,
    kind: str,
    payload: dict[str, Any],
    at: datetime,
    case_id: UUID | None = None,
) -> None:
    session.connection().execute(
        insert(OutboxRow),
        [{"county": county, "kind": kind, "payload": payload, "created_at": at, "case_id": case_id}],
    )


def lease(session: Session, now: datetime, row_id: int | None = None) -> OutboxRow | None:
    """Take one waiting row (or the named one) whose lease is free; the attempt is counted now.

    A row with no attempt left is given too, as failed: its caller tells of the incident, and commits. ``now`` is
    real time: a demonstration's moved clock does not expire leases.
    """
    query = select(OutboxRow).where(*_free(now)).order_by(OutboxRow.id).limit(1)
    if row_id is not None:
        query = query.where(OutboxRow.id == row_id)
    row = session.scalar(query.with_for_update(skip_locked=True))
    if row is None:
        return None
    if row.attempts >= row.allowed:
        row.status, row.lease_until = "failed", None
        row.error = row.error or DIED
    else:
        row.attempts += 1
        row.lease_until = now + LEASE
    session.flush()
    return row


def renew(session: Session, row: OutboxRow, now: datetime) -> bool:
    """False when the row is no longer this holder's."""
    return _as_holder(session, row, lease_until=now + LEASE)


def finish(session: Session, row: OutboxRow, now: datetime) -> None:
    """Mark it done, in the transaction of its effect. Raises LeaseLost, and the effect is rolled back."""
    if not _as_holder(session, row, status="done", done_at=now, error=None):
        raise LeaseLost(f"outbox row {row.id}")


def take_along(session: Session, row: OutboxRow, now: datetime) -> None:
    """Mark done what else waits for the very same effect on the case, in the transaction that does it once for all.

    To be called before the case is read: what is written after that is not seen here, and waits for its own turn.
    """
    if row.case_id is None:
        return
    same = (
        select(OutboxRow.id)
        .where(
            OutboxRow.county == row.county,
            OutboxRow.kind == row.kind,
            OutboxRow.case_id == row.case_id,
            OutboxRow.id != row.id,
            *_free(now),
        )
        .with_for_update(skip_locked=True)
    )
    session.execute(
        update(OutboxRow)
        .where(OutboxRow.county == row.county, OutboxRow.id.in_(same))
        .values(status="done", done_at=now)
        .execution_options(synchronize_session=False)
    )


def fail(session: Session, row: OutboxRow, error: str, now: datetime) -> bool:
    """Free it for another try a little later; True when that was the last and it is an incident now."""
    last, tried = row.attempts >= row.allowed, ATTEMPTS - (row.allowed - row.attempts)
    held = _as_holder(
        session,
        row,
        status="failed" if last else "waiting",
        lease_until=None if last else now + timedelta(seconds=2**tried),
        error=error[:2000],
    )
    return last and held


def waiting(session: Session, now: datetime, limit: int = 200) -> list[tuple[int, str]]:
    """(id, kind) of rows that a worker should look at: never leased, or with a lease that ran out."""
    rows = session.execute(
        select(OutboxRow.id, OutboxRow.kind).where(*_free(now)).order_by(OutboxRow.id).limit(limit)
    )
    return [(row.id, row.kind) for row in rows]


def of_case(session: Session, county: str, case_id: UUID) -> list[OutboxRow]:
    """Every effect that the case asked for, as it stands now."""
    query = (
        select(OutboxRow)
        .where(OutboxRow.county == county, OutboxRow.case_id == case_id)
        .order_by(OutboxRow.id)
    )
    return list(session.scalars(query.execution_options(populate_existing=True)))


def counts(session: Session, county: str) -> dict[str, int]:
    rows = session.execute(
        select(OutboxRow.status, func.count()).where(OutboxRow.county == county).group_by(OutboxRow.status)
    )
    return {status: n for status, n in rows}


def count_waiting(session: Session, county: str, kinds: Collection[str], long_kind: str) -> int:
    """Rows of these kinds that are not done, and long works of that kind that have not ended."""
    rows = select(func.count()).where(
        OutboxRow.county == county, OutboxRow.kind.in_(kinds), OutboxRow.status != "done"
    )
    works = select(func.count()).where(
        LongWork.county == county, LongWork.kind == long_kind, LongWork.ended_at.is_(None)
    )
    return (session.scalar(rows) or 0) + (session.scalar(works) or 0)


def _free(now: datetime) -> tuple[ColumnElement[bool], ...]:
    free = or_(OutboxRow.lease_until.is_(None), OutboxRow.lease_until < now)
    return OutboxRow.status == "waiting", free


def _as_holder(session: Session, row: OutboxRow, **values: Any) -> bool:
    """Write them if the row is still leased to this very attempt."""
    written = session.execute(
        update(OutboxRow)
        .where(
            OutboxRow.county == row.county,
            OutboxRow.id == row.id,
            OutboxRow.status == "waiting",
            OutboxRow.attempts == row.attempts,
        )
        .values(**values)
        .execution_options(synchronize_session=False)
        .returning(OutboxRow.id)
    )
    return written.first() is not None
