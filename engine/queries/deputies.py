"""Who stands in for whom: of one's own, of the whole county, and whom one could ask."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from engine.queries.scoped import places
from engine.store.people import held_through
from engine.store.tables.reference import Deputy, Person, Position

MOST = 200
LATER, NOW, OVER = "later", "now", "over"


@dataclass(frozen=True)
class StandIn:
    """One deputy; ``state`` is later, now or over."""

    id: UUID
    position_id: UUID
    role: str
    division: str
    place: str
    principal_id: UUID
    principal: str
    deputy_id: UUID
    deputy: str
    since: date
    until: date
    reason: str
    state: str


def deputies(session: Session, county: str, today: date, person: UUID | None = None) -> list[StandIn]:
    """Of the county, or those in which a person is the one or the other; the latest first."""
    principal, deputy = aliased(Person), aliased(Person)
    query = (
        select(Deputy, Position, principal.name, deputy.name)
        .join(Position, Position.id == Deputy.position_id)
        .join(principal, principal.id == Deputy.principal_id)
        .join(deputy, deputy.id == Deputy.deputy_id)
        .where(Deputy.county == county)
        .order_by(Deputy.valid_from.desc(), Deputy.named_at.desc())
        .limit(MOST)
    )
    if person is not None:
        query = query.where(or_(Deputy.principal_id == person, Deputy.deputy_id == person))
    rows = session.execute(query).all()
    named = places(session, {position.division for _, position, _, _ in rows})
    return [
        StandIn(
            row.id, position.id, position.role, position.division, named[position.division], row.principal_id, of,
            row.deputy_id, by, row.valid_from, row.valid_to, row.reason, state_of(row, today),
        )
        for row, position, of, by in rows
    ]  # fmt: skip


def state_of(row: Deputy, today: date) -> str:
    if row.ended_at is not None or row.valid_to < today:
        return OVER
    return LATER if row.valid_from > today else NOW


def candidates(session: Session, position: Position, today: date) -> list[tuple[str, str, str]]:
    """(user name, name, office) of who holds the same role, the nearest offices first; MOST at most."""
    near = func.left(Position.division, len(position.division) - 3) == position.division[:-3]
    rows = session.execute(
        select(Person.username, Person.name, Position.division)
        .join(Position, Position.person_id == Person.id)
        .where(
            Person.home == position.division[:6],
            Person.active,
            Person.id != position.person_id,
            Position.role == position.role,
            held_through(Position, today, today),
        )
        .order_by(
            (Position.division == position.division).desc(), near.desc(), Position.division, Person.username
        )
        .limit(MOST)
    ).all()
    named = places(session, {row.division for row in rows})
    return [(row.username, row.name, named[row.division]) for row in rows]
