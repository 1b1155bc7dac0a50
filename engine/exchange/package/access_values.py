"""Values as an Access file stores them; what a column cannot hold is a ValueError that says why in Chinese."""

import datetime as dt
import struct
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from engine.exchange.package.access_format import (
    BYTE,
    DATE,
    DOUBLE,
    LONG,
    MEMO,
    NUMERIC,
    SHORT,
    SINGLE,
    TEXT,
    AccessColumn,
)

_WHOLE = {BYTE: "<B", SHORT: "<h", LONG: "<i"}
_REAL = {SINGLE: "<f", DOUBLE: "<d"}
_DAY_ZERO = dt.datetime(1899, 12, 30)
_FIRST_YEAR = 100
_DAY = 86400
_PACKED = b"\xff\xfe"  # before a text of one byte for each character
_MAX_PACKED = 1024
_MAX_LONG = (1 << 30) - 1  # bytes of a memo


def encoder(column: AccessColumn) -> Callable[[Any], bytes] | None:
    """Turns a value that is not None into the column's bytes; None for a kind that is not written here."""
    if column.kind in (TEXT, MEMO):
        return _text(column)
    if column.kind in _WHOLE:
        return _whole(struct.Struct(_WHOLE[column.kind]))
    if column.kind in _REAL:
        return _real(struct.Struct(_REAL[column.kind]))
    if column.kind == NUMERIC:
        return _numeric(column)
    return _date if column.kind == DATE else None


def _text(column: AccessColumn) -> Callable[[Any], bytes]:
    """UTF-16; ASCII of more than two characters takes a byte each where the column allows it.

    Access would pack Latin-1 too, but access-parser misreads some of it, so it stays unpacked.
    """
    longest = column.size if column.kind == TEXT else _MAX_LONG

    def encode(value: Any) -> bytes:
        if not isinstance(value, str):
            raise ValueError(f"应为文字，不是 {type(value).__name__}")
        count = len(value)
        if "\0" in value:
            raise ValueError("含有空字符 U+0000")
        if column.compressed and 2 < count <= _MAX_PACKED and 2 * count <= longest and value.isascii():
            return _PACKED + value.encode("ascii")
        try:
            stored = value.encode("utf-16-le")
        except UnicodeEncodeError as error:
            raise ValueError("含有不成对的代理字符") from error
        if len(stored) > longest:
            raise ValueError(f"文字有 {len(stored) // 2} 个字符，最多 {longest // 2} 个")
        if stored.startswith(_PACKED):
            raise ValueError("文字以 U+FEFF 开头，Access 会误读，请删去这个看不见的字符")
        return stored

    return encode


def _whole(shape: struct.Struct) -> Callable[[Any], bytes]:
    def encode(value: Any) -> bytes:
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValueError(f"应为整数，不是 {type(value).__name__}")
        try:
            return shape.pack(value)
        except struct.error as error:
            raise ValueError(f"整数 {value} 超出范围") from error

    return encode


def _real(shape: struct.Struct) -> Callable[[Any], bytes]:
    def encode(value: Any) -> bytes:
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            raise ValueError(f"应为数字，不是 {type(value).__name__}")
        try:
            return shape.pack(value)
        except (struct.error, OverflowError) as error:
            raise ValueError(f"数字 {value} 超出范围") from error

    return encode


def _numeric(column: AccessColumn) -> Callable[[Any], bytes]:
    """A sign byte and four words, the highest first; more decimals than the column has are refused."""
    limit = 10**column.precision

    def encode(value: Any) -> bytes:
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            raise ValueError(f"应为数字，不是 {type(value).__name__}")
        exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        try:
            shifted = exact.scaleb(column.scale)
            digits = int(shifted)
        except (InvalidOperation, ValueError, OverflowError) as error:
            raise ValueError(f"{value} 不是数字") from error
        if digits != shifted or abs(digits) >= limit:
            raise ValueError(f"数字 {value} 超出 {column.precision} 位、{column.scale} 位小数")
        size = abs(digits)
        words = [size >> shift & 0xFFFFFFFF for shift in (96, 64, 32, 0)]
        return struct.pack("<B4I", 0x80 if digits < 0 else 0, *words)

    return encode


def _date(value: Any) -> bytes:
    """Days since 1899-12-30; before it the time of day still counts forwards from midnight."""
    if not isinstance(value, dt.date):
        raise ValueError(f"应为日期，不是 {type(value).__name__}")
    moment = value if isinstance(value, dt.datetime) else dt.datetime(value.year, value.month, value.day)
    if moment.tzinfo is not None or moment.year < _FIRST_YEAR:
        raise ValueError(f"日期 {value} 超出范围")
    since = moment - _DAY_ZERO
    part = (since.seconds + since.microseconds / 1e6) / _DAY
    return struct.pack("<d", since.days + part if since.days >= 0 else since.days - part)
