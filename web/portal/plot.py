"""Generalised parcels as a picture without a script: SVG paths and labels in a view box of its own. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

WIDTH = 640.0
MARGIN = 24.0
MOST_HIGH = 720.0


@dataclass(frozen=True)
class Piece:
    path: str
    label: str
    x: float
    y: float


@dataclass(frozen=True)
class Plot:
    width: float
    height: float
    pieces: tuple[Piece, ...]


def plot(drawn: Mapping[str, Any]) -> Plot | None:
    """None where there is nothing to draw. North is up; the same scale both ways."""
    shapes = [
        (feature["properties"]["code"][-5:], feature["geometry"]["coordinates"])
        for feature in drawn.get("features", ())
        if feature["geometry"]["type"] == "Polygon"
    ]
    points = [point for _, rings in shapes for point in rings[0]]
    if not points:
        return None
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    wide, high = max(east - west, 1.0), max(north - south, 1.0)
    scale = min((WIDTH - 2 * MARGIN) / wide, (MOST_HIGH - 2 * MARGIN) / high)

    def place(point: Any) -> tuple[float, float]:
        return round(MARGIN + (point[0] - west) * scale, 1), round(MARGIN + (north - point[1]) * scale, 1)

    pieces = []
    for label, rings in shapes:
        corners = [place(point) for point in rings[0]]
        path = "M" + "L".join(f"{x} {y}" for x, y in corners) + "Z"
        inner = corners[:-1] or corners
        middle = (sum(x for x, _ in inner) / len(inner), sum(y for _, y in inner) / len(inner))
        pieces.append(Piece(path, label, round(middle[0], 1), round(middle[1], 1)))
    return Plot(round(wide * scale + 2 * MARGIN, 1), round(high * scale + 2 * MARGIN, 1), tuple(pieces))
