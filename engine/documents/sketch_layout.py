"""Which parcels share a small map, at which scale, and how the maps stand on a page. Lengths in mm on paper.

As on the annex 承包地块示意图 of the contract: a household's parcels lie scattered over the village, so
each cluster gets a panel of its own at its own scale, and panels fill pages "第 n–m 页".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from shapely import GeometryCollection
from shapely.geometry.base import BaseGeometry

SCALES = (200, 500, 1000, 1500, 2000, 2500, 5000, 10000, 20000, 50000)
CLUSTER_SCALE = 2000
"""Parcels share a panel while it stays readable at this scale, or at the one a parcel of it needs anyway."""
CLUSTER_GAP = 15.0
"""Metres between parcels that still share a panel: over a road or a ditch, not over a field."""
CLUSTER_SIZE = 6

CAPTION, FOOT, MARGIN = 5.4, 6.6, 6.5
"""A panel's strip on top, strip for the scale bar, and the room round the parcels for their neighbours."""

PAGE = (163.4, 198.0)
"""Room for panels on one A4 sheet of the annex."""


@dataclass(frozen=True)
class SketchParcel:
    """One of the household's parcels. Geometry in the county's projected CRS: x east, y north, metres."""

    code: str
    name: str
    geometry: BaseGeometry
    area: str = ""
    """As it shall read, for instance ``3.14亩``."""
    east: str = ""
    south: str = ""
    west: str = ""
    north: str = ""


@dataclass(frozen=True)
class Panel:
    parcels: tuple[SketchParcel, ...]
    denominator: int
    width: float
    height: float

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        return _bounds(self.parcels)


def pages_of_panels(
    parcels: Sequence[SketchParcel], page: tuple[float, float] = PAGE
) -> list[tuple[int, list[Panel]]]:
    """The panels of each page, with the number of columns they stand in."""
    groups = clusters(parcels, _usable(*_panel_size(6, page)))
    columns, rows = _grid(len(groups))
    width, height = _panel_size(len(groups), page)
    panels = [
        Panel(group, scale_for(_bounds(group), _usable(width, height)), width, height) for group in groups
    ]
    size = columns * rows
    return [(columns, panels[start : start + size]) for start in range(0, len(panels), size)]


def clusters(parcels: Sequence[SketchParcel], usable: tuple[float, float]) -> list[tuple[SketchParcel, ...]]:
    """Nearest first, parcels join while they stay close, few, and fit a panel; the order given is kept."""
    group = {place: [place] for place in range(len(parcels))}
    gaps = sorted(
        (parcels[a].geometry.distance(parcels[b].geometry), a, b)
        for a, b in combinations(range(len(parcels)), 2)
    )
    for gap, a, b in gaps:
        if gap > CLUSTER_GAP:
            break
        if group[a] is group[b] or len(group[a]) + len(group[b]) > CLUSTER_SIZE:
            continue
        joined = sorted(group[a] + group[b])
        coarsest = max(CLUSTER_SCALE, *(scale_for(parcels[i].geometry.bounds, usable) for i in joined))
        if scale_for(_bounds([parcels[i] for i in joined]), usable) <= coarsest:
            group.update(dict.fromkeys(joined, joined))
    kept = {id(members): members for members in group.values()}
    return [tuple(parcels[i] for i in members) for members in sorted(kept.values())]


def scale_for(bounds: tuple[float, float, float, float], usable: tuple[float, float]) -> int:
    """The largest usual scale at which the ground of ``bounds`` (metres) fits ``usable`` (mm)."""
    needed = _denominator(bounds, usable)
    return next((scale for scale in SCALES if scale >= needed), SCALES[-1] * (int(needed // SCALES[-1]) + 1))


def _denominator(bounds: tuple[float, float, float, float], usable: tuple[float, float]) -> float:
    west, south, east, north = bounds
    return max((east - west) * 1000 / usable[0], (north - south) * 1000 / usable[1])


def _bounds(parcels: Sequence[SketchParcel]) -> tuple[float, float, float, float]:
    return GeometryCollection([parcel.geometry for parcel in parcels]).bounds


def _grid(count: int) -> tuple[int, int]:
    """Columns and rows of a page."""
    return {1: (1, 1), 2: (1, 2), 3: (2, 2), 4: (2, 2)}.get(count, (2, 3))


def _panel_size(count: int, page: tuple[float, float]) -> tuple[float, float]:
    columns, rows = _grid(count)
    return page[0] / columns, (page[1] / rows if count > 1 else min(page[1], page[0] * 0.85))


def _usable(width: float, height: float) -> tuple[float, float]:
    return width - 2 * MARGIN, height - CAPTION - FOOT - 2 * MARGIN
