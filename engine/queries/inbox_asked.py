"""What is asked of the inbox beside its tab: words, filters, an area on the map, an order. As conditions of queries."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, cast, exists, func, select
from sqlalchemy.dialects.postgresql import TSQUERY

from engine.domain import searching
from engine.domain.actor import Actor
from engine.domain.calendar import WorkCalendar
from engine.domain.clock import SHANGHAI, local_date
from engine.queries.scoped import within
from engine.store.register import current
from engine.store.tables.cases import Case, CaseText, Reservation, Task
from engine.store.tables.register import ParcelVersion

DUES = ("over", "today", "soon", "none")
SOON = 3  # working days
TASK_SORTS = ("due", "newest", "oldest", "number")
CASE_SORTS = ("changed", "number", "started", "contractor")
MOST_CORNERS = 200

Point = tuple[float, float]


@dataclass(frozen=True)
class Asked:
    """``division`` narrows the scope; ``step`` is an element of the model, whatever version it is of.

    ``area`` are the corners of an area drawn on the map, in the county's own zone (east, north, metres).
    """

    words: str = ""
    case_type: str = ""
    step: str = ""
    division: str = ""
    due: str = ""
    sort: str = ""
    area: tuple[Point, ...] = ()
    today: date | None = None
    soon: date | None = None
    srid: int = 0  # EPSG code of that zone

    def on(self, calendar: WorkCalendar, now: datetime) -> "Asked":
        """With the days that ``due`` is about."""
        today = local_date(now)
        return replace(self, today=today, soon=calendar.add_working_days(today, SOON))

    @property
    def filtered(self) -> bool:
        return bool(self.words or self.case_type or self.step or self.division or self.due or self.area)

    @property
    def about_cases(self) -> bool:
        return bool(self.words or self.case_type or self.area)


NOTHING = Asked()


def of_case(actor: Actor, asked: Asked) -> list[ColumnElement[bool]]:
    """Conditions on the case."""
    found: list[ColumnElement[bool]] = [Case.case_type == asked.case_type] if asked.case_type else []
    found += [Case.id.in_(_with_word(actor, word)) for word in searching.words(asked.words)]
    if asked.area:
        found.append(Case.id.in_(_on_land(actor, asked)))
    return found


def of_task(asked: Asked) -> list[ColumnElement[bool]]:
    """Conditions on the task."""
    found: list[ColumnElement[bool]] = [Task.element == asked.step] if asked.step else []
    if asked.due:
        found.append(_due(asked))
    return found


def with_task(asked: Asked) -> list[ColumnElement[bool]]:
    """Conditions on a case's open tasks, where cases are listed."""
    conditions = of_task(asked)
    if not conditions:
        return []
    open_task = and_(Task.county == Case.county, Task.case_id == Case.id, Task.status == "open")
    return [exists().where(open_task, *conditions)]


def _with_word(actor: Actor, word: str) -> Any:
    """Cases whose content holds the word: its pieces by the index, the word itself in what they leave."""
    conditions = [within(CaseText, actor), CaseText.words.contains(word, autoescape=True)]
    pieces = searching.sought(word)
    if pieces:
        conditions.insert(1, CaseText.pieces.op("@@", is_comparison=True)(cast(pieces, TSQUERY)))
    return select(CaseText.case_id).where(*conditions)


def _on_land(actor: Actor, asked: Asked) -> Any:
    """Cases that hold, or held, a parcel which the area touches as it stands now."""
    ring = ", ".join(f"{x!r} {y!r}" for x, y in (*asked.area, asked.area[0]))
    area, v = func.st_geomfromtext(f"POLYGON(({ring}))", asked.srid), ParcelVersion
    land = select(v.code).where(
        v.county == actor.county, *current(v), v.geom.intersects(area), func.st_intersects(v.geom, area)
    )
    return select(Reservation.case_id).where(
        Reservation.county == actor.county, Reservation.kind == "parcel", Reservation.code.in_(land)
    )


def _due(asked: Asked) -> ColumnElement[bool]:
    assert asked.today is not None and asked.soon is not None, "Asked.on says which days"
    if asked.due == "none":
        return Task.due_at.is_(None)
    today, tomorrow = _begin(asked.today), _begin(asked.today + timedelta(days=1))
    if asked.due == "over":
        return Task.due_at < today
    until = tomorrow if asked.due == "today" else _begin(asked.soon + timedelta(days=1))
    return and_(Task.due_at >= today, Task.due_at < until)


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)


def task_order(tab: str, asked: Asked) -> list[Any]:
    """Most pressing first; what is finished, newest first."""
    if tab == "done":
        return [Task.ended_at.desc(), Task.case_id.desc(), Task.number.desc()]
    orders: dict[str, list[Any]] = {
        "newest": [Task.opened_at.desc(), Task.case_id, Task.number],
        "oldest": [Task.opened_at, Task.case_id, Task.number],
        "number": [Case.number, Task.number],
    }
    return orders.get(asked.sort) or [Task.due_at, Task.opened_at, Task.case_id, Task.number]


def case_order(tab: str, asked: Asked) -> list[Any]:
    """What something happened to last comes first; of all cases, the newest number."""
    orders: dict[str, list[Any]] = {
        "changed": [Case.changed_at.desc(), Case.number.desc()],
        "number": [Case.number.desc()],
        "started": [Case.number],
        "contractor": [Case.contractor_name, Case.number],
    }
    return orders.get(asked.sort) or orders["changed" if tab == "recent" else "number"]
