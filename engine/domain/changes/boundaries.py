"""Boundary points and lines after outlines have changed: 界址点 and 界址线 follow the parcels, and keep their numbers.

A point stays while any parcel has a corner there; a line stays while it runs along any parcel that it names. What is
new is numbered on. Where a new corner lies within an old line, the line is cut there, for its other parcel too.
Corners are the same where they agree to the millimetre, which is what the standard's coordinates keep.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise

import shapely

from engine.domain.changes.register import Parcel

MOST_CORNERS = 254  # characters of KJZB
SURVEYED = "1"  # C.11 界址点类型: 实测法
SETTLED, JOINED, INSIDE, MIDDLE = "600001", "08", "1", "2"  # C.5 已定界, C.13 两点连线, C.14 内 and 中
_SAME_PLACE = 0.001  # metres

Place = tuple[int, int]  # easting, northing in millimetres
Edge = frozenset[Place]


@dataclass(frozen=True)
class Point:
    """``id``: the store's row; None for a new one."""

    number: str
    parcels: tuple[str, ...]
    place: Place
    kind: str = SURVEYED
    marker: str | None = None
    id: int | None = None


@dataclass(frozen=True)
class Line:
    """``neighbours`` and ``witnesses`` have one entry for each parcel: who is on the other side of it."""

    parcels: tuple[str, ...]
    places: tuple[Place, ...]
    neighbours: tuple[str, ...]
    witnesses: tuple[str, ...]
    number: str | None
    start: str | None
    end: str | None
    description: str
    kind: str | None = JOINED
    nature: str | None = SETTLED
    position: str = INSIDE
    id: int | None = None

    @property
    def edges(self) -> set[Edge]:
        return {frozenset(pair) for pair in pairwise(self.places)}


@dataclass(frozen=True)
class Side:
    """Whom a neighbour names for a parcel: who holds it, and who pointed the boundary out."""

    holder: str
    witness: str


@dataclass
class Boundaries:
    """What lies near the outlines that change; numbers go on from ``last_point`` and ``last_line``."""

    points: list[Point]
    lines: list[Line]
    last_point: int = 0
    last_line: int = 0
    corners: dict[str, str] = field(default_factory=dict)  # KJZB of the parcels that changed


def place_of(x: float, y: float) -> Place:
    return round(x * 1000), round(y * 1000)


def follow(
    before: Boundaries,
    changed: Mapping[str, Parcel | None],
    sides: Mapping[str, Side],
    collectives: Mapping[str, Side],
) -> Boundaries:
    """The boundaries when those parcels have these outlines (None: the parcel is no more).

    ``sides`` tells of each parcel that has changed, ``collectives`` of issuing parties by code: theirs is the land
    that is nobody's parcel. A point or line whose parcels stay the same is given back as it was.
    """
    run = _Following(before, {code: parcel for code, parcel in changed.items() if parcel}, sides, collectives)
    gone = changed.keys()
    run.points(gone)
    run.lines(gone)
    corners = {code: run.corner_numbers(parcel) for code, parcel in run.parcels.items()}
    return Boundaries(run.found_points, run.found_lines, run.last_point, run.last_line, corners)


class _Following:
    def __init__(
        self,
        before: Boundaries,
        parcels: Mapping[str, Parcel],
        sides: Mapping[str, Side],
        collectives: Mapping[str, Side],
    ):
        self.before, self.parcels, self.sides, self.collectives = before, parcels, sides, collectives
        self.rings = {code: list(_rings(parcel.outline)) for code, parcel in parcels.items()}
        self.last_point, self.last_line = before.last_point, before.last_line
        self.found_points: list[Point] = []
        self.found_lines: list[Line] = []
        self.numbers: dict[tuple[str, Place], str] = {}  # of a parcel's corner

    def points(self, gone: Iterable[str]) -> None:
        gone = set(gone)
        corners: dict[Place, list[str]] = {}
        for code, rings in self.rings.items():
            for ring in rings:
                for place in ring:
                    owners = corners.setdefault(place, [])
                    if code not in owners:
                        owners.append(code)
        used: dict[str, set[str]] = {}
        for point in self.before.points:
            here = corners.get(point.place, [])
            kept = [code for code in point.parcels if code not in gone or code in here]
            fresh = [code for code in here if code not in kept and (code, point.place) not in self.numbers]
            kept += [code for code in fresh if point.number not in used.get(code, ())]
            for code in kept:
                used.setdefault(code, set()).add(point.number)
                self.numbers.setdefault((code, point.place), point.number)
            if kept:
                self.found_points.append(replace(point, parcels=tuple(kept)))
        for place, owners in corners.items():
            wanting = tuple(code for code in owners if (code, place) not in self.numbers)
            if wanting:
                self.last_point += 1
                point = Point(f"J{self.last_point}", wanting, place)
                self.numbers |= {(code, place): point.number for code in wanting}
                self.found_points.append(point)

    def lines(self, gone: Iterable[str]) -> None:
        gone = set(gone)
        wanted: dict[Edge, list[tuple[str, Place, Place]]] = {}
        for code, rings in self.rings.items():
            for ring in rings:
                for start, end in zip(ring, [*ring[1:], ring[0]], strict=True):
                    wanted.setdefault(frozenset((start, end)), []).append((code, start, end))
        left: list[Line] = []  # lines of parcels that changed, which run along none of them any more
        covered: set[tuple[str, Edge]] = set()
        for line in self.before.lines:
            along = [
                code
                for code in dict.fromkeys(owner for edge in line.edges for owner, *_ in wanted.get(edge, ()))
                if all(any(code == owner for owner, *_ in wanted.get(edge, ())) for edge in line.edges)
            ]
            covered |= {(code, edge) for code in along for edge in line.edges}
            if not along and gone.isdisjoint(line.parcels):
                self.found_lines.append(line)
            elif along:
                self.found_lines.append(self._taken_over(line, along, gone))
            else:
                left.append(line)
        pieces: dict[int, float] = {}  # metres of a line left over that new lines now run along
        for edge, owners in wanted.items():
            own = [row for row in owners if (row[0], edge) not in covered]
            if own:
                self._new_line(own, left, gone, pieces)
        for index, line in enumerate(left):
            rest = tuple(code for code in line.parcels if code not in gone)
            if rest and pieces.get(index, 0.0) < _length(line.places) - _SAME_PLACE:
                self.found_lines.append(self._with_parcels(line, rest, gone))

    def _taken_over(self, line: Line, along: list[str], gone: set[str]) -> Line:
        """The parcels that are new along a line take the places of those that are gone from it."""
        fresh = [code for code in along if code not in line.parcels]
        parcels: list[str] = []
        for code in line.parcels:
            if code in along or code not in gone:
                parcels.append(code)
            elif fresh:
                parcels.append(fresh.pop(0))
        return self._with_parcels(line, tuple(dict.fromkeys((*parcels, *fresh))), gone)

    def _with_parcels(self, line: Line, parcels: tuple[str, ...], gone: set[str]) -> Line:
        if parcels == line.parcels:
            return line
        neighbours, witnesses = self._across(parcels, line, gone)
        return replace(
            line, parcels=parcels, neighbours=neighbours, witnesses=witnesses,
            position=MIDDLE if len(parcels) > 1 else INSIDE if len(line.parcels) > 1 else line.position,
        )  # fmt: skip

    def _across(
        self, parcels: tuple[str, ...], old: Line | None, gone: set[str]
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Who is on the other side of each parcel: what the old line said, unless just that has changed."""
        names, witnesses = [], []
        for index, code in enumerate(parcels):
            other = next((parcel for parcel in parcels if parcel != code), None)
            side = self.sides.get(other) if other else None
            if (
                side is None
                and old is not None
                and len(old.neighbours) == len(old.witnesses) == len(old.parcels)
            ):
                place = old.parcels.index(code) if code in old.parcels else min(index, len(old.parcels) - 1)
                behind = [parcel for n, parcel in enumerate(old.parcels) if n != place]
                if other is not None or gone.isdisjoint(behind):
                    side = Side(old.neighbours[place], old.witnesses[place])
            side = side or self.collectives.get(code[:14], Side("", ""))
            names.append(side.holder)
            witnesses.append(side.witness)
        return tuple(names), tuple(witnesses)

    def _new_line(
        self,
        owners: list[tuple[str, Place, Place]],
        left: list[Line],
        gone: set[str],
        pieces: dict[int, float],
    ) -> None:
        """One edge of one or two parcels; it is as the line that it is a part of, if there is one."""
        _, start, end = owners[0]
        codes = tuple(dict.fromkeys(code for code, *_ in owners))
        index = next((i for i, line in enumerate(left) if _within((start, end), line.places)), None)
        old = left[index] if index is not None else None
        if old is not None and index is not None:
            pieces[index] = pieces.get(index, 0.0) + _length((start, end))
            codes = tuple(dict.fromkeys((*codes, *(code for code in old.parcels if code not in gone))))[:2]
        neighbours, witnesses = self._across(codes, old, gone)
        names = [self._number(codes[0], place) for place in (start, end)]
        self.last_line += 1
        self.found_lines.append(
            Line(
                codes, (start, end), neighbours, witnesses, f"JX{self.last_line}", names[0], names[1],
                f"从{names[0]}至{names[1]}，长{_length((start, end)):.2f}米",
                kind=old.kind if old else JOINED,
                nature=old.nature if old else SETTLED,
                position=MIDDLE if len(codes) > 1 else INSIDE,
            )
        )  # fmt: skip

    def _number(self, code: str, place: Place) -> str:
        return self.numbers[code, place]

    def corner_numbers(self, parcel: Parcel) -> str:
        """KJZB: the outer ring's points clockwise from the north-west, as many as the field holds."""
        ring = self.rings[parcel.code][0]
        first = max(range(len(ring)), key=lambda i: ring[i][1] - ring[i][0])
        numbers = [self._number(parcel.code, place) for place in (*ring[first:], *ring[:first])]
        while len("/".join(numbers)) > MOST_CORNERS:
            numbers.pop()
        return "/".join(numbers)


def _rings(outline: shapely.Polygon) -> Iterator[list[Place]]:
    """The outer ring clockwise, then the inner ones, without the closing point and corners said twice."""
    for ring in (outline.exterior, *outline.interiors):
        coordinates = list(ring.coords)[:-1]
        if ring.is_ccw:
            coordinates.reverse()
        yield list(dict.fromkeys(place_of(x, y) for x, y, *_ in coordinates))


def _length(places: Iterable[Place]) -> float:
    return sum(((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2) ** 0.5 for a, b in pairwise(places)) / 1000


def _within(edge: tuple[Place, Place], places: tuple[Place, ...]) -> bool:
    """Whether the edge lies along one stretch of the line, to the millimetre."""
    return any(all(_on(place, a, b) for place in edge) for a, b in pairwise(places))


def _on(place: Place, a: Place, b: Place) -> bool:
    """Whether the place lies between a and b, not farther off than a millimetre's rounding."""
    (x, y), (ax, ay), (bx, by) = place, a, b
    dx, dy = bx - ax, by - ay
    length = (dx * dx + dy * dy) ** 0.5
    if length == 0:
        return False
    along = ((x - ax) * dx + (y - ay) * dy) / length
    off = abs((x - ax) * dy - (y - ay) * dx) / length
    return off <= 1.0 and -1.0 <= along <= length + 1.0
