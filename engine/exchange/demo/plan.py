"""The county's divisions: townships in rows, villages in columns, groups in bands, sharing their borders."""

from dataclasses import dataclass
from random import Random

from engine.exchange.demo import names
from engine.exchange.demo.settings import CITY, COUNTY, MEAN_AREA, MEAN_PARCELS, PROVINCE, Size
from engine.exchange.demo.terrain import Point, Terrain

NODE = 60.0  # metres between the vertices of a border
VILLAGE_WIDTH = 640.0
FARMED = 0.90  # share of a group's land that is fields; the rest is roads, ditches, ponds and homes


@dataclass(frozen=True)
class Rect:
    """A rectangle of the plan, metres; whole millimetres, so that equal borders are equal numbers."""

    u0: float
    v0: float
    u1: float
    v1: float

    def __post_init__(self):
        for name in ("u0", "v0", "u1", "v1"):
            object.__setattr__(self, name, round(getattr(self, name), 3))


@dataclass(frozen=True)
class Area:
    """A division with its rectangle; `code` has 6, 9, 12 or 14 digits."""

    code: str
    name: str
    full_name: str
    rect: Rect
    households: int = 0


@dataclass(frozen=True)
class Plan:
    """All divisions of the county, by level."""

    county: Area
    townships: tuple[Area, ...]
    villages: tuple[Area, ...]
    groups: tuple[Area, ...]

    def units(self) -> dict[str, str]:
        """The unit code table: 14-digit code (padded with 0) to full name, from the city to the groups."""
        city = {f"{CITY[0]:0<14}": PROVINCE[1] + CITY[1]}
        areas = sorted((self.county, *self.townships, *self.villages, *self.groups), key=lambda a: a.code)
        return city | {f"{a.code:0<14}": a.full_name for a in areas}


def make_plan(size: Size, random: Random) -> Plan:
    """Divide the county; every group gets land in proportion to its households."""
    county_name = PROVINCE[1] + CITY[1] + COUNTY[1]
    township_names, village_names = names.township_names(size.townships), names.village_names(size.villages)
    random.shuffle(village_names)
    per_group = _shares(size.households, size.groups)
    townships: list[Area] = []
    villages: list[Area] = []
    groups: list[Area] = []
    per_township = _shares(size.villages, size.townships)
    per_village = _shares(size.groups, size.villages)
    base = 0.0
    width = max(per_township) * VILLAGE_WIDTH
    for t, village_count in enumerate(per_township):
        code = f"{COUNTY[0]}{100 + t if township_names[t].endswith('镇') else 200 + t:03d}"
        full = county_name + township_names[t]
        first = len(villages)
        counts = per_village[first : first + village_count]
        column = width / village_count
        top = base + max(
            sum(_land(h) for h in _slice(per_group, per_village, first + i)) / column
            for i in range(village_count)
        )
        townships.append(Area(code, township_names[t], full, Rect(0, base, width, top)))
        for i, group_count in enumerate(counts):
            name = village_names[first + i]
            rect = Rect(i * column, base, (i + 1) * column, top)
            village = Area(f"{code}{201 + i:03d}", name, full + name, rect)
            homes = _slice(per_group, per_village, first + i)
            villages.append(village)
            groups += _groups(village, homes[:group_count])
        base = top
    county = Area(COUNTY[0], COUNTY[1], county_name, Rect(0, 0, width, base))
    return Plan(county, tuple(townships), tuple(villages), tuple(groups))


def _groups(village: Area, homes: list[int]) -> list[Area]:
    rect, total = village.rect, sum(homes)
    groups, low = [], rect.v0
    for i, households in enumerate(homes):
        high = rect.v1 if i == len(homes) - 1 else low + (rect.v1 - rect.v0) * households / total
        name = names.group_name(i + 1)
        area = Rect(rect.u0, low, rect.u1, high)
        groups.append(Area(f"{village.code}{i + 1:02d}", name, village.full_name + name, area, households))
        low = high
    return groups


def _land(households: int) -> float:
    """m2 that a group with so many households takes up; never less than one tier of fields can use."""
    return max(households, 12) * MEAN_PARCELS * MEAN_AREA * 1.03 / FARMED


def _shares(total: int, parts: int) -> list[int]:
    """Split as evenly as whole numbers allow, the larger parts first."""
    low, more = divmod(total, parts)
    return [low + 1] * more + [low] * (parts - more)


def _slice(per_group: list[int], per_village: list[int], village: int) -> list[int]:
    start = sum(per_village[:village])
    return per_group[start : start + per_village[village]]


class Borders:
    """Draws divisions so that a border has the same vertices from both sides."""

    def __init__(self, plan: Plan, terrain: Terrain):
        self._terrain = terrain
        self._cuts: dict[tuple[str, float], set[float]] = {}
        for area in (plan.county, *plan.townships, *plan.villages, *plan.groups):
            r = area.rect
            for axis, at, low, high in (
                ("u", r.u0, r.v0, r.v1), ("u", r.u1, r.v0, r.v1), ("v", r.v0, r.u0, r.u1), ("v", r.v1, r.u0, r.u1),
            ):  # fmt: skip
                self._cuts.setdefault((axis, at), set()).update((low, high))

    def ring(self, rect: Rect) -> list[Point]:
        """The outline on the ground, clockwise, without the closing point."""
        left = self._along("u", rect.u0, rect.v0, rect.v1)
        top = self._along("v", rect.v1, rect.u0, rect.u1)
        right = self._along("u", rect.u1, rect.v0, rect.v1)[::-1]
        bottom = self._along("v", rect.v0, rect.u0, rect.u1)[::-1]
        return left[:-1] + top[:-1] + right[:-1] + bottom[:-1]

    def _along(self, axis: str, at: float, low: float, high: float) -> list[Point]:
        cuts = {c for c in self._cuts.get((axis, at), ()) if low <= c <= high} | {low, high}
        nodes = {n * NODE for n in range(int(low // NODE) + 1, int(high // NODE) + 1)}
        inner = {n for n in nodes if low < n < high and all(abs(n - c) > 1.0 for c in self._all(axis, at))}
        steps = sorted(cuts | inner)
        return [self._terrain.point(*((at, s) if axis == "u" else (s, at))) for s in steps]

    def _all(self, axis: str, at: float) -> set[float]:
        return self._cuts.get((axis, at), set())
