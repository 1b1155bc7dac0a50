"""Lists for programs: from a place on, so that what is done meanwhile neither hides a row nor shows it twice.

The rows are the pages' own (inbox, register); only order and place differ. A place is the sort key of the last
row given: a tuple of JSON values.
"""

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
from engine.queries.register import Line
from engine.queries.scoped import places
from engine.store.tables import register as t
from engine.store.tables.cases import Case, Publicity, Task

Place = list[Any] | None


def tasks(
    session: Session,
    actor: Actor,
    tab: str,
    words: str,
    place: Place,
    size: int,
    calendar: WorkCalendar,
    now: datetime,
) -> tuple[list[Row], Place]:
    """Tasks of a tab (mine, claim, done), the oldest first; finished ones newest first."""
    query = inbox._tasks(actor, tab, words).order_by(None)
    if tab == "done":
        key = (Task.ended_at, Task.case_id, Task.number)
        query = query.order_by(*(column.desc() for column in key))
    else:
        key = (Task.opened_at, Task.case_id, Task.number)
        query = query.order_by(*key)
    if place:
        at = (_moment(place, 0), _uuid(place, 1), _number(place, 2))
        query = query.where(tuple_(*key) < at if tab == "done" else tuple_(*key) > at)
    found = inbox._task_rows(session, query.limit(size + 1), tab)
    shown, more = found[:size], len(found) > size
    last = shown[-1]["one"] if more else None
    ended = (last.ended_at if tab == "done" else last.opened_at) if last else None
    return _rows(session, shown, calendar, now), (
        [ended.isoformat(), str(last.case_id), last.number] if last and ended else None
    )


def cases(
    session: Session,
    actor: Actor,
    words: str,
    status: str | None,
    place: Place,
    size: int,
    calendar: WorkCalendar,
    now: datetime,
) -> tuple[list[Row], Place]:
    """Cases of the scope, the newest number first."""
    query: Select[Any] = inbox._cases(actor, words).order_by(None).order_by(Case.number.desc())
    if status:
        query = query.where(Case.status == status)
    if place:
        query = query.where(Case.number < _text(place, 0))
    found = inbox._case_rows(session, query.limit(size + 1))
    shown = found[:size]
    return _rows(session, shown, calendar, now), ([shown[-1]["case"].number] if len(found) > size else None)


def _rows(session: Session, found: list[dict[str, Any]], calendar: WorkCalendar, now: datetime) -> list[Row]:
    named = places(session, {row["case"].division for row in found})
    return [inbox._row(row, named, calendar, now) for row in found]


def households(
    session: Session, actor: Actor, words: str, division: str, place: Place, size: int
) -> tuple[list[Line], Place]:
    """Households of the scope by their code."""
    query = register._found(actor, words, division)
    if place:
        query = query.where(t.Contractor.code > _text(place, 0))
    rows = session.execute(query.limit(size + 1)).all()
    shown = rows[:size]
    named = places(session, {contractor.division for contractor, *_ in shown})
    held = register.open_cases(session, actor.county, [contractor.code for contractor, *_ in shown])
    lines = [
        Line(
            contractor.code,
            version.name,
            version.kind,
            named[contractor.division],
            version.member_count,
            contract.parcel_count if contract else None,
            contract.total_area if contract else None,
            held.get(contractor.code),
        )
        for contractor, version, contract in shown
    ]
    return lines, ([shown[-1][0].code] if len(rows) > size else None)


def publicities(session: Session, case: Case) -> list[Publicity]:
    """Of a case that the caller found in scope, oldest first."""
    query = select(Publicity).where(Publicity.county == case.county, Publicity.case_id == case.id)
    return list(session.scalars(query.order_by(Publicity.starts_on, Publicity.id)))


def bad_place() -> Refused:
    """Of a cursor that is none of ours."""
    return Refused("cursor", "翻页标记不对，请从第一页开始")


def _text(place: list[Any], at: int) -> str:
    value = place[at] if len(place) > at else None
    if not isinstance(value, str):
        raise bad_place()
    return value


def _moment(place: list[Any], at: int) -> datetime:
    try:
        moment = datetime.fromisoformat(_text(place, at))
    except ValueError:
        raise bad_place() from None
    if moment.tzinfo is None:
        raise bad_place()
    return moment


def _uuid(place: list[Any], at: int) -> UUID:
    try:
        return UUID(_text(place, at))
    except ValueError:
        raise bad_place() from None


def _number(place: list[Any], at: int) -> int:
    value = place[at] if len(place) > at else None
    if type(value) is not int or not 0 <= value < 2**31:
        raise bad_place()
    return value
