"""How an Access file lies on disk (Jet 4, the `.mdb` of Access 2000-2003), as far as rows are added to it.

A file is a run of pages of 4096 bytes, all numbers little-endian. Page 1 row 0 is the map of the file's free
pages. A table has a definition page; its rows lie on data pages that bear the definition's number, and two maps
say which pages it owns and which of them have room. Long texts (memo) lie on pages of their own, with two maps
for each such column. A pointer is `page << 8 | row`. The description is HACKING.md of the mdbtools project.
"""

import struct
from dataclasses import dataclass

PAGE = 4096
MAX_PAGES = (2 << 30) // PAGE  # Access opens nothing beyond 2 GiB
FREE_PAGES = 1 << 8  # the pointer to the map of the file's free pages
LONG_OWNER = int.from_bytes(b"LVAL", "little")  # stands where data pages have their table

DATA_PAGE, DEFINITION_PAGE, BITMAP_PAGE = 1, 2, 5
DATA_HEADER = struct.Struct("<BBHIIH")  # kind, 1, free bytes, owner, 0, rows; then two bytes for each row
MAX_ROWS = 255  # on one data page: a pointer has one byte for the row
MAX_ROW = 4060  # bytes of a row
INLINE_MAP, BITMAP_MAP = (
    0,
    1,
)  # a map's first byte: bits from a first page on, or the pages that hold the bits
BITMAP_HEADER = bytes([BITMAP_PAGE, 1, 0, 0])
BITMAP_BITS = (PAGE - len(BITMAP_HEADER)) * 8

BOOLEAN, BYTE, SHORT, LONG, SINGLE, DOUBLE, DATE, TEXT, MEMO, NUMERIC = 1, 2, 3, 4, 6, 7, 8, 10, 12, 16

_VERSION_AT, _JET4 = 0x14, 1
_DEFINITION = struct.Struct("<8xI20xB3H4I")  # from byte 8: rows, kind, width, slots, columns, indexes, maps
_DEFINITION_AT = 8
_ROW_COUNT_AT = 16
_FIXED, _AUTOMATIC, _COMPRESSED = 0x01, 0x04 | 0x40, 0x01  # the last one stands in a byte of its own
_COLUMN = struct.Struct("<BIHHHBBHBBIHH")
_COUNTER_BYTES = 12  # before the columns, for each index
_NO_COLUMN = 0xFFFF


class FormatError(ValueError):
    """The file is no Access file of this format, or is laid out as nothing here understands."""


@dataclass(frozen=True)
class AccessColumn:
    """`number` is its bit among the nulls; `slot` its place among the columns of changing length, else unused.

    `size` is in bytes: twice the characters of a text, 0 for a memo.
    """

    name: str
    kind: int
    number: int
    slot: int
    fixed: bool
    offset: int
    size: int
    precision: int
    scale: int
    compressed: bool
    automatic: bool


@dataclass(frozen=True)
class AccessTable:
    """A table's definition. `long_maps` gives the two maps of each memo column by the column's number."""

    page: int
    rows: int
    width: int  # bits among the nulls
    slots: int
    indexes: int
    owned: int
    roomy: int
    columns: tuple[AccessColumn, ...]
    long_maps: dict[int, tuple[int, int]]

    @property
    def fixed_bytes(self) -> int:
        """What the columns of fixed length take at the head of a row."""
        return max((c.offset + c.size for c in self.columns if c.fixed), default=0)


def check_version(file: bytes) -> None:
    """FormatError unless the file is a plain Jet 4 one."""
    if (
        len(file) < 3 * PAGE
        or len(file) % PAGE
        or file[4:19] != b"Standard Jet DB"
        or file[_VERSION_AT] != _JET4
    ):
        raise FormatError("不是 Access 2000-2003 格式的 .mdb 文件")


def row_count_at(table: AccessTable) -> int:
    """Where in the file the definition counts its rows, four bytes."""
    return table.page * PAGE + _ROW_COUNT_AT


def row_span(page: bytes, row: int) -> tuple[int, int]:
    """First byte and end of a row within its data page."""
    starts = struct.unpack_from(f"<{row + 1}H", page, DATA_HEADER.size)
    return starts[row] & 0x1FFF, (starts[row - 1] & 0x1FFF if row else PAGE)


def read_table(file: bytes, page: int) -> AccessTable:
    """The definition that starts on that page. FormatError when there is none."""
    whole = _definition_bytes(file, page)
    try:
        return _read_definition(whole, page)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise FormatError(f"第 {page} 页的表定义不完整") from error


def _definition_bytes(file: bytes, page: int) -> bytes:
    """A definition may run on over several pages; each later one repeats the first eight bytes."""
    whole, seen, following = b"", set[int](), page
    while following:
        part = file[following * PAGE : (following + 1) * PAGE]
        if len(part) < PAGE or part[0] != DEFINITION_PAGE or following in seen:
            raise FormatError(f"第 {following} 页不是表定义")
        seen.add(following)
        whole += part[_DEFINITION_AT:] if whole else part
        following = int.from_bytes(part[4:8], "little")
    return whole


def _read_definition(whole: bytes, page: int) -> AccessTable:
    rows, _, width, slots, count, logical, indexes, owned, roomy = _DEFINITION.unpack_from(
        whole, _DEFINITION_AT
    )
    at = _DEFINITION_AT + _DEFINITION.size + indexes * _COUNTER_BYTES
    bare = [_COLUMN.unpack_from(whole, at + i * _COLUMN.size) for i in range(count)]
    at += count * _COLUMN.size
    columns = []
    for kind, _, number, slot, _, precision, scale, _, flags, more, _, offset, size in bare:
        (length,) = struct.unpack_from("<H", whole, at)
        name = whole[at + 2 : at + 2 + length].decode("utf-16-le")
        at += 2 + length
        fixed, automatic = bool(flags & _FIXED), bool(flags & _AUTOMATIC)
        shape = (fixed, offset, size, precision, scale, bool(more & _COMPRESSED), automatic)
        columns.append(AccessColumn(name, kind, number, slot, *shape))
    maps = {} if indexes or logical else _long_maps(whole, at)
    return AccessTable(page, rows, width, slots, indexes or logical, owned, roomy, tuple(columns), maps)


def _long_maps(whole: bytes, at: int) -> dict[int, tuple[int, int]]:
    maps = {}
    while (number := struct.unpack_from("<H", whole, at)[0]) != _NO_COLUMN:
        maps[number] = struct.unpack_from("<II", whole, at + 2)
        at += 10
    return maps
