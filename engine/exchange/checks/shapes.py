"""T01, T02, T04 and T13: what is to be said of one geometry alone; each layer is looked at once (``drawn``).

How parcels lie to each other is in ``ground``."""

from collections.abc import Iterator

import numpy as np
import shapely

from engine.domain.said import say
from engine.exchange.checks.drawn import drawn
from engine.exchange.checks.records import record_of
from engine.exchange.checks.settings import CheckSettings
from engine.exchange.findings import Finding, finding
from engine.exchange.package.columns import numbers
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


def check_valid(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """T01 for every layer: a geometry there, rings closed, no self-intersection, lines with a length."""
    for table in package.layers.values():
        if table.geometry is None:
            continue
        found = drawn(table)
        absent = found.kinds < 0
        for row in np.flatnonzero(absent).tolist():
            message = say("没有图形，或环未闭合、坐标损坏")
            yield finding("T01", message, table.name, record_of(table, row))
        for row in np.flatnonzero(~absent & ~found.sound).tolist():
            reason, at = _reason(table.geometry[row])
            message = say("图形无效：%(reason)s", reason=reason)
            yield finding("T01", message, table.name, record_of(table, row), at=at)


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
    if (parcels := _parcels(package)) is not None:
        counts = drawn(parcels).parts
        for row in np.flatnonzero(counts > 1).tolist():
            message = say("地块由 %(count)s 个图形组成，应为一个", count=int(counts[row]))
            yield finding("T02", message, "DK", record_of(parcels, row))


def check_slivers(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """T04."""
    if (parcels := _parcels(package)) is not None:
        found = drawn(parcels)
        for row in np.flatnonzero((found.area < settings.sliver) & (found.kinds >= 0)).tolist():
            message = say("碎面：面积 %(area)s 平方米，请并入相邻地块或删去", area=f"{found.area[row]:.4f}")
            at = _place(parcels.geometry[row])  # type: ignore[index]  # it has some
            yield finding("T04", message, "DK", record_of(parcels, row), at=at)


def _place(shape: shapely.Geometry) -> tuple[float, float] | None:
    west, south, *_ = shape.bounds or (np.nan, np.nan)
    return (west, south) if np.isfinite([west, south]).all() and abs(west) < _FARTHEST else None


def check_areas(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """T13: SCMJ against the planar area."""
    if (parcels := _parcels(package)) is None:
        return
    found, stated = drawn(parcels), numbers(parcels.arrow("SCMJ"))
    with np.errstate(invalid="ignore"):
        differs = (found.kinds >= 0) & (np.abs(stated - found.area) > settings.area + _ROUNDING)
    for row in np.flatnonzero(differs).tolist():
        message = say(
            "实测面积 %(stated)s 平方米，图形面积 %(drawn)s 平方米",
            stated=f"{stated[row]:.2f}", drawn=f"{found.area[row]:.2f}",
        )  # fmt: skip
        yield finding("T13", message, "DK", record_of(parcels, row), "SCMJ")


def _parcels(package: PackageData) -> Table | None:
    table = package.layers.get("DK")
    return table if table is not None and table.geometry is not None and len(table) else None
