"""Writes rows into an empty Access file: a template with the tables, and nothing in them.

The template's own pages stay as they are but for row counts and page maps; rows go behind them, so memory does
not grow with the rows. Tables with indexes or automatic numbers are refused: Access trusts an index, and a wrong
one would hide rows. What Access declares beside the columns (required, default, validation) is not looked at.
"""

import itertools
import os
import pathlib
import struct
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import access_parser

from engine.exchange.package import access_format as jet
from engine.exchange.package.access_values import encoder

_INLINE_LONG = 64  # bytes of a memo that stay inside the row
_LONG_PIECE = 4076  # bytes of a memo's row on a page of its own
_IN_ROW, _ON_ONE_PAGE = 0x80000000, 0x40000000


class AccessWriteError(Exception):
    """The file cannot be written; the message (Chinese) names table, row and field where one is at fault."""


@dataclass(frozen=True)
class Rows:
    """A table's rows, read once and in order: values in the order of `fields`; fields not named stay empty."""

    fields: Sequence[str]
    values: Iterable[Sequence[Any]]


def write_access_file(
    template: pathlib.Path, target: pathlib.Path, tables: Mapping[str, Rows]
) -> dict[str, int]:
    """Write `target` as the template filled with the rows; returns the rows written per table.

    Text is str, numbers are int, float or Decimal, dates are date or datetime without zone, None is null. Names of
    tables and fields are taken in either case. Raises AccessWriteError, and then `target` is as it was before.
    """
    file, definitions = _read_template(template)
    unknown = sorted(name for name in tables if name.upper() not in definitions)
    if unknown:
        raise AccessWriteError(f"Access 模板中没有表 {'、'.join(unknown)}")
    part = target.with_name(f"{target.name}.part")
    try:
        with part.open("w+b") as handle:
            handle.write(file)
            pages = _Pages(handle, len(file) // jet.PAGE)
            counts = {
                name: _write_table(pages, name, definitions[name.upper()], rows)
                for name, rows in tables.items()
            }
            pages.write_free_map()
            handle.flush()
            os.fsync(handle.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return counts


def _read_template(path: pathlib.Path) -> tuple[bytes, dict[str, jet.AccessTable]]:
    try:
        file = path.read_bytes()
        jet.check_version(file)
        catalog = access_parser.AccessParser(str(path)).catalog
        return file, {name.upper(): jet.read_table(file, page) for name, page in catalog.items() if page > 2}
    except Exception as error:  # the parser has no errors of its own: a broken file may raise anything
        raise AccessWriteError(f"Access 模板 {path.name} 无法使用：{error}") from error


def _write_table(pages: "_Pages", name: str, table: jet.AccessTable, rows: Rows) -> int:
    if table.indexes or any(column.automatic for column in table.columns):
        raise AccessWriteError(f"Access 模板的表 {name} 有索引或自动编号，无法写入")
    if table.rows or pages.mapped(table.owned):
        raise AccessWriteError(f"Access 模板的表 {name} 不是空的，请先清空并压缩")
    encode = _Encoder(pages, name, table, rows.fields)
    store = _RowStore(pages, table.page)
    count = 0
    for count, values in enumerate(rows.values, 1):
        store.add(encode.row(count, values))
    store.close(table.owned, table.roomy)
    encode.close()
    pages.put(jet.row_count_at(table), count.to_bytes(4, "little"))
    return count


class _Encoder:
    """Rows of one table as bytes; memos too long for the row go to pages of their own on the way."""

    def __init__(self, pages: "_Pages", name: str, table: jet.AccessTable, fields: Sequence[str]):
        self._name, self._table, self._fields = name, table, fields
        by_name = {column.name.upper(): column for column in table.columns}
        columns = []
        for place, field in enumerate(fields):
            column = by_name.pop(field.upper(), None)
            if column is None:
                raise AccessWriteError(f"Access 模板的表 {name} 没有字段 {field}，或者写了两次")
            encode = encoder(column)
            known = encode or column.kind == jet.BOOLEAN
            if not known or (column.kind == jet.MEMO and column.number not in table.long_maps):
                raise AccessWriteError(f"Access 模板的表 {name} 字段 {field} 的类型无法写入")
            columns.append((place, column, encode))
        self._booleans = [(place, c) for place, c, encode in columns if encode is None]
        self._fixed = [(place, c, encode) for place, c, encode in columns if encode and c.fixed]
        self._varying = sorted(
            ((place, c, encode) for place, c, encode in columns if encode and not c.fixed),
            key=lambda v: v[1].slot,
        )
        self._head = table.width.to_bytes(2, "little") + bytes(table.fixed_bytes)
        self._long = {c.number: _RowStore(pages, jet.LONG_OWNER) for _, c, _ in columns if c.kind == jet.MEMO}

    def close(self) -> None:
        """Write what is left of the long memos."""
        for number, store in self._long.items():
            store.close(*self._table.long_maps[number])

    def row(self, number: int, values: Sequence[Any]) -> bytes:
        """The row's bytes; `number` is what an error calls it."""
        if len(values) != len(self._fields):
            raise AccessWriteError(
                f"表 {self._name} 第 {number} 行有 {len(values)} 个值，应有 {len(self._fields)} 个"
            )
        place = 0
        try:
            table, present = self._table, 0
            row = bytearray(self._head)
            for place, column in self._booleans:
                if not isinstance(values[place], bool):
                    raise ValueError("应为是或否，不能为空")
                present |= values[place] << column.number
            for place, column, encode in self._fixed:
                if (value := values[place]) is not None:
                    stored = encode(value)
                    row[2 + column.offset : 2 + column.offset + len(stored)] = stored
                    present |= 1 << column.number
            if table.slots:
                starts: list[int] = []
                for place, column, encode in self._varying:
                    if (value := values[place]) is not None:
                        starts += [len(row)] * (column.slot + 1 - len(starts))
                        stored = encode(value)
                        row += self._long_value(column, stored) if column.kind == jet.MEMO else stored
                        present |= 1 << column.number
                starts += [len(row)] * (table.slots + 1 - len(starts))
                starts.reverse()  # the end of the last one comes first
                row += struct.pack(f"<{len(starts) + 1}H", *starts, table.slots)
            row += present.to_bytes((table.width + 7) // 8, "little")
        except ValueError as error:
            field = self._fields[place]
            raise AccessWriteError(f"表 {self._name} 第 {number} 行字段 {field}：{error}") from error
        if len(row) > jet.MAX_ROW:
            raise AccessWriteError(f"表 {self._name} 第 {number} 行有 {len(row)} 字节，最多 {jet.MAX_ROW}")
        return bytes(row)

    def _long_value(self, column: jet.AccessColumn, value: bytes) -> bytes:
        if len(value) <= _INLINE_LONG:
            return struct.pack("<III", len(value) | _IN_ROW, 0, 0) + value
        store = self._long[column.number]
        if len(value) <= _LONG_PIECE:
            return struct.pack("<III", len(value) | _ON_ONE_PAGE, store.add(value), 0)
        step, following = _LONG_PIECE - 4, 0
        for start in reversed(range(0, len(value), step)):  # each piece names the one after it
            following = store.add(following.to_bytes(4, "little") + value[start : start + step])
        return struct.pack("<III", len(value), following, 0)


class _RowStore:
    """The data pages of one owner: filled one after the other, written when full."""

    def __init__(self, pages: "_Pages", owner: int):
        self._pages, self._owner = pages, owner
        self._owned = array("I")
        self._buffer = bytearray(jet.PAGE)
        self._starts: list[int] = []
        self._end = 0

    def add(self, row: bytes) -> int:
        """The pointer to the row."""
        head = jet.DATA_HEADER.size + 2 * (len(self._starts) + 1)
        if self._end - head < len(row) or len(self._starts) == jet.MAX_ROWS:
            self._write()
            self._owned.append(self._pages.allocate())
            self._buffer = bytearray(jet.PAGE)
            self._starts, self._end = [], jet.PAGE
        self._end -= len(row)
        self._buffer[self._end : self._end + len(row)] = row
        self._starts.append(self._end)
        return self._owned[-1] << 8 | len(self._starts) - 1

    def close(self, owned: int, roomy: int) -> None:
        """Write the last page and the two maps; only the last page is offered to later rows."""
        self._write()
        self._pages.write_map(owned, self._owned)
        self._pages.write_map(roomy, self._owned[-1:])

    def _write(self) -> None:
        if not self._owned:
            return
        count = len(self._starts)
        free = self._end - jet.DATA_HEADER.size - 2 * count
        jet.DATA_HEADER.pack_into(self._buffer, 0, jet.DATA_PAGE, 1, free, self._owner, 0, count)
        struct.pack_into(f"<{count}H", self._buffer, jet.DATA_HEADER.size, *self._starts)
        self._pages.put(self._owned[-1] * jet.PAGE, self._buffer)


class _Pages:
    """The file: new pages behind the template's, and the maps of pages."""

    def __init__(self, handle: BinaryIO, count: int):
        self._handle, self._template, self._count = handle, count, count

    def allocate(self) -> int:
        """The number of a new page, which is to be written before the file is closed."""
        if self._count >= jet.MAX_PAGES:
            raise AccessWriteError("Access 文件超过 2 GB，无法写入")
        self._count += 1
        return self._count - 1

    def put(self, position: int, content: bytes | bytearray) -> None:
        """Write bytes at that place of the file."""
        self._handle.seek(position)
        self._handle.write(content)

    def mapped(self, pointer: int) -> list[int]:
        """The pages a map names."""
        _, row = self._map_row(pointer)
        if row[0] == jet.INLINE_MAP:
            first = int.from_bytes(row[1:5], "little")
            return [first + bit for bit in _bits(row[5:])]
        bitmaps = (self._page(page)[len(jet.BITMAP_HEADER) :] if page else b"" for page in _bitmap_pages(row))
        return [
            index * jet.BITMAP_BITS + bit for index, bitmap in enumerate(bitmaps) for bit in _bits(bitmap)
        ]

    def write_map(self, pointer: int, numbers: Sequence[int]) -> None:
        """A table's map that names these pages, ascending: in its own row if they lie close, else on bitmap pages."""
        if not numbers:
            return
        position, row = self._map_row(pointer)
        first, last = numbers[0] // 8 * 8, numbers[-1]
        size = len(row) - 5
        if row[0] == jet.INLINE_MAP and last - first < size * 8:
            bits = _bitmap((number - first for number in numbers), size)
            self.put(position, bytes([jet.INLINE_MAP]) + first.to_bytes(4, "little") + bits)
            return
        pages = _bitmap_pages(row)
        for index in sorted({number // jet.BITMAP_BITS for number in numbers}):
            pages[index] = pages[index] or self.allocate()
        self._write_bitmaps(position, pages, numbers)

    def write_free_map(self) -> None:
        """The map of the file's free pages, last of all: none of the new ones; what lies beyond the end is free."""
        position, row = self._map_row(jet.FREE_PAGES)
        kept = [page for page in self.mapped(jet.FREE_PAGES) if page < self._template]
        first, size = int.from_bytes(row[1:5], "little"), len(row) - 5
        if row[0] == jet.INLINE_MAP and self._count <= first + size * 8:
            free = itertools.chain(kept, range(self._count, first + size * 8))
            self.put(position + 5, _bitmap((page - first for page in free), size))
            return
        pages, groups = _bitmap_pages(row), 0
        while groups * jet.BITMAP_BITS < self._count:  # which the map's own pages enlarge
            pages[groups] = pages[groups] or self.allocate()
            groups += 1
        beyond = range(self._count, groups * jet.BITMAP_BITS)
        self._write_bitmaps(position, pages, itertools.chain(kept, beyond))

    def _write_bitmaps(self, position: int, pages: list[int], numbers: Iterable[int]) -> None:
        size = jet.BITMAP_BITS // 8
        whole = _bitmap(numbers, len(pages) * size)
        for index, page in enumerate(pages):
            if page:
                self.put(page * jet.PAGE, jet.BITMAP_HEADER + whole[index * size : (index + 1) * size])
        self.put(position, bytes([jet.BITMAP_MAP]) + struct.pack(f"<{len(pages)}I", *pages))

    def _page(self, number: int) -> bytes:
        self._handle.seek(number * jet.PAGE)
        return self._handle.read(jet.PAGE)

    def _map_row(self, pointer: int) -> tuple[int, bytes]:
        """Where in the file a map's row lies, and the row."""
        page = self._page(pointer >> 8)
        start, end = jet.row_span(page, pointer & 0xFF)
        return (pointer >> 8) * jet.PAGE + start, page[start:end]


def _bitmap_pages(row: bytes) -> list[int]:
    """The bitmap pages a map's row names, 0 where it has none yet."""
    count = (len(row) - 1) // 4
    return list(struct.unpack_from(f"<{count}I", row, 1)) if row[0] == jet.BITMAP_MAP else [0] * count


def _bitmap(bits: Iterable[int], size: int) -> bytearray:
    bitmap = bytearray(size)
    for bit in bits:
        bitmap[bit >> 3] |= 1 << (bit & 7)
    return bitmap


def _bits(bitmap: bytes) -> Iterator[int]:
    for index, byte in enumerate(bitmap):
        yield from (index * 8 + bit for bit in range(8) if byte >> bit & 1)
