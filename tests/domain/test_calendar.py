from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.calendar import DayKind, WorkCalendar, read_calendar, shipped_calendar

CALENDAR = shipped_calendar()
announced_days = st.dates(date(2004, 1, 1), date(2026, 12, 31))
any_days = st.dates(date(2000, 1, 1), date(2040, 12, 31))


def test_every_announced_day_agrees_with_the_source():
    day = date(2004, 1, 1)
    while day <= date(2026, 12, 31):
        assert CALENDAR.is_working_day(day) == chinese_calendar.is_workday(day), day
        day += timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        ("2025-01-26", DayKind.MAKE_UP),  # Sunday worked before 春节
        ("2025-01-28", DayKind.OFF),  # 除夕, a holiday since 2025
        ("2025-02-01", DayKind.WEEKEND),
        ("2025-02-05", DayKind.WORKING),
        ("2025-09-28", DayKind.MAKE_UP),
        ("2025-10-08", DayKind.OFF),  # 国庆 and 中秋 together
        ("2025-10-09", DayKind.WORKING),
        ("2025-10-11", DayKind.MAKE_UP),
        ("2026-02-14", DayKind.MAKE_UP),
        ("2026-02-23", DayKind.OFF),
        ("2026-02-24", DayKind.WORKING),
        ("2026-10-07", DayKind.OFF),
        ("2026-10-10", DayKind.MAKE_UP),
    ],
)
def test_kinds_of_days(day, kind):
    assert CALENDAR.kind(date.fromisoformat(day)) is kind


@pytest.mark.parametrize(
    ("start", "count", "last"),
    [
        ("2025-03-03", 1, "2025-03-04"),
        ("2025-03-03", 10, "2025-03-17"),  # ten working days without holidays: Monday two weeks later
        ("2025-09-26", 1, "2025-09-28"),  # Friday -> the worked Sunday
        ("2025-09-26", 10, "2025-10-16"),  # over 国庆 2025: 28 29 30 | 9 10 11 13 14 15 16
        ("2025-09-30", 1, "2025-10-09"),
        ("2025-01-24", 10, "2025-02-13"),  # over 春节 2025: 26 27 | 5 6 7 8 10 11 12 13
        ("2026-02-13", 1, "2026-02-14"),
        ("2026-02-13", 10, "2026-03-05"),  # over 春节 2026: 14 | 24 25 26 27 28 | 2 3 4 5
        ("2026-09-30", 3, "2026-10-10"),  # 8 9 10
        ("2025-03-08", 0, "2025-03-10"),  # nothing to add, but a Saturday is no last day
        ("2025-03-10", 0, "2025-03-10"),
    ],
)
def test_working_days_added(start, count, last):
    assert CALENDAR.add_working_days(date.fromisoformat(start), count) == date.fromisoformat(last)


@pytest.mark.parametrize(
    ("start", "count", "roll", "last"),
    [
        ("2025-09-20", 15, True, "2025-10-09"),  # the 15th day, 5 October, lies in 国庆
        ("2025-09-20", 15, False, "2025-10-05"),
        ("2025-09-13", 15, True, "2025-09-28"),  # a Sunday that is worked stays
        ("2026-02-02", 15, True, "2026-02-24"),  # 17 February is 春节
        ("2025-03-03", 15, True, "2025-03-18"),
    ],
)
def test_calendar_days_added(start, count, roll, last):
    assert CALENDAR.add_calendar_days(date.fromisoformat(start), count, roll) == date.fromisoformat(last)


@settings(deadline=None)
@given(announced_days.filter(lambda d: d.year < 2026), st.integers(1, 60))
def test_exactly_that_many_working_days_lie_between(start, count):
    last = CALENDAR.add_working_days(start, count)
    assert chinese_calendar.is_workday(last)
    assert len([d for d in chinese_calendar.get_workdays(start, last) if d > start]) == count


@settings(deadline=None)
@given(any_days, st.integers(0, 40), st.integers(1, 40))
def test_adding_in_parts_is_adding_at_once(start, first, then):
    at_once = CALENDAR.add_working_days(start, first + then)
    middle = CALENDAR.add_working_days(start, first) if first else start
    assert CALENDAR.add_working_days(middle, then) == at_once


@settings(deadline=None)
@given(any_days, any_days)
def test_days_between_undoes_adding(start, end):
    days = CALENDAR.working_days_between(start, end)
    assert days == -CALENDAR.working_days_between(end, start)
    if days > 0:
        assert CALENDAR.add_working_days(start, days) <= end < CALENDAR.add_working_days(start, days + 1)


@settings(deadline=None)
@given(any_days, st.integers(0, 400))
def test_a_rolled_day_is_worked_and_never_earlier(start, count):
    rolled = CALENDAR.add_calendar_days(start, count)
    assert CALENDAR.is_working_day(rolled)
    skipped = [start + timedelta(days=n) for n in range(count, (rolled - start).days)]
    assert not any(map(CALENDAR.is_working_day, skipped))


def test_years_not_announced_are_provisional_and_follow_weekends():
    assert CALENDAR.announced_years == frozenset(range(2004, 2027))
    assert CALENDAR.provisional(date(2027, 10, 1)) and CALENDAR.is_working_day(date(2027, 10, 1))
    assert not CALENDAR.is_working_day(date(2027, 10, 2))
    assert not CALENDAR.provisional(date(2026, 10, 1))


def test_the_last_week_of_the_last_year_is_still_open():
    assert CALENDAR.provisional(date(2026, 12, 24)) and not CALENDAR.provisional(date(2026, 12, 23))
    assert not CALENDAR.provisional(date(2025, 12, 31))


def test_a_new_year_replaces_the_guess():
    known = read_calendar({"years": {2027: {"days_off": {date(2027, 10, 1): "国庆节"}, "days_worked": {}}}})
    assert known.names[date(2027, 10, 1)] == "国庆节"
    assert not known.is_working_day(date(2027, 10, 1)) and not known.provisional(date(2027, 10, 1))


def test_faulty_days_are_all_named():
    off = {date(2027, 10, 2): "国庆节", date(2026, 10, 1): "国庆节"}
    with pytest.raises(ValueError, match=r"2027-10-02.*2026-10-01.*2027-10-04"):
        read_calendar({"years": {2027: {"days_off": off, "days_worked": {date(2027, 10, 4): "x"}}}})


def test_negative_periods_are_refused():
    calendar = WorkCalendar({}, frozenset())
    for add in (calendar.add_working_days, calendar.add_calendar_days):
        with pytest.raises(ValueError, match="-1 days"):
            add(date(2025, 1, 1), -1)
