"""How a deadline stands now, in the numbers that labels show."""

from dataclasses import dataclass
from datetime import date, datetime

from engine.domain.calendar import WorkCalendar
from engine.domain.clock import local_date
from engine.domain.deadline import Kind
from engine.domain.moments import EXACT
from engine.store.deadlines import as_running
from engine.store.tables.cases import Deadline

__all__ = ["Period", "as_running", "period"]


@dataclass(frozen=True)
class Period:
    """``state``: running, stopped, over (a limit that has passed), met or cancelled.

    ``days`` are those left, in ``unit`` (calendar days where it is exact, a time of the model's own); of a limit that is over, the calendar days since its last day.
    """

    name: str
    kind: str
    unit: str
    length: int
    state: str
    days: int
    last_day: date | None
    provisional: bool
    element: str | None
    task_number: int | None


def period(row: Deadline, calendar: WorkCalendar, now: datetime) -> Period:
    if row.unit == EXACT:
        return _exact(row, now)
    running = as_running(row)
    last_day = running.last_day(calendar)
    left = running.days_left(calendar, now)
    state = _state(row, left)
    if state == "over" and last_day is not None:
        left = (local_date(now) - last_day).days
    return Period(
        row.name,
        row.kind,
        row.unit,
        row.length,
        state,
        left,
        last_day,
        row.provisional,
        row.element,
        row.task_number,
    )


def _exact(row: Deadline, now: datetime) -> Period:
    """A time that the model states itself: counted in calendar days, to the day it comes."""
    assert row.due_at is not None
    day = local_date(row.due_at)
    state = "running" if row.status == "running" else "met"
    left = (day - local_date(now)).days
    return Period(row.name, row.kind, EXACT, 0, state, left, day, False, row.element, row.task_number)


def _state(row: Deadline, left: int) -> str:
    if row.status in ("met", "cancelled", "stopped"):
        return row.status
    if row.kind == Kind.WAIT:
        return "met" if row.status == "fired" else "running"
    return "over" if row.status == "fired" or left < 0 else "running"
