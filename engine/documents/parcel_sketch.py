"""地块示意图, one parcel a sheet: boundary points with their numbers, edge lengths, neighbours, scale, areas.

Like the household's overview (``sketch``) it is relative: no coordinate is printed, since survey coordinates are
classified. Points are numbered J1, J2 ... clockwise from the north-western one (NY/T 2537, verify).
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from shapely import Point, Polygon, box, unary_union
from shapely.geometry.base import BaseGeometry

from engine.documents.sketch import Projection, SketchNeighbour, SketchParcel, north_arrow, path
from engine.documents.sketch_labels import Label, Lettering, labels_inside, middle
from engine.documents.sketch_layout import CAPTION, FOOT, Panel, scale_for

WIDTH, HEIGHT = 163.0, 148.0  # mm of the drawing
ROOM = 12.0  # mm around the parcel, for its neighbours and the lettering
MOST_LETTERED = 60  # corners; of more only the table tells
COLUMNS = 4  # of edge lengths side by side


@dataclass(frozen=True)
class SketchSheet:
    """What a sheet says besides the drawing; every text as it shall read."""

    parcel: SketchParcel
    neighbours: Sequence[SketchNeighbour]
    facts: Sequence[tuple[str, str]]
    foot: Sequence[tuple[str, str]]
    state: str = ""
    """Which state of the land it shows, where that is not the register's."""


def sketch_sheets(title: str, sheets: Sequence[SketchSheet]) -> str:
    """A complete page of HTML for ``render_pdf``: one A4 sheet for each parcel."""
    body = "".join(_sheet(title, sheet) for sheet in sheets)
    return f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style></head><body>{body}</body></html>'


STYLE = """
@page { margin: 15mm 22mm 18mm 24mm; }
section { break-after: page; } section:last-child { break-after: auto; }
h1 { font-size: 17pt; letter-spacing: .3em; margin: 0 0 1mm; }
.state { text-indent: 0; text-align: center; font-size: 10.5pt; margin: 0 0 2mm; }
.drawing { text-align: center; margin: 0 0 2mm; } .drawing svg { display: block; margin: 0 auto; }
table { margin: 0 0 2mm; font-size: 9.5pt; } table.edges { font-size: 8pt; line-height: 1.25; }
table.edges th { font-size: 8pt; } table.edges td, table.edges th { padding: .4mm 1mm; text-align: center; }
th { width: 24mm; font-size: 9.5pt; } table.edges th { width: auto; }
"""


def _sheet(title: str, sheet: SketchSheet) -> str:
    ring = numbered(sheet.parcel.geometry)
    state = f'<p class="state">{escape(sheet.state)}</p>' if sheet.state else ""
    return (
        f"<section><h1>{escape(title)}</h1>{state}"
        f'<div class="drawing">{_drawing(sheet, ring)}</div>'
        f"{_pairs(sheet.facts)}{_edges(ring)}{_pairs(sheet.foot)}</section>"
    )


def numbered(outline: BaseGeometry) -> list[tuple[float, float]]:
    """The outer corners, clockwise, the north-western one first."""
    part = max(getattr(outline, "geoms", [outline]), key=lambda shape: shape.area)
    ring = [(x, y) for x, y, *_ in part.exterior.coords[:-1]]
    if part.exterior.is_ccw:
        ring.reverse()
    west, _south, _east, north = part.bounds
    first = min(range(len(ring)), key=lambda i: (ring[i][0] - west) + (north - ring[i][1]))
    return ring[first:] + ring[:first]


def _pairs(facts: Sequence[tuple[str, str]]) -> str:
    """Two facts in a row."""
    rows = ""
    for start in range(0, len(facts), 2):
        cells = "".join(
            f"<th>{escape(name)}</th><td>{escape(text)}</td>" for name, text in facts[start : start + 2]
        )
        rows += f"<tr>{cells}{'<th></th><td></td>' if start + 1 == len(facts) else ''}</tr>"
    return f"<table>{rows}</table>" if rows else ""


def _edges(ring: Sequence[tuple[float, float]]) -> str:
    """界址边长: from point to point, in metres with two decimals."""
    lengths = [math.dist(a, b) for a, b in pairwise([*ring, ring[0]])]
    texts = [(f"J{i + 1}—J{(i + 1) % len(ring) + 1}", f"{length:.2f}") for i, length in enumerate(lengths)]
    columns = min(COLUMNS, max(1, -(-len(texts) // 4)))
    tall = -(-len(texts) // columns)
    head = "<th>界址边</th><th>边长（米）</th>" * columns
    rows = ""
    for row in range(tall):
        cells = ""
        for column in range(columns):
            place = column * tall + row
            edge, length = texts[place] if place < len(texts) else ("", "")
            cells += f"<td>{edge}</td><td>{length}</td>"
        rows += f"<tr>{cells}</tr>"
    return f'<table class="edges"><thead><tr>{head}</tr></thead>{rows}</table>'


def _drawing(sheet: SketchSheet, ring: Sequence[tuple[float, float]]) -> str:
    parcel = sheet.parcel
    scale = scale_for(parcel.geometry.bounds, (WIDTH - 2 * ROOM, HEIGHT - CAPTION - FOOT - 2 * ROOM))
    panel = Panel((parcel,), scale, WIDTH, HEIGHT)
    on_paper = Projection(panel)
    window = box(0, 0, WIDTH, HEIGHT - FOOT)
    shape = on_paper(parcel.geometry)
    around = [(n.label, on_paper(n.geometry)) for n in sheet.neighbours]
    around = [(text, other) for text, other in around if other.intersects(window)]
    corners = [on_paper(Point(corner)) for corner in ring]
    linework = unary_union([shape.boundary, *(other.boundary for _, other in around)]).intersection(window)
    lettering = Lettering(window.buffer(-0.8, join_style="mitre"), shape, linework)
    lettering.taken += [box(WIDTH - 9, 0, WIDTH, 13), *(corner.buffer(0.7) for corner in corners)]
    outlines = unary_union([other.boundary for _, other in around]).intersection(window)
    parts = [
        path(
            outlines.difference(shape.boundary.buffer(0.05)), 'fill="none" stroke="#888" stroke-width="0.15"'
        ),
        path(shape, 'fill="#eef2e2" stroke="#000" stroke-width="0.45" stroke-linejoin="round"'),
        *_own(parcel, shape, lettering),
        *_points(corners, shape, lettering),
        *_lengths(ring, corners, shape, lettering),
        *_names(around, window, shape, lettering),
        north_arrow(WIDTH - 4.5, 1.4),
        _frame(scale),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}mm" height="{HEIGHT}mm" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}">{"".join(parts)}</svg>'
    )


def _own(parcel: SketchParcel, shape: BaseGeometry, lettering: Lettering) -> Iterable[str]:
    """Number and area inside; a narrow parcel says them in the table alone."""
    texts = [f"{parcel.code[-5:]}　{parcel.area}", parcel.code[-5:]]
    inner = shape.buffer(-1.2)
    label = None if inner.is_empty else lettering.best(labels_inside(inner, texts, 3.2), inside=shape)
    if label:
        yield label.svg(weight="bold")


def _points(corners: Sequence[Point], shape: BaseGeometry, lettering: Lettering) -> Iterable[str]:
    for corner in corners:
        yield f'<circle cx="{corner.x:.2f}" cy="{corner.y:.2f}" r="0.6" fill="#fff" stroke="#000" stroke-width="0.25"/>'
    if len(corners) > MOST_LETTERED:
        return
    for number, corner in enumerate(corners, start=1):
        candidates = [
            Label(f"J{number}", corner.x + away * math.cos(turn), corner.y + away * math.sin(turn), 2.3)
            for away in (2.4, 3.2, 4.2)
            for turn in _outwards(corner, shape)
        ]
        label = lettering.best(candidates)
        if label:
            yield label.svg(weight="bold")


def _outwards(corner: Point, shape: BaseGeometry) -> list[float]:
    """Directions in radians, away from the parcel's middle first."""
    centre = shape.centroid
    away = math.atan2(corner.y - centre.y, corner.x - centre.x)
    return [away + turn * math.pi / 8 for turn in (0, 1, -1, 2, -2, 3, -3, 4, -4)]


def _lengths(
    ring: Sequence[tuple[float, float]], corners: Sequence[Point], shape: BaseGeometry, lettering: Lettering
) -> Iterable[str]:
    """Beside each edge that has room for it; the table has them all."""
    if len(corners) > MOST_LETTERED:
        return
    pairs = zip(pairwise([*ring, ring[0]]), pairwise([*corners, corners[0]]), strict=True)
    for (a, b), (from_, to) in pairs:
        text, long = f"{math.dist(a, b):.2f}", from_.distance(to)
        if long < 7:
            continue
        angle = math.degrees(math.atan2(to.y - from_.y, to.x - from_.x))
        flat = angle - 180 if angle > 90 else angle + 180 if angle <= -90 else angle
        x, y = (from_.x + to.x) / 2, (from_.y + to.y) / 2
        nx, ny = (to.y - from_.y) / long, (from_.x - to.x) / long
        if shape.contains(Point(x + nx * 0.3, y + ny * 0.3)):
            nx, ny = -nx, -ny
        candidates = [Label(text, x + nx * away, y + ny * away, 2.1, flat) for away in (1.7, 2.3)]
        label = lettering.best(candidates)
        if label:
            yield label.svg()


def _names(
    around: Iterable[tuple[str, BaseGeometry]], window: BaseGeometry, own: BaseGeometry, lettering: Lettering
) -> Iterable[str]:
    """Who works the land around, each where it is seen."""
    for text, other in around:
        seen = other.intersection(window).difference(own)
        if not text or seen.area < 20:
            continue
        part = max(getattr(seen, "geoms", [seen]), key=lambda shape: shape.area)
        if isinstance(part, Polygon):
            spot = middle(part)
            level = [Label(text, spot.x, spot.y, size) for size in (2.6, 2.2)]
            label = lettering.best([*labels_inside(part, [text], 2.6), *level], inside=seen)
            if label:
                yield label.svg("#444")


def _frame(scale: int) -> str:
    y, half = HEIGHT - 2.2, scale / 100
    marks = "".join(
        Label(text, x, y - 2.2, 2.0).svg()
        for text, x in (("0", 3), (f"{half:g}", 13), (f"{2 * half:g}米", 23.4))
    )
    foot = HEIGHT - FOOT
    return (
        f'<rect x="0.15" y="0.15" width="{WIDTH - 0.3}" height="{HEIGHT - 0.3}" fill="none" stroke="#000" stroke-width="0.3"/>'
        f'<line x1="0" y1="{foot}" x2="{WIDTH}" y2="{foot}" stroke="#000" stroke-width="0.15"/>'
        f'<rect x="3" y="{y - 0.6:.2f}" width="10" height="0.8" fill="#000"/>'
        f'<rect x="13" y="{y - 0.6:.2f}" width="10" height="0.8" fill="#fff" stroke="#000" stroke-width="0.12"/>'
        f"{marks}{Label(f'1:{scale}', WIDTH - 12, y - 0.8, 3.0).svg()}"
    )
