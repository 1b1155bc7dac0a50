"""The fields of one group: tiers of narrow strips between ridges, ditches, field roads, ponds and homes.

A group's land is cut into tiers (45 to 95 m deep) by ditches and field roads, tiers into blocks by cross
roads, blocks into strips side by side. Two tiers may stand back to back: then their strips meet on one line
and share every point of it. Lines are drawn on the plan and bent by the terrain (terrain.py).
"""

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from engine.exchange.demo import names
from engine.exchange.demo.plan import Area
from engine.exchange.demo.settings import MEAN_PARCELS
from engine.exchange.demo.terrain import Point, Terrain

MARGIN = 3.0  # metres from a group's border to its first field: the border runs along a road
RIDGE, DITCH, ROAD, STRAIGHT = "01", "02", "03", "08"  # kinds of boundary line, code list C.13
LINE_NAMES = {DITCH: "农渠", ROAD: "田间道", STRAIGHT: "荒坡"}


@dataclass
class Strip:
    """One parcel's ground: a clockwise ring of points, each with the kind of line that starts there."""

    ring: list[Point]
    kinds: list[str]
    place: str
    protected: bool  # inside a basic farmland zone
    paddy: bool


@dataclass(frozen=True)
class Line:
    """A ditch or road by its middle line; width in metres."""

    name: str
    points: tuple[Point, ...]
    width: float


@dataclass(frozen=True)
class Patch:
    """A pond, a hamlet or a wood."""

    name: str
    ring: tuple[Point, ...]


@dataclass
class Land:
    """Everything drawn for one group."""

    strips: list[Strip] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    patches: list[Patch] = field(default_factory=list)
    zones: list[tuple[Point, ...]] = field(default_factory=list)
    wells: list[Point] = field(default_factory=list)


@dataclass(frozen=True)
class _Tier:
    low: float
    high: float
    below: str  # kind of line on its lower and upper edge
    above: str
    protected: bool


@dataclass(frozen=True)
class _Block:
    tier: _Tier
    left: float
    right: float
    slant: float
    place: str
    paddy: bool
    cuts: tuple[float, ...] = ()

    def side(self, cut: float) -> Callable[[float], float]:
        """u along the ridge that starts at `cut` on the lower edge, as a function of the share of depth."""
        length = self.right - self.left
        lean = self.slant * (self.tier.high - self.tier.low) * math.sin(math.pi * (cut - self.left) / length)
        return lambda share: round(cut + lean * share, 4)


def make_land(group: Area, terrain: Terrain, random: Random) -> Land:
    """Lay out one group; the number of strips follows its households, their width follows from that."""
    land = Land()
    pairs = _tiers(group, land, terrain, random)
    rows = [[_blocks(tier, columns, random) for tier in tiers] for tiers, columns in pairs]
    rows = [_set_aside(row, land, terrain, random) for row in rows]
    blocks = [block for row in rows for tier in row for block in tier]
    area = sum((b.right - b.left) * (b.tier.high - b.tier.low) for b in blocks)
    mean = area / max(1, round(group.households * MEAN_PARCELS * 1.035))
    for row in rows:
        cut = [[_cut(block, mean, random) for block in tier] for tier in row]
        _draw(cut, land, terrain)
    return land


def _tiers(group: Area, land: Land, terrain: Terrain, random: Random):
    """Tiers from the bottom up, single or back to back, with the road or ditch after each."""
    rect = group.rect
    low, top = rect.v0 + MARGIN, rect.v1 - MARGIN
    below, result = ROAD, []
    zone_share = random.uniform(0.55, 0.8)
    zone_from, protected = low - MARGIN / 2, True
    while top - low > 30:
        depths = [random.uniform(45, 95) for _ in range(2 if random.random() < 0.5 else 1)]
        if top - low - sum(depths) < 55:
            share = (top - low) / (2 if top - low > 110 else 1)
            depths = [share] * (2 if top - low > 110 else 1)
        last = top - low - sum(depths) < 30
        above = ROAD if last or random.random() < 0.45 else DITCH
        edges = [low]
        for depth in depths:
            edges.append(edges[-1] + depth)
        kinds = [below, *[RIDGE] * (len(depths) - 1), above]
        tiers = [_Tier(edges[i], edges[i + 1], kinds[i], kinds[i + 1], protected) for i in range(len(depths))]
        columns = _columns(rect.u0 + MARGIN, rect.u1 - MARGIN, random)
        result.append((tiers, columns))
        _cross_roads(columns, edges[0], edges[-1], land, terrain)
        gap = random.uniform(4.0, 5.0) if above == ROAD else random.uniform(1.8, 2.6)
        if not last:
            _draw_line(land, terrain, above, rect.u0, rect.u1, edges[-1] + gap / 2, gap)
        low, below = edges[-1] + gap, above
        if protected and (last or (low - rect.v0) / (rect.v1 - rect.v0) > zone_share):
            zone_to = edges[-1] + gap / 2 if not last else rect.v1 - MARGIN / 2
            land.zones.append(_zone(rect.u0 + MARGIN / 2, rect.u1 - MARGIN / 2, zone_from, zone_to, terrain))
            protected = False
    return result


def _columns(left: float, right: float, random: Random) -> list[tuple[float, float]]:
    """Stretches of a tier between cross roads of 3 m."""
    columns = []
    while right - left > 25:
        length = random.uniform(120, 260)
        if right - left - length < 70:
            length = right - left
        columns.append((round(left, 4), round(left + length, 4)))
        left += length + 3.0
    return columns


def _blocks(tier: _Tier, columns: list[tuple[float, float]], random: Random) -> list[_Block]:
    return [
        _Block(
            tier, left, right, random.uniform(-0.14, 0.14), random.choice(names.PLACES), random.random() < 0.6
        )
        for left, right in columns
    ]


def _set_aside(row: list[list[_Block]], land: Land, terrain: Terrain, random: Random) -> list[list[_Block]]:
    """Give a stretch of single tiers to a pond, a hamlet or a wood."""
    if len(row) > 1:
        return row
    kept: list[_Block] = []
    for block in row[0]:
        draw = random.random()
        if draw < 0.10:
            length = min(random.uniform(40, 70), (block.right - block.left) / 2)
            land.patches.append(_pond(block, length, terrain, random))
            rest = round(block.left + length, 4)
            kept.append(_Block(block.tier, rest, block.right, block.slant, block.place, True))
        elif draw < 0.34 and not any(p.name == "居民点" for p in land.patches):
            land.patches.append(_patch("居民点", block, terrain))
        elif draw > 0.94:
            land.patches.append(_patch("林地", block, terrain))
        else:
            kept.append(block)
    return [kept]


def _cut(block: _Block, mean: float, random: Random) -> _Block:
    """Where the ridges start on the block's lower edge."""
    depth, length = block.tier.high - block.tier.low, block.right - block.left
    widths: list[float] = []
    while sum(widths) < length:
        area = mean * min(2.8, max(0.35, random.lognormvariate(-0.1, 0.45)))
        widths.append(max(3.0, area / depth))
    if len(widths) > 1 and sum(widths) - length > widths[-1] / 2:
        widths.pop()
    scale, at, cuts = length / sum(widths), block.left, [block.left]
    for width in widths[:-1]:
        at += width * scale
        cuts.append(round(at, 4))
    cuts.append(block.right)
    return _Block(block.tier, block.left, block.right, block.slant, block.place, block.paddy, tuple(cuts))


def _draw(row: list[list[_Block]], land: Land, terrain: Terrain) -> None:
    """Strips of one row; where tiers stand back to back, both take all points of the common line."""
    shared = _common_points(row)
    for level, blocks in enumerate(row):
        for block in blocks:
            lower = shared.get((level, block.left)) or list(block.cuts)
            upper = shared.get((level + 1, block.left)) or [block.side(c)(1.0) for c in block.cuts]
            for left, right in zip(block.cuts, block.cuts[1:], strict=False):
                land.strips.append(_strip(block, left, right, lower, upper, terrain))


def _common_points(row: list[list[_Block]]) -> dict[tuple[int, float], list[float]]:
    """(level of the line, left end) -> all u on it; ends closer than 0.6 m are moved together."""
    if len(row) < 2:
        return {}
    shared: dict[tuple[int, float], list[float]] = {}
    row[1] = [_settle(below, above) for below, above in zip(row[0], row[1], strict=True)]
    for below, above in zip(row[0], row[1], strict=True):
        tops = [below.side(c)(1.0) for c in below.cuts]
        shared[1, below.left] = sorted({*tops, *above.cuts})
    return shared


def _settle(below: _Block, above: _Block) -> _Block:
    tops = [below.side(c)(1.0) for c in below.cuts]
    cuts = tuple(_nearest(tops, cut) for cut in above.cuts)
    return _Block(above.tier, above.left, above.right, above.slant, above.place, above.paddy, cuts)


def _nearest(tops: list[float], cut: float) -> float:
    """The end on the common line that a cut is moved to, if one is near; else the cut itself."""
    near = min(tops, key=lambda u: abs(u - cut))
    return near if abs(near - cut) < 0.6 else cut


def _strip(
    block: _Block, left: float, right: float, lower: list[float], upper: list[float], terrain: Terrain
) -> Strip:
    tier = block.tier
    left_side, right_side = block.side(left), block.side(right)
    left_kind = ROAD if left == block.left else RIDGE
    right_kind = ROAD if right == block.right else RIDGE
    steps = [0.5] if tier.high - tier.low > 50 else []
    corners: list[tuple[float, float, str]] = []

    def add(u: float, v: float, kind: str) -> None:
        corners.append((u, v, kind))

    add(left, tier.low, left_kind)
    for share in steps:
        add(left_side(share), tier.low + share * (tier.high - tier.low), left_kind)
    for u in _between(upper, left_side(1.0), right_side(1.0)):
        add(u, tier.high, tier.above)
    corners[-1] = (*corners[-1][:2], right_kind)
    for share in reversed(steps):
        add(right_side(share), tier.low + share * (tier.high - tier.low), right_kind)
    for u in reversed(_between(lower, left, right)):
        if u - left > 1e-3:
            add(u, tier.low, tier.below)
    ring = [terrain.point(u, v) for u, v, _ in corners]
    return Strip(ring, [kind for *_, kind in corners], block.place, tier.protected, block.paddy)


def _between(line: list[float], left: float, right: float) -> list[float]:
    return [u for u in line if left - 1e-3 < u < right + 1e-3]


def _draw_line(
    land: Land, terrain: Terrain, kind: str, left: float, right: float, v: float, width: float
) -> None:
    count = max(2, round((right - left) / 30))
    points = tuple(terrain.point(left + (right - left) * i / count, v) for i in range(count + 1))
    land.lines.append(Line(LINE_NAMES[kind], points, round(width, 1)))
    if kind == DITCH and count > 4:
        land.wells.append(points[count // 3])


def _cross_roads(columns, low: float, high: float, land: Land, terrain: Terrain) -> None:
    for (_, end), (start, _) in itertools.pairwise(columns):
        middle = (end + start) / 2
        points = tuple(terrain.point(middle, low + (high - low) * i / 4) for i in range(5))
        land.lines.append(Line("机耕道", points, round(start - end, 1)))


def _zone(left: float, right: float, low: float, high: float, terrain: Terrain) -> tuple[Point, ...]:
    """A basic farmland zone whose edges run along roads and ditches, so that it cuts no field."""
    across, up = 24, 12
    us = [left + (right - left) * i / across for i in range(across + 1)]
    vs = [low + (high - low) * i / up for i in range(up + 1)]
    plan = [(left, v) for v in vs] + [(u, high) for u in us[1:]]
    plan += [(right, v) for v in reversed(vs[:-1])] + [(u, low) for u in reversed(us[1:-1])]
    return tuple(terrain.point(u, v) for u, v in plan)


def _pond(block: _Block, length: float, terrain: Terrain, random: Random) -> Patch:
    tier = block.tier
    middle_u, middle_v = block.left + length / 2, (tier.low + tier.high) / 2
    half_u, half_v = length / 2 - 3, (tier.high - tier.low) / 2 - 3
    ring = []
    for i in range(16):
        turn, reach = -math.tau * i / 16, random.uniform(0.86, 1.0)
        ring.append(
            terrain.point(
                middle_u + half_u * reach * math.cos(turn), middle_v + half_v * reach * math.sin(turn)
            )
        )
    return Patch("坑塘", tuple(ring))


def _patch(name: str, block: _Block, terrain: Terrain) -> Patch:
    tier, inset = block.tier, 2.0
    left, right = block.left + inset, block.right - inset
    low, high = tier.low + inset, tier.high - inset
    us = [left + (right - left) * i / 8 for i in range(9)]
    plan = [(left, low), *((u, high) for u in us), *((u, low) for u in reversed(us[1:]))]
    return Patch(name, tuple(terrain.point(u, v) for u, v in plan))
