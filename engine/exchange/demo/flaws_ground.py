"""Plants the flaws of where parcels lie (rules T), each on a parcel of its own with nothing spoiled beside it.

A parcel that is given another outline lets go of the boundary points and lines that no longer fit it, so that
only what is planted is amiss.
"""

import itertools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
import shapely.affinity

from engine.exchange.package.model import Table

if TYPE_CHECKING:
    from engine.exchange.demo.flaws import Rows

_SAME = 0.001
_CLEAR = 0.2  # metres that new vertices keep from old ones
_APART = 2.5  # metres between two flaws
_OUT, _ALONG = 8.0, 4.0  # metres: widest road, shortest edge that is built on


class Ground:
    """The parcels that no flaw has touched, and what hangs on them."""

    def __init__(self, rows: "Rows"):
        self.rows = rows
        self.parcels, self.points, self.lines = (rows.layers[name] for name in ("DK", "JZD", "JZX"))
        self.codes: list[str] = list(self.parcels["DKBM"])
        self.tree = shapely.STRtree(self.parcels.geometry)
        shared = {code for code, shares in rows.tables["CBDKXX"].rows("DKBM", "SFQQQG") if shares == "1"}
        spoiled = {code for code in shared | rows.spoiled}
        kept = {code for row in (0, 1) for code in self.lines["DKBM"][row].split("/")}  # U01's
        self.touched = {self.codes.index(code) for code in spoiled | kept if code in self.codes}
        self.taken: set[int] = set()  # those with a flaw of this kind

    def free(self) -> Iterator[int]:
        """Parcels from the county's end that no flaw has touched, with no flaw of this kind near them."""
        for row in reversed(range(len(self.codes))):
            if row not in self.touched:
                around = self.tree.query(self.outline(row), predicate="dwithin", distance=_APART)
                if not self.taken & set(around.tolist()):
                    yield row

    def outline(self, row: int) -> shapely.Polygon:
        assert self.parcels.geometry is not None
        return self.parcels.geometry[row]

    def take(self, row: int, outline: shapely.Geometry | None = None) -> str:
        """The parcel's code; nothing else is planted near it. With another outline it lets go of what does not fit."""
        self.taken.add(row)
        code = self.codes[row]
        if outline is not None:
            self.rows.shape(code, outline)
            self._let_go(code, outline)
        return code

    def _let_go(self, code: str, outline: shapely.Geometry) -> None:
        corners, boundary = shapely.extract_unique_points(outline), outline.boundary
        gone = self._drop(self.points, code, lambda point: point.distance(corners) <= _SAME)
        row = self.rows.row("DK", "DKBM", code)
        left = [number for number in self.parcels["KJZB"][row].split("/") if number not in gone]
        if not left:
            left = [self._new_point(code, shapely.get_point(shapely.get_exterior_ring(outline), 0))]
        self.rows.put("DK", row, KJZB="/".join(left))
        corridor = boundary.buffer(_SAME)
        self._drop(self.lines, code, corridor.covers, gone)

    def _drop(
        self, table: Table, code: str, fits: Callable[[Any], bool], gone: frozenset[str] = frozenset()
    ) -> frozenset[str]:
        """Rows of the parcel that do not fit it name it no more, and go where they name nobody. Gives their numbers."""
        assert table.geometry is not None
        numbers, empty = set(), []
        for row, codes in enumerate(table["DKBM"]):
            if code not in codes:
                continue
            others = [other for other in codes.split("/") if other != code]
            ends = {table["QJZDH"][row], table["ZJZDH"][row]} if table.name == "JZX" else set()
            if fits(table.geometry[row]) and not (ends & gone and not others):
                continue
            if table.name == "JZD":
                numbers.add(table["JZDH"][row])
            table.columns["DKBM"][row] = "/".join(others)
            if not others:
                empty.append(row)
        self.rows.drop(table.name, empty)
        return frozenset(numbers)

    def _new_point(self, code: str, place: shapely.Point) -> str:
        number = "J88888"
        self.rows.add(
            "JZD", 0, place, BSM=max(self.points["BSM"]) + 1, JZDH=number, DKBM=code,
            XZBZ=round(place.y, 3), YZBZ=round(place.x, 3),
        )  # fmt: skip
        return number

    def open_edges(self, row: int) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Middle, direction and outward direction of each long edge that no other parcel shares."""
        ring = shapely.get_coordinates(self.outline(row))
        clockwise = not shapely.is_ccw(self.outline(row).exterior)
        for start, end in itertools.pairwise(ring):
            length = float(np.hypot(*(end - start)))
            if length < _ALONG:
                continue
            middle, along = (start + end) / 2, (end - start) / length
            out = np.array([-along[1], along[0]]) * (1 if clockwise else -1)
            step = shapely.Point(*(middle + out * 0.5))
            if not len(self.tree.query(step, predicate="dwithin", distance=0.4)):
                yield middle, along, out

    def across(self, row: int, middle: np.ndarray, out: np.ndarray) -> float | None:
        """Metres from an open edge to the parcel over the road; None where there is none within reach."""
        ray = shapely.LineString([middle + out * 0.1, middle + out * _OUT])
        hits = [other for other in self.tree.query(ray, predicate="intersects").tolist() if other != row]
        if not hits:
            return None
        return min(float(shapely.Point(*middle).distance(ray & self.outline(other))) for other in hits)


def plant_on_ground(rows: "Rows") -> None:
    """T01-T15."""
    _invalid(rows)
    ground = Ground(rows)
    for plant in (_split, _overlap, _sliver, _narrow, _near, _almost_same, _almost_on, _back_along, _outside, _bent_line,
                  _twin_point, _unmarked, _gap, _area):  # fmt: skip
        plant(ground)


def _invalid(rows: "Rows") -> None:
    """T01: one more basic farmland zone, crossing itself."""
    zones = rows.layers["JBNTBHQ"]
    assert zones.geometry is not None
    x, y = shapely.get_coordinates(zones.geometry[0].representative_point())[0]
    bsm = max(zones["BSM"]) + 1
    bow = shapely.Polygon([(x, y), (x + 2, y + 2), (x + 2, y), (x, y + 2)])
    rows.add("JBNTBHQ", 0, bow, BSM=bsm)
    rows.say("T01", "JBNTBHQ", f"JBNTBHQ:{bsm}")


def _split(ground: Ground) -> None:
    """T02: a metre is cut out of the middle."""
    for row in ground.free():
        outline = ground.outline(row)
        west, south, east, north = outline.bounds
        gap = shapely.box((west + east) / 2 - 0.5, south - 1, (west + east) / 2 + 0.5, north + 1)
        parts = [part for part in shapely.get_parts(outline - gap) if part.area > 2]
        new = shapely.MultiPolygon(parts)
        if (
            len(parts) > 1
            and _plain(new)
            and abs(new.area - (outline - gap).area) < 1e-6
            and _clear(outline, new)
        ):
            ground.rows.say("T02", "DK", ground.take(row, new))
            return
    raise ValueError("no parcel to split")


def _plain(outline: shapely.Geometry) -> bool:
    """Whether no angle of it is sharp and no two vertices are close."""
    for part in shapely.get_parts(outline):
        ring = shapely.get_coordinates(part.exterior)[:-1]
        out = np.roll(ring, -1, axis=0) - ring
        back = np.roll(ring, 1, axis=0) - ring
        if np.hypot(*out.T).min() < _CLEAR:
            return False
        cosine = (out * back).sum(axis=1) / np.hypot(*out.T) / np.hypot(*back.T)
        if cosine.max() > np.cos(np.radians(10)):
            return False
    return True


def _clear(old: shapely.Geometry, new: shapely.Geometry) -> bool:
    """Whether the new vertices keep away from the old ones."""
    corners = shapely.extract_unique_points(old)
    apart = [shapely.Point(xy).distance(corners) for xy in shapely.get_coordinates(new)]
    return all(metres < 1e-9 or metres > _CLEAR for metres in apart)


def _overlap(ground: Ground) -> None:
    """T03: a parcel takes a metre of its neighbour's land."""
    assert ground.lines.geometry is not None
    for row in ground.free():
        code = ground.codes[row]
        for line, codes in enumerate(ground.lines["DKBM"]):
            if "/" in codes and code in codes and ground.lines.geometry[line].length > _ALONG:
                other = next(own for own in codes.split("/") if own != code)
                middle = ground.lines.geometry[line].interpolate(0.5, normalized=True)
                taken = middle.buffer(1.0, quad_segs=1) & ground.outline(ground.codes.index(other))
                new = ground.outline(row) | taken
                if isinstance(new, shapely.Polygon) and _plain(new):
                    ground.rows.say("T03", "DK", ground.take(row, new))
                    return
    raise ValueError("no parcel to overlap")


def _sliver(ground: Ground) -> None:
    """T04: hardly more than half a square metre is left."""
    row = next(ground.free())
    x, y = shapely.get_coordinates(ground.outline(row).representative_point())[0]
    ground.rows.say("T04", "DK", ground.take(row, shapely.box(x, y, x + 0.75, y + 0.75)))


def _on_open_edge(ground: Ground, room: float) -> Iterator[tuple[int, np.ndarray, np.ndarray, np.ndarray]]:
    """Parcels with an edge on a road or ditch, with so many metres before the next parcel."""
    for row in ground.free():
        for middle, along, out in ground.open_edges(row):
            beyond = ground.across(row, middle, out)
            if beyond is None or beyond > room:
                yield row, middle, along, out


def _added(ground: Ground, row: int, corners: list[np.ndarray]) -> shapely.Polygon:
    """The outline with the corners put in where they begin on it, as they are: no overlay moves a vertex."""
    ring = shapely.get_coordinates(ground.outline(row).exterior)
    first = shapely.Point(*corners[0])
    at = min(range(len(ring) - 1), key=lambda n: shapely.LineString(ring[n : n + 2]).distance(first))
    return shapely.Polygon([*ring[: at + 1], *corners, *ring[at + 1 :]])


def _narrow(ground: Ground) -> None:
    """T05: a thorn of 1.2 m, 8 cm wide at its foot (3.8 degrees)."""
    row, middle, along, out = next(_on_open_edge(ground, 1.7))
    thorn = [middle - along * 0.04, middle + out * 1.2, middle + along * 0.04]
    ground.rows.say("T05", "DK", ground.take(row, _added(ground, row, thorn)))


def _near(ground: Ground) -> None:
    """T06: two vertices 3 cm apart on a straight edge."""
    row, middle, along, _ = next(_on_open_edge(ground, 0.5))
    pair = [middle - along * 0.015, middle + along * 0.015]
    ground.rows.say("T06", "DK", ground.take(row, _added(ground, row, pair)))


def _almost_same(ground: Ground) -> None:
    """T07: at a road's corner a parcel stops 2 cm short of the vertex that it shares."""
    for row in ground.free():
        ring = shapely.get_coordinates(ground.outline(row).exterior)[:-1]
        count = len(ring)
        for n in range(count):
            sharers = _sharing(ground, ring[n])
            before, after = _sharing(ground, ring[n - 1]), _sharing(ground, ring[(n + 1) % count])
            if len(sharers) == 2 and sharers <= after and not sharers <= before:
                step = ring[(n + 1) % count] - ring[n]
                moved = ring.copy()
                moved[n] = ring[n] + step / np.hypot(*step) * 0.02
                ground.rows.say("T07", "DK", ground.take(row, shapely.Polygon(moved)))
                return
    raise ValueError("no corner to move")


def _sharing(ground: Ground, at: np.ndarray) -> set[int]:
    """Parcels with land at the place."""
    return set(ground.tree.query(shapely.Point(*at), predicate="dwithin", distance=_SAME).tolist())


def _almost_on(ground: Ground) -> None:
    """T08: a wedge over the road ends 2 cm before the other side's edge."""
    for row in ground.free():
        for middle, along, out in ground.open_edges(row):
            beyond = ground.across(row, middle, out)
            if beyond is None or beyond < 1:
                continue
            sharing = _sharing(ground, middle + out * beyond)
            if len(sharing) != 1:
                continue
            (other,) = sharing
            tip = middle + out * (beyond - 0.02)
            corners = shapely.extract_unique_points(ground.outline(other))
            apart = shapely.Point(*tip).distance(ground.outline(other).boundary)
            near = shapely.Point(*tip).distance(corners)
            if ground.codes[other][:14] == ground.codes[row][:14] and near > 0.3 and 0.01 < apart < 0.03:
                wedge = [middle - along, tip, middle + along]
                ground.rows.say("T08", "DK", ground.take(row, _added(ground, row, wedge)))
                return
    raise ValueError("no road to bridge")


def _back_along(ground: Ground) -> None:
    """T09: a strip of 6 cm by 1.2 m sticks out."""
    row, middle, along, out = next(_on_open_edge(ground, 1.7))
    foot, tip = middle - along * 0.03, middle + along * 0.03
    strip = [foot, foot + out * 1.2, tip + out * 1.2, tip]
    ground.rows.say("T09", "DK", ground.take(row, _added(ground, row, strip)))


def _outside(ground: Ground) -> None:
    """T10: a corner reaches over the group's border."""
    groups = dict(ground.rows.layers["ZJQY"].rows("ZJQYDM", "BSM"))
    shapes = ground.rows.layers["ZJQY"].geometry
    assert shapes is not None
    rows_of = {code: n for n, code in enumerate(groups)}
    for row, middle, along, out in _on_open_edge(ground, 5.0):
        group = shapes[rows_of[ground.codes[row][:14]]]
        new = _added(ground, row, [middle - along * 1.5, middle + out * 4.2, middle + along * 1.5])
        if new.is_valid and (new - group).area > 0.1:
            ground.rows.say("T10", "DK", ground.take(row, new))
            return
    raise ValueError("no parcel at a border")


def _bent_line(ground: Ground) -> None:
    """T11: a boundary line leaves its boundary by half a metre on the way."""
    lines = ground.lines
    assert lines.geometry is not None
    row = next(ground.free())
    code = ground.take(row)
    line = next(
        n for n, codes in enumerate(lines["DKBM"]) if code in codes and lines.geometry[n].length > _ALONG
    )
    (a, b) = shapely.get_coordinates(lines.geometry[line])
    off = np.array([a[1] - b[1], b[0] - a[0]]) / np.hypot(*(b - a)) * 0.5
    assert isinstance(lines.geometry, np.ndarray)
    lines.geometry[line] = shapely.LineString([a, (a + b) / 2 + off, b])
    ground.rows.say("T11", "JZX", f"JZX:{lines['BSM'][line]}")


def _twin_point(ground: Ground) -> None:
    """T12: a boundary point is there twice, under two numbers."""
    points = ground.points
    assert points.geometry is not None
    code = ground.take(next(ground.free()))
    like = next(n for n, codes in enumerate(points["DKBM"]) if code in codes)
    bsm = max(points["BSM"]) + 1
    ground.rows.add("JZD", like, points.geometry[like], BSM=bsm, JZDH="J77777")
    ground.rows.say("T12", "JZD", f"JZD:{bsm}")


def _unmarked(ground: Ground) -> None:
    """T14: the mark of basic farmland is turned round."""
    row = next(ground.free())
    code = ground.take(row)
    ground.rows.put("DK", row, SFJBNT="2" if ground.parcels["SFJBNT"][row] == "1" else "1")
    ground.rows.say("T14", "DK", code, "SFJBNT")


def _gap(ground: Ground) -> None:
    """T15: a parcel draws back 7 cm from its neighbour."""
    for row in ground.free():
        outline = ground.outline(row)
        for other in ground.tree.query(outline, predicate="touches").tolist():
            if (outline & ground.outline(other)).length < 20:
                continue
            x, y = outline.bounds[:2]
            own, beside = (
                shapely.affinity.translate(shape, -x, -y) for shape in (outline, ground.outline(other))
            )
            new = shapely.affinity.translate(own - beside.buffer(0.07, join_style="mitre"), x, y)
            touching = set(ground.tree.query(new, predicate="intersects").tolist()) - {row}
            if isinstance(new, shapely.Polygon) and _plain(new) and not touching - _beside(ground, row):
                ground.rows.say("T15", "DK", ground.take(row, new))
                return
    raise ValueError("no neighbour to draw back from")


def _beside(ground: Ground, row: int) -> set[int]:
    return set(ground.tree.query(ground.outline(row), predicate="intersects").tolist())


def _area(ground: Ground) -> None:
    """T13: half a square metre too much is stated."""
    row = next(ground.free())
    code = ground.take(row)
    area = round(float(ground.parcels["SCMJ"][row]) + 0.5, 2)
    ground.rows.put("DK", row, SCMJ=area, SCMJM=round(area * 0.0015, 2))
    ground.rows.say("T13", "DK", code, "SCMJ")
