"""Values as the standard means them, whatever a file's driver made of them."""

import datetime as dt
import math
import re
from typing import Any

from engine.exchange.standard import Field

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?")


def coerced(value: Any, field: Field) -> tuple[Any, bool]:
    """The value in the standard's kind, and whether it was of that kind (blank text is None)."""
    if value is None:
        return None, True
    if field.kind in ("int", "float"):
        return _number(value, field.kind == "int")
    if field.kind == "date":
        return _date(value), True
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value)
    return (text, True) if text.strip() else (None, True)


def _number(value: Any, whole: bool) -> tuple[int | float | None, bool]:
    if isinstance(value, str | bytes):
        text = value.decode("ascii", "replace") if isinstance(value, bytes) else value
        if not text.strip():
            return None, True
        try:
            value = float(text)
        except ValueError:
            return None, False
    number = float(value)
    if not math.isfinite(number):
        return None, math.isnan(number)
    return (int(number), number.is_integer()) if whole else (number, True)


def _date(value: Any) -> str | None:
    """`YYYYMMDD`; ISO dates are turned into it, what is no date stays as it is for rule A07 to find."""
    if isinstance(value, dt.date):
        return f"{value:%Y%m%d}"
    text = (value.decode("ascii", "replace") if isinstance(value, bytes) else str(value)).strip()
    match = _ISO.fullmatch(text)
    if match:
        return f"{match[1]}{int(match[2]):02d}{int(match[3]):02d}"
    return text or None


def parse_date(text: str | None) -> dt.date | None:
    """The day a `YYYYMMDD` value names; None when there is none or it is no date."""
    if text is None or len(text) != 8 or not text.isascii() or not text.isdigit():
        return None
    try:
        return dt.date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None
