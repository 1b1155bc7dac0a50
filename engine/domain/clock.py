"""Time comes in as data: use cases are handed a clock, the pure core is handed instants."""

from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    def now(self) -> datetime:
        """The present instant, aware, in UTC."""


def local_date(instant: datetime) -> date:
    """The day it is in China at that instant."""
    return instant.astimezone(SHANGHAI).date()


class VirtualClock:
    """A clock that stands still until it is moved: for scenarios and tests."""

    def __init__(self, start: datetime):
        self._now = start

    def now(self) -> datetime:
        return self._now

    def move_to(self, instant: datetime) -> None:
        """Forward only."""
        if instant < self._now:
            raise ValueError("a clock does not run backwards")
        self._now = instant
