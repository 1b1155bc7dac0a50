"""shape: the boundary of one parcel, as GeoJSON, WKT, or corner coordinates "X,Y" line by line.

Coordinates are metres in a CGCS2000 3-degree zone. Surveyors write X for north and Y for east, GIS tools the
other way round; in China the two never overlap (north 1.8 to 6.2 million; east below 1 million, or 8 digits
with the zone number), so the order is told from the numbers. The value is a GeoJSON Polygon, east first.
"""

import json
import math
import re

import shapely
from shapely import wkt
from shapely.geometry import Polygon, mapping
from shapely.validation import explain_validity

from forms.clean import plain, wrong
from forms.spec import Field

LARGEST = 256 * 1024  # characters: some 8,000 corners, far beyond any parcel
MOST_CORNERS = 8_000
WIDEST = 20_000.0  # metres: no parcel reaches so far; what does has a wrong digit in a coordinate
_PAIR = re.compile(
    r"\s*(?:[A-Za-z]?\d+\s*[:：]\s*)?([+-]?\d+(?:\.\d+)?)\s*[,，;；\s]\s*([+-]?\d+(?:\.\d+)?)\s*"
)


def shape(value: object, asked: Field) -> dict[str, object]:
    if isinstance(value, dict):
        return _checked(_from_geojson(value, asked), asked)
    written = plain(value, asked, LARGEST)
    if written.startswith("{"):
        return _checked(_from_json(written, asked), asked)
    if re.match(r"(?i)(SRID=\d+;)?\s*(MULTI)?POLYGON", written):
        return _checked(_from_wkt(written, asked), asked)
    return _checked(_from_lines(written, asked), asked)


def _from_json(written: str, asked: Field) -> list[list[tuple[float, float]]]:
    try:
        return _from_geojson(json.loads(written), asked)
    except (ValueError, RecursionError):
        raise wrong(asked, "shape_text") from None


def _from_geojson(value: object, asked: Field) -> list[list[tuple[float, float]]]:
    """A Polygon, or the only polygon inside a MultiPolygon, Feature or FeatureCollection."""
    for _ in range(3):
        if not isinstance(value, dict):
            raise wrong(asked, "shape_text")
        features = value.get("features")
        if value.get("type") == "Feature":
            value = value.get("geometry")
        elif value.get("type") == "FeatureCollection" and isinstance(features, list) and len(features) == 1:
            value = features[0]
        else:
            break
    kind, rings = (value.get("type"), value.get("coordinates")) if isinstance(value, dict) else (None, None)
    if kind == "MultiPolygon" and isinstance(rings, list) and len(rings) == 1:
        kind, rings = "Polygon", rings[0]
    if kind != "Polygon" or not isinstance(rings, list) or not rings:
        raise wrong(asked, "shape_polygon")
    try:
        return [[(float(p[0]), float(p[1])) for p in ring] for ring in rings]
    except (TypeError, ValueError, IndexError, KeyError, OverflowError):
        raise wrong(asked, "shape_text") from None


def _from_wkt(written: str, asked: Field) -> list[list[tuple[float, float]]]:
    try:
        found = wkt.loads(re.sub(r"(?i)^SRID=\d+;\s*", "", written))
    except (shapely.errors.GEOSException, ValueError):
        raise wrong(asked, "shape_text") from None
    if found.geom_type == "MultiPolygon" and len(found.geoms) == 1:
        found = found.geoms[0]
    if found.geom_type != "Polygon" or found.is_empty:
        raise wrong(asked, "shape_polygon")
    return [[(p[0], p[1]) for p in ring.coords] for ring in (found.exterior, *found.interiors)]


def _from_lines(written: str, asked: Field) -> list[list[tuple[float, float]]]:
    ring: list[tuple[float, float]] = []
    for number, line in enumerate(written.split("\n"), start=1):
        if not line.strip():
            continue
        pair = _PAIR.fullmatch(line) if len(line) <= 200 else None
        if not pair:
            raise wrong(asked, "shape_line", line=number, text=line.strip()[:40])
        ring.append((float(pair[1]), float(pair[2])))
    return [ring]


def _checked(rings: list[list[tuple[float, float]]], asked: Field) -> dict[str, object]:
    if sum(map(len, rings)) > MOST_CORNERS:
        raise wrong(asked, "shape_size", max=LARGEST // 1024)
    placed = [[_east_north(point, asked) for point in ring] for ring in rings]
    if any(len(set(ring)) < 3 for ring in placed):
        raise wrong(asked, "shape_points")
    polygon = _sound(placed, asked)
    return json.loads(json.dumps(mapping(shapely.geometry.polygon.orient(polygon))))


def _place_in(told: str) -> str:
    """GEOS names the fault in English, then its place: "Self-intersection[37519339.6153 3431124.2660]"."""
    east, north = told.partition("[")[2].rstrip("]").split()[:2]
    return f"X {float(north):.3f}, Y {float(east):.3f}"  # as surveyors write it: X is north


def _sound(rings: list[list[tuple[float, float]]], asked: Field) -> Polygon:
    polygon = Polygon(rings[0], rings[1:])
    west, south, east, north = polygon.bounds
    if max(east - west, north - south) > WIDEST:
        raise wrong(asked, "shape_wide", max=int(WIDEST // 1000))
    if not polygon.is_valid:
        raise wrong(asked, "shape_invalid", where=_place_in(explain_validity(polygon)))
    return polygon


def outline(value: object, asked: Field) -> str:
    """A boundary as WKT, east first, in exactly the coordinates that were given."""
    rings = _from_wkt(plain(value, asked, LARGEST), asked)
    if sum(map(len, rings)) > MOST_CORNERS:
        raise wrong(asked, "shape_size", max=LARGEST // 1024)
    for point in (point for ring in rings for point in ring):
        if _east_north(point, asked)[0] != round(point[0], 4):
            raise wrong(asked, "shape_range")
    if any(len(set(ring)) < 3 for ring in rings):
        raise wrong(asked, "shape_points")
    return shapely.geometry.polygon.orient(_sound(rings, asked)).wkt


def _east_north(point: tuple[float, float], asked: Field) -> tuple[float, float]:
    first, second = point
    if not (math.isfinite(first) and math.isfinite(second)):
        raise wrong(asked, "shape_range")
    if abs(first) <= 180 and abs(second) <= 180:
        raise wrong(asked, "shape_degrees")
    for east, north in ((first, second), (second, first)):
        if 1_800_000 <= north <= 6_200_000 and (1e5 <= east < 1e6 or 24e6 <= east < 46e6):
            return round(east, 4), round(north, 4)
    raise wrong(asked, "shape_range")


def area_m2(geometry: dict) -> str:
    """Planar area in m2 with two decimals, as the register keeps it."""
    return f"{shapely.geometry.shape(geometry).area:.2f}"


def openapi(asked: Field) -> dict[str, object]:
    return {
        "oneOf": [
            {"type": "string", "maxLength": LARGEST},
            {
                "type": "object",
                "description": "GeoJSON Polygon, metres in the county's CGCS2000 3-degree zone",
            },
        ]
    }


def show(value: object, asked: Field, lang: str) -> str:
    if not isinstance(value, dict):
        return str(value)[:40]
    count = sum(len(ring) - 1 for ring in value.get("coordinates", []))
    return (
        f"{count} corners, {area_m2(value)} m²"
        if lang.startswith("en")
        else f"{count} 个界址点，{area_m2(value)} 平方米"
    )
