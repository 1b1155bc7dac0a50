"""Browsers that staff are signed in with: found on every request, listed, ended at once."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from engine.store.tables.reference import Person, StaffSession

KEPT = timedelta(days=90)
SEEN_EVERY = timedelta(minutes=1)


def open_session(
    session: Session, person_id: UUID, now: datetime, address: str, agent: str, way: str
) -> StaffSession:
    """The caller commits."""
    old = StaffSession.opened_at < now - KEPT
    session.execute(delete(StaffSession).where(StaffSession.person_id == person_id, old))
    row = StaffSession(id=uuid4(), person_id=person_id, opened_at=now, seen_at=now, way=way)
    row.address, row.agent = address, "".join(c for c in agent if c.isprintable())[:200]
    session.add(row)
    session.flush()
    return row


def live_session(
    session: Session, person_id: UUID, session_id: UUID, now: datetime, idle: timedelta, longest: timedelta
) -> Person | None:
    """Whose it is, if it is not over: ended, idle too long, too old, or void with all of the account's. Commits."""
    row = session.execute(
        select(StaffSession, Person)
        .join(Person, Person.id == StaffSession.person_id)
        .where(StaffSession.id == session_id, StaffSession.person_id == person_id)
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        return None
    found, person = row
    over = found.ended_at is not None or found.seen_at < now - idle or found.opened_at < now - longest
    if over or not person.active or found.opened_at < person.sessions_from:
        return None
    if found.seen_at < now - SEEN_EVERY:
        found.seen_at = now
        session.commit()
    return person


def sessions_of(
    session: Session, person_id: UUID, now: datetime, idle: timedelta, longest: timedelta, since: datetime
) -> list[StaffSession]:
    """Those that still let in, the latest first; ``since``: all of the account's before it are void."""
    return list(
        session.scalars(
            select(StaffSession)
            .where(
                StaffSession.person_id == person_id,
                StaffSession.ended_at.is_(None),
                StaffSession.seen_at >= now - idle,
                StaffSession.opened_at >= max(now - longest, since),
            )
            .order_by(StaffSession.seen_at.desc())
        )
    )


def end_one(session: Session, person_id: UUID, session_id: UUID, now: datetime) -> bool:
    """Whether it was one of the person's. The caller commits."""
    found = session.execute(
        update(StaffSession)
        .where(
            StaffSession.id == session_id,
            StaffSession.person_id == person_id,
            StaffSession.ended_at.is_(None),
        )
        .values(ended_at=now)
        .returning(StaffSession.id)
    )
    return found.first() is not None


def end_others(session: Session, person_id: UUID, kept: UUID | None, now: datetime) -> None:
    session.execute(
        update(StaffSession)
        .where(StaffSession.person_id == person_id, StaffSession.id != kept, StaffSession.ended_at.is_(None))
        .values(ended_at=now)
    )
