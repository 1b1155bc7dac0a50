"""Staff accounts of a county: who there is, what they may do, what waits to be granted, what was done."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.queries.scoped import places
from engine.store.sign_in_tries import shut_out
from engine.store.tables.reference import AccountEvent, Person, Position

PAGE = 50
STATES = ("active", "new", "locked")


@dataclass(frozen=True)
class Held:
    """A position with the name of its office. ``ended``: it was held and is no more."""

    id: UUID
    person_id: UUID
    role: str
    division: str
    place: str
    since: date
    until: date | None
    state: str
    ended: bool


@dataclass(frozen=True)
class Account:
    person: Person
    positions: tuple[Held, ...]
    shut_out: bool = False  # from some address, by wrong passwords, for a while

    @property
    def state(self) -> str:
        """locked, new (not activated yet) or active."""
        if not self.person.active:
            return "locked"
        return "active" if self.person.password_hash else "new"


@dataclass(frozen=True)
class Accounts:
    rows: tuple[Account, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))


def accounts(
    session: Session,
    actor: Actor,
    today: date,
    words: str = "",
    role: str = "",
    state: str = "",
    page: int = 1,
) -> Accounts:
    """By user name; ``words`` are looked for in user name, name and the codes of offices."""
    query = select(Person).where(Person.home == actor.county, *_fits(words, role, state))
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    page = min(max(page, 1), max(1, -(-total // PAGE)))
    people = session.scalars(query.order_by(Person.username).limit(PAGE).offset((page - 1) * PAGE)).all()
    held = positions(session, today, Position.person_id.in_([person.id for person in people]))
    out = shut_out(session, [one.username for one in people], datetime.now(UTC))
    rows = [
        Account(one, tuple(p for p in held if p.person_id == one.id), one.username in out) for one in people
    ]
    return Accounts(tuple(rows), total, page)


def _fits(words: str, role: str, state: str) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for word in words.split()[:5]:
        office = exists().where(
            Position.person_id == Person.id, Position.division.startswith(word, autoescape=True)
        )
        named = (Person.username.contains(word, autoescape=True), Person.name.contains(word, autoescape=True))
        found.append(or_(*named, office) if word.isdigit() else or_(*named))
    if role:
        found.append(exists().where(Position.person_id == Person.id, Position.role == role))
    if state == "locked":
        found.append(Person.active.is_(False))
    elif state == "new":
        found += [Person.active.is_(True), Person.password_hash == ""]
    elif state == "active":
        found += [Person.active.is_(True), Person.password_hash != ""]
    return found


def positions(session: Session, today: date, *which: ColumnElement[bool]) -> list[Held]:
    rows = session.scalars(select(Position).where(*which).order_by(Position.division, Position.role)).all()
    named = places(session, {row.division for row in rows})
    return [
        Held(
            row.id, row.person_id, row.role, row.division, named[row.division], row.valid_from, row.valid_to,
            row.state, row.valid_to is not None and row.valid_to < today,
        )
        for row in rows
    ]  # fmt: skip


def waiting(session: Session, actor: Actor, today: date, most: int = 200) -> list[tuple[Held, Person]]:
    """Positions of the county that wait to be granted, and whose they are to be."""
    rows = positions(session, today, Position.state == "asked", Position.division.startswith(actor.county))[
        :most
    ]
    people = {
        p.id: p for p in session.scalars(select(Person).where(Person.id.in_([r.person_id for r in rows])))
    }
    return [(row, people[row.person_id]) for row in rows]


def bases(session: Session, county: str, people: Iterable[UUID]) -> dict[tuple[UUID, str, str], str]:
    """(person, role, division) -> by what it was asked for last, where that had to be said."""
    query = select(AccountEvent.person_id, AccountEvent.facts).where(
        AccountEvent.county == county,
        AccountEvent.person_id.in_(list(people)),
        AccountEvent.kind == "position_asked",
        AccountEvent.facts.has_key("basis"),
    )
    rows = session.execute(query.order_by(AccountEvent.id))
    return {(person, facts["role"], facts["division"]): facts["basis"] for person, facts in rows}


def count_waiting(session: Session, actor: Actor) -> int:
    query = select(func.count()).where(Position.state == "asked", Position.division.startswith(actor.county))
    return session.scalar(query) or 0


def events(
    session: Session, county: str, person_id: UUID | None = None, page: int = 1
) -> tuple[list[tuple[AccountEvent, str, str]], bool]:
    """(event, whose account, by whom), newest first, and whether there are more."""
    query = select(AccountEvent).where(AccountEvent.county == county)
    if person_id is not None:
        query = query.where(AccountEvent.person_id == person_id)
    rows = session.scalars(
        query.order_by(AccountEvent.id.desc()).limit(PAGE + 1).offset((page - 1) * PAGE)
    ).all()
    ids = {row.person_id for row in rows} | {row.by for row in rows}
    people = session.execute(select(Person.id, Person.name, Person.username).where(Person.id.in_(ids)))
    named = {row.id: f"{row.name}（{row.username}）" for row in people}
    found = [(row, named.get(row.person_id, ""), named.get(row.by, "")) for row in rows[:PAGE]]
    return found, len(rows) > PAGE


def usernames_taken(session: Session, names: Iterable[str]) -> set[str]:
    return set(session.scalars(select(Person.username).where(Person.username.in_(list(names)))))
