"""T01, T02, T04 and T13: what is to be said of one geometry alone, thousands at a time.

How parcels lie to each other is in ``ground``."""

from collections.abc import Iterator

import numpy as np
import shapely

from engine.domain.said import say
from engine.exchange.checks.records import record_of
from engine.exchange.checks.settings import CheckSettings
from engine.exchange.findings import Finding, finding
from engine.exchange.package.model import PackageData, Table

_REASONS = {
    "Self-intersection": say("自相交"),
    "Ring Self-intersection": say("环自相交"),
    "Too few points": say("节点过少"),
    "Hole lies outside shell": say("内环在外环之外"),
    "Holes are nested": say("内环嵌套"),
    "Nested shells": say("外环嵌套"),
    "Duplicate Rings": say("环重复"),
    "Interior is disconnected": say("内部不连通"),
    "Invalid Coordinate": say("坐标无效"),
}
_ROUNDING = 1e-6
_FARTHEST = 1e9  # metres; coordinates with a zone number reach 5e7
_CHUNK = 20_000


def check_valid(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """T01 for every layer: a geometry there, rings closed, no self-intersection, lines with a length."""
    for table in package.layers.values():
        for rows, geometry in _chunks(table):
            absent = shapely.is_missing(geometry) | shapely.is_empty(geometry)
            bad = ~absent & ~_sound(geometry)
            for row in rows[absent].tolist():
                message = say("没有图形，或环未闭合、坐标损坏")
                yield finding("T01", message, table.name, record_of(table, row))
            for row, shape in zip(rows[bad].tolist(), geometry[bad], strict=True):
                reason, at = _reason(shape)
                message = say("图形无效：%(reason)s", reason=reason)
                yield finding("T01", message, table.name, record_of(table, row), at=at)


def _sound(geometry: np.ndarray) -> np.ndarray:
    """Valid, and every coordinate a number; lines must have a length as well."""
    finite = np.isfinite(shapely.bounds(geometry)).all(axis=1)
    kinds = shapely.get_type_id(geometry)
    lines = (kinds == 1) | (kinds == 5)
    return finite & shapely.is_valid(geometry) & (~lines | (shapely.length(geometry) > 0))


def _reason(geometry: shapely.Geometry) -> tuple[str, tuple[float, float] | None]:
    """What is wrong, and where (easting, northing)."""
    if shapely.get_type_id(geometry) in (1, 5):
        return say("线没有长度"), None
    reason, _, place = shapely.is_valid_reason(geometry).partition("[")
    try:
        x, y = map(float, place.rstrip("]").split()[:2])
    except ValueError:
        return _REASONS.get(reason.strip(), reason.strip()), None
    at = (x, y) if abs(x) < _FARTHEST and abs(y) < _FARTHEST else None
    return _REASONS.get(reason.strip(), reason.strip()), at


def check_single(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """T02 for parcels."""
    parcels = package.layers.get("DK")
    for rows, geometry in _chunks(parcels):
        counts = shapely.get_num_geometries(geometry)
        for row, count in zip(rows[counts > 1].tolist(), counts[counts > 1].tolist(), strict=True):
            assert parcels is not None
            message = say("地块由 %(count)s 个图形组成，应为一个", count=count)
            yield finding("T02", message, "DK", record_of(parcels, row))


def check_slivers(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """T04."""
    parcels = package.layers.get("DK")
    for rows, geometry in _chunks(parcels):
        area = shapely.area(geometry)
        small = (area < settings.sliver) & ~shapely.is_missing(geometry)
        for row, metres, shape in zip(
            rows[small].tolist(), area[small].tolist(), geometry[small], strict=True
        ):
            assert parcels is not None
            message = say("碎面：面积 %(area)s 平方米，请并入相邻地块或删去", area=f"{metres:.4f}")
            yield finding("T04", message, "DK", record_of(parcels, row), at=_place(shape))


def _place(shape: shapely.Geometry) -> tuple[float, float] | None:
    west, south, *_ = shape.bounds or (np.nan, np.nan)
    return (west, south) if np.isfinite([west, south]).all() and abs(west) < _FARTHEST else None


def check_areas(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """T13: SCMJ against the planar area."""
    parcels = package.layers.get("DK")
    if parcels is None:
        return
    every = parcels["SCMJ"]
    for rows, geometry in _chunks(parcels):
        area = shapely.area(geometry)
        stated = np.array([every[row] if every[row] is not None else np.nan for row in rows.tolist()], float)
        differs = np.abs(stated - area) > settings.area + _ROUNDING
        for row, own, drawn in zip(
            rows[differs].tolist(), stated[differs].tolist(), area[differs].tolist(), strict=True
        ):
            message = say(
                "实测面积 %(stated)s 平方米，图形面积 %(drawn)s 平方米",
                stated=f"{own:.2f}", drawn=f"{drawn:.2f}",
            )  # fmt: skip
            yield finding("T13", message, "DK", record_of(parcels, row), "SCMJ")


def _chunks(table: Table | None) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Row numbers and their geometries, so many at a time as memory has room for."""
    if table is None or table.geometry is None:
        return
    for start in range(0, len(table), _CHUNK):
        rows = np.arange(start, min(start + _CHUNK, len(table)))
        yield rows, table.geometry[rows]
