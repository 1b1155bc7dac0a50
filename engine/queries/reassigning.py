"""Who has which open tasks, and who could take them over."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.roles import AREAS, does
from engine.queries.scoped import within
from engine.store.tables.cases import Case, Task
from engine.store.tables.reference import Person, Position


@dataclass(frozen=True)
class Holder:
    """Somebody who holds a position, with how many tasks they have open."""

    id: UUID
    name: str
    username: str
    open: int


def tasks_held_by(
    session: Session, actor: Actor, person: UUID, role: str | None = None, office: str | None = None
) -> list[tuple[str, int]]:
    """(case number, task number) of every open task of that person (in one position) within the actor's scope,
    most pressing first.
    """
    place = [Task.role == role, Task.office == office] if role and office else []
    rows = session.execute(
        select(Case.number, Task.number)
        .join(Case, and_(Case.county == Task.county, Case.id == Task.case_id))
        .where(within(Task, actor), Task.status == "open", Task.assignee == person, *place)
        .order_by(Task.due_at, Task.opened_at, Task.case_id, Task.number)
    )
    return [(number, task) for number, task in rows]


@dataclass(frozen=True)
class Held:
    """Open tasks of one position of somebody."""

    role: str
    office: str
    count: int


def held_by(session: Session, actor: Actor, person: UUID) -> list[Held]:
    """What a person has open within the actor's scope, by position."""
    rows = session.execute(
        select(Task.role, Task.office, func.count())
        .where(within(Task, actor), Task.status == "open", Task.assignee == person)
        .group_by(Task.role, Task.office)
        .order_by(Task.office, Task.role)
    )
    return [Held(*row) for row in rows]


def holders(session: Session, county: str, role: str, office: str, day: date) -> list[Holder]:
    """Active accounts that do the role's tasks at that office on that day, by name; whom a task may be given to."""
    roles = [name for name in AREAS if does(name, role)]
    rows = session.execute(
        select(Person.id, Person.name, Person.username)
        .join(Position, Position.person_id == Person.id)
        .where(
            Person.home == county,
            Person.active,
            Position.state == "granted",
            Position.role.in_(roles),
            Position.division == office,
            Position.valid_from <= day,
            or_(Position.valid_to.is_(None), Position.valid_to >= day),
        )
        .distinct()
        .order_by(Person.name, Person.username)
    ).all()
    counted = _open(session, county, [row.id for row in rows])
    return [Holder(row.id, row.name, row.username, counted.get(row.id, 0)) for row in rows]


def _open(session: Session, county: str, people: list[UUID]) -> dict[UUID, int]:
    query = (
        select(Task.assignee, func.count())
        .where(Task.county == county, Task.status == "open", Task.assignee.in_(people))
        .group_by(Task.assignee)
    )
    return {person: count for person, count in session.execute(query) if person}
