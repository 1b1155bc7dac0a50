"""S01-S03: fields, widths, blanks, reference systems."""

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pyarrow.compute as pc

from engine.domain.said import say
from engine.exchange import standard
from engine.exchange.checks.crs import zone
from engine.exchange.checks.drawn import drawn
from engine.exchange.checks.records import Records, records
from engine.exchange.checks.settings import CheckSettings
from engine.exchange.findings import Finding, finding
from engine.exchange.package.columns import rows_where
from engine.exchange.package.model import Column, PackageData, Table
from engine.exchange.standard import Field

_NUMERIC = ("int", "float")
_SPACE = "[\\s\\x0b\\x1c-\\x1f\\x{85}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}]"
_SHAPES = {
    "Point": {0},
    "LineString": {1, 2, 5},
    "Polygon": {3, 6},
}  # shapely type ids; multi-parts are T02's


def all_tables(package: PackageData) -> list[Table]:
    """Layers, then ownership tables, in the standard's order."""
    own = {**package.layers, **package.tables}
    return [own[name] for name in (*standard.layers(), *standard.tables()) if name in own]


def check_fields(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """S01: fields against the standard's, and the layer's geometry type."""
    for table in all_tables(package):
        for field in standard.spec(table.name).fields:
            declared = table.declared.get(field.name)
            if declared is None:
                yield finding(
                    "S01",
                    say("缺少字段 %(name)s（%(title)s）", name=field.name, title=field.title),
                    table.name,
                    table.path,
                    field.name,
                )
            elif problem := _mismatch(field, declared):
                yield finding(
                    "S01",
                    say("字段 %(name)s %(problem)s", name=field.name, problem=problem),
                    table.name,
                    table.path,
                    field.name,
                )
        yield from _shapes(table)


def _mismatch(field: Field, declared: Column) -> str | None:
    if declared.kind == "any" or field.kind == "varbin":
        return None
    if field.kind == "date":
        return None if declared.kind in ("date", "char") else say("应为日期")
    wanted = "number" if field.kind in _NUMERIC else "char"
    if declared.kind != wanted:
        return say("应为数值") if wanted == "number" else say("应为字符")
    if declared.width is not None and field.length is not None and declared.width < field.length:
        return say("长度 %(width)s，标准为 %(length)s", width=declared.width, length=field.length)
    if wanted == "number" and declared.decimals is not None and declared.decimals != field.decimals:
        return say(
            "小数位数 %(decimals)s，标准为 %(standard)s",
            decimals=declared.decimals,
            standard=field.decimals,
        )
    return None


def _shapes(table: Table) -> Iterator[Finding]:
    wanted = _SHAPES.get(standard.spec(table.name).geometry or "")
    if wanted is None or table.geometry is None:
        return
    if set(np.unique(drawn(table).kinds).tolist()) - {-1} - wanted:
        yield finding("S01", say("图形类型与图层不符"), table.name, table.path)


def check_texts(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """S02: over-long values, and blanks in codes and names; wrong encodings are found in reading."""
    for table in all_tables(package):
        names = records(table)
        for field in standard.spec(table.name).fields:
            if field.kind == "char" and field.name in table.columns:
                yield from _texts(table, field, names)


def _texts(table: Table, field: Field, names: Records) -> Iterator[Finding]:
    length = field.length or 254
    column, values = table.arrow(field.name), table[field.name]
    for row in rows_where(column, lambda v: pc.greater(pc.utf8_length(v), length)):
        message = say(
            "值超长：%(count)s 个字符，最长 %(length)s",
            count=len(values[row]),
            length=length,
        )
        yield finding("S02", message, table.name, names[row], field.name)
    if field.role in ("name", "code"):
        for row in rows_where(column, lambda v: pc.match_substring_regex(v, _SPACE)):
            yield finding(
                "S02",
                say("代码或名称含有空格：“%(value)s”", value=values[row]),
                table.name,
                names[row],
                field.name,
            )


def check_crs(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """S03: every layer in a CGCS2000 projected system, all in one, and the coordinates inside it."""
    zones = {table.name: [zone(crs) for crs in table.crs] for table in package.layers.values()}
    counted = Counter(z for found in zones.values() for z in found if z)
    common = counted.most_common(1)[0][0] if counted else None
    for table in package.layers.values():
        for found in zones[table.name]:
            if found is None:
                yield finding("S03", say("坐标系不是 CGCS2000 投影坐标系"), table.name, table.path)
            elif found != common and common is not None:
                message = say(
                    "坐标系与其他图层不一致：中央子午线 %(meridian)s°，其他图层 %(others)s°",
                    meridian=f"{found.meridian:g}",
                    others=f"{common.meridian:g}",
                )
                if found.meridian == common.meridian:
                    message = say("坐标系与其他图层不一致：坐标东移假定值不同（有无带号）")
                yield finding("S03", message, table.name, table.path)
        own = next((z for z in zones[table.name] if z), None)
        if own and table.geometry is not None and len(table):
            yield from _inside(table, own.false_easting)


def _inside(table: Table, false_easting: float) -> Iterator[Finding]:
    bounds = drawn(table).bounds
    if np.isnan(bounds).any():
        return
    west, south, east, north = bounds
    far = max(abs(west - false_easting), abs(east - false_easting)) > 400_000
    if far or south < 0 or north > 6_500_000:
        message = say(
            "坐标不在所标坐标系范围内（东坐标 %(west)s 至 %(east)s）", west=f"{west:.0f}", east=f"{east:.0f}"
        )
        yield finding("S03", message, table.name, table.path)
