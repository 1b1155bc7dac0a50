"""The vector layers of the demonstration county."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import shapely

from engine.exchange import standard
from engine.exchange.demo.boundaries import SIDES, BoundaryLine, corner_numbers, neighbour_owner, neighbours
from engine.exchange.demo.county import County, GroupLand, Parcel
from engine.exchange.demo.holdings import mu
from engine.exchange.demo.plan import Area
from engine.exchange.demo.settings import COUNTY
from engine.exchange.demo.terrain import Point, metres
from engine.exchange.package.model import Table, make_table
from engine.exchange.standard import label

Rows = list[tuple[dict[str, Any], shapely.Geometry]]


def make_layers(county: County) -> dict[str, Table]:
    """All layers that the county has data for, in the standard's order."""
    names = [_names(group) for group in county.groups]
    rows: dict[str, Rows] = {
        "KZD": _control_points(county),
        "XJXZQ": _areas(county, [county.plan.county], "XZQDM", "XZQMC"),
        "XJQY": _areas(county, county.plan.townships, "XJQYDM", "XJQYMC"),
        "CJQY": _areas(county, county.plan.villages, "CJQYDM", "CJQYMC"),
        "ZJQY": _areas(county, county.plan.groups, "ZJQYDM", "ZJQYMC"),
        "QYJX": _borders(county),
        "DZDW": [({"DWMC": "机井", "BZ": None}, _point(at)) for g in county.groups for at in g.land.wells],
        "XZDW": [_line(line) for g in county.groups for line in g.land.lines],
        "MZDW": [_patch(patch) for g in county.groups for patch in g.land.patches],
        "DK": [row for g, n in zip(county.groups, names, strict=True) for row in _parcels(g, n)],
        "JZD": [row for g in county.groups for row in _points(g)],
        "JZX": [row for g, n in zip(county.groups, names, strict=True) for row in _lines(g, n)],
        "JBNTBHQ": _zones(county),
        "ZJ": _annotations(county),
    }
    return {name: _layer(name, entries) for name, entries in rows.items()}


def _layer(name: str, rows: Rows) -> Table:
    spec = standard.layers()[name]
    columns: dict[str, list[Any]] = {
        f.name: [values.get(f.name) for values, _ in rows]
        for f in spec.fields
        if f.name not in ("BSM", "YSDM")
    }
    own: dict[str, list[Any]] = {
        "BSM": list(range(1, len(rows) + 1)),
        "YSDM": [values.get("YSDM", spec.ysdm[0]) for values, _ in rows],
    }
    return make_table(name, own | columns, np.array([geometry for _, geometry in rows], object))


def _names(group: GroupLand) -> list[str]:
    """Whom a neighbour names for each parcel: its holder, or the group for land that is nobody's own."""
    return [p.holders[0].name if len(p.holders) == 1 else group.area.name for p in group.parcels]


def _witness(group: GroupLand, parcel: Parcel) -> str:
    return parcel.holders[0].name if len(parcel.holders) == 1 else group.head.name


def _parcels(group: GroupLand, names: Sequence[str]) -> Iterable[tuple[dict[str, Any], shapely.Geometry]]:
    sides = neighbours(group.land.strips, group.boundaries.lines, names)
    for parcel, side in zip(group.parcels, sides, strict=True):
        contracted = parcel.category == "10"
        other_way = bool(parcel.holders) and parcel.holders[0].way != "110"
        land_use = "021" if other_way else ("011" if parcel.strip.paddy else "013") if contracted else "043"
        east, south, west, north = (side[s] for s in SIDES)
        yield (
            {
                "DKBM": parcel.code, "DKMC": parcel.strip.place, "SYQXZ": "31", "DKLB": parcel.category, "TDLYLX": land_use,
                "DLDJ": f"{3 + int(parcel.code[12:14]) % 5:02d}", "TDYT": "2" if other_way else "1",
                "SFJBNT": "1" if parcel.strip.protected else "2", "SCMJ": parcel.area, "DKDZ": east, "DKNZ": south, "DKXZ": west,
                "DKBZ": north, "DKBZXX": None, "ZJRXM": _witness(group, parcel),
                "KJZB": corner_numbers(parcel.strip, group.boundaries.points), "SCMJM": mu(parcel.area),
            },
            parcel.outline,
        )  # fmt: skip


def _points(group: GroupLand) -> Iterable[tuple[dict[str, Any], shapely.Geometry]]:
    for point in group.boundaries.points.values():
        easting, northing = metres(point.at)
        codes = "/".join(group.parcels[i].code for i in point.strips)
        yield (
            {
                "JZDH": point.number,
                "JZDLX": "1",
                "JBLX": "6",
                "DKBM": codes,
                "XZBZ": northing,
                "YZBZ": easting,
            },
            _point(point.at),
        )


def _lines(group: GroupLand, names: Sequence[str]) -> Iterable[tuple[dict[str, Any], shapely.Geometry]]:
    collective = group.area.name
    for line in group.boundaries.lines:
        owners = "/".join(neighbour_owner(line, i, names, collective) for i in line.strips)
        yield (
            {
                "JXXZ": "600001", "JZXLB": line.kind, "JZXWZ": "2" if len(line.strips) == 2 else "1", "JZXSM": _described(line),
                "PLDWQLR": owners, "PLDWZJR": "/".join(_pointers(group, line)), "JZXH": line.number,
                "QJZDH": line.start.number, "ZJZDH": line.end.number,
                "DKBM": "/".join(group.parcels[i].code for i in line.strips),
            },
            shapely.LineString([metres(line.start.at), metres(line.end.at)]),
        )  # fmt: skip


def _pointers(group: GroupLand, line: BoundaryLine) -> Iterable[str]:
    for index in line.strips:
        other = [i for i in line.strips if i != index]
        yield _witness(group, group.parcels[other[0]]) if other else group.head.name


def _described(line: BoundaryLine) -> str:
    (x0, y0), (x1, y1) = metres(line.start.at), metres(line.end.at)
    length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
    return f"从{line.start.number}沿{label('C.13', line.kind)}至{line.end.number}，长{length:.2f}米"


def _point(at: Point) -> shapely.Point:
    return shapely.Point(*metres(at))


def _ring(ring: Iterable[Point]) -> shapely.Polygon:
    return shapely.Polygon([metres(point) for point in ring])


def _areas(county: County, areas: Sequence[Area], code: str, name: str) -> Rows:
    return [({code: a.code, name: a.name}, _ring(county.borders.ring(a.rect))) for a in areas]


def _control_points(county: County) -> Rows:
    rows: Rows = []
    for n, village in enumerate(county.plan.villages, 1):
        rect = village.rect
        at = county.terrain.point((rect.u0 + rect.u1) / 2, (rect.v0 + rect.v1) / 2)
        easting, northing = metres(at)
        number = f"K{n:03d}"
        rows.append(
            (
                {
                    "KZDMC": village.name.removesuffix("村"), "KZDDH": number, "KZDLX": "110302", "KZDDJ": "E级", "BSLX": "2", "BZLX": "2",
                    "KZDZT": "完好", "DZJ": f"其他资料\\点之记\\{number}.jpg", "X2000": northing, "Y2000": easting,
                },
                _point(at),
            )
        )  # fmt: skip
    return rows


def _borders(county: County) -> Rows:
    """Every stretch of border once, with the highest level of division that it separates."""
    level: dict[tuple[Point, Point], str] = {}
    kinds = (
        ("670901", county.plan.groups),
        ("670500", county.plan.villages),
        ("660200", county.plan.townships),
    )
    for kind, areas in (*kinds, ("650200", [county.plan.county])):
        for area in areas:
            ring = county.borders.ring(area.rect)
            for start, end in zip(ring, [*ring[1:], ring[0]], strict=True):
                level[min(start, end), max(start, end)] = kind
    rows: Rows = []
    for kind in ("650200", "660200", "670500", "670901"):
        pieces = [shapely.LineString([metres(a), metres(b)]) for (a, b), k in level.items() if k == kind]
        merged = shapely.line_merge(shapely.MultiLineString(pieces)) if pieces else None
        parts = sorted(shapely.get_parts(merged), key=lambda g: g.coords[0]) if merged is not None else []
        rows += [({"JXLX": kind, "JXXZ": "600001"}, part) for part in parts]
    return rows


def _line(line) -> tuple[dict[str, Any], shapely.Geometry]:
    geometry = shapely.LineString([metres(at) for at in line.points])
    return {"DWMC": line.name, "BZ": None, "CD": round(geometry.length, 2), "KD": line.width}, geometry


def _patch(patch) -> tuple[dict[str, Any], shapely.Geometry]:
    geometry = _ring(patch.ring)
    area = round(geometry.area, 2)
    return {"DWMC": patch.name, "BZ": None, "MJ": area, "MJM": round(area * 0.0015, 2)}, geometry


def _zones(county: County) -> Rows:
    rows: Rows = []
    for group in county.groups:
        for zone in group.land.zones:
            geometry = _ring(zone)
            area = round(geometry.area, 2)
            number = f"{COUNTY[0]}{len(rows) + 1:07d}"
            rows.append(({"BHQBH": number, "JBNTMJ": area, "JBNTMJM": round(area * 0.0015, 2)}, geometry))
    return rows


def _annotations(county: County) -> Rows:
    """The names that a map shows: of villages and groups, and the number of each control point."""
    rows: Rows = []
    named = [
        ("161052", a.name, a.rect, 12 if len(a.code) == 12 else 9)
        for a in (*county.plan.villages, *county.plan.groups)
    ]
    for code, words, rect, points in named:
        at = county.terrain.point(rect.u0 + 20, rect.v1 - 20)
        rows.append((_annotation(code, words, at, points), _point(at)))
    for facts, place in _control_points(county):
        at = round(place.x * 1000) + 3000, round(place.y * 1000) + 3000
        rows.append((_annotation("112000", facts["KZDDH"], at, 8), _point(at)))
    return rows


def _annotation(code: str, words: str, at: Point, points: int) -> dict[str, Any]:
    """A line of text, its height in points of 1/72 inch, level (direction 0 rad)."""
    easting, northing = metres(at)
    return {
        "YSDM": code, "ZJNR": words, "ZT": "宋体", "YS": "#000000", "BS": points, "XZ": "0", "XHX": "0",
        "KD": float(len(words) * points), "GD": float(points), "JG": 1.0, "ZJDZXJXZB": northing, "ZJDZXJYZB": easting,
        "ZJFX": 0.0,
    }  # fmt: skip
