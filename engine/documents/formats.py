"""How numbers, dates and persons are written on Chinese legal papers.

Amounts come as ``Decimal``, ``int`` or decimal text (contexts are recorded as JSON), never as ``float``:
an area on a contract may not depend on binary rounding.
"""

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

BLANK_DATE = "　　　　年　　月　　日"
"""For a date that is written in by hand at signing."""

OPEN_END = dt.date(9999, 1, 1)
"""NY/T 2539 table CBJYQZDJB: the end of a term that "stays unchanged for long" (长久不变)."""

UNITS = {"working_days": "个工作日", "calendar_days": "日", "days": "日", "months": "个月", "years": "年"}
GRADES = "一二三四五六七八九十"


def decimal_places(value: Decimal | int | str, places: int) -> str:
    """Rounded half up, as surveyors round, with exactly ``places`` decimals."""
    if isinstance(value, float):
        raise TypeError(f"area as binary float: {value!r}")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise ValueError(f"not a number: {value!r}") from None
    return str(number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP))


def mu(value: Decimal | int | str, places: int = 2) -> str:
    """Area in mu; the county sets the decimals (2 in NY/T 2539, 3 or 4 on older certificates)."""
    return decimal_places(value, places)


def square_metres(value: Decimal | int | str) -> str:
    return decimal_places(value, 2)


def as_date(value: dt.date | str) -> dt.date:
    """A local date. A datetime is refused: whoever has an instant must say in which zone its day counts."""
    if isinstance(value, dt.datetime):
        raise TypeError("a paper shows local dates; convert the instant first")
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(value)


def date_zh(value: dt.date | str) -> str:
    """2026年11月23日."""
    day = as_date(value)
    return "长久" if day == OPEN_END else f"{day.year}年{day.month}月{day.day}日"


def unit_zh(unit: str) -> str:
    return UNITS[unit]


def grade_zh(code: str) -> str:
    """NY/T 2539 C.8 地力等级: ``04`` is 四等. Text that is no code is kept."""
    return GRADES[int(code) - 1] + "等" if code.isdigit() and 1 <= int(code) <= 10 else code


def yes_no(value: bool | str) -> str:
    """NY/T 2539 C.19: 1 是, 2 否. Text that is no code is kept."""
    return {True: "是", False: "否", "1": "是", "2": "否"}.get(value, str(value))


def clause(text: str) -> str:
    """What somebody wrote as a sentence, to stand within another one: without its full stop."""
    return text.strip().rstrip("。．.；;，,")


def parcel_number(code: str) -> str:
    """The serial inside the issuing party: the last five of a parcel code's 19 digits."""
    return code[-5:]
