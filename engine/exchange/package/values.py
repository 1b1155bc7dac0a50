"""Values as the standard means them, whatever a file's driver made of them."""

import datetime as dt
import math
import re
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from engine.exchange.standard import Field

KINDS = {
    "char": pa.string(), "date": pa.string(), "varbin": pa.string(), "int": pa.int64(), "float": pa.float64(),
}  # fmt: skip
_BLANKS = " \t\r\n\x0b\x0c\0"
_MOST = 2**63
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?")


def typed(raw: Sequence[Any] | pa.Array, field: Field) -> tuple[pa.Array, list[int]]:
    """Raw values in the standard's kind, and the rows whose value was of another kind (``coerced``, all at once)."""
    array = raw if isinstance(raw, pa.Array) else _plainly(raw)
    found = None if array is None else _quickly(array, field)
    if found is not None:
        return found, []
    pairs = [coerced(value, field) for value in (raw.to_pylist() if isinstance(raw, pa.Array) else raw)]
    values = [value if not isinstance(value, int) or abs(value) < _MOST else None for value, _ in pairs]
    wrong = [row for row, (value, right) in enumerate(pairs) if not right or value != values[row]]
    return pa.array(values, KINDS[field.kind]), wrong


def _plainly(values: Sequence[Any]) -> pa.Array | None:
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        return None


def _quickly(array: pa.Array, field: Field) -> pa.Array | None:
    """The usual case; None where each value must be looked at."""
    kind = KINDS[field.kind]
    if pa.types.is_null(array.type):
        return array.cast(kind)
    if field.kind in ("int", "float"):
        return _numbers(array, field.kind == "int")
    if not pa.types.is_string(array.type):
        return None
    if field.kind == "date":
        text = pc.ascii_trim(array, _BLANKS)
        if pc.any(pc.match_substring(text, "-")).as_py():
            return None
        return pc.if_else(pc.equal(text, ""), None, text)
    empty = pc.or_(pc.equal(array, ""), pc.utf8_is_space(array))
    return pc.if_else(empty, None, array) if pc.any(empty).as_py() else array


def _numbers(array: pa.Array, whole: bool) -> pa.Array | None:
    if pa.types.is_string(array.type):
        text = pc.ascii_trim(array, _BLANKS)
        array = pc.if_else(pc.equal(text, ""), None, text)
    elif not (pa.types.is_integer(array.type) or pa.types.is_floating(array.type)):
        return None
    try:
        numbers = array.cast(pa.float64())
        if not pc.all(pc.is_finite(numbers)).as_py():
            return (
                None
                if numbers.null_count < len(numbers)
                else numbers.cast(pa.int64() if whole else pa.float64())
            )
        return numbers.cast(pa.int64()) if whole else numbers
    except pa.ArrowInvalid:  # no number, or not a whole one
        return None


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
