from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.calendar import shipped_calendar
from engine.domain.clock import SHANGHAI
from engine.domain.deadline import Deadline, Kind, Stop, Unit

CALENDAR = shipped_calendar()


def at(text):
    """An instant from local time in China, e.g. 2025-03-03 10:00."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def limit(length, started, *stops, unit=Unit.WORKING_DAYS):
    return Deadline(Kind.LIMIT, unit, length, at(started), tuple(Stop(at(a), b and at(b)) for a, b in stops))


def wait(length, started, unit=Unit.WORKING_DAYS):
    return Deadline(Kind.WAIT, unit, length, at(started))


def test_a_limit_ends_with_its_last_day_in_china():
    due = limit(5, "2025-03-03 10:00").due(CALENDAR)
    assert due == at("2025-03-10 23:59:59")
    assert due.tzinfo is UTC and due.hour == 15


def test_a_wait_fires_after_its_last_full_day():
    posted_monday = wait(10, "2025-03-03 10:00")
    assert posted_monday.last_day(CALENDAR) == date(2025, 3, 17)
    assert posted_monday.due(CALENDAR) == at("2025-03-18 00:00")


@pytest.mark.parametrize(
    ("started", "fires"),
    [
        ("2025-09-26 08:30", "2025-10-17 00:00"),  # ten working days over 国庆 2025, two weekend days worked
        ("2025-01-24 17:00", "2025-02-14 00:00"),  # over 春节 2025
        ("2026-02-13 09:00", "2026-03-06 00:00"),  # over 春节 2026
        ("2026-10-01 09:00", "2026-10-21 00:00"),  # posted in the holiday: 8 9 10 | 12 to 16 | 19 20
    ],
)
def test_contract_publicity_over_the_holidays(started, fires):
    assert wait(10, started).due(CALENDAR) == at(fires)


def test_the_day_is_the_day_in_china():
    just_after_midnight = limit(1, "2025-03-04 00:30")  # still 3 March in UTC
    assert just_after_midnight.started_at.date() == date(2025, 3, 3)
    assert just_after_midnight.last_day(CALENDAR) == date(2025, 3, 5)


def test_calendar_days_that_end_on_a_holiday_end_on_the_next_working_day():
    posted = wait(15, "2025-09-20 09:00", Unit.CALENDAR_DAYS)
    assert posted.due(CALENDAR) == at("2025-10-10 00:00")


def test_what_was_left_at_the_stop_is_left_when_it_goes_on():
    stopped = limit(5, "2025-03-03 10:00").stop(at("2025-03-05 16:00"))
    assert stopped.due(CALENDAR) is None and stopped.last_day(CALENDAR) is None
    assert stopped.days_left(CALENDAR, at("2025-09-01 08:00")) == 3
    resumed = stopped.resume(at("2025-09-26 09:00"))
    assert resumed.days_left(CALENDAR, at("2025-09-26 09:00")) == 3
    assert resumed.due(CALENDAR) == at("2025-09-30 23:59:59")  # 28 (worked Sunday), 29, 30


def test_two_stops_add_up():
    deadline = limit(
        5,
        "2025-03-03 10:00",
        ("2025-03-04 10:00", "2025-03-11 10:00"),
        ("2025-03-12 09:00", "2025-03-19 09:00"),
    )
    assert deadline.last_day(CALENDAR) == date(2025, 3, 24)


def test_a_stop_within_one_day_changes_nothing():
    deadline = limit(5, "2025-03-03 10:00", ("2025-03-05 09:00", "2025-03-05 17:00"))
    assert deadline.due(CALENDAR) == limit(5, "2025-03-03 10:00").due(CALENDAR)


def test_a_stop_on_the_last_day_leaves_the_day_it_goes_on():
    deadline = limit(5, "2025-03-03 10:00", ("2025-03-10 17:00", "2025-03-15 09:00"))  # resumed on a Saturday
    assert deadline.last_day(CALENDAR) == date(2025, 3, 17)


def test_what_had_passed_stays_passed():
    deadline = limit(1, "2025-03-03 10:00", ("2025-03-05 10:00", "2025-03-12 10:00"))
    assert deadline.last_day(CALENDAR) == date(2025, 3, 4)
    assert deadline.days_left(CALENDAR, at("2025-03-12 11:00")) == -6


def test_days_left_around_the_last_day():
    deadline = limit(5, "2025-03-03 10:00")
    assert [deadline.days_left(CALENDAR, at(f"2025-03-{d:02} 12:00")) for d in (3, 7, 10, 11)] == [
        5,
        1,
        0,
        -1,
    ]


def test_a_deadline_in_a_year_not_announced_is_provisional():
    assert limit(10, "2026-12-28 10:00").provisional(CALENDAR)
    assert not limit(10, "2025-12-29 10:00").provisional(CALENDAR)


def test_misuse_is_refused():
    running = limit(5, "2025-03-03 10:00")
    with pytest.raises(ValueError, match="not stopped"):
        running.resume(at("2025-03-04 10:00"))
    with pytest.raises(ValueError, match="already"):
        running.stop(at("2025-03-04 10:00")).stop(at("2025-03-05 10:00"))
    with pytest.raises(ValueError, match="out of order"):
        running.stop(at("2025-03-02 10:00"))
    with pytest.raises(ValueError, match="time zone"):
        Deadline(Kind.LIMIT, Unit.WORKING_DAYS, 5, datetime(2025, 3, 3))
    with pytest.raises(ValueError, match="one day"):
        limit(0, "2025-03-03 10:00")


moments = st.datetimes(datetime(2024, 1, 1), datetime(2027, 6, 30), timezones=st.just(UTC))
units = st.sampled_from(Unit)
lengths = st.integers(1, 60)


@given(st.sampled_from(Kind), units, lengths, moments)
def test_the_last_day_is_worked_and_the_period_is_never_shorter(kind, unit, length, started):
    deadline = Deadline(kind, unit, length, started)
    last, begun = deadline.last_day(CALENDAR), started.astimezone(SHANGHAI).date()
    assert CALENDAR.is_working_day(last)
    if unit is Unit.WORKING_DAYS:
        assert CALENDAR.working_days_between(begun, last) == length
    else:
        assert (last - begun).days >= length
    edge = deadline.due(CALENDAR) - (timedelta(seconds=1) if kind is Kind.WAIT else timedelta(0))
    assert edge.astimezone(SHANGHAI).date() == last
    assert (edge + timedelta(seconds=1)).astimezone(SHANGHAI).date() == last + timedelta(days=1)


@given(lengths, moments, st.lists(st.integers(0, 40 * 24), min_size=2, max_size=6))
def test_stops_lose_and_give_no_working_day(length, started, hours):
    """Counted outside the stops, the days up to the last one are the length, and never fewer."""
    deadline, now = Deadline(Kind.LIMIT, Unit.WORKING_DAYS, length, started), started
    for index, gap in enumerate(hours):
        now += timedelta(hours=gap)
        left_before = deadline.days_left(CALENDAR, now)
        deadline = deadline.resume(now) if deadline.is_stopped else deadline.stop(now)
        if left_before > 0:
            assert deadline.days_left(CALENDAR, now) == left_before
        assert deadline.is_stopped == (index % 2 == 0)


@given(units, lengths, moments, st.integers(0, 2000), st.integers(0, 2000))
def test_a_stop_never_shortens(unit, length, started, before, during):
    plain = Deadline(Kind.LIMIT, unit, length, started)
    stopped_at = started + timedelta(hours=before)
    paused = plain.stop(stopped_at).resume(stopped_at + timedelta(hours=during))
    assert paused.last_day(CALENDAR) >= plain.last_day(CALENDAR)
    if stopped_at > plain.due(CALENDAR):
        assert paused.last_day(CALENDAR) == plain.last_day(CALENDAR)
