"""T01-T04 and T13: geometry, with shapely over whole layers at once."""

from collections.abc import Iterator

import numpy as np
import shapely

from engine.exchange.checks.records import records
from engine.exchange.checks.settings import CheckSettings
from engine.exchange.findings import Finding, finding
from engine.exchange.package.model import PackageData, Table

_REASONS = {
    "Self-intersection": "自相交",
    "Ring Self-intersection": "环自相交",
    "Too few points": "节点过少",
    "Hole lies outside shell": "内环在外环之外",
    "Holes are nested": "内环嵌套",
    "Nested shells": "外环嵌套",
    "Duplicate Rings": "环重复",
    "Interior is disconnected": "内部不连通",
    "Invalid Coordinate": "坐标无效",
}
_POLYGONS = (3, 6)
_ROUNDING = 1e-6
_FARTHEST = 1e9  # metres; coordinates with a zone number reach 5e7


def check_valid(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """T01 for every layer: a geometry there, rings closed, no self-intersection, lines with a length."""
    for table in package.layers.values():
        if table.geometry is None:
            continue
        geometry = table.geometry
        absent = shapely.is_missing(geometry) | shapely.is_empty(geometry)
        bad = ~absent & ~_sound(geometry)
        names = records(table)
        for row in np.flatnonzero(absent):
            yield finding("T01", "没有图形，或环未闭合、坐标损坏", table.name, names[row])
        for row in np.flatnonzero(bad):
            yield finding("T01", f"图形无效：{_reason(geometry[row])}", table.name, names[row])


def _sound(geometry: np.ndarray) -> np.ndarray:
    """Valid, and every coordinate a number; lines must have a length as well."""
    finite = np.isfinite(shapely.bounds(geometry)).all(axis=1)
    kinds = shapely.get_type_id(geometry)
    lines = (kinds == 1) | (kinds == 5)
    return finite & shapely.is_valid(geometry) & (~lines | (shapely.length(geometry) > 0))


def _reason(geometry: shapely.Geometry) -> str:
    if shapely.get_type_id(geometry) in (1, 5):
        return "线没有长度"
    text = shapely.is_valid_reason(geometry)
    reason, _, place = text.partition("[")
    return _REASONS.get(reason.strip(), reason.strip()) + (f"（{place.rstrip(']')}）" if place else "")


def check_single(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """T02 for parcels."""
    parcels = _parcels(package)
    if parcels is not None:
        counts = shapely.get_num_geometries(parcels.geometry)
        names = records(parcels)
        for row in np.flatnonzero(counts > 1):
            yield finding("T02", f"地块由 {counts[row]} 个图形组成", "DK", names[row])


def check_overlaps(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """T03: each parcel, drawn in by the tolerance, against all others; one finding for each of the two."""
    parcels = _parcels(package)
    if parcels is None:
        return
    geometry = _usable(parcels)
    drawn_in = shapely.buffer(geometry, -settings.same_place, join_style="mitre")
    first, second = shapely.STRtree(drawn_in).query(geometry, predicate="intersects")
    pairs = sorted(
        {(min(a, b), max(a, b)) for a, b in zip(first.tolist(), second.tolist(), strict=True) if a != b}
    )
    names = records(parcels)
    for a, b in pairs:
        area = shapely.area(shapely.intersection(geometry[a], geometry[b]))
        for own, other in ((a, b), (b, a)):
            yield finding("T03", f"与地块 {names[other]} 重叠 {area:.2f} 平方米", "DK", names[own])


def check_slivers(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """T04."""
    parcels = _parcels(package)
    if parcels is not None:
        area = shapely.area(parcels.geometry)
        absent = shapely.is_missing(parcels.geometry)
        names = records(parcels)
        for row in np.flatnonzero(area < settings.sliver):
            if not absent[row]:
                yield finding("T04", f"碎面：面积 {area[row]:.4f} 平方米", "DK", names[row])


def check_areas(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """T13: SCMJ against the planar area."""
    parcels = _parcels(package)
    if parcels is None:
        return
    area = shapely.area(parcels.geometry)
    names = records(parcels)
    for row, stated in enumerate(parcels["SCMJ"]):
        if (
            stated is not None
            and np.isfinite(area[row])
            and abs(stated - area[row]) > settings.area + _ROUNDING
        ):
            message = f"实测面积 {stated:.2f} 平方米，图形面积 {area[row]:.2f} 平方米"
            yield finding("T13", message, "DK", names[row], "SCMJ")


def _parcels(package: PackageData) -> Table | None:
    table = package.layers.get("DK")
    return table if table is not None and table.geometry is not None and len(table) else None


def _usable(table: Table) -> np.ndarray:
    """Parcels as polygons that can be compared: invalid ones repaired (T01 has them), absurd ones left out."""
    geometry = np.array(table.geometry, object)
    on_earth = (np.abs(shapely.bounds(geometry)) < _FARTHEST).all(axis=1)
    kinds = shapely.get_type_id(geometry)
    geometry[~on_earth | ~np.isin(kinds, _POLYGONS)] = None
    bad = ~shapely.is_missing(geometry) & ~shapely.is_valid(geometry)
    geometry[bad] = shapely.make_valid(geometry[bad])
    return geometry
