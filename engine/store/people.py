"""People, their positions, and those that they stand in for as deputies."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from engine.store.tables.reference import Deputy, OutsideIdentity, Person, Position


@dataclass(frozen=True)
class Seat:
    """A position that somebody may act in: one's own, or that of ``principal`` until a day."""

    position: Position
    principal: Person | None = None
    until: date | None = None


def name_of(session: Session, person_id: UUID) -> str:
    return session.scalar(select(Person.name).where(Person.id == person_id)) or "他人"


def by_username(session: Session, username: str) -> Person | None:
    return session.scalar(select(Person).where(Person.username == username))


def lock_people(session: Session, ids: Iterable[UUID]) -> None:
    """Always in one order, so that two who lock the same people wait for each other and no more."""
    session.execute(select(Person.id).where(Person.id.in_(sorted(ids))).order_by(Person.id).with_for_update())


def held_through(position: type[Position], first: date, last: date) -> ColumnElement[bool]:
    """Granted, and held on every day from the first to the last."""
    return and_(
        position.state == "granted",
        position.valid_from <= first,
        or_(position.valid_to.is_(None), position.valid_to >= last),
    )


def positions_on(session: Session, person_id: UUID, day: date) -> list[Position]:
    """The positions a person holds on that day, the highest office first."""
    return list(
        session.scalars(
            select(Position)
            .where(Position.person_id == person_id, held_through(Position, day, day))
            .order_by(Position.division, Position.role)
        )
    )


def seats_on(session: Session, person_id: UUID, day: date) -> list[Seat]:
    """The own positions of that day, then those stood in for. Who no longer holds the same role stands in for nobody."""
    own = [Seat(position) for position in positions_on(session, person_id, day)]
    if not own:
        return []
    rows = session.execute(
        select(Position, Person, Deputy.valid_to)
        .join(Deputy, Deputy.position_id == Position.id)
        .join(Person, Person.id == Position.person_id)
        .where(Deputy.deputy_id == person_id, stands_in_on(day), held_through(Position, day, day))
        .order_by(Position.division, Position.role, Deputy.valid_to)
    ).all()
    roles = {seat.position.role for seat in own}
    return own + [Seat(position, person, until) for position, person, until in rows if position.role in roles]


def stands_in_on(day: date) -> ColumnElement[bool]:
    return and_(Deputy.ended_at.is_(None), Deputy.valid_from <= day, Deputy.valid_to >= day)


def may_stand_in(
    person_id: InstrumentedAttribute[UUID], position: type[Position], day: date
) -> ColumnElement[bool]:
    """Whether that person is a deputy in that position on the day, and holds the same role."""
    own = aliased(Position)
    return (
        select(Deputy.id)
        .join(own, own.person_id == Deputy.deputy_id)
        .where(
            Deputy.position_id == position.id,
            Deputy.deputy_id == person_id,
            stands_in_on(day),
            own.role == position.role,
            held_through(own, day, day),
        )
        .exists()
    )


def who_see(session: Session, division: str, roles: Collection[str], day: date) -> list[Person]:
    """Active people with one of the roles at the division or at one above it, by name."""
    above = [division[:digits] for digits in (2, 4, 6, 9, 12, 14) if digits <= len(division)]
    query = (
        select(Person)
        .join(Position, Position.person_id == Person.id)
        .where(
            held_through(Position, day, day),
            Position.division.in_(above),
            Position.role.in_(roles),
            Person.active,
        )
        .order_by(Person.name, Person.id)
        .distinct()
    )
    return list(session.scalars(query))


def by_usernames(session: Session, county: str, usernames: Collection[str]) -> dict[str, Person]:
    """Accounts of the county, by username."""
    rows = session.scalars(select(Person).where(Person.home == county, Person.username.in_(usernames)))
    return {row.username: row for row in rows}


def holds_through(session: Session, person_id: UUID, role: str, first: date, last: date) -> bool:
    """Whether the person holds one position of that role on every day from the first to the last."""
    query = select(Position.id).where(
        Position.person_id == person_id, Position.role == role, held_through(Position, first, last)
    )
    return session.scalar(query.limit(1)) is not None


def roles_held(
    session: Session, person_id: UUID, states: Collection[str], since: date, until: date | None
) -> list[str]:
    """Roles of positions in one of the states that are held on any day from ``since``, until a day where one is named."""
    query = select(Position.role).where(
        Position.person_id == person_id,
        Position.state.in_(tuple(states)),
        or_(Position.valid_to.is_(None), Position.valid_to >= since),
    )
    if until is not None:
        query = query.where(Position.valid_from <= until)
    return list(session.scalars(query.order_by(Position.role)))


def standing_in(session: Session, first: date, last: date, whose: ColumnElement[bool]) -> Deputy | None:
    """A deputy named for any day from the first to the last, of those that ``whose`` picks."""
    query = select(Deputy).where(
        whose, Deputy.ended_at.is_(None), Deputy.valid_from <= last, Deputy.valid_to >= first
    )
    return session.scalar(query.limit(1))


def identity_of(session: Session, issuer: str, person_id: UUID) -> OutsideIdentity | None:
    """Who the account is at that identity provider."""
    query = select(OutsideIdentity).where(
        OutsideIdentity.issuer == issuer, OutsideIdentity.person_id == person_id
    )
    return session.scalar(query)
