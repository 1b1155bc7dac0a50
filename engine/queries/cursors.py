"""Lists for programs: from a place on, so that what is done meanwhile neither hides a row nor shows it twice.

The rows are the pages' own (inbox, register); only order and place differ. A place is the sort key of the last
row given: a tuple of JSON values.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.calendar import WorkCalendar
from engine.domain.errors import Refused
from engine.queries import inbox, register
from engine.queries.inbox import Row
from engine.queries.inbox_asked import Asked
from engine.queries.register import Line
from engine.store.tables.cases import Case, Publicity, Task

Place = list[Any] | None


def tasks(
    session: Session,
    actor: Actor,
    tab: str,
    asked: Asked,
    place: Place,
    size: int,
    calendar: WorkCalendar,
    now: datetime,
) -> tuple[list[Row], Place]:
    """Tasks of a tab (mine, claim, done), the oldest first; finished ones newest first."""
    query = inbox.tasks_of(actor, tab, asked).order_by(None)
    if tab == "done":
        key = (Task.ended_at, Task.case_id, Task.number)
        query = query.order_by(*(column.desc() for column in key))
    else:
        key = (Task.opened_at, Task.case_id, Task.number)
        query = query.order_by(*key)
    if place:
        at = (_moment(place, 0), _uuid(place, 1), _number(place, 2))
        query = query.where(tuple_(*key) < at if tab == "done" else tuple_(*key) > at)
    found = inbox.task_rows(session, query.limit(size + 1), tab)
    shown, more = found[:size], len(found) > size
    last = shown[-1]["one"] if more else None
    ended = (last.ended_at if tab == "done" else last.opened_at) if last else None
    return inbox.as_rows(session, shown, calendar, now), (
        [ended.isoformat(), str(last.case_id), last.number] if last and ended else None
    )


def cases(
    session: Session,
    actor: Actor,
    asked: Asked,
    status: str | None,
    place: Place,
    size: int,
    calendar: WorkCalendar,
    now: datetime,
) -> tuple[list[Row], Place]:
    """Cases of the scope, the newest number first."""
    query: Select[Any] = inbox.cases_of(actor, "all", asked, now).order_by(None).order_by(Case.number.desc())
    if status:
        query = query.where(Case.status == status)
    if place:
        query = query.where(Case.number < text_at(place, 0))
    found = inbox.case_rows(session, query.limit(size + 1))
    shown = found[:size]
    return inbox.as_rows(session, shown, calendar, now), (
        [shown[-1]["case"].number] if len(found) > size else None
    )


def households(
    session: Session, actor: Actor, asked: register.Asked, place: Place, size: int
) -> tuple[list[Line], Place]:
    """Households of the scope by their code, whatever order was asked for."""
    after = text_at(place, 0) if place else ""
    query = register.found(actor, replace(asked, sort="code", descending=False, after=after))
    rows = session.execute(query.limit(size + 1)).all()
    lines = list(register.lines(session, actor, rows[:size]))
    return lines, ([lines[-1].code] if len(rows) > size else None)


def publicities(session: Session, case: Case) -> list[Publicity]:
    """Of a case that the caller found in scope, oldest first."""
    query = select(Publicity).where(Publicity.county == case.county, Publicity.case_id == case.id)
    return list(session.scalars(query.order_by(Publicity.starts_on, Publicity.id)))


def bad_place() -> Refused:
    """Of a cursor that is none of ours."""
    return Refused("cursor", "翻页标记不对，请从第一页开始")


def text_at(place: list[Any], at: int) -> str:
    value = place[at] if len(place) > at else None
    if not isinstance(value, str):
        raise bad_place()
    return value


def _moment(place: list[Any], at: int) -> datetime:
    try:
        moment = datetime.fromisoformat(text_at(place, at))
    except ValueError:
        raise bad_place() from None
    if moment.tzinfo is None:
        raise bad_place()
    return moment


def _uuid(place: list[Any], at: int) -> UUID:
    try:
        return UUID(text_at(place, at))
    except ValueError:
        raise bad_place() from None


def _number(place: list[Any], at: int) -> int:
    return number_at(place, at, 2**31)


def number_at(place: list[Any], at: int, most: int = 2**62) -> int:
    value = place[at] if len(place) > at else None
    if type(value) is not int or not 0 <= value < most:
        raise bad_place()
    return value
