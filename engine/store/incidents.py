"""Incidents: outbox rows and deadlines that failed for good and wait for a person."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.store import deadlines, outbox
from engine.store.tables.cases import Deadline
from engine.store.tables.work import OutboxRow


def failed_effects(session: Session, county: str) -> list[OutboxRow]:
    query = select(OutboxRow).where(OutboxRow.county == county, OutboxRow.status == "failed")
    return list(session.scalars(query.order_by(OutboxRow.id)))


def failed_deadlines(session: Session, county: str) -> list[Deadline]:
    query = select(Deadline).where(Deadline.county == county, Deadline.status == "failed")
    return list(session.scalars(query.order_by(Deadline.due_at, Deadline.id)))


def take_effect(session: Session, county: str, row_id: int) -> OutboxRow | None:
    """The failed row under its lock; None when it is none (any more)."""
    query = select(OutboxRow).where(
        OutboxRow.county == county, OutboxRow.id == row_id, OutboxRow.status == "failed"
    )
    return session.scalar(query.with_for_update().execution_options(populate_existing=True))


def take_deadline(session: Session, county: str, deadline_id: UUID) -> Deadline | None:
    query = select(Deadline).where(
        Deadline.county == county, Deadline.id == deadline_id, Deadline.status == "failed"
    )
    return session.scalar(query.with_for_update().execution_options(populate_existing=True))


def allow_more(row: OutboxRow | Deadline) -> None:
    """It waits again, with as many attempts as at first. The count goes on: it is the mark of a lease."""
    if isinstance(row, OutboxRow):
        row.status, row.lease_until = "waiting", None
        row.allowed = row.attempts + outbox.ATTEMPTS
    else:
        row.status, row.claimed_until = "running", None
        row.allowed = row.attempts + deadlines.ATTEMPTS
