"""T11: boundary points on vertices, boundary lines on boundaries between boundary points, two parcels at most to one.

Nearly all agree to the millimetre: those are told apart by numbers alone, and only the rest is measured.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import shapely

from engine.domain.said import say
from engine.exchange.checks.settings import CheckSettings
from engine.exchange.findings import Finding, finding

if TYPE_CHECKING:
    from engine.exchange.checks.ground.plots import Marks, Plot

MOST_PARCELS = 2  # along one line
_ROUNDING = 1e-6
_GRID = 1000.0  # per metre
_WIDE = np.int64(1) << 31


def check_boundary(plot: "Plot", shapes: np.ndarray, settings: CheckSettings) -> Iterator[Finding]:
    """``shapes``: the plot's valid outlines; of others nothing is said here."""
    reach = settings.same_place + _ROUNDING
    if plot.points is not None:
        yield from _points(plot, plot.points, shapes, reach)
    if plot.lines is not None:
        yield from _lines(plot, plot.lines, shapes, reach)


def _points(plot: "Plot", points: "Marks", shapes: np.ndarray, reach: float) -> Iterator[Finding]:
    """Each point on a vertex of every parcel that it names."""
    xy, of = shapely.get_coordinates(shapes, return_index=True)
    vertices = np.stack([of, _key(xy)], axis=1)
    there = ~shapely.is_missing(points.shapes) & (shapely.get_type_id(points.shapes) == 0)
    place = np.full((len(points.shapes), 2), np.nan)
    place[there] = shapely.get_coordinates(points.shapes[there])
    pairs = np.stack(
        [points.parcel, np.where(there[points.mark], _key(np.nan_to_num(place))[points.mark], 0)], axis=1
    )
    open_ = ~_among(pairs, vertices) & there[points.mark] & ~shapely.is_missing(shapes)[points.parcel]
    open_ &= points.judged[points.mark]
    rest = np.flatnonzero(open_)
    corners = shapely.extract_unique_points(shapes[points.parcel[rest]])
    off = rest[~(shapely.distance(points.shapes[points.mark[rest]], corners) <= reach)]
    told: dict[int, list[str]] = {}
    for mark, parcel in zip(points.mark[off].tolist(), points.parcel[off].tolist(), strict=True):
        told.setdefault(mark, []).append(plot.names[parcel])
    for mark, parcels in told.items():
        message = say("界址点不在地块 %(parcels)s 的节点上，请核对", parcels="、".join(parcels[:10]))
        yield _found(plot, "JZD", points.names[mark], message, parcels[0], place[mark])


def _lines(plot: "Plot", lines: "Marks", shapes: np.ndarray, reach: float) -> Iterator[Finding]:
    ends = _ends(lines.shapes)
    for mark in np.flatnonzero(lines.judged & (np.array(lines.named) > MOST_PARCELS)).tolist():
        message = say("界址线涉及 %(count)s 个地块，至多两个", count=lines.named[mark])
        yield _found(plot, "JZX", lines.names[mark], message, None, ends[mark, 0])
    yield from _off_boundary(plot, lines, shapes, ends, reach)
    if plot.points is not None:
        yield from _loose_ends(plot, lines, plot.points, ends, reach)


def _ends(shapes: np.ndarray) -> np.ndarray:
    """First and last place of each line, shape (lines, 2, 2); nan where there is none."""
    first, last = shapely.get_point(shapes, 0), shapely.get_point(shapes, -1)
    return np.stack([np.stack([shapely.get_x(p), shapely.get_y(p)], axis=1) for p in (first, last)], axis=1)


def _off_boundary(
    plot: "Plot", lines: "Marks", shapes: np.ndarray, ends: np.ndarray, reach: float
) -> Iterator[Finding]:
    """Each line along the boundary of every parcel that it names."""
    there = np.isfinite(ends).all(axis=(1, 2))
    outlines = shapely.boundary(shapes)
    edges = _edges(shapes)
    key = np.where(there[:, None], _key(np.nan_to_num(ends)), 0)
    single = shapely.get_num_coordinates(lines.shapes) == 2
    pairs = np.stack([lines.parcel, key.min(axis=1)[lines.mark], key.max(axis=1)[lines.mark]], axis=1)
    open_ = ~(_among(pairs, edges) & single[lines.mark]) & there[lines.mark] & lines.judged[lines.mark]
    rest = np.flatnonzero(open_ & ~shapely.is_missing(shapes)[lines.parcel])
    corridor = shapely.buffer(outlines[lines.parcel[rest]], reach, quad_segs=4)
    off = rest[~shapely.covers(corridor, lines.shapes[lines.mark[rest]])]
    told: dict[int, list[int]] = {}
    for mark, parcel in zip(lines.mark[off].tolist(), lines.parcel[off].tolist(), strict=True):
        told.setdefault(mark, []).append(parcel)
    for mark, parcels in told.items():
        beside = shapely.difference(lines.shapes[mark], shapely.buffer(outlines[parcels[0]], reach))
        place = shapely.centroid(beside)
        names = "、".join(plot.names[parcel] for parcel in parcels[:10])
        message = say("界址线不在地块 %(parcels)s 的边界上，请核对", parcels=names)
        yield _found(plot, "JZX", lines.names[mark], message, plot.names[parcels[0]], (place.x, place.y))


def _edges(shapes: np.ndarray) -> np.ndarray:
    """parcel, lower and higher key of each edge."""
    parts, of_part = shapely.get_parts(shapes, return_index=True)
    rings, of_ring = shapely.get_rings(parts, return_index=True)
    xy, of = shapely.get_coordinates(rings, return_index=True)
    key = _key(xy)
    inside = of[1:] == of[:-1]
    a, b = key[:-1][inside], key[1:][inside]
    parcel = of_part[of_ring[of[:-1][inside]]]
    return np.stack([parcel, np.minimum(a, b), np.maximum(a, b)], axis=1)


def _loose_ends(
    plot: "Plot", lines: "Marks", points: "Marks", ends: np.ndarray, reach: float
) -> Iterator[Finding]:
    """Each end of a line on a boundary point."""
    there = np.isfinite(ends).all(axis=(1, 2)) & lines.judged
    known = points.shapes[~shapely.is_missing(points.shapes)]
    keys = np.unique(_key(shapely.get_coordinates(known)))
    loose = ~np.isin(_key(np.nan_to_num(ends)), keys) & there[:, None]
    mark, end = np.nonzero(loose)
    if not len(mark):
        return
    places = shapely.points(ends[mark, end])
    met = np.zeros(len(mark), bool)
    if len(known):
        met[shapely.STRtree(known).query(places, predicate="dwithin", distance=reach)[0]] = True
    told: dict[int, int] = {}
    for line, which in zip(mark[~met].tolist(), end[~met].tolist(), strict=True):
        told.setdefault(line, which)
    for line, which in told.items():
        message = say("界址线的端点没有界址点，请核对")
        yield _found(plot, "JZX", lines.names[line], message, None, ends[line, which])


def _key(xy: np.ndarray) -> np.ndarray:
    """A number for each place to the millimetre."""
    grid = np.rint(xy * _GRID).astype(np.int64)
    return grid[..., 0] * _WIDE + grid[..., 1]


def _among(rows: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Which rows are among the known ones; of each row the first number is a parcel's, the rest are places'."""
    if not len(rows) or not len(known):
        return np.zeros(len(rows), bool)
    places = np.unique(known[:, 1:])
    return np.isin(_packed(rows, places), _packed(known, places)) & np.isin(rows[:, 1:], places).all(axis=1)


def _packed(rows: np.ndarray, places: np.ndarray) -> np.ndarray:
    """A row as one number: a plot has some ten thousand places, so that the parcel and two of them fit."""
    packed = rows[:, 0]
    for column in np.searchsorted(places, rows[:, 1:]).T:
        packed = packed * (len(places) + 1) + column
    return packed


def _found(plot: "Plot", table: str, record: str, message: str, other: str | None, at) -> Finding:
    place = (plot.origin[0] + float(at[0]), plot.origin[1] + float(at[1]))
    return finding("T11", message, table, record, other=other, at=place)
