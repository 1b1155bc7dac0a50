"""The working-day calendar: weekends, the holidays and the make-up days that the State Council announces.

Only what differs from the weekend rule is data (``data/calendar.yaml``, one block per announced year). A year
nobody announced yet is reckoned by weekends alone and called provisional. Days are local days in China.
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from engine.domain.from_yaml import read_yaml

_DAY = timedelta(days=1)
_SATURDAY = 5
_UNSETTLED_FROM = (12, 24)


class DayKind(StrEnum):
    WORKING = "working"  # Monday to Friday
    WEEKEND = "weekend"
    OFF = "off"  # a weekday made free: a public holiday, or a day moved to it
    MAKE_UP = "make_up"  # 调休补班: a Saturday or Sunday that is worked


@dataclass(frozen=True)
class WorkCalendar:
    """``days`` holds only OFF and MAKE_UP days; every other day follows the weekend rule."""

    days: Mapping[date, DayKind]
    announced_years: frozenset[int]
    names: Mapping[date, str] = field(default_factory=dict)

    def kind(self, day: date) -> DayKind:
        ordinary = DayKind.WEEKEND if day.weekday() >= _SATURDAY else DayKind.WORKING
        return self.days.get(day, ordinary)

    def is_working_day(self, day: date) -> bool:
        return self.kind(day) in (DayKind.WORKING, DayKind.MAKE_UP)

    def provisional(self, day: date) -> bool:
        """Whether a later announcement can still change this day.

        The last week of an announced year stays open until the next year is announced: New Year's notices
        have made 2007-12-31 free and 2011-12-31 worked.
        """
        if day.year not in self.announced_years:
            return True
        return (day.month, day.day) >= _UNSETTLED_FROM and day.year + 1 not in self.announced_years

    def next_working_day(self, day: date) -> date:
        """The day itself if it is worked, else the first worked day after it."""
        while not self.is_working_day(day):
            day += _DAY
        return day

    def add_working_days(self, start: date, count: int) -> date:
        """The last of ``count`` working days; the start day is not counted (民法典第二百零一条).

        With 0 it is the start day, moved on to a working day.
        """
        if count < 0:
            raise ValueError(f"a period cannot have {count} days")
        day = start if count else self.next_working_day(start)
        while count:
            day += _DAY
            count -= self.is_working_day(day)
        return day

    def add_calendar_days(self, start: date, count: int, roll: bool = True) -> date:
        """The last of ``count`` calendar days, the start day not counted.

        With ``roll`` a last day that nobody works moves to the next working day (民法典第二百零三条).
        """
        if count < 0:
            raise ValueError(f"a period cannot have {count} days")
        last = start + count * _DAY
        return self.next_working_day(last) if roll else last

    def working_days_between(self, start: date, end: date) -> int:
        """Working days after ``start`` up to and including ``end``; negative when ``end`` is earlier."""
        if end < start:
            return -self.working_days_between(end, start)
        return sum(self.is_working_day(start + n * _DAY) for n in range(1, (end - start).days + 1))


def read_calendar(table: Mapping[str, Any]) -> WorkCalendar:
    """Build a calendar from the table's content; every faulty day is named at once (ValueError).

    Shape: ``{"years": {2026: {"days_off": {date: name}, "days_worked": {date: name}}}}``.
    """
    days: dict[date, DayKind] = {}
    names: dict[date, str] = {}
    faults: list[str] = []
    for year, block in table["years"].items():
        for key, kind, weekend in (("days_off", DayKind.OFF, False), ("days_worked", DayKind.MAKE_UP, True)):
            for day, name in block[key].items():
                if day.year != year:
                    faults.append(f"{day} 列在 {year} 年下")
                elif (day.weekday() >= _SATURDAY) != weekend:
                    faults.append(f"{day} 不能列为 {key}：与周末规则相同")
                days[day], names[day] = kind, name
    if faults:
        raise ValueError("工作日历有误：" + "；".join(faults))
    return WorkCalendar(days, frozenset(table["years"]), names)


@cache
def shipped_calendar() -> WorkCalendar:
    """The calendar that comes with the software."""
    text = files("engine.domain").joinpath("data/calendar.yaml").read_text(encoding="utf-8")
    return read_calendar(read_yaml(text))


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or its last day where that month is shorter."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
