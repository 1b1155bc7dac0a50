"""What is done to outlines before they leave the store that has them exact. All in metres of the county's zone.

Both ways move a corner by where it lies and by nothing else, so a corner that two parcels share is still one corner
afterwards. A corner of one parcel in the middle of another's edge is not shared: there a gap or an overlap comes
about, no wider than the grid.
"""

import numpy as np
import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry


def rounded(outline: BaseGeometry, decimals: int) -> BaseGeometry:
    """Corners rounded to so many decimals of a metre. An outline that would fall in on itself stays as it was."""
    moved = shapely.transform(shapely.force_2d(outline), lambda points: np.round(points, decimals) + 0.0)
    return moved if moved.is_valid and not moved.is_empty else outline


def generalised(outline: BaseGeometry, grid: float) -> Polygon:
    """An outline from which the survey cannot be had back: corners on a grid of so many metres, the fewer the better.

    Corners are put on the grid first and left out afterwards (by less than half a cell), so nothing but the grid is
    ever seen. Land narrower than the grid becomes one cell, there where it lies: it can be found, not measured.
    """
    on_grid = shapely.transform(
        shapely.force_2d(outline), lambda points: np.round(points / grid) * grid + 0.0
    )
    drawn = _largest(shapely.simplify(shapely.make_valid(on_grid), grid / 2, preserve_topology=True))
    if drawn is None or drawn.area < grid * grid / 2:
        centre = outline.representative_point()
        return _cell(round(centre.x / grid) * grid, round(centre.y / grid) * grid, grid)
    return shapely.orient_polygons(Polygon(drawn.exterior))


def _largest(drawn: BaseGeometry) -> Polygon | None:
    """make_valid may leave lines, or several pieces where a narrow neck closed."""
    pieces = [part for part in shapely.get_parts(drawn) if isinstance(part, Polygon)]
    inner = [p for c in shapely.get_parts(drawn) for p in shapely.get_parts(c) if isinstance(p, Polygon)]
    found = [piece for piece in pieces or inner if not piece.is_empty]
    return max(found, key=lambda piece: piece.area) if found else None


def _cell(x: float, y: float, grid: float) -> Polygon:
    return shapely.orient_polygons(shapely.box(x, y, x + grid, y + grid))
