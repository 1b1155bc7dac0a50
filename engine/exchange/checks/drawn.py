"""What the rules ask of every geometry of a layer, found in one pass over it: it is made of its WKB but once."""

from dataclasses import dataclass

import numpy as np
import shapely

from engine.exchange.package.columns import BLOCK, blocks
from engine.exchange.package.model import Table

_LINES, _POLYGONS = (1, 5), (3, 6)


@dataclass(frozen=True)
class Drawn:
    """Per row. `kinds` are shapely's type ids, -1 for none; `area` in m2, 0 for what has none.

    `sound`: valid, every coordinate a number, lines with a length. `bounds` are the whole layer's.
    """

    kinds: np.ndarray
    sound: np.ndarray
    parts: np.ndarray
    area: np.ndarray
    bounds: np.ndarray


def drawn(table: Table) -> Drawn:
    """Of a layer that has geometry; kept with the table."""
    found = table.known.get("drawn")
    if found is None:
        assert table.geometry is not None
        with np.errstate(all="ignore"):
            found = table.known["drawn"] = _looked_at(table)
    return found


def _looked_at(table: Table) -> Drawn:
    count = len(table)
    kinds, parts = np.full(count, -1, np.int8), np.zeros(count, np.int32)
    sound, area = np.zeros(count, bool), np.zeros(count)
    whole = []
    for start, shapes in blocks(table.geometry if table.geometry is not None else np.array([], object)):
        rows = slice(start, start + BLOCK)
        kinds[rows] = own = shapely.get_type_id(shapes)
        parts[rows] = shapely.get_num_geometries(shapes)
        bounds = shapely.bounds(shapes)
        whole.append(shapely.total_bounds(shapes))
        sound[rows] = np.isfinite(bounds).all(axis=1) & (
            shapely.is_valid(shapes) if (own != 0).any() else True
        )
        if np.isin(own, _LINES).any():
            sound[rows] &= ~np.isin(own, _LINES) | (shapely.length(shapes) > 0)
        if np.isin(own, _POLYGONS).any():
            area[rows] = shapely.area(shapes)
    corners = np.array(whole).reshape(-1, 4)
    corners = corners[~np.isnan(corners).all(axis=1)]
    if not len(corners):
        return Drawn(kinds, sound, parts, area, np.full(4, np.nan))
    return Drawn(
        kinds, sound, parts, area, np.concatenate([corners[:, :2].min(axis=0), corners[:, 2:].max(axis=0)])
    )
