"""Reads vector layers from shapefiles. What is broken becomes findings; what can be read is read."""

import pathlib
import shutil
import struct
import tempfile
import threading
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from engine.exchange import standard
from engine.exchange.findings import Finding, finding
from engine.exchange.package import dbf
from engine.exchange.package.model import Column, Table
from engine.exchange.package.values import coerced

PARTS = (".shp", ".shx", ".dbf", ".prj")
_KINDS = {"C": "char", "N": "number", "F": "number", "I": "number", "O": "number", "D": "date"}
_UTF8 = {"utf-8", "utf8", "65001", "cp65001"}
_restoring = threading.Lock()  # GDAL's options are process-wide


def read_shapefile(
    layer: str, name: str, parts: Mapping[str, pathlib.Path], encoding: str
) -> tuple[Table | None, list[Finding]]:
    """One shapefile as a table; `name` is the relative path without suffix, `parts` its files by suffix.

    Without an attribute table there is no table at all; with broken geometry `geometry` is None.
    """
    found = [
        finding("F04", f"缺少 {suffix} 文件", layer, f"{name}.shp", suffix)
        for suffix in PARTS
        if suffix not in parts
    ]
    if ".dbf" not in parts:
        return None, found
    try:
        attributes = dbf.read(parts[".dbf"])
    except (dbf.DbfError, ValueError, OSError) as error:
        return None, [*found, finding("F04", f"dbf 无法读取：{error}", layer, f"{name}.dbf", ".dbf")]
    geometry, more = _geometry(layer, name, parts, attributes)
    found += more
    table, more = _table(layer, name, attributes, _encoding(parts, encoding), geometry)
    table.crs = _projection(parts)
    return table, found + more


def _encoding(parts: Mapping[str, pathlib.Path], default: str) -> str:
    """What .cpg says, as far as it is UTF-8; everything else, and no .cpg, is the default (GB18030)."""
    if ".cpg" not in parts:
        return default
    declared = parts[".cpg"].read_bytes()[:40].decode("ascii", "replace").strip().lower()
    return "utf-8" if declared in _UTF8 else default


def _projection(parts: Mapping[str, pathlib.Path]) -> tuple[str, ...]:
    text = parts[".prj"].read_bytes()[:20_000].decode("utf-8", "replace").strip() if ".prj" in parts else ""
    return (text,) if text else ()


def _geometry(
    layer: str, name: str, parts: Mapping[str, pathlib.Path], attributes: dbf.Dbf
) -> tuple[np.ndarray | None, list[Finding]]:
    """Geometries in the order of the table's rows that are not deleted."""
    if ".shp" not in parts:
        return None, []
    problem = _broken(parts, len(attributes))
    if problem:
        return None, [finding("F04", problem, layer, f"{name}.shp", ".shp")]
    try:
        fids, wkb = _read_wkb(parts)
    except (DataSourceError, DataLayerError, ValueError, OSError, RuntimeError) as error:
        return None, [finding("F04", f"shp 无法读取：{error}", layer, f"{name}.shp", ".shp")]
    by_row = dict(zip(fids.tolist(), wkb, strict=True))
    kept = [by_row.get(row) for row in np.flatnonzero(~attributes.deleted).tolist()]
    return geometries(kept), []


def geometries(wkb: list[bytes | None]) -> np.ndarray:
    """Geometries of WKB; what is empty or not even a geometry (an open ring, say) is None."""
    found = shapely.force_2d(shapely.from_wkb(np.array(wkb, object), on_invalid="ignore"))
    found[shapely.is_empty(found)] = None
    return found


def _broken(parts: Mapping[str, pathlib.Path], rows: int) -> str | None:
    """Why the .shp or .shx is not whole, from headers and sizes; None when they agree."""
    size = parts[".shp"].stat().st_size
    with parts[".shp"].open("rb") as file:
        head = file.read(100)
    if len(head) < 100 or struct.unpack(">i", head[:4])[0] != 9994:
        return "shp 文件头损坏，不是 shapefile"
    if struct.unpack(">i", head[24:28])[0] * 2 != size:
        return f"shp 文件不完整：文件头说有 {struct.unpack('>i', head[24:28])[0] * 2} 字节，实有 {size} 字节"
    if ".shx" in parts:
        index = parts[".shx"].stat().st_size
        if index < 100 or (index - 100) % 8:
            return "shx 文件不完整"
        if (index - 100) // 8 != rows:
            return f"图形有 {(index - 100) // 8} 个，属性有 {rows} 条，数量不一致"
    return None


def _read_wkb(parts: Mapping[str, pathlib.Path]) -> tuple[np.ndarray, np.ndarray]:
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
                _, fids, wkb, _ = pyogrio.raw.read(place, columns=[], return_fids=True, force_2d=True)
            finally:
                pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": None})
    return fids, wkb


def _link(source: pathlib.Path, place: pathlib.Path) -> None:
    try:
        place.symlink_to(source.resolve())
    except OSError:
        shutil.copyfile(source, place)


def _table(
    layer: str, name: str, attributes: dbf.Dbf, encoding: str, geometry: np.ndarray | None
) -> tuple[Table, list[Finding]]:
    path = f"{name}.shp"
    declared = {f.name: _column(f) for f in attributes.fields}
    kept = ~attributes.deleted
    raw: dict[str, list[Any]] = {}
    texts = [f for f in attributes.fields if f.kind == "C"]
    doubts, decode = _decoder({f.name: attributes.values[f.name][kept].tolist() for f in texts}, encoding)
    found = [finding("S02", doubt, layer, f"{name}.dbf") for doubt in doubts]
    for field in attributes.fields:
        values = attributes.values[field.name][kept].tolist()
        raw[field.name] = (
            [decode(v) for v in values] if field.kind == "C" else [v.lstrip() or None for v in values]
        )
    table = Table(layer, {}, int(kept.sum()), declared, geometry, path=path)
    return table, found + fill(table, raw)


def _column(field: dbf.DbfField) -> Column:
    kind = _KINDS.get(field.kind, "any")
    return Column(kind, field.width, field.decimals if kind == "number" else None)


def _decoder(values: Mapping[str, list[bytes]], encoding: str):
    """Doubts about the encoding, and the function that decodes one value (kept, since values repeat)."""
    known: dict[bytes, str] = {}
    bad: list[str] = []
    beyond_ascii = {v for column in values.values() for v in column if not v.isascii()}
    if encoding != "utf-8" and _looks_like_utf8(beyond_ascii):
        text = min(beyond_ascii).decode("utf-8")
        return [f"文字编码有误：内容是 UTF-8（如“{text}”），应为 GBK 或附 .cpg 说明"], lambda v: _kept(
            known, v, "utf-8"
        )
    for field, column in values.items():
        wrong = [row for row, v in enumerate(column) if not v.isascii() and not _decodes(v, encoding)]
        if wrong:
            expected = "UTF-8" if encoding == "utf-8" else "GBK"
            bad.append(
                f"文字编码有误：{field} 有 {len(wrong)} 条不是 {expected} 文字，第一条在第 {wrong[0] + 1} 行"
            )
    return bad, lambda v: _kept(known, v, encoding)


def _kept(known: dict[bytes, str], value: bytes, encoding: str) -> str:
    text = known.get(value)
    if text is None:
        text = known[value] = value.decode(encoding, "replace")
    return text


def _decodes(value: bytes, encoding: str) -> bool:
    try:
        value.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _looks_like_utf8(values: set[bytes]) -> bool:
    """All values are UTF-8 and hold Chinese characters, which GBK text all but never is by chance."""
    try:
        texts = [value.decode("utf-8") for value in values]
    except UnicodeDecodeError:
        return False
    return bool(texts) and all(any("\u3400" <= c <= "\u9fff" or c >= "\U00020000" for c in t) for t in texts)


def fill(table: Table, raw: Mapping[str, list[Any]]) -> list[Finding]:
    """Put raw columns into the table in the standard's kinds; values of another kind are findings (S01)."""
    found = []
    for field in standard.spec(table.name).fields:
        if field.name not in raw:
            continue
        pairs = [coerced(value, field) for value in raw[field.name]]
        table.columns[field.name] = [value for value, _ in pairs]
        wrong = [row for row, (_, right) in enumerate(pairs) if not right]
        for row in wrong[:50]:
            shown = raw[field.name][row]
            found.append(
                finding("S01", f"第 {row + 1} 行的值不是数字：{shown!r}", table.name, table.path, field.name)
            )
    return found
