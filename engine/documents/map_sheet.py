"""A sheet of the map, A4 across: parcels of a box at a round scale, with frame, north arrow, scale bar and legend.

Everything on it is relative: no coordinate is printed, since survey coordinates are classified.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from shapely import LineString, Point, box
from shapely.geometry.base import BaseGeometry

SCALES = (200, 300, 500, 750, 1000, 1500, 2000, 3000, 5000, 7500, 10_000, 15_000, 20_000, 25_000, 30_000, 50_000, 75_000,
          100_000, 150_000, 200_000, 300_000, 500_000, 1_000_000)  # fmt: skip
WIDTH, HEIGHT = 277.0, 158.0  # mm, the frame
FOOT = 14.0  # mm below it
LETTER = 2.4  # mm
CATEGORIES = {  # DKLB (C.7) -> fill and line
    "10": ("#e3efdf", "#2f6b49"),
    "21": ("#fbf0c9", "#8a6a12"),
    "22": ("#dfe9f5", "#2b5585"),
    "23": ("#f3e2d3", "#8a5116"),
    "99": ("#ecebe8", "#6b6b63"),
}
Box = tuple[float, float, float, float]
CHOSEN = ("#ffe08a", "#a33b00")


@dataclass(frozen=True)
class SheetParcel:
    """``geometry`` in metres, east and north; ``mu`` as it is written."""

    code: str
    name: str
    mu: str
    category: str
    geometry: BaseGeometry


def scale_for(west: float, south: float, east: float, north: float) -> int:
    """The first round scale (1:n) at which the box lies within the frame."""
    needed = max((east - west) / WIDTH, (north - south) / HEIGHT) * 1000
    return next((scale for scale in SCALES if scale >= needed), SCALES[-1])


def frame_of(west: float, south: float, east: float, north: float) -> tuple[float, float, float, float]:
    """What the frame shows, in metres: the box's middle at its scale."""
    mm = scale_for(west, south, east, north) / 1000
    x, y = (west + east) / 2, (south + north) / 2
    return x - WIDTH / 2 * mm, y - HEIGHT / 2 * mm, x + WIDTH / 2 * mm, y + HEIGHT / 2 * mm


def sheet_svg(
    parcels: Sequence[SheetParcel],
    frame: tuple[float, float, float, float],
    legend: Mapping[str, str],
    chosen: str = "",
    label: str = "",
) -> str:
    """``frame`` of frame_of; ``legend``: DKLB -> its name, those that are drawn; ``label`` for screen readers."""
    west, _, east, north = frame
    mm = WIDTH / (east - west)  # of the sheet for a metre of the land
    seen = box(*frame)
    shapes, letters, taken = [], [], list[Box]()
    for parcel in sorted(parcels, key=lambda one: one.code == chosen):
        part = parcel.geometry.intersection(seen)
        if part.is_empty:
            continue
        fill, line = CHOSEN if parcel.code == chosen else CATEGORIES.get(parcel.category, CATEGORIES["99"])
        thick = (0.7 if parcel.code == chosen else 0.25) if mm > 0.1 else 0.12
        shapes.append(
            f'<path d="{_path(part, west, north, mm)}" fill="{fill}" stroke="{line}" stroke-width="{thick}"/>'
        )
        letters += _letters(parcel, part, west, north, mm, taken)
    return f"""<svg xmlns="http://www.w3.org/2000/svg" class="tq-sheet" viewBox="-0.5 -0.5 {WIDTH + 1} {HEIGHT + FOOT + 1}" role="img" aria-label="{escape(label)}">
<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>
{"".join(shapes)}
<g font-size="{LETTER}" text-anchor="middle" fill="#1b231e" stroke="#ffffff" stroke-width="0.5" paint-order="stroke">{"".join(letters)}</g>
<rect width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="#1b231e" stroke-width="0.7"/>
{_north_arrow()}{_scale_bar(mm)}{_legend(legend)}
</svg>"""


def _path(shape: BaseGeometry, west: float, north: float, mm: float) -> str:
    parts = [part for part in getattr(shape, "geoms", [shape]) if part.geom_type == "Polygon"]
    rings = [ring for part in parts for ring in (part.exterior, *part.interiors)]
    return "".join(
        "M" + " ".join(f"{(x - west) * mm:.2f},{(north - y) * mm:.2f}" for x, y, *_ in ring.coords[:-1]) + "Z"
        for ring in rings
    )


def _letters(
    parcel: SheetParcel, shape: BaseGeometry, west: float, north: float, mm: float, taken: list[Box]
) -> list[str]:
    """Name and area, where the parcel is as wide as they are and no other letters stand."""
    middle = shape.representative_point()
    left, bottom, right, top = shape.bounds
    wide = _chord(shape, middle, left, right) * mm
    high = (top - bottom) * mm
    length = sum(LETTER if ord(letter) > 0x2E80 else LETTER * 0.55 for letter in parcel.name)
    if length > wide * 0.95 or high < LETTER * 1.3:
        return []
    x, y = (middle.x - west) * mm, (north - middle.y) * mm + LETTER * 0.35
    second = high > LETTER * 3 and wide > LETTER * 3.2
    half, up = length / 2, LETTER * (1.4 if second else 0.8)
    mine = (x - half, y - up, x + half, y + up)
    if any(
        mine[0] < other[2] and other[0] < mine[2] and mine[1] < other[3] and other[1] < mine[3]
        for other in taken
    ):
        return []
    taken.append(mine)
    lines = [f'<text x="{x:.2f}" y="{y - (LETTER * 0.6 if second else 0):.2f}">{escape(parcel.name)}</text>']
    if second:
        lines.append(f'<text x="{x:.2f}" y="{y + LETTER * 0.6:.2f}">{escape(parcel.mu)}</text>')
    return lines


def _chord(shape: BaseGeometry, middle: Point, left: float, right: float) -> float:
    """Metres that the shape is wide at that point."""
    across = shape.intersection(LineString([(left, middle.y), (right, middle.y)]))
    parts = [part for part in getattr(across, "geoms", [across]) if part.geom_type == "LineString"]
    return max((part.length for part in parts if part.distance(middle) < 0.01), default=0.0)


def _north_arrow() -> str:
    x, y = WIDTH - 9, 5
    return (
        f'<g><circle cx="{x}" cy="{y + 6}" r="7" fill="#ffffff" fill-opacity="0.85"/>'
        f'<path d="M{x},{y + 2} l3,9.5 l-3,-2 z" fill="#1b231e"/>'
        f'<path d="M{x},{y + 2} l-3,9.5 l3,-2 z" fill="#ffffff" stroke="#1b231e" stroke-width="0.3"/>'
        f'<text x="{x}" y="{y + 1.4}" font-size="3" font-weight="700" text-anchor="middle" fill="#1b231e">N</text></g>'
    )


def _scale_bar(mm: float) -> str:
    """Four equal parts of a round length, some 60 mm in all."""
    metres = next(
        (step * 10**power for power in range(0, 6) for step in (1, 2, 5) if step * 10**power * mm * 4 >= 45),
        1,
    )
    part, y = metres * mm, HEIGHT + 5
    boxes = "".join(
        f'<rect x="{n * part:.2f}" y="{y}" width="{part:.2f}" height="1.6" stroke="#1b231e" stroke-width="0.3"'
        f' fill="{"#1b231e" if n % 2 == 0 else "#ffffff"}"/>'
        for n in range(4)
    )
    marks = "".join(
        f'<text x="{n * part:.2f}" y="{y - 1}" text-anchor="{"start" if n == 0 else "middle"}">{n * metres:g}{" m" if n == 4 else ""}</text>'
        for n in (0, 2, 4)
    )
    return f'<g font-size="2.8" fill="#1b231e">{boxes}{marks}</g>'


def _legend(names: Mapping[str, str]) -> str:
    x, y, drawn = 110.0, HEIGHT + 4, []
    for code, name in names.items():
        fill, line = CATEGORIES.get(code, CATEGORIES["99"])
        drawn.append(
            f'<rect x="{x:.1f}" y="{y - 0.4}" width="5" height="3" fill="{fill}" stroke="{line}" stroke-width="0.3"/>'
            f'<text x="{x + 6.4:.1f}" y="{y + 2.2}">{escape(name)}</text>'
        )
        x += 10 + sum(2.8 if ord(letter) > 0x2E80 else 1.6 for letter in name)
    return f'<g font-size="2.8" fill="#1b231e">{"".join(drawn)}</g>'
