"""Deadlines that have come: each claimed by one ticker at a time, tried again, or an incident.

Two clocks: whether a deadline has come is told by the application's, which a demonstration moves; how long a claim
holds is real time.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine.domain.deadline import Deadline as Running
from engine.domain.deadline import Kind, Stop, Unit
from engine.store.tables.cases import Deadline

CLAIM = timedelta(seconds=30)  # firing takes milliseconds; a dead ticker's deadline is free after this
ATTEMPTS = 5  # and as many again after each retry of an incident
DIED = "TickerDied"


def claim_due(session: Session, county: str, now: datetime, real_now: datetime) -> Deadline | None:
    """The earliest running deadline that has come and that nobody holds; the attempt is counted now.

    One with no attempt left is given too, as failed: its caller tells of the incident. The caller commits.
    """
    row = session.scalar(
        select(Deadline)
        .where(
            Deadline.county == county,
            Deadline.status == "running",
            Deadline.due_at <= now,
            or_(Deadline.claimed_until.is_(None), Deadline.claimed_until < real_now),
        )
        .order_by(Deadline.due_at)
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    if row is None:
        return None
    if row.attempts >= row.allowed:
        row.status, row.error = "failed", row.error or DIED
    else:
        row.attempts += 1
        row.claimed_until = real_now + CLAIM
    session.flush()
    return row


def put_back(session: Session, county: str, deadline_id: UUID) -> None:
    """It had not come after all: nothing failed, so no attempt is counted."""
    row = _held(session, county, deadline_id)
    if row is not None and row.status == "running":
        row.attempts, row.claimed_until = row.attempts - 1, None


def fail(session: Session, county: str, deadline_id: UUID, error: str, real_now: datetime) -> bool:
    """Try it again a little later; True when that was the last attempt and it is an incident now."""
    row = _held(session, county, deadline_id)
    if row is None or row.status != "running":
        return False
    row.error, last = error[:2000], row.attempts >= row.allowed
    if last:
        row.status = "failed"
    else:
        row.claimed_until = real_now + timedelta(seconds=2 ** (ATTEMPTS - (row.allowed - row.attempts)))
    session.flush()
    return last


def _held(session: Session, county: str, deadline_id: UUID) -> Deadline | None:
    query = select(Deadline).where(Deadline.county == county, Deadline.id == deadline_id)
    return session.scalar(query.with_for_update().execution_options(populate_existing=True))


def as_running(row: Deadline) -> Running:
    """The row as the domain's period; not for times of the model's own (unit ``exact``)."""
    stops = tuple(
        Stop(datetime.fromisoformat(since), datetime.fromisoformat(until) if until else None)
        for since, until in row.stops
    )
    return Running(Kind(row.kind), Unit(row.unit), row.length, row.started_at, stops)
