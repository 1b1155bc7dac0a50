"""Lettering of small maps: where a name may stand, and its SVG. All in mm on paper, y downwards.

Chinese lettering along a steep line keeps its characters upright, one below the other (字列); along a
flat line it turns with the line.
"""

import math
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise

from shapely import Point, Polygon, affinity, box, maximum_inscribed_circle
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient

FONT = "Noto Sans CJK SC"
LONGEST = 10
"""Characters of a neighbour's name that fit a small map; the full name stands in the table."""


FACING = {"east": (1.0, 0.0), "west": (-1.0, 0.0), "north": (0.0, -1.0), "south": (0.0, 1.0)}
"""On paper, where y runs downwards."""


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


def labels_beside(shape: BaseGeometry, side: str, text: str, size: float) -> Iterable[Label]:
    """A neighbour's name outside the side (``east`` ...) of a parcel: along the boundary, or level."""
    text = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
    for x, y, angle, normal in _points_facing(_largest(shape), FACING[side]):
        away = size * 0.56 + 0.7
        yield Label(text, x + normal[0] * away, y + normal[1] * away, size, angle)
        level = Label(text, x, y, size)
        away = 0.7 + abs(normal[0]) * level.width / 2 + abs(normal[1]) * size * 0.56
        yield Label(text, x + normal[0] * away, y + normal[1] * away, size)


def labels_around(shape: BaseGeometry, text: str, size: float) -> Iterable[Label]:
    """Further off, for a number that does not fit its own parcel; a leader joins them."""
    spot = middle(shape)
    for distance in (5, 8, 12, 17, 23):
        for turn in (45, 135, -45, -135, 0, 180, 90, -90):
            x = spot.x + distance * math.cos(math.radians(turn)) * 1.4
            yield Label(text, x, spot.y + distance * math.sin(math.radians(turn)), size)


def middle(shape: BaseGeometry) -> Point:
    """Where a shape is named: the centroid if it lies well inside, else the centre of the largest circle."""
    part = _largest(shape)
    circle = maximum_inscribed_circle(part, tolerance=0.2)
    centre = part.centroid
    roomy = part.contains(centre) and centre.distance(part.boundary) > 0.8 * circle.length
    return centre if roomy else Point(circle.coords[0])


def long_axis(shape: BaseGeometry) -> float:
    corners = list(_largest(shape).minimum_rotated_rectangle.exterior.coords)
    a, b = max(pairwise(corners), key=lambda edge: math.dist(*edge))
    return _direction(a, b)


def _largest(shape: BaseGeometry) -> Polygon:
    return max(getattr(shape, "geoms", [shape]), key=lambda part: part.area)


def _points_facing(
    shape: Polygon, side: tuple[float, float]
) -> list[tuple[float, float, float, tuple[float, float]]]:
    """Points on the edges that look to a side, its middle first: x, y, edge direction, outward normal.

    Which way an edge looks decides, not where it lies: the east boundary of a slanting strip is its long
    edge, though its north end reaches further east.
    """
    found = []
    ring = list(orient(shape, sign=1.0).exterior.coords)
    for a, b in pairwise(ring):
        length = math.dist(a, b)
        if length < 0.2:
            continue
        normal = ((b[1] - a[1]) / length, (a[0] - b[0]) / length)
        facing = normal[0] * side[0] + normal[1] * side[1]
        if facing > 0.6:
            steps = max(int(length // 3), 1)
            shares = [(step + 0.5) / steps for step in range(steps)]
            found += [
                (a[0] + (b[0] - a[0]) * s, a[1] + (b[1] - a[1]) * s, _direction(a, b), normal) for s in shares
            ]
    if not found:
        return []
    centre = (sum(point[0] for point in found) / len(found), sum(point[1] for point in found) / len(found))
    return sorted(found, key=lambda point: (round(math.dist(point[:2], centre), 3), point[:2]))[:9]


def _direction(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    angle = math.degrees(math.atan2(b[1] - a[1], b[0] - a[0]))
    return angle - 180 if angle > 90 else angle + 180 if angle <= -90 else angle


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WFA"


def _at(x: float, y: float, size: float) -> str:
    """Position of the baseline for text centred on (x, y)."""
    return f'x="{x:.2f}" y="{y + size * 0.37:.2f}"'
