"""Effects outside the transaction: written with it, leased by one worker at a time, tried again, or an incident."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.orm import Session

from engine.store.tables.work import OutboxRow

LEASE = timedelta(minutes=5)
ATTEMPTS = 5


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

    ``now`` is real time: a demonstration's moved clock does not expire leases.
    """
    query = (
        select(OutboxRow)
        .where(
            OutboxRow.status == "waiting",
            or_(OutboxRow.lease_until.is_(None), OutboxRow.lease_until < now),
        )
        .order_by(OutboxRow.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if row_id is not None:
        query = query.where(OutboxRow.id == row_id)
    row = session.scalar(query)
    if row is None:
        return None
    row.attempts += 1
    if row.attempts > ATTEMPTS:
        row.status = "failed"
        row.error = row.error or "跑了多次都没有做完，工作进程中途退出"
        session.commit()
        return None
    row.lease_until = now + LEASE
    session.commit()
    return row


def finish(session: Session, row: OutboxRow, now: datetime) -> None:
    """Mark it done, in the transaction of its effect."""
    session.execute(
        update(OutboxRow)
        .where(OutboxRow.county == row.county, OutboxRow.id == row.id)
        .values(status="done", done_at=now, error=None)
    )


def fail(session: Session, row: OutboxRow, error: str, now: datetime) -> None:
    """Free it for another try a little later, or make it an incident after the last."""
    last = row.attempts >= ATTEMPTS
    session.execute(
        update(OutboxRow)
        .where(OutboxRow.county == row.county, OutboxRow.id == row.id)
        .values(
            status="failed" if last else "waiting",
            lease_until=None if last else now + timedelta(seconds=2**row.attempts),
            error=error[:2000],
        )
    )


def waiting_ids(session: Session, now: datetime, limit: int = 200) -> list[int]:
    """Rows that a worker should look at: never leased, or with a lease that ran out."""
    return list(
        session.scalars(
            select(OutboxRow.id)
            .where(
                OutboxRow.status == "waiting",
                or_(OutboxRow.lease_until.is_(None), OutboxRow.lease_until < now),
            )
            .order_by(OutboxRow.id)
            .limit(limit)
        )
    )


def of_case(session: Session, county: str, case_id: UUID) -> list[OutboxRow]:
    """Every effect that the case asked for, as it stands now."""
    query = (
        select(OutboxRow)
        .where(OutboxRow.county == county, OutboxRow.case_id == case_id)
        .order_by(OutboxRow.id)
    )
    return list(session.scalars(query.execution_options(populate_existing=True)))


def retry(session: Session, county: str, row_id: int) -> None:
    """An incident whose cause was mended starts afresh."""
    session.execute(
        update(OutboxRow)
        .where(OutboxRow.county == county, OutboxRow.id == row_id, OutboxRow.status == "failed")
        .values(status="waiting", attempts=0, lease_until=None)
    )


def incidents(session: Session, county: str) -> list[OutboxRow]:
    return list(
        session.scalars(
            select(OutboxRow)
            .where(OutboxRow.county == county, OutboxRow.status == "failed")
            .order_by(OutboxRow.id)
        )
    )


def counts(session: Session, county: str) -> dict[str, int]:
    rows = session.execute(
        select(OutboxRow.status, func.count()).where(OutboxRow.county == county).group_by(OutboxRow.status)
    )
    return {status: n for status, n in rows}
