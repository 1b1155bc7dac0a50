"""Times that a model states itself, in ISO 8601: when do they come?

They run by the clock, to the second, whatever day it is; periods that the law sets are deadlines instead
(engine/domain/deadline.py) and count working days and stops. A date alone begins at 00:00 in China.
"""

import calendar
import re
from datetime import UTC, datetime, timedelta

from engine.domain.clock import SHANGHAI

EXACT = "exact"
"""The unit of a deadline whose time the model states itself."""

_PARTS = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")


def moment(kind: str, text: str, since: datetime) -> datetime:
    """The instant (UTC) of a duration, a date, or the next turn of a cycle. ValueError if the text is none.

    Months and years are those of the calendar in China: a month after 31 January is the last of February.
    """
    if kind == "date":
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=SHANGHAI)).astimezone(UTC)
    parts = _PARTS.fullmatch(text.rpartition("/")[2])
    if parts is None:
        raise ValueError(f"not a duration: {text}")
    years, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in parts.groups())
    local = _months_later(since.astimezone(SHANGHAI), years * 12 + months)
    try:
        local += timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        raise ValueError(f"too far away: {text}") from None
    return local.astimezone(UTC)


def _months_later(local: datetime, months: int) -> datetime:
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    if year > 9999:
        raise ValueError("too far away")
    last = calendar.monthrange(year, month + 1)[1]
    return local.replace(year=year, month=month + 1, day=min(local.day, last))
