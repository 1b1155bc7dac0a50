"""Lettering of small maps: where a name may stand, and its SVG. All in mm on paper, y downwards.

Chinese lettering along a steep line keeps its characters upright, one below the other (字列); along a
flat line it turns with the line.
"""

import math
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape

from shapely import LineString, Point, Polygon, affinity, box, maximum_inscribed_circle
from shapely.geometry.base import BaseGeometry

FONT = "Noto Sans CJK SC"
LONGEST = 10
"""Characters of a neighbour's name that fit a small map; the full name stands in the table."""


@dataclass(frozen=True)
class Label:
    text: str
    x: float
    y: float
    size: float
    angle: float = 0.0
    """Degrees clockwise of the line the text runs along, in (-90, 90]."""

    @property
    def stacked(self) -> bool:
        return abs(self.angle) > 50 and all(_is_wide(char) for char in self.text)

    @property
    def width(self) -> float:
        return sum(1.04 if _is_wide(char) else 0.58 for char in self.text) * self.size

    @property
    def area(self) -> Polygon:
        half, tall = self.width / 2, self.size * 0.56
        flat = box(self.x - half, self.y - tall, self.x + half, self.y + tall)
        return affinity.rotate(flat, self.angle, origin=(self.x, self.y))

    def svg(self, colour: str = "#000", weight: str = "normal") -> str:
        style = f'font-family="{FONT}" font-size="{self.size:g}" font-weight="{weight}" fill="{colour}"'
        if not self.stacked:
            turn = f' transform="rotate({self.angle:.1f} {self.x:.2f} {self.y:.2f})"' if self.angle else ""
            return f'<text text-anchor="middle" {_at(self.x, self.y, self.size)} {style}{turn}>{escape(self.text)}</text>'
        return "".join(
            f'<text text-anchor="middle" {_at(x, y, self.size)} {style}>{escape(char)}</text>'
            for char, x, y in self._upright()
        )

    def _upright(self) -> Iterable[tuple[str, float, float]]:
        turn = math.radians(self.angle if self.angle > 0 else self.angle + 180)
        step = self.size * 1.04
        for place, char in enumerate(self.text):
            along = (place - (len(self.text) - 1) / 2) * step
            yield char, self.x + along * math.cos(turn), self.y + along * math.sin(turn)


@dataclass
class Lettering:
    """What is already lettered on one map, and what a name must stay clear of."""

    window: Polygon
    own: BaseGeometry
    """The household's parcels: a neighbour's name may not stand on them."""
    linework: BaseGeometry
    taken: list[Polygon] = field(default_factory=list)

    def best(self, candidates: Iterable[Label], *, inside: BaseGeometry | None = None) -> Label | None:
        """The free candidate that crosses least linework, the earlier the better; it is then taken."""
        scored = [
            (self._crossing(label.area) + 0.3 * place, place, label)
            for place, label in enumerate(candidates)
            if self._is_free(label.area, inside)
        ]
        if not scored:
            return None
        label = min(scored)[2]
        self.taken.append(label.area)
        return label

    def _is_free(self, area: Polygon, inside: BaseGeometry | None) -> bool:
        if not self.window.contains(area) or any(area.intersects(other) for other in self.taken):
            return False
        return inside.contains(area) if inside is not None else not area.intersects(self.own)

    def _crossing(self, area: Polygon) -> float:
        return self.linework.intersection(area).length


def labels_inside(shape: BaseGeometry, texts: list[str], size: float) -> Iterable[Label]:
    """One line inside a shape, level or along its length; shorter text and smaller print later."""
    spot, angle = middle(shape), long_axis(shape)
    for scale in (1.0, 0.85, 0.7):
        for text in texts:
            for turn in dict.fromkeys((0.0, angle)):
                yield Label(text, spot.x, spot.y, size * scale, turn)


def labels_beside(shape: Polygon, side: str, text: str, size: float) -> Iterable[Label]:
    """A neighbour's name outside the side (``east`` ...) of a parcel: along the boundary, or level."""
    text = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
    for share in (0.5, 0.38, 0.62, 0.26, 0.74, 0.15, 0.85):
        point = _boundary_point(shape, side, share)
        if point is None:
            continue
        angle, normal = _edge_at(shape, point)
        away = size * 0.56 + 0.7
        yield Label(text, point.x + normal[0] * away, point.y + normal[1] * away, size, angle)
        level = Label(text, point.x, point.y, size)
        step = {"east": (1, 0), "west": (-1, 0), "north": (0, -1), "south": (0, 1)}[side]
        reach = (level.width / 2 if step[0] else size * 0.56) + 0.7
        yield Label(text, point.x + step[0] * reach, point.y + step[1] * reach, size)


def labels_around(shape: BaseGeometry, text: str, size: float) -> Iterable[Label]:
    """Further off, for a number that does not fit its own parcel; a leader joins them."""
    spot = middle(shape)
    for distance in (5, 8, 12, 17, 23):
        for turn in (45, 135, -45, -135, 0, 180, 90, -90):
            x = spot.x + distance * math.cos(math.radians(turn)) * 1.4
            yield Label(text, x, spot.y + distance * math.sin(math.radians(turn)), size)


def middle(shape: BaseGeometry) -> Point:
    """The centre of the largest circle inside: always on the shape, unlike the centroid."""
    circle = maximum_inscribed_circle(_largest(shape), tolerance=0.2)
    return Point(circle.coords[0])


def long_axis(shape: BaseGeometry) -> float:
    corners = list(_largest(shape).minimum_rotated_rectangle.exterior.coords)
    a, b = max(zip(corners, corners[1:]), key=lambda edge: math.dist(*edge))
    return _direction(a, b)


def _largest(shape: BaseGeometry) -> Polygon:
    return max(getattr(shape, "geoms", [shape]), key=lambda part: part.area)


def _boundary_point(shape: Polygon, side: str, share: float) -> Point | None:
    west, top, east, bottom = shape.bounds
    if side in ("east", "west"):
        y = top + (bottom - top) * share
        cut = LineString([(west - 1, y), (east + 1, y)]).intersection(shape.boundary)
        pick = max if side == "east" else min
        return Point(pick(cut.bounds[::2]), y) if not cut.is_empty else None
    x = west + (east - west) * share
    cut = LineString([(x, top - 1), (x, bottom + 1)]).intersection(shape.boundary)
    pick = max if side == "south" else min
    return Point(x, pick(cut.bounds[1::2])) if not cut.is_empty else None


def _edge_at(shape: Polygon, point: Point) -> tuple[float, tuple[float, float]]:
    """Direction of the boundary at a point, and the unit vector pointing out of the shape."""
    ring = list(_largest(shape).exterior.coords)
    a, b = min(zip(ring, ring[1:]), key=lambda edge: LineString(edge).distance(point))
    length = math.dist(a, b) or 1.0
    normal = ((b[1] - a[1]) / length, (a[0] - b[0]) / length)
    if shape.contains(Point(point.x + normal[0] * 0.05, point.y + normal[1] * 0.05)):
        normal = (-normal[0], -normal[1])
    return _direction(a, b), normal


def _direction(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    angle = math.degrees(math.atan2(b[1] - a[1], b[0] - a[0]))
    return angle - 180 if angle > 90 else angle + 180 if angle <= -90 else angle


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WFA"


def _at(x: float, y: float, size: float) -> str:
    """Position of the baseline for text centred on (x, y)."""
    return f'x="{x:.2f}" y="{y + size * 0.37:.2f}"'
