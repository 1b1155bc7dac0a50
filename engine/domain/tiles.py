"""The map's tiles: squares of the county's own zone, so that a tile needs no reprojection and shows what was surveyed.

Level 0 has squares of 2^20 m, each level halves them. Columns count eastwards from an easting of 0 (with or without
the zone's number before it), rows southwards from a northing of 2^23 m, north of China. A square is drawn 512 points
wide: level 11 is half a metre a point, 1:1,800 on a usual screen.
"""

from dataclasses import dataclass

from engine.domain.errors import Refused

WIDEST = 2.0**20  # metres, a square of level 0
NORTH = 2.0**23  # metres, where row 0 begins
POINTS = 512  # a tile's width on the screen
DEEPEST = 12  # 256 m; closer views draw these larger
OUTLINES = 7  # up to this level (16 m a point) divisions are drawn in place of parcels
PLAIN = 8  # at this level (8 m a point) parcels have outline and kind, and no name
_MOST_COLUMNS = 2**7  # of level 0: eastings up to 134,217 km, beyond any zone's


@dataclass(frozen=True)
class Tile:
    level: int
    column: int
    row: int

    @property
    def width(self) -> float:
        """Metres."""
        return WIDEST / 2**self.level

    def box(self, margin: float = 0) -> tuple[float, float, float, float]:
        """West, south, east, north in metres; ``margin`` is a share of the width, added on all sides."""
        west, north = self.column * self.width, NORTH - self.row * self.width
        more = margin * self.width
        return west - more, north - self.width - more, west + self.width + more, north + more


def tile(level: int, column: int, row: int) -> Tile:
    """Refused where there is no such tile."""
    if not (0 <= level <= DEEPEST and column < _MOST_COLUMNS << level and row < 8 << level):
        raise Refused("tile", "没有这张瓦片：级别 0 到 %(deepest)s", deepest=DEEPEST)
    return Tile(level, column, row)
