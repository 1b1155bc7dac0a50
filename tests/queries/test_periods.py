"""What is left of a deadline, in the numbers that labels show."""

from datetime import UTC, date, datetime

import pytest

from engine.domain.calendar import shipped_calendar
from engine.queries.periods import period
from engine.store.tables.cases import Deadline

MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # 09:00 in China


def row(**changes):
    facts = {
        "name": "village_check",
        "kind": "limit",
        "unit": "working_days",
        "length": 5,
        "started_at": MONDAY,
        "stops": [],
        "status": "running",
        "provisional": False,
        "element": "village_check",
        "task_number": 4,
    }
    return Deadline(**facts | changes)


def at(day: int, hour: int = 9) -> datetime:
    """So many o'clock on that day of March 2026, in China."""
    return datetime(2026, 3, day, hour - 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "state", "days"),
    [
        (at(2), "running", 5),
        (at(6), "running", 1),
        (at(9, 23), "running", 0),
        (at(10), "over", 1),
        (at(14), "over", 5),
    ],
)
def test_a_limit_counts_down_in_working_days_and_up_in_days(now, state, days):
    found = period(row(), shipped_calendar(), now)
    assert (found.state, found.days, found.last_day) == (state, days, date(2026, 3, 9))


def test_a_limit_that_was_noted_as_passed_stays_over():
    assert period(row(status="fired"), shipped_calendar(), at(12)).state == "over"


def test_while_stopped_what_was_left_stays_and_there_is_no_last_day():
    stopped = row(status="stopped", stops=[[at(4).isoformat(), None]])
    found = period(stopped, shipped_calendar(), at(20))
    assert (found.state, found.days, found.last_day) == ("stopped", 3, None)


def test_a_wait_is_never_overdue():
    wait = row(kind="wait", length=10)
    assert period(wait, shipped_calendar(), at(31)).state == "running"
    assert period(row(kind="wait", length=10, status="fired"), shipped_calendar(), at(31)).state == "met"


@pytest.mark.parametrize("status", ["met", "cancelled"])
def test_what_is_settled_stays_settled(status):
    assert period(row(status=status), shipped_calendar(), at(31)).state == status
