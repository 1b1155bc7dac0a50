"""Reads vector layers from shapefiles. What is broken becomes findings; what can be read is read."""

import pathlib
import shutil
import struct
import tempfile
import threading
import warnings
from collections import defaultdict
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from engine.domain.said import said_of, say
from engine.exchange.findings import Finding, finding
from engine.exchange.package import dbf
from engine.exchange.package.columns import BLOCK, Geometries
from engine.exchange.package.filling import Filling
from engine.exchange.package.model import Column, Table

PARTS = (".shp", ".shx", ".dbf", ".prj")
_KINDS = {"C": "char", "N": "number", "F": "number", "I": "number", "O": "number", "D": "date"}
_BLANKS = " \t\r\n\x0b\x0c"
_UTF8 = {"utf-8", "utf8", "65001", "cp65001"}
_restoring = threading.Lock()  # GDAL's options are process-wide


def read_shapefile(
    layer: str, name: str, parts: Mapping[str, pathlib.Path], encoding: str
) -> tuple[Table | None, list[Finding]]:
    """One shapefile as a table; `name` is the relative path without suffix, `parts` its files by suffix.

    Without an attribute table there is no table at all; with broken geometry `geometry` is None.
    """
    found = [
        finding("F04", say("缺少 %(suffix)s 文件", suffix=suffix), layer, f"{name}.shp", suffix)
        for suffix in PARTS
        if suffix not in parts
    ]
    if ".dbf" not in parts:
        return None, found
    try:
        attributes = dbf.read(parts[".dbf"])
    except (dbf.DbfError, ValueError, OSError) as error:
        return None, [
            *found,
            finding("F04", say("dbf 无法读取：%(why)s", why=said_of(error)), layer, f"{name}.dbf", ".dbf"),
        ]
    table, kept, more = _table(layer, name, attributes, encoding_of(parts, encoding))
    table.geometry, unreadable = _geometry(layer, name, parts, attributes, kept)
    table.crs = _projection(parts)
    return table, found + unreadable + more


def encoding_of(parts: Mapping[str, pathlib.Path], default: str) -> str:
    """What .cpg says, as far as it is UTF-8; everything else, and no .cpg, is the default (GB18030)."""
    if ".cpg" not in parts:
        return default
    declared = parts[".cpg"].read_bytes()[:40].decode("ascii", "replace").strip().lower()
    return "utf-8" if declared in _UTF8 else default


def _projection(parts: Mapping[str, pathlib.Path]) -> tuple[str, ...]:
    text = parts[".prj"].read_bytes()[:20_000].decode("utf-8", "replace").strip() if ".prj" in parts else ""
    return (text,) if text else ()


def _geometry(
    layer: str, name: str, parts: Mapping[str, pathlib.Path], attributes: dbf.Dbf, kept: np.ndarray
) -> tuple[Geometries | None, list[Finding]]:
    """Geometries in the order of the table's rows that are not deleted; ``kept`` are their numbers in the file."""
    if ".shp" not in parts:
        return None, []
    problem = _broken(parts, len(attributes))
    if problem:
        return None, [finding("F04", problem, layer, f"{name}.shp", ".shp")]
    try:
        fids, wkb = _read_wkb(parts)
    except (DataSourceError, DataLayerError, ValueError, OSError, RuntimeError) as error:
        return None, [
            finding("F04", say("shp 无法读取：%(why)s", why=said_of(error)), layer, f"{name}.shp", ".shp")
        ]
    if np.array_equal(fids, kept):
        return Geometries(wkb), []
    place = np.full(max(len(attributes), int(fids.max(initial=-1)) + 1), -1)
    place[fids] = np.arange(len(fids))
    chosen = place[kept]
    return Geometries(wkb.take(pa.array(chosen, mask=chosen < 0))), []


def _broken(parts: Mapping[str, pathlib.Path], rows: int) -> str | None:
    """Why the .shp or .shx is not whole, from headers and sizes; None when they agree."""
    size = parts[".shp"].stat().st_size
    with parts[".shp"].open("rb") as file:
        head = file.read(100)
    if len(head) < 100 or struct.unpack(">i", head[:4])[0] != 9994:
        return say("shp 文件头损坏，不是 shapefile")
    if struct.unpack(">i", head[24:28])[0] * 2 != size:
        told = struct.unpack(">i", head[24:28])[0] * 2
        return say("shp 文件不完整：文件头说有 %(told)s 字节，实有 %(size)s 字节", told=told, size=size)
    if ".shx" in parts:
        index = parts[".shx"].stat().st_size
        if index < 100 or (index - 100) % 8:
            return say("shx 文件不完整")
        if (index - 100) // 8 != rows:
            shapes = (index - 100) // 8
            return say("图形有 %(shapes)s 个，属性有 %(rows)s 条，数量不一致", shapes=shapes, rows=rows)
    return None


def _read_wkb(parts: Mapping[str, pathlib.Path]) -> tuple[np.ndarray, pa.Array]:
    """Row numbers and WKB by pyogrio, from a copy without the attribute table (read on its own)."""
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder, "layer.shp")
        for suffix in (".shp", ".shx"):
            if suffix in parts:
                _link(parts[suffix], place.with_suffix(suffix))
        with _restoring, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what GDAL minds comes back as geometry that T01 finds
            if ".shx" not in parts:
                pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": True})
            try:
                return _stream(place)
            finally:
                pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": None})


def _stream(place: pathlib.Path) -> tuple[np.ndarray, pa.Array]:
    numbers: list[np.ndarray] = [np.array([], np.int64)]
    blocks = [pa.array([], pa.binary())]
    options = {"columns": [], "return_fids": True, "batch_size": BLOCK, "use_pyarrow": True}
    with pyogrio.raw.open_arrow(place, **options) as (meta, reader):
        shapes = meta["geometry_name"] or "wkb_geometry"
        for batch in reader:
            numbers.append(batch.column(meta["fid_column"] or "OGC_FID").to_numpy())
            blocks.append(batch.column(shapes).cast(pa.binary()))
    return np.concatenate(numbers), pa.chunked_array(blocks).combine_chunks()


def _link(source: pathlib.Path, place: pathlib.Path) -> None:
    try:
        place.symlink_to(source.resolve())
    except OSError:
        shutil.copyfile(source, place)


def _table(
    layer: str, name: str, attributes: dbf.Dbf, encoding: str
) -> tuple[Table, np.ndarray, list[Finding]]:
    """The attributes without geometry, the numbers of the rows that are not deleted, and doubts."""
    declared = {f.name: _column(f) for f in attributes.fields}
    found: list[Finding] = []
    if encoding != "utf-8" and (text := utf8_after_all(attributes)):
        message = say("文字编码有误：内容是 UTF-8（如“%(text)s”），应为 GBK 或附 .cpg 说明", text=text)
        found.append(finding("S02", message, layer, f"{name}.dbf"))
        encoding = "utf-8"
    filling, kept = Filling(layer), [np.array([], np.int64)]
    wrong: dict[str, list[int]] = defaultdict(list)
    first = 0
    for block in attributes.blocks():
        alive = block["_deleted"] != b"*"
        raw = {}
        for number, field in enumerate(attributes.fields):
            if filling.wants(field.name) or field.kind == "C":
                texts, bad = _decoded(block[f"f{number}"][alive], field, encoding)
                raw[field.name] = texts
                wrong[field.name] += [filling.rows + row for row in bad]
        kept.append(first + np.flatnonzero(alive))
        first += len(block)
        filling.add(raw, int(alive.sum()))
    for field_name, rows in wrong.items():
        if rows:
            expected = "UTF-8" if encoding == "utf-8" else "GBK"
            message = say(
                "文字编码有误：%(field)s 有 %(count)s 条不是 %(expected)s 文字，第一条在第 %(row)s 行",
                field=field_name,
                count=len(rows),
                expected=expected,
                row=rows[0] + 1,
            )
            found.append(finding("S02", message, layer, f"{name}.dbf"))
    path = f"{name}.shp"
    columns, more = filling.done(layer, path)
    return Table(layer, columns, filling.rows, declared, path=path), np.concatenate(kept), found + more


def _column(field: dbf.DbfField) -> Column:
    kind = _KINDS.get(field.kind, "any")
    return Column(kind, field.width, field.decimals if kind == "number" else None)


def _trimmed(column: np.ndarray) -> pa.Array:
    """Bytes without their padding, as an array of text that nobody has looked at yet."""
    width = column.dtype.itemsize
    fixed = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(width), len(column), [None, pa.py_buffer(np.ascontiguousarray(column))]
    )
    return pc.ascii_rtrim(fixed.cast(pa.binary()).view(pa.string()), " \0")


def _decoded(column: np.ndarray, field: dbf.DbfField, encoding: str) -> tuple[pa.Array, list[int]]:
    """One block of a column as text, and the rows that are not of the encoding (their bytes replaced)."""
    trimmed = _trimmed(column)
    if field.kind != "C":
        trimmed = pc.ascii_ltrim(trimmed, _BLANKS)
    if (np.ascontiguousarray(column).view(np.uint8) < 128).all():
        return trimmed, []
    if encoding == "utf-8":
        if _is_utf8(trimmed):
            return trimmed, []
    elif (texts := _at_once(trimmed, encoding)) is not None:
        return texts, []
    values = trimmed.view(pa.binary()).to_pylist()
    wrong = [row for row, value in enumerate(values) if not value.isascii() and not _decodes(value, encoding)]
    texts = pa.array([value.decode(encoding, "replace") for value in values], pa.string())
    return texts, wrong if field.kind == "C" else []


def _at_once(trimmed: pa.Array, encoding: str) -> pa.Array | None:
    """All values in one go, a line for each: no line end can be part of a GB18030 character. None where it fails."""
    lines = pa.ListArray.from_arrays(pa.array([0, len(trimmed)], pa.int32()), trimmed)
    joined = pc.binary_join(lines, "\n")
    try:
        text = joined.buffers()[2].to_pybytes()[: _size(joined)].decode(encoding)
    except UnicodeDecodeError:
        return None
    split = pc.split_pattern(pa.array([text]), "\n").flatten()
    return split if len(split) == len(trimmed) else None


def _size(one: pa.Array) -> int:
    return int(np.frombuffer(one.buffers()[1], np.int32)[1])


def _is_utf8(array: pa.Array) -> bool:
    try:
        array.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _decodes(value: bytes, encoding: str) -> bool:
    try:
        value.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def utf8_after_all(attributes: dbf.Dbf) -> str | None:
    """A text of a file that does not say so but is UTF-8 throughout: each value beyond ASCII holds Chinese."""
    smallest: bytes | None = None
    for block in attributes.blocks():
        alive = block["_deleted"] != b"*"
        for number, field in enumerate(attributes.fields):
            column = np.ascontiguousarray(block[f"f{number}"][alive])
            if field.kind != "C" or (column.view(np.uint8) < 128).all():
                continue
            trimmed = _trimmed(column)
            if not _is_utf8(trimmed):
                return None
            beyond = {v for v in trimmed.view(pa.binary()).to_pylist() if not v.isascii()}
            if not _looks_like_utf8(beyond):
                return None
            smallest = min({*beyond} | ({smallest} if smallest else set()))
    return smallest.decode("utf-8") if smallest else None


def _looks_like_utf8(values: set[bytes]) -> bool:
    """All values are UTF-8 and hold Chinese characters, which GBK text all but never is by chance."""
    try:
        texts = [value.decode("utf-8") for value in values]
    except UnicodeDecodeError:
        return False
    return bool(texts) and all(any("\u3400" <= c <= "\u9fff" or c >= "\U00020000" for c in t) for t in texts)
