"""Attribute tables of shapefiles, read and written as bytes with numpy.

pyogrio reads and writes the geometry; the table is done here, because the rules ask for what GDAL hides
(declared widths and decimals, undecodable bytes) and because GDAL cannot be told a field's width in writing.
"""

import pathlib
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from engine.domain.said import say

GBK_DRIVER = 0x4D  # language driver byte of code page 936
DATED = (125, 1, 1)  # last-update date in the header: fixed, so that equal content gives equal bytes


class DbfError(ValueError):
    """The file is not a whole dbf; the message (Chinese) says why."""


@dataclass(frozen=True)
class DbfField:
    """One declared column: kind C, N, F, D or L, width in bytes, decimals."""

    name: str
    kind: str
    width: int
    decimals: int


@dataclass(frozen=True)
class Dbf:
    """A table's layout: its fields, how many rows (deleted ones too), where they begin and how wide they are."""

    path: pathlib.Path
    fields: tuple[DbfField, ...]
    count: int
    header: int
    width: int

    def __len__(self) -> int:
        return self.count

    def blocks(self, rows: int = 50_000) -> Iterator[np.ndarray]:
        """So many rows at a time, as bytes: `_deleted` (one byte, `*` where it is) and `f0`, `f1` ... by field."""
        names = [("_deleted", "S1"), *((f"f{i}", f"V{f.width}") for i, f in enumerate(self.fields))]
        with self.path.open("rb") as file:
            file.seek(self.header)
            for start in range(0, self.count, rows):
                size = min(rows, self.count - start) * self.width
                yield np.frombuffer(file.read(size), np.dtype(names))


def read(path: pathlib.Path) -> Dbf:
    """The layout of a table. Raises DbfError when header and size disagree."""
    size = path.stat().st_size
    with path.open("rb") as file:
        data = file.read(32)
        if size < 33 or len(data) < 32:
            raise DbfError(say("文件不完整：缺少文件头"))
        count, header, width = struct.unpack("<IHH", data[4:12])
        data += file.read(max(header - 32, 0))
    fields = _read_fields(data, header)
    if 1 + sum(f.width for f in fields) != width:
        raise DbfError(say("文件头损坏：字段宽度之和与记录长度不符"))
    if header + count * width > size:
        raise DbfError(
            say(
                "文件不完整：文件头说有 %(told)s 条记录，文件只有 %(count)s 条",
                told=count,
                count=(size - header) // width,
            )
        )
    return Dbf(path, fields, count, header, width)


def _read_fields(data: bytes, header: int) -> tuple[DbfField, ...]:
    if header > len(data) or header < 65:
        raise DbfError(say("文件不完整：字段表缺失"))
    fields = []
    for start in range(32, header - 1, 32):
        entry = data[start : start + 32]
        if entry[:1] == b"\r" or len(entry) < 32:
            break
        name = entry[:11].split(b"\0")[0].decode("ascii", "replace").strip().upper()
        if entry[16] == 0:
            raise DbfError(say("文件头损坏：字段 %(name)s 宽度为 0", name=name))
        fields.append(DbfField(name, chr(entry[11]), entry[16], entry[17]))
    if len({f.name for f in fields}) != len(fields):
        raise DbfError(say("文件头损坏：字段名重复"))
    return tuple(fields)


def write(path: pathlib.Path, fields: Sequence[DbfField], columns: Sequence[Sequence[bytes]]) -> None:
    """Write the table; each column is one sequence of encoded values, cut at nothing: too long raises."""
    count = len(columns[0]) if columns else 0
    layout = np.dtype([("_deleted", "S1"), *((f"f{i}", f"S{f.width}") for i, f in enumerate(fields))])
    rows = np.zeros(count, layout)
    rows["_deleted"] = b" "
    for i, (field, values) in enumerate(zip(fields, columns, strict=True)):
        if too_long := next((v for v in values if len(v) > field.width), None):
            shown = too_long.decode("gb18030", "replace")
            raise ValueError(f"{path.name} 的字段 {field.name} 有值超过 {field.width} 字节：{shown}")
        pad = np.char.ljust if field.kind == "C" else np.char.rjust
        rows[f"f{i}"] = pad(np.array(values, f"S{field.width}"), field.width) if count else b""
    width = 1 + sum(f.width for f in fields)
    head = struct.pack("<B3BIHH", 0x03, *DATED, count, 32 + 32 * len(fields) + 1, width)
    head += b"\0" * 17 + bytes([GBK_DRIVER]) + b"\0\0"
    body = b"".join(
        struct.pack("<11sc4xBB14x", f.name.encode("ascii"), f.kind.encode(), f.width, f.decimals)
        for f in fields
    )
    path.write_bytes(head + body + b"\r" + rows.tobytes() + b"\x1a")
