"""T01-T04 and T13: geometry, with shapely over whole layers at once."""

from collections.abc import Iterator

import numpy as np
import pyarrow.compute as pc
import shapely

from engine.exchange.checks.drawn import drawn
from engine.exchange.checks.records import records
from engine.exchange.checks.settings import CheckSettings
from engine.exchange.findings import Finding, finding
from engine.exchange.package.columns import BLOCK, numbers, plain
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
        found, names = drawn(table), records(table)
        absent = found.kinds < 0
        for row in np.flatnonzero(absent).tolist():
            yield finding("T01", "没有图形，或环未闭合、坐标损坏", table.name, names[row])
        for row in np.flatnonzero(~absent & ~found.sound).tolist():
            yield finding("T01", f"图形无效：{_reason(table.geometry[row])}", table.name, names[row])


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
        counts, names = drawn(parcels).parts, records(parcels)
        for row in np.flatnonzero(counts > 1).tolist():
            yield finding("T02", f"地块由 {counts[row]} 个图形组成", "DK", names[row])


def check_overlaps(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """T03: each parcel, drawn in by the tolerance, against all others; one finding for each of the two."""
    parcels = _parcels(package)
    if parcels is None:
        return
    names = records(parcels)
    for a, b, area in _overlapping(parcels, settings.same_place):
        for own, other in ((a, b), (b, a)):
            yield finding("T03", f"与地块 {names[other]} 重叠 {area:.2f} 平方米", "DK", names[own])


def _overlapping(parcels: Table, tolerance: float) -> list[tuple[int, int, float]]:
    """Rows and m2 of the pairs that overlap: a block of parcels at a time against those in its box.

    Codes name the issuing party first, so parcels in the order of their codes are neighbours.
    """
    order = pc.sort_indices(plain(parcels.arrow("DKBM"))).to_numpy()
    boxes = np.full((len(parcels), 4), np.nan)
    for start in range(0, len(order), BLOCK):
        rows = order[start : start + BLOCK]
        boxes[rows] = shapely.bounds(_usable(parcels, rows))
    found: dict[tuple[int, int], float] = {}
    for start in range(0, len(order), BLOCK):
        rows = order[start : start + BLOCK]
        own = boxes[rows][~np.isnan(boxes[rows]).any(axis=1)]
        if not len(own):
            continue
        (west, south), (east, north) = own[:, :2].min(axis=0), own[:, 2:].max(axis=0)
        near = np.flatnonzero(
            (boxes[:, 0] <= east) & (boxes[:, 2] >= west) & (boxes[:, 1] <= north) & (boxes[:, 3] >= south)
        )
        geometry, others = _usable(parcels, rows), _usable(parcels, near)
        drawn_in = shapely.buffer(others, -tolerance, join_style="mitre")
        first, second = shapely.STRtree(drawn_in).query(geometry, predicate="intersects")
        for a, b in zip(rows[first].tolist(), near[second].tolist(), strict=True):
            pair = (min(a, b), max(a, b))
            if a != b and pair not in found:
                one, other = _usable(parcels, np.array(pair))
                found[pair] = shapely.area(shapely.intersection(one, other))
    return [(a, b, area) for (a, b), area in sorted(found.items())]


def check_slivers(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """T04."""
    parcels = _parcels(package)
    if parcels is not None:
        found, names = drawn(parcels), records(parcels)
        for row in np.flatnonzero((found.area < settings.sliver) & (found.kinds >= 0)).tolist():
            yield finding("T04", f"碎面：面积 {found.area[row]:.4f} 平方米", "DK", names[row])


def check_areas(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """T13: SCMJ against the planar area."""
    parcels = _parcels(package)
    if parcels is None:
        return
    found, names, stated = drawn(parcels), records(parcels), numbers(parcels.arrow("SCMJ"))
    wrong = (np.abs(stated - found.area) > settings.area + _ROUNDING) & np.isfinite(found.area)
    for row in np.flatnonzero(wrong & (found.kinds >= 0)).tolist():
        message = f"实测面积 {stated[row]:.2f} 平方米，图形面积 {found.area[row]:.2f} 平方米"
        yield finding("T13", message, "DK", names[row], "SCMJ")


def _parcels(package: PackageData) -> Table | None:
    table = package.layers.get("DK")
    return table if table is not None and table.geometry is not None and len(table) else None


def _usable(table: Table, rows: np.ndarray) -> np.ndarray:
    """Parcels as polygons that can be compared: invalid ones repaired (T01 has them), absurd ones left out."""
    assert table.geometry is not None
    geometry = np.array(table.geometry[rows], object)
    on_earth = (np.abs(shapely.bounds(geometry)) < _FARTHEST).all(axis=1)
    kinds = shapely.get_type_id(geometry)
    geometry[~on_earth | ~np.isin(kinds, _POLYGONS)] = None
    bad = ~shapely.is_missing(geometry) & ~drawn(table).sound[rows]
    geometry[bad] = shapely.make_valid(geometry[bad])
    return geometry
