"""Makes an empty Jet 4 file with given tables: as much of one as mdbtools and access-parser read, not Access itself.

Written from the format's description and apart from the writer under test, so that the two can contradict.
"""

import pathlib
import struct
from dataclasses import dataclass

PAGE = 4096
MAP = bytes(69)
BOOLEAN, BYTE, SHORT, LONG, SINGLE, DOUBLE, DATE, TEXT, OLE, MEMO, NUMERIC = (
    1,
    2,
    3,
    4,
    6,
    7,
    8,
    10,
    11,
    12,
    16,
)
_SIZES = {BOOLEAN: 1, BYTE: 1, SHORT: 2, LONG: 4, SINGLE: 4, DOUBLE: 8, DATE: 8, NUMERIC: 17}
_LONG_KINDS = (OLE, MEMO)


@dataclass(frozen=True)
class Field:
    """`length` is a text's characters or a number's digits; `varying` puts a numeric among the texts."""

    name: str
    kind: int
    length: int = 0
    scale: int = 0
    compressed: bool = False
    varying: bool = False
    automatic: bool = False

    @property
    def fixed(self) -> bool:
        return self.kind in _SIZES and not self.varying


_CATALOG = (
    Field("Id", LONG), Field("ParentId", LONG), Field("Name", TEXT, 255), Field("Type", SHORT),
    Field("Flags", LONG), Field("LvProp", OLE),
)  # fmt: skip


def make_empty_access(
    path: pathlib.Path, tables: dict[str, list[Field]], *, indexes: int = 0, spare_pages: int = 0
) -> pathlib.Path:
    """`spare_pages` lie unused at the end, as deleting leaves them, and are listed as free."""
    first = 5
    pages = [_header(), b"", _definition(_CATALOG, 3), _maps(_CATALOG, 4), b""]
    rows = [_catalog_row(2, "MSysObjects", 0x80000000)]
    for number, (name, fields) in enumerate(tables.items()):
        page = first + 2 * number
        pages += [_definition(fields, page + 1, indexes), _maps(fields)]
        rows.append(_catalog_row(page, name))
    pages[2] = pages[2][:16] + struct.pack("<I", len(rows)) + pages[2][20:]
    pages[4] = _rows_page(2, rows)
    used = len(pages)
    pages += [bytes(PAGE)] * spare_pages
    pages[1] = _rows_page(1, [b"\0" + bytes(4) + _free(used), MAP])
    path.write_bytes(b"".join(pages))
    return path


def _header() -> bytes:
    page = bytearray(b"\0\1\0\0Standard Jet DB\0\1".ljust(PAGE, b"\0"))
    page[0x18 : 0x18 + 128] = _key_stream(bytes.fromhex("c7da396b"), 128)
    return bytes(page)


def _key_stream(key: bytes, length: int) -> bytes:
    """RC4 over zeros: the header is hidden by it, and a hidden zero means pages that are not encrypted."""
    state, j, out = list(range(256)), 0, bytearray()
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    x = y = 0
    for _ in range(length):
        x = (x + 1) % 256
        y = (y + state[x]) % 256
        state[x], state[y] = state[y], state[x]
        out.append(state[(state[x] + state[y]) % 256])
    return bytes(out)


def _definition(fields, maps: int, indexes: int = 0) -> bytes:
    columns, offset, slot = b"", 0, 0
    for number, field in enumerate(fields):
        size = _SIZES.get(field.kind, 0 if field.kind in _LONG_KINDS else 2 * field.length)
        digits = (field.length, field.scale) if field.kind == NUMERIC else (0, 0)
        flags = 0x02 | (0x01 if field.fixed else 0) | (0x04 if field.automatic else 0)
        columns += struct.pack(
            "<BIHHHBBHBBIHH", field.kind, 0x659, number, slot, number, *digits, 0, flags,
            int(field.compressed), 0, offset if field.fixed else 0, size,
        )  # fmt: skip
        offset, slot = (offset + size, slot) if field.fixed else (offset, slot + 1)
    names = [field.name.encode("utf-16-le") for field in fields]
    body = columns + b"".join(struct.pack("<H", len(name)) + name for name in names)
    for place, (number, _) in enumerate(_long(fields)):
        body += struct.pack("<HII", number, maps << 8 | 2 + 2 * place, maps << 8 | 3 + 2 * place)
    body += b"\xff\xff"
    head = struct.pack(
        "<IIIIB15xBHHHIIII", 63 + len(body), 0x659, 0, 0, 1, 0x4E, len(fields), slot, len(fields), indexes,
        indexes, maps << 8, maps << 8 | 1,
    )  # fmt: skip
    return (struct.pack("<BBHI", 2, 1, PAGE - 71 - len(body), 0) + head + bytes(12 * indexes) + body).ljust(
        PAGE, b"\0"
    )


def _long(fields) -> list:
    return [(number, field) for number, field in enumerate(fields) if field.kind in _LONG_KINDS]


def _maps(fields, *owned: int) -> bytes:
    """Rows of maps: the table's two, then two for each long column; `owned` are pages the table has already."""
    bits = bytearray(MAP)
    for page in owned:
        bits[5 + page // 8] |= 1 << page % 8
    return _rows_page(1, [bytes(bits), *[MAP] * (1 + 2 * len(_long(fields)))])


def _free(used: int) -> bytes:
    return sum(1 << bit for bit in range(used, 512)).to_bytes(64, "little")


def _catalog_row(page: int, name: str, flags: int = 0) -> bytes:
    text = name.encode("utf-16-le")
    head = struct.pack("<HIIHI", len(_CATALOG), page, 0x0F000001, 1, flags) + text
    return head + struct.pack("<4H", len(head), len(head), len(head) - len(text), 2) + b"\x1f"


def _rows_page(owner: int, rows: list[bytes]) -> bytes:
    page, end, starts = bytearray(PAGE), PAGE, []
    for row in rows:
        end -= len(row)
        page[end : end + len(row)] = row
        starts.append(end)
    free = end - 14 - 2 * len(rows)
    struct.pack_into(f"<BBHIIH{len(rows)}H", page, 0, 1, 1, free, owner, 0, len(rows), *starts)
    return bytes(page)
