"""Plane geometry of parcels: metres and m2 in the county's own zone. What lies closer than 1 mm is the same place.

Outcomes are drawn, not computed: a change states the outlines that it leaves, and these functions tell whether
they fit. ``cut`` helps to draw them.
"""

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import combinations

import shapely
from shapely import Polygon, affinity
from shapely.geometry.base import BaseGeometry

from engine.domain.changes.findings import limit

CENT = Decimal("0.01")


def polygon(wkt: str) -> BaseGeometry:
    """Of WKT; an empty polygon when it says nothing that can be read."""
    try:
        return shapely.from_wkt(wkt)
    except shapely.errors.GEOSException:
        return Polygon()


def area(outline: BaseGeometry) -> Decimal:
    """m2, rounded half up to two decimals: 实测面积 SCMJ."""
    return Decimal(repr(float(outline.area))).quantize(CENT, ROUND_HALF_UP)


def sound(outline: BaseGeometry) -> bool:
    """One polygon, closed, not crossing itself, with an area."""
    return isinstance(outline, Polygon) and bool(outline.is_valid) and outline.area > 0


def rounded(outline: BaseGeometry) -> BaseGeometry:
    """On the millimetre grid, which is what the standard's coordinates keep."""
    return shapely.set_precision(outline, limit("grid"))


def matters(part: BaseGeometry) -> bool:
    """Whether a gap or an overlap is both wider than the same place (1 mm) and larger than 0.01 m2."""
    if part.is_empty or part.area <= limit("area"):
        return False
    west, south, *_ = part.bounds
    here = affinity.translate(
        part, -west, -south
    )  # GEOS loses whole polygons when it buffers millimetres at 4e7 m
    return not here.buffer(-limit("same_place") / 2).is_empty


def overlap(first: BaseGeometry, second: BaseGeometry) -> float:
    """m2 that both cover; 0 where it is within the tolerance."""
    if not first.intersects(second):
        return 0.0
    both = first.intersection(second)
    return both.area if matters(both) else 0.0


def uncovered(whole: Iterable[BaseGeometry], parts: Iterable[BaseGeometry]) -> float:
    """m2 of ``whole`` that no part covers; 0 where it is within the tolerance."""
    left = shapely.union_all(list(whole)).difference(shapely.union_all(list(parts)))
    return sum(piece.area for piece in pieces_of(left) if matters(piece))


def overlaps_among(outlines: Sequence[BaseGeometry]) -> list[tuple[int, int, float]]:
    """Pairs that overlap: (index, index, m2)."""
    found = ((i, j, overlap(outlines[i], outlines[j])) for i, j in combinations(range(len(outlines)), 2))
    return [row for row in found if row[2]]


def cut(outline: BaseGeometry, line: BaseGeometry) -> tuple[list[Polygon], list[Polygon]]:
    """(inside the red line, outside it), pieces on the grid, largest first; crumbs below the tolerance are left out."""
    parts = (outline.intersection(line), outline.difference(line))
    inside, outside = ([p for p in pieces_of(rounded(part)) if matters(p)] for part in parts)
    return sorted(inside, key=lambda p: -p.area), sorted(outside, key=lambda p: -p.area)


def pieces_of(geometry: BaseGeometry) -> list[Polygon]:
    return [part for part in shapely.get_parts(geometry).tolist() if isinstance(part, Polygon)]


def shares(total: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """``total`` by weight with two decimals, so that the shares add up to it exactly (largest remainder)."""
    whole = sum(weights, Decimal(0))
    exact = [total * weight / whole for weight in weights]
    given = [share.quantize(CENT, rounding="ROUND_DOWN") for share in exact]
    missing = int((total - sum(given, Decimal(0))) / CENT)
    order = sorted(range(len(given)), key=lambda i: given[i] - exact[i])
    for i in order[:missing]:
        given[i] += CENT
    return given
