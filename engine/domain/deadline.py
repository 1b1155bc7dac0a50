"""Periods that run: what is left, when they end, and what happens to them while the clock is stopped.

How days are counted (民法典第二百至二百零三条; a county's own rules may not shorten it):

- A day is a day in China. The day something happens is not counted; counting begins the next day.
- A *limit* is kept until the end of its last day: ``due`` is 23:59:59 local time of that day.
- A *wait* (a publicity, for example) must have lasted its days in full: it fires at 00:00 local time of the
  day after the last day. Posted on Monday for 10 working days without holidays: the tenth full working day is
  Monday two weeks later, and the wait fires as that Tuesday begins.
- A period in calendar days whose last day is not worked ends on the next working day. This also holds for a
  wait: it may be longer than the law asks, never shorter.
- A period in months ends on the same day of the last month, or on that month's last day; what is left of it when
  the clock stops is counted in days.
- While stopped (材料补正) nothing is counted. What was left when the clock stopped is left, day for day, when
  it goes on; the day it goes on is not counted, as for any beginning. Stopped and resumed on one day changes
  nothing. A period that had already passed when it was stopped stays passed.

Instants go in and come out aware, in UTC; there is no clock here.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from engine.domain.calendar import WorkCalendar, months_later
from engine.domain.clock import SHANGHAI, local_date

_DAY = timedelta(days=1)
_LAST_SECOND = time(23, 59, 59)


class Unit(StrEnum):
    WORKING_DAYS = "working_days"
    CALENDAR_DAYS = "calendar_days"
    MONTHS = "months"  # ends on the same day of a later month (民法典第二百零二条)


class Kind(StrEnum):
    WAIT = "wait"  # the process goes on when it is over
    LIMIT = "limit"  # somebody must have acted before it is over


@dataclass(frozen=True)
class Stop:
    """The clock stood still from ``since`` to ``until``; it still does where ``until`` is None."""

    since: datetime
    until: datetime | None = None


@dataclass(frozen=True)
class Deadline:
    """``length`` in ``unit``, running from ``started_at``; ``stops`` in order, only the last may be open."""

    kind: Kind
    unit: Unit
    length: int
    started_at: datetime
    stops: tuple[Stop, ...] = ()

    def __post_init__(self) -> None:
        if self.length < 1:
            raise ValueError("a deadline lasts at least one day")
        moments = [self.started_at, *(m for s in self.stops for m in (s.since, s.until) if m)]
        if any(m.tzinfo is None for m in moments):
            raise ValueError("a deadline needs instants with a time zone")
        if moments != sorted(moments) or any(s.until is None for s in self.stops[:-1]):
            raise ValueError("the stops of a deadline are out of order")

    @property
    def is_stopped(self) -> bool:
        return bool(self.stops) and self.stops[-1].until is None

    def stop(self, at: datetime) -> "Deadline":
        if self.is_stopped:
            raise ValueError("the deadline is stopped already")
        return replace(self, stops=(*self.stops, Stop(at)))

    def resume(self, at: datetime) -> "Deadline":
        if not self.is_stopped:
            raise ValueError("the deadline is not stopped")
        return replace(self, stops=(*self.stops[:-1], Stop(self.stops[-1].since, at)))

    def last_day(self, calendar: WorkCalendar) -> date | None:
        """The last local day that counts; None while the clock is stopped."""
        return None if self.is_stopped else self._last_day(calendar, self.stops)

    def due(self, calendar: WorkCalendar) -> datetime | None:
        """When a limit ends, or a wait fires; None while the clock is stopped."""
        last = self.last_day(calendar)
        if last is None:
            return None
        if self.kind is Kind.WAIT:
            return datetime.combine(last + _DAY, time.min, SHANGHAI).astimezone(UTC)
        return datetime.combine(last, _LAST_SECOND, SHANGHAI).astimezone(UTC)

    def days_left(self, calendar: WorkCalendar, now: datetime) -> int:
        """Days of its unit after today up to the last day: 0 on the last day, negative when passed."""
        finished, seen = self.stops, local_date(now)
        if self.is_stopped:
            finished, seen = self.stops[:-1], local_date(self.stops[-1].since)
        return self._count(calendar, seen, self._last_day(calendar, finished))

    def provisional(self, calendar: WorkCalendar) -> bool:
        """Whether the last day can still move when the State Council announces a year."""
        return calendar.provisional(self._last_day(calendar, tuple(s for s in self.stops if s.until)))

    def _last_day(self, calendar: WorkCalendar, stops: tuple[Stop, ...]) -> date:
        start = local_date(self.started_at)
        months = self.unit is Unit.MONTHS
        end = months_later(start, self.length) if months else self._add(calendar, start, self.length)
        for stop in stops:
            stopped_on = local_date(stop.since)
            if stopped_on <= self._rolled(calendar, end) and stop.until:
                left = max(self._count(calendar, stopped_on, end), 0)
                end = max(end, self._add(calendar, local_date(stop.until), left))
        return self._rolled(calendar, end)

    def _add(self, calendar: WorkCalendar, start: date, days: int) -> date:
        """Not yet moved off a holiday, so that calendar days added in parts are never moved twice."""
        if self.unit is Unit.WORKING_DAYS:
            return calendar.add_working_days(start, days)
        return calendar.add_calendar_days(start, days, roll=False)

    def _rolled(self, calendar: WorkCalendar, day: date) -> date:
        return calendar.next_working_day(day)

    def _count(self, calendar: WorkCalendar, start: date, end: date) -> int:
        if self.unit is Unit.WORKING_DAYS:
            return calendar.working_days_between(start, end)
        return (end - start).days
