"""Boundary points, boundary lines and neighbours, found from the edges that parcels share."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.exchange.demo.fields import LINE_NAMES, RIDGE, Strip
from engine.exchange.demo.terrain import Point

Edge = tuple[Point, Point]
SIDES = ("east", "south", "west", "north")


@dataclass
class BoundaryPoint:
    """A point with its number (within the issuing party) and the strips that meet there."""

    number: str
    at: Point
    strips: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class BoundaryLine:
    """A line between two points, in the direction of the first strip's clockwise ring."""

    number: str
    start: BoundaryPoint
    end: BoundaryPoint
    kind: str  # code list C.13
    strips: tuple[int, ...]


@dataclass
class Boundaries:
    """Boundaries of one issuing party's strips; strips are named by their index."""

    points: dict[Point, BoundaryPoint]
    lines: list[BoundaryLine]


def trace(strips: Sequence[Strip]) -> Boundaries:
    """Number the points in the order of the strips and pair up the edges."""
    points: dict[Point, BoundaryPoint] = {}
    edges: dict[Edge, tuple[Point, Point, str, list[int]]] = {}
    for index, strip in enumerate(strips):
        for at in strip.ring:
            point = points.setdefault(at, BoundaryPoint(f"J{len(points) + 1}", at))
            point.strips.append(index)
        for start, end, kind in _edges(strip):
            edge = (min(start, end), max(start, end))
            edges.setdefault(edge, (start, end, kind, []))[3].append(index)
    lines = [
        BoundaryLine(f"JX{n}", points[start], points[end], kind, tuple(owners))
        for n, (start, end, kind, owners) in enumerate(edges.values(), 1)
    ]
    return Boundaries(points, lines)


def _edges(strip: Strip):
    ring = strip.ring
    return zip(ring, [*ring[1:], ring[0]], strip.kinds, strict=True)


def corner_numbers(strip: Strip, points: dict[Point, BoundaryPoint]) -> str:
    """KJZB: the point numbers clockwise from the north-west corner, joined with `/`."""
    first = max(range(len(strip.ring)), key=lambda i: strip.ring[i][1] - strip.ring[i][0])
    return "/".join(points[at].number for at in (*strip.ring[first:], *strip.ring[:first]))


def neighbours(
    strips: Sequence[Strip], lines: Sequence[BoundaryLine], names: Sequence[str]
) -> list[dict[str, str]]:
    """For each strip the neighbour on each side: the holder's name, or the road, ditch or slope there.

    A side is a quarter of the compass; the neighbour with the longest common boundary facing that way counts,
    and where none faces it, the one that faces it most nearly.
    """
    facing: list[list[tuple[float, float, str]]] = [[] for _ in strips]
    for line in lines:
        dx, dy = line.end.at[0] - line.start.at[0], line.end.at[1] - line.start.at[1]
        for turn, index in zip((1, -1), line.strips, strict=False):
            other = [i for i in line.strips if i != index]
            name = names[other[0]] if other else LINE_NAMES.get(line.kind, "田埂")
            facing[index].append((-dy * turn, dx * turn, name))  # outward normal times length
    return [_by_side(normals) for normals in facing]


def _by_side(normals: list[tuple[float, float, str]]) -> dict[str, str]:
    found = {}
    for side, (east, north) in zip(SIDES, ((1, 0), (0, -1), (-1, 0), (0, 1)), strict=True):
        weights: dict[str, float] = {}
        for x, y, name in normals:
            weights[name] = weights.get(name, 0) + max(
                0.0, x * east + y * north - 0.7 * abs(x * north + y * east)
            )
        best = max(weights, key=lambda name: weights[name])
        if weights[best] == 0:
            best = max(normals, key=lambda n: n[0] * east + n[1] * north)[2]
        found[side] = best
    return found


def neighbour_owner(line: BoundaryLine, index: int, names: Sequence[str], collective: str) -> str:
    """Who holds the land on the other side of a line: a neighbour, or the collective for roads and ditches."""
    other = [i for i in line.strips if i != index]
    return names[other[0]] if other and line.kind == RIDGE else collective
