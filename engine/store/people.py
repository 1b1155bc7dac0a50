"""People and their positions."""

from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine.store.tables.reference import Person, Position


def name_of(session: Session, person_id: UUID) -> str:
    return session.scalar(select(Person.name).where(Person.id == person_id)) or "他人"


def by_username(session: Session, username: str) -> Person | None:
    return session.scalar(select(Person).where(Person.username == username))


def positions_on(session: Session, person_id: UUID, day: date) -> list[Position]:
    """The positions a person holds on that day, the highest office first."""
    return list(
        session.scalars(
            select(Position)
            .where(
                Position.person_id == person_id,
                Position.state == "granted",
                Position.valid_from <= day,
                or_(Position.valid_to.is_(None), Position.valid_to >= day),
            )
            .order_by(Position.division, Position.role)
        )
    )
