"""Cuts the ground into plots: some parcels to be judged (a village's, or a part of a large one's), with all that lies
within a metre of them, and the boundary points, lines, divisions and farmland zones there."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely

from engine.exchange.checks.records import record_of, records
from engine.exchange.checks.settings import CheckSettings
from engine.exchange.package.columns import Geometries, taken
from engine.exchange.package.model import PackageData, Table

MARGIN = 1.0  # metres; the widest tolerance is 2 m across, half on each side
MOST = 2000  # parcels judged in one plot: what a process holds at once
VILLAGE = 12  # digits
CHUNK = 20_000  # geometries looked at at once
LEVELS = (("ZJQY", "ZJQYDM", 14), ("CJQY", "CJQYDM", 12), ("XJQY", "XJQYDM", 9), ("XJXZQ", "XZQDM", 6))
_FARTHEST = 1e9  # metres; coordinates with a zone number reach 5e7
_POLYGONS = (3, 6)
_NONE = np.array([], object)


@dataclass
class Marks:
    """Boundary points or lines of a plot: what each is called, where it is, and which of the plot's parcels it names
    (``parcel`` of ``mark``, flat). ``missing``: marks that name a parcel which is not in the plot."""

    names: list[str]
    shapes: np.ndarray
    judged: np.ndarray
    mark: np.ndarray
    parcel: np.ndarray
    missing: np.ndarray
    named: np.ndarray  # how many parcels each names


@dataclass
class Plot:
    """Parcels as polygons or None, in metres from ``origin``. Only ``judged`` ones are reported on."""

    origin: tuple[float, float]
    names: list[str]
    shapes: np.ndarray
    judged: np.ndarray
    basic: list[str | None]  # SFJBNT
    area: np.ndarray  # of each parcel the number of the division that it should lie in, or -1
    areas: np.ndarray
    area_names: list[str]
    zones: np.ndarray | None  # basic farmland; None where the layer is not there
    points: Marks | None = None
    lines: Marks | None = None


@dataclass
class Packed:
    """A plot without its outlines, points and lines, and these as the package has them. To read them and move them
    to the plot's corner is most of the work of cutting: it is done where the plot is judged."""

    plot: Plot
    parcels: Geometries
    points: Geometries | None
    lines: Geometries | None

    @property
    def count(self) -> int:
        """How many parcels are judged."""
        return int(self.plot.judged.sum())

    def opened(self) -> Plot:
        plot = self.plot
        shapes = moved(usable(np.asarray(self.parcels)), plot.origin)
        return replace(
            plot, shapes=shapes, points=self._opened(plot.points, self.points), lines=self._opened(plot.lines, self.lines)
        )  # fmt: skip

    def _opened(self, marks: Marks | None, shapes: Geometries | None) -> Marks | None:
        if marks is None or shapes is None:
            return None
        return replace(marks, shapes=moved(np.asarray(shapes), self.plot.origin))


class Cut:
    """Where things are in a package, so that plots can be taken out of it one by one."""

    def __init__(self, package: PackageData, settings: CheckSettings, prefix: str = ""):
        self.settings = settings
        self.parcels = package.layers["DK"]
        self.codes = [code or "" for code in self.parcels["DKBM"]]
        self.basic = self.parcels["SFJBNT"]
        self.bounds = usable_bounds(self.parcels)
        self.groups: dict[str, list[int]] = defaultdict(list)
        for row, code in enumerate(self.codes):
            if code.startswith(prefix):
                self.groups[code[:VILLAGE]].append(row)
        self.judged = sum(map(len, self.groups.values()))
        self.areas = _areas(package)
        self.zones = _whole(package.layers.get("JBNTBHQ"))
        self.zone_bounds = None if self.zones is None else shapely.bounds(self.zones)
        numbers = (
            {code: row for row, code in reversed(list(enumerate(self.codes)))} if settings.on("T11") else {}
        )
        self.points = _Named.of(package.layers.get("JZD"), numbers) if settings.on("T11") else None
        self.lines = _Named.of(package.layers.get("JZX"), numbers) if settings.on("T11") else None

    def plot(self, own: np.ndarray) -> Packed:
        """Of some parcels, by their rows."""
        rows = np.concatenate([own, self._beside(own)])
        origin = _corner(self.bounds[own])
        judged = np.arange(len(rows)) < len(own)
        names = [self.codes[row] or record_of(self.parcels, row) for row in rows.tolist()]
        area, areas, area_names = self._divisions(rows, judged)
        near = None if self.zones is None else self.zones[_meeting(self.zone_bounds, _box(self.bounds[own]))]  # type: ignore[arg-type]
        points, places = self.points.in_plot(rows, len(own)) if self.points else (None, None)
        lines, courses = self.lines.in_plot(rows, len(own)) if self.lines else (None, None)
        plot = Plot(
            origin, names, _NONE, judged, [self.basic[row] for row in rows.tolist()], area, moved(areas, origin),
            area_names, None if near is None else moved(near, origin), points, lines,
        )  # fmt: skip
        outlines = taken(self.parcels.geometry, rows)  # type: ignore[arg-type]
        return Packed(plot, outlines, places, courses)

    def _beside(self, own: np.ndarray) -> np.ndarray:
        """Rows of other parcels whose box comes within the margin of an own one's."""
        grown = self.bounds[own] + np.array([-MARGIN, -MARGIN, MARGIN, MARGIN])
        grown = grown[np.isfinite(grown).all(axis=1)]
        if not len(grown):
            return np.zeros(0, int)
        near = _meeting(self.bounds, _box(grown))
        near = near[~np.isin(near, own)]
        found = shapely.STRtree(shapely.box(*self.bounds[near].T)).query(shapely.box(*grown.T))[1]
        return near[np.unique(found)]

    def _divisions(self, rows: np.ndarray, judged: np.ndarray) -> tuple[np.ndarray, np.ndarray, list[str]]:
        numbers: dict[str, int] = {}
        area = np.full(len(rows), -1)
        for place in np.flatnonzero(judged).tolist() if self.areas and self.settings.on("T10") else ():
            code = self.codes[rows[place]]
            name = next((code[:n] for _, _, n in LEVELS if code[:n] in self.areas), None)
            if name:
                area[place] = numbers.setdefault(name, len(numbers))
        shapes = np.array([self.areas[name] for name in numbers] + [None], object)[:-1]
        return area, shapes, list(numbers)


def plots(cut: Cut) -> Iterator[Packed]:
    """One after the other, so that no more of them exist than are being judged."""
    for code in sorted(cut.groups):
        rows = np.array(cut.groups[code])
        for start in range(0, len(rows), MOST):
            yield cut.plot(rows[start : start + MOST])


class _Named:
    """A layer of boundary points or lines with the parcels that its rows name."""

    def __init__(self, table: Table, numbers: dict[str, int]):
        self.table = table
        self._records = records(table)
        self._named = np.zeros(len(table), int)
        flat = []
        for row, codes in enumerate(table["DKBM"]):
            parts = dict.fromkeys((codes or "").split("/"))
            self._named[row] = len(parts)
            flat += [(row, numbers.get(code, -1), place) for place, code in enumerate(parts) if code]
        mark, parcel, place = np.array(flat, int).reshape(-1, 3).T
        self._first = np.full(len(table), -1)
        first = place == 0
        self._first[mark[first]] = parcel[first]
        order = np.argsort(parcel, kind="stable")
        self._mark, self._parcel = mark[order], parcel[order]

    @classmethod
    def of(cls, table: Table | None, numbers: dict[str, int]) -> "_Named | None":
        there = table is not None and table.geometry is not None and len(table)
        return cls(table, numbers) if there else None  # type: ignore[arg-type]

    def in_plot(self, rows: np.ndarray, own: int) -> tuple[Marks, Geometries]:
        """Those that name one of the parcels; judged are those whose first parcel is one of the first ``own``."""
        low, high = (np.searchsorted(self._parcel, rows, side) for side in ("left", "right"))
        count = high - low
        flat = np.repeat(low - np.cumsum(count) + count, count) + np.arange(count.sum())
        marks, mark = np.unique(self._mark[flat], return_inverse=True)
        parcel = np.repeat(np.arange(len(rows)), count)
        named = self._named[marks]
        present = np.bincount(mark, minlength=len(marks))
        judged = np.isin(self._first[marks], rows[:own])
        found = Marks(self._records.many(marks), _NONE, judged, mark, parcel, present < named, named)
        return found, taken(self.table.geometry, marks)  # type: ignore[arg-type]


def usable(shapes: np.ndarray) -> np.ndarray:
    """Polygons somewhere on earth; all else is None (T01 and S03 have it)."""
    kept = np.array(shapes, object)
    on_earth = (np.abs(shapely.bounds(kept)) < _FARTHEST).all(axis=1)
    kept[~on_earth | ~np.isin(shapely.get_type_id(kept), _POLYGONS)] = None
    return kept


def usable_bounds(table: Table) -> np.ndarray:
    """west, south, east, north of each row, nan where there is no usable polygon; a chunk of geometry at a time."""
    found = [
        shapely.bounds(usable(table.geometry[np.arange(start, min(start + CHUNK, len(table)))]))  # type: ignore[index]
        for start in range(0, len(table), CHUNK)
    ]
    return np.concatenate(found) if found else np.zeros((0, 4))


def moved(shapes: np.ndarray, origin: tuple[float, float]) -> np.ndarray:
    """In metres from the origin, in two dimensions."""
    if not len(shapes):
        return np.array([], object)
    there = ~shapely.is_missing(shapes)
    result = np.array(shapes, object)
    if there.any():
        result[there] = shapely.transform(result[there], lambda xy: xy - origin)
    return result


def _corner(bounds: np.ndarray) -> tuple[float, float]:
    finite = bounds[np.isfinite(bounds).all(axis=1)]
    return (
        (float(np.floor(finite[:, 0].min())), float(np.floor(finite[:, 1].min())))
        if len(finite)
        else (0.0, 0.0)
    )


def _box(bounds: np.ndarray) -> np.ndarray:
    finite = bounds[np.isfinite(bounds).all(axis=1)]
    if not len(finite):
        return np.full(4, np.nan)
    return np.concatenate([finite[:, :2].min(axis=0), finite[:, 2:].max(axis=0)])


def _meeting(bounds: np.ndarray, box: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        meets = (
            (bounds[:, 0] <= box[2])
            & (bounds[:, 2] >= box[0])
            & (bounds[:, 1] <= box[3])
            & (bounds[:, 3] >= box[1])
        )
    return np.flatnonzero(meets)


def _whole(table: Table | None) -> np.ndarray | None:
    """A small layer's valid polygons; None where there is no layer."""
    if table is None or table.geometry is None:
        return None
    shapes = usable(table.geometry[np.arange(len(table))])
    return shapes[shapely.is_valid(shapes) & ~shapely.is_missing(shapes)]


def _areas(package: PackageData) -> dict[str, Any]:
    """Division code -> its polygon, of all levels that the package has."""
    found: dict[str, Any] = {}
    for layer, column, digits in LEVELS:
        table = package.layers.get(layer)
        if table is not None and table.geometry is not None:
            shapes = usable(table.geometry[np.arange(len(table))])
            valid = shapely.is_valid(shapes) & ~shapely.is_missing(shapes)
            for row, code in enumerate(table[column]):
                if code and len(code) == digits and valid[row]:
                    found[code] = shapes[row]
    return found
