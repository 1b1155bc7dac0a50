"""地块示意图: a household's parcels among their neighbours, as SVG at a true scale.

Everything on it is relative: no coordinate is printed, since survey coordinates are classified.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from shapely import LineString, STRtree, affinity, box, unary_union
from shapely.geometry.base import BaseGeometry

from engine.documents.formats import parcel_number
from engine.documents.sketch_labels import (
    FONT,
    Label,
    Lettering,
    labels_around,
    labels_beside,
    labels_inside,
    middle,
)
from engine.documents.sketch_layout import (
    CAPTION,
    FOOT,
    PAGE,
    Panel,
    SketchParcel,
    pages_of_panels,
)

__all__ = [
    "Projection",
    "SketchLine",
    "SketchNeighbour",
    "SketchParcel",
    "north_arrow",
    "parcel_sketch_svg",
    "path",
    "sketch_for",
]


@dataclass(frozen=True)
class SketchNeighbour:
    """A parcel nearby, with the name of who works it. CRS as the household's parcels."""

    label: str
    geometry: BaseGeometry


@dataclass(frozen=True)
class SketchLine:
    """A ditch, road, pond or ridge, as line or polygon. CRS as the parcels."""

    label: str
    geometry: BaseGeometry
    kind: str = "other"
    """``ditch``, ``pond``, ``road``, ``ridge`` or ``other``."""


LINE_STYLES = {
    "ditch": ("#e3edf3", "#5c87a3", ""),
    "pond": ("#e3edf3", "#5c87a3", ""),
    "road": ("#f3eee4", "#8a7a5c", ""),
    "ridge": ("none", "#777", "0.8 0.6"),
    "other": ("none", "#777", ""),
}
OWN_FILL, NEIGHBOUR_LINE, NEIGHBOUR_TEXT = "#eef2e2", "#888", "#444"
SIDES = ("east", "south", "west", "north")
NEXT_TO = 3.0
"""Metres: over a ridge, a path or a small ditch."""


def sketch_for(
    parcels: Sequence[SketchParcel],
    neighbours: Sequence[SketchNeighbour] = (),
    lines: Sequence[SketchLine] = (),
    *,
    page: tuple[float, float] = PAGE,
) -> dict[str, list[str]]:
    """The value of ``sketch`` in a paper's context: ``{"pages": [svg, ...]}``, one drawing a sheet.

    Neighbours and lines may be a whole village's; only what falls into a panel is drawn.
    """
    surroundings = _Surroundings(neighbours, lines)
    return {
        "pages": [
            _page(panels, columns, surroundings, "") for columns, panels in pages_of_panels(parcels, page)
        ]
    }


def parcel_sketch_svg(
    parcels: Sequence[SketchParcel],
    neighbours: Sequence[SketchNeighbour] = (),
    lines: Sequence[SketchLine] = (),
    *,
    title: str = "",
    width: float = PAGE[0],
    height: float = PAGE[1],
) -> str:
    """All panels in one drawing ``width`` mm wide, longer than ``height`` when a page does not hold them."""
    layout = pages_of_panels(parcels, (width, height))
    columns = layout[0][0] if layout else 1
    return _page(
        [panel for _, panels in layout for panel in panels], columns, _Surroundings(neighbours, lines), title
    )


class _Surroundings:
    """Finds by window what lies around, so that a village of parcels costs no more than the few drawn."""

    def __init__(self, neighbours: Sequence[SketchNeighbour], lines: Sequence[SketchLine]):
        self.neighbours, self.lines = neighbours, lines
        self._near = STRtree([neighbour.geometry for neighbour in neighbours])
        self._along = STRtree([line.geometry for line in lines])

    def in_window(self, window: BaseGeometry) -> tuple[list[SketchNeighbour], list[SketchLine]]:
        near = [self.neighbours[place] for place in sorted(self._near.query(window, "intersects"))]
        along = [self.lines[place] for place in sorted(self._along.query(window, "intersects"))]
        return near, along


def _page(panels: Sequence[Panel], columns: int, around: _Surroundings, title: str) -> str:
    top = 9.0 if title else 0.0
    rows = -(-len(panels) // columns)
    width = panels[0].width * columns + 0.4 if panels else 10
    height = top + (panels[0].height * rows if panels else 10) + 0.4
    parts = [Label(title, width / 2, 4, 4.6).svg(weight="bold")] if title else []
    for place, panel in enumerate(panels):
        x, y = 0.2 + place % columns * panel.width, 0.2 + top + place // columns * panel.height
        parts.append(f'<g transform="translate({x:.2f} {y:.2f})">{_panel(panel, around)}</g>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.2f}mm" height="{height:.2f}mm" '
        f'viewBox="0 0 {width:.2f} {height:.2f}">{"".join(parts)}</svg>'
    )


def _panel(panel: Panel, around: _Surroundings) -> str:
    on_paper = Projection(panel)
    window = box(0, CAPTION, panel.width, panel.height - FOOT)
    near, along = around.in_window(on_paper.ground(window))
    shapes = {parcel.code: on_paper(parcel.geometry) for parcel in panel.parcels}
    neighbours = [(item.label, on_paper(item.geometry)) for item in near]
    features = [(item, on_paper(item.geometry)) for item in along]
    own = unary_union(list(shapes.values()))
    linework = unary_union(
        [shape.boundary for _, shape in neighbours] + [_outline(shape) for _, shape in features]
    )
    lettering = Lettering(window.buffer(-0.6, join_style="mitre"), own, linework.intersection(window))
    lettering.taken.append(box(panel.width - 8.5, CAPTION, panel.width, CAPTION + 12))
    return "".join(
        [
            *_draw_features(features, window),
            *_draw_neighbours(neighbours, window, own),
            *_draw_own(shapes.values()),
            *_letter_own(panel, shapes, lettering),
            *_letter_sides(panel, shapes, lettering),
            *_letter_around(_to_name(panel, features, neighbours, own), window, own, lettering),
            north_arrow(panel.width - 4.5, CAPTION + 1.2),
            _frame(panel),
            _scale_bar(panel),
        ]
    )


class Projection:
    """Ground metres (x east, y north) to mm in the panel (y down), the parcels in its middle."""

    def __init__(self, panel: Panel):
        west, south, east, north = panel.bounds
        self.per_metre = 1000 / panel.denominator
        self.x = panel.width / 2 - (west + east) / 2 * self.per_metre
        self.y = (CAPTION + panel.height - FOOT) / 2 + (south + north) / 2 * self.per_metre

    def __call__(self, ground: BaseGeometry) -> BaseGeometry:
        return affinity.affine_transform(ground, [self.per_metre, 0, 0, -self.per_metre, self.x, self.y])

    def ground(self, paper: BaseGeometry) -> BaseGeometry:
        metres = 1 / self.per_metre
        return affinity.affine_transform(paper, [metres, 0, 0, -metres, -self.x * metres, self.y * metres])


def _draw_features(
    features: Iterable[tuple[SketchLine, BaseGeometry]], window: BaseGeometry
) -> Iterable[str]:
    for line, shape in features:
        fill, colour, dash = LINE_STYLES.get(line.kind, LINE_STYLES["other"])
        if shape.area:
            yield path(shape.intersection(window), f'fill="{fill}"')
        style = f'fill="none" stroke="{colour}" stroke-width="0.2"' + (
            f' stroke-dasharray="{dash}"' if dash else ""
        )
        yield path(_outline(shape).intersection(window), style)


def _draw_neighbours(
    neighbours: Iterable[tuple[str, BaseGeometry]], window: BaseGeometry, own: BaseGeometry
) -> Iterable[str]:
    outlines = unary_union([shape.boundary for _, shape in neighbours]).intersection(window)
    style = f'fill="none" stroke="{NEIGHBOUR_LINE}" stroke-width="0.15"'
    yield path(outlines.difference(own.boundary.buffer(0.05)), style)


def _draw_own(shapes: Iterable[BaseGeometry]) -> Iterable[str]:
    for shape in shapes:
        yield path(shape, f'fill="{OWN_FILL}" stroke="#000" stroke-width="0.45" stroke-linejoin="round"')


def _letter_own(panel: Panel, shapes: dict[str, BaseGeometry], lettering: Lettering) -> Iterable[str]:
    """Number and area inside the parcel; where it is too narrow, the number outside with a leader."""
    for parcel in panel.parcels:
        shape, number = shapes[parcel.code], parcel_number(parcel.code)
        texts = [f"{number}　{parcel.area}", number] if parcel.area else [number]
        label = lettering.best(
            _first_fitting(labels_inside(shape, texts, 3.0), shape, lettering), inside=shape
        )
        if label:
            yield label.svg(weight="bold")
            continue
        label = lettering.best(labels_around(shape, number, 2.6))
        if label:
            lettering.taken.append(LineString([middle(shape), (label.x, label.y)]).buffer(0.3))
            yield _leader(shape, label) + label.svg(weight="bold")


def _first_fitting(labels: Iterable[Label], shape: BaseGeometry, lettering: Lettering) -> list[Label]:
    """Inside a parcel the fullest and largest wording that fits wins, whatever lines it crosses."""
    free = (label for label in labels if shape.contains(label.area) and lettering.window.contains(label.area))
    return [label for label in [next(free, None)] if label]


def _leader(shape: BaseGeometry, label: Label) -> str:
    spot, backing = middle(shape), path(label.area, 'fill="#fff"')
    return (
        f'<line x1="{spot.x:.2f}" y1="{spot.y:.2f}" x2="{label.x:.2f}" y2="{label.y:.2f}" stroke="#000" '
        f'stroke-width="0.12"/>{backing}'
    )


def _letter_sides(panel: Panel, shapes: dict[str, BaseGeometry], lettering: Lettering) -> Iterable[str]:
    """四至 as stated in the register, outside the side they name."""
    for parcel in panel.parcels:
        for side in SIDES:
            text = getattr(parcel, side)
            if not text:
                continue
            label = lettering.best(labels_beside(shapes[parcel.code], side, text, 2.4))
            if label:
                yield _on_white(label, lettering) + label.svg(NEIGHBOUR_TEXT)


def _to_name(
    panel: Panel,
    features: Iterable[tuple[SketchLine, BaseGeometry]],
    neighbours: Iterable[tuple[str, BaseGeometry]],
    own: BaseGeometry,
) -> list[tuple[str, BaseGeometry]]:
    """Features, and those who work the land next to the household's; who is named as 四至 is not named twice."""
    bounds = {getattr(parcel, side) for parcel in panel.parcels for side in SIDES}
    reach = NEXT_TO * 1000 / panel.denominator
    named = [(line.label, shape) for line, shape in features]
    named += [(text, shape) for text, shape in neighbours if shape.distance(own) <= reach]
    return [(text, shape) for text, shape in named if text not in bounds]


def _letter_around(
    named: Iterable[tuple[str, BaseGeometry]], window: BaseGeometry, own: BaseGeometry, lettering: Lettering
) -> Iterable[str]:
    """Names of ditches, roads and neighbours that fit inside their own shapes, where there is still room."""
    for text, shape in named:
        seen = shape.intersection(window).difference(own)
        if text and seen.area > 1:
            label = lettering.best(labels_inside(seen, [text], 2.0), inside=seen)
            if label:
                yield label.svg("#777")


def _on_white(label: Label, lettering: Lettering) -> str:
    return path(label.area, 'fill="#fff"') if label.area.intersects(lettering.linework) else ""


def _frame(panel: Panel) -> str:
    shown = "；".join(f"{parcel_number(p.code)} {p.name} {p.area}".strip() for p in panel.parcels)
    caption, foot = _shorten(shown, panel.width - 4, 2.6), panel.height - FOOT
    return (
        f'<rect x="0" y="0" width="{panel.width:.2f}" height="{panel.height:.2f}" fill="none" stroke="#000" '
        f'stroke-width="0.25"/><line x1="0" y1="{CAPTION:g}" x2="{panel.width:.2f}" y2="{CAPTION:g}" '
        f'stroke="#000" stroke-width="0.15"/><line x1="0" y1="{foot:.2f}" x2="{panel.width:.2f}" y2="{foot:.2f}" '
        f'stroke="#000" stroke-width="0.15"/>'
        f'<text x="2" y="{CAPTION / 2 + 1:.2f}" font-family="{FONT}" font-size="2.6">{escape(caption)}</text>'
    )


def _shorten(text: str, width: float, size: float) -> str:
    while Label(text, 0, 0, size).width > width:
        text = text.rstrip("…")[:-1] + "…"
    return text


def _scale_bar(panel: Panel) -> str:
    """20 mm of paper in two halves, with the metres they stand for, and the ratio."""
    y, half = panel.height - 2.2, panel.denominator / 100
    marks = "".join(
        Label(text, x, y - 2.2, 2.0).svg()
        for text, x in (("0", 3), (f"{half:g}", 13), (f"{2 * half:g}米", 23.4))
    )
    ratio = f"1:{panel.denominator}"
    return (
        f'<rect x="3" y="{y - 0.6:.2f}" width="10" height="0.8" fill="#000"/>'
        f'<rect x="13" y="{y - 0.6:.2f}" width="10" height="0.8" fill="#fff" stroke="#000" stroke-width="0.12"/>'
        f"{marks}{Label(ratio, panel.width - 9, y - 0.6, 2.8).svg()}"
    )


def north_arrow(x: float, y: float) -> str:
    return (
        f'<rect x="{x - 2.6:.2f}" y="{y - 0.4:.2f}" width="5.2" height="10.6" fill="#fff"/>'
        + Label("北", x, y + 1.4, 2.6).svg()
        + f'<path d="M{x:.2f} {y + 3:.2f}l1.6 6.6l-1.6 -1.4z" fill="#000"/>'
        f'<path d="M{x:.2f} {y + 3:.2f}l-1.6 6.6l1.6 -1.4z" fill="#fff" stroke="#000" stroke-width="0.15"/>'
    )


def _outline(shape: BaseGeometry) -> BaseGeometry:
    return shape.boundary if shape.area else shape


def path(shape: BaseGeometry, style: str) -> str:
    steps = "".join(_steps(shape))
    return f'<path d="{steps}" {style}/>' if steps else ""


def _steps(shape: BaseGeometry) -> Iterable[str]:
    if hasattr(shape, "geoms"):
        for part in shape.geoms:
            yield from _steps(part)
    elif shape.geom_type == "Polygon":
        for ring in (shape.exterior, *shape.interiors):
            yield _run(ring.coords) + "z"
    elif shape.geom_type in ("LineString", "LinearRing") and not shape.is_empty:
        yield _run(shape.coords)


def _run(coords: Iterable[tuple[float, ...]]) -> str:
    return "M" + "L".join(f"{point[0]:.2f} {point[1]:.2f}" for point in coords)
