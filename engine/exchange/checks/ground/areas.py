"""T10 for the divisions themselves: each in the one above, none over another of its level, together filling it.

A package of one township or village has a single division of the levels above: that fills nothing, and is no flaw.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely

from engine.domain.said import say
from engine.exchange.checks.ground.plots import LEVELS, moved, usable
from engine.exchange.checks.records import record_of
from engine.exchange.checks.settings import CheckSettings
from engine.exchange.findings import WARNING, Finding, finding
from engine.exchange.package.model import PackageData, part_of


@dataclass
class _Level:
    layer: str
    digits: int
    codes: list[str]
    names: list[str]  # of the records
    shapes: np.ndarray  # valid polygons, metres from the corner


def check_areas(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    if not settings.on("T10"):
        return
    levels, origin = _levels(package)
    part = part_of(package)
    for level in levels:
        yield from _overlaps(level, origin, settings)
    for below, above in itertools.pairwise(levels):
        yield from _nested(below, above, origin, settings, part)


def _levels(package: PackageData) -> tuple[list[_Level], tuple[float, float]]:
    """Those that the package has, the smallest divisions first."""
    found = []
    for layer, field, digits in LEVELS:
        table = package.layers.get(layer)
        if table is None or table.geometry is None or not len(table):
            continue
        shapes = usable(table.geometry[np.arange(len(table))])
        keep = np.flatnonzero(shapely.is_valid(shapes) & ~shapely.is_missing(shapes))
        codes = table[field]
        if len(keep):
            own = [codes[row] or "" for row in keep.tolist()]
            names = [record_of(table, row) for row in keep.tolist()]
            found.append(_Level(layer, digits, own, names, shapes[keep]))
    corners = [shapely.total_bounds(level.shapes)[:2] for level in found]
    origin = tuple(np.floor(np.min(corners, axis=0)).tolist()) if corners else (0.0, 0.0)
    for level in found:
        level.shapes = moved(level.shapes, origin)
    return found, origin


def _overlaps(level: _Level, origin: tuple[float, float], settings: CheckSettings) -> Iterator[Finding]:
    drawn_in = shapely.buffer(level.shapes, -settings.same_place, join_style="mitre")
    first, second = shapely.STRtree(drawn_in).query(level.shapes, predicate="intersects")
    pairs = np.unique(np.sort(np.stack([first, second], axis=1)[first != second], axis=1), axis=0)
    common = shapely.intersection(level.shapes[pairs[:, 0]], level.shapes[pairs[:, 1]])
    for (a, b), part in zip(pairs.tolist(), common, strict=True):
        if part.area > settings.area:
            for own, other in ((a, b), (b, a)):
                message = say(
                    "与区域 %(other)s 重叠 %(area)s 平方米，请核对界线",
                    other=level.codes[other], area=f"{part.area:.2f}",
                )  # fmt: skip
                yield _found(level, own, message, part, origin, other=level.codes[other])


def _nested(
    below: _Level, above: _Level, origin: tuple[float, float], settings: CheckSettings, part: str
) -> Iterator[Finding]:
    for number, code in enumerate(above.codes):
        whole = above.shapes[number]
        rows = np.array([n for n, own in enumerate(below.codes) if own[: above.digits] == code], int)
        if not len(rows):
            continue
        parts = below.shapes[rows]
        for row, beyond in zip(rows.tolist(), shapely.difference(parts, whole), strict=True):
            beyond = _wide(beyond, settings)
            if beyond is not None:
                message = say(
                    "有 %(area)s 平方米在上级区域 %(other)s 之外，请核对界线",
                    area=f"{beyond.area:.2f}",
                    other=code,
                )
                yield _found(below, row, message, beyond, origin, other=code)
        if part != code and part.startswith(code):
            continue
        left = _wide(shapely.difference(whole, shapely.union_all(parts)), settings)
        if left is not None:
            message = say("下级区域没有盖满本区域，缺 %(area)s 平方米，请核对界线", area=f"{left.area:.2f}")
            yield _found(above, number, message, left, origin, severity=WARNING)


def _wide(part: shapely.Geometry, settings: CheckSettings) -> shapely.Geometry | None:
    """What of it is wider than the same place and larger than the area that may differ; None for nothing."""
    pieces = shapely.get_parts(part)
    pieces = pieces[shapely.area(pieces) > settings.area]
    pieces = pieces[~shapely.is_empty(shapely.buffer(pieces, -settings.same_place / 2))]
    return shapely.union_all(pieces) if len(pieces) else None


def _found(
    level: _Level, row: int, message: str, part: shapely.Geometry, origin: tuple[float, float],
    other: str | None = None, severity: str | None = None,
) -> Finding:  # fmt: skip
    place = part.point_on_surface()
    at = (origin[0] + place.x, origin[1] + place.y)
    return finding("T10", message, level.layer, level.names[row], None, severity, other, at)
