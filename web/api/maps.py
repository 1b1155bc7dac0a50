"""The map for programs: the tiles' grid, tiles, parcels in a box or by code, on any day, and what changed between two."""

from typing import Any

from flask import Response, g
from marshmallow import Schema, fields, validate

from engine.domain.clock import local_date
from engine.domain.tiles import DEEPEST, NORTH, OUTLINES, POINTS, WIDEST
from engine.queries import map as queries
from engine.queries import map_changes, map_marks
from web.api import schemas
from web.api.access import staff
from web.api.blueprint import blueprint
from web.api.shapes import plain
from web.db import office_session, running
from web.map.asked import asked_box, asked_division, asked_when, then
from web.map.chosen import chosen
from web.map.parcels import asked_changes, geojson
from web.map.tiles import MEDIA, answer_tile

GEOJSON = "application/geo+json"
blp = blueprint("map", "地图 / The map")


def _day(about: str, **more: Any) -> fields.String:
    """Read by web.map.asked, as the pages' are."""
    return fields.String(metadata={"format": "date", "description": about}, **more)


class WhenArgs(Schema):
    day = _day("as it stood on that day; today without it")
    known = _day("as known at the end of that day; as known now without it")


class MapArgs(WhenArgs):
    division = fields.String(
        validate=validate.Regexp("^[0-9]{0,14}$"), metadata={"description": "prefix to narrow to"}
    )


class MarksArgs(Schema):
    division = fields.String(
        validate=validate.Regexp("^[0-9]{0,14}$"), metadata={"description": "prefix to narrow to"}
    )


class ParcelsArgs(MapArgs):
    bbox = fields.String(metadata={"description": "west,south,east,north in metres of the county's zone"})


class ChangesArgs(MapArgs):
    since = _day("what changed after that day; a year before without it")


class GridOut(Schema):
    srid = fields.Integer(required=True, metadata={"description": "EPSG code of the county's zone"})
    proj = fields.String(metadata={"description": "the same for PROJ"})
    widest = fields.Float(metadata={"description": "metres, a tile of level 0; each level halves it"})
    north = fields.Float(
        metadata={"description": "northing in metres where row 0 begins; column 0 at easting 0"}
    )
    points = fields.Integer(metadata={"description": "a tile's width on the screen"})
    deepest = fields.Integer(metadata={"description": "the last level"})
    outlines = fields.Integer(
        metadata={"description": "up to this level the layers are divisions and places, beyond it parcels"}
    )


class FeaturesOut(Schema):
    """RFC 7946, but in metres of the county's zone: east, north."""

    type = fields.String(metadata={"enum": ["FeatureCollection"]})
    features = fields.List(schemas.anything())
    truncated = fields.Boolean(metadata={"description": "there are more; ask for a smaller box"})


class MapHoldingOut(Schema):
    contractor = fields.String()
    name = fields.String()
    contract = fields.String()
    term_start = schemas.day()
    term_end = schemas.day()
    area = schemas.area()
    certificate = schemas.text()
    certificate_state = schemas.text()


class HoldOut(Schema):
    kind = fields.String(metadata={"enum": ["dispute", "mortgage", "seizure", "transfer"]})
    ref = fields.String()
    starts_on = schemas.day()


class MapParcelOut(Schema):
    """A parcel as it stood; cases and holds as they are now."""

    code = fields.String(required=True, metadata={"description": "DKBM"})
    name = fields.String()
    place = fields.String()
    category = fields.String(metadata={"description": "DKLB, code list C.7"})
    land_use = schemas.text("GB/T 21010")
    grade = fields.String()
    use = fields.String()
    basic_farmland = fields.String(metadata={"description": "SFJBNT, code list C.19"})
    measured_area = schemas.area()
    east = schemas.text()
    south = schemas.text()
    west = schemas.text()
    north = schemas.text()
    geometry = schemas.anything("GeoJSON, metres of the county's zone")
    holding = fields.Nested(MapHoldingOut, allow_none=True)
    valid_from = schemas.day()
    valid_to = schemas.day()
    recorded_at = schemas.instant()
    cause = fields.String(metadata={"enum": ["import", "case", "correction"]})
    ref = fields.String(metadata={"description": "number of the case or of the import"})
    parents = fields.List(fields.String())
    children = fields.List(fields.String())
    open_cases = fields.List(fields.String())
    holds = fields.List(fields.Nested(HoldOut))


@blp.route("/map/grid")
@staff("map")
@blp.response(200, GridOut)
def grid():
    """How tiles lie: squares of the county's own zone, columns eastwards, rows southwards."""
    zone = queries.zone(office_session(), g.actor.county)
    return {
        "srid": zone.epsg,
        "proj": zone.proj,
        "widest": WIDEST,
        "north": NORTH,
        "points": POINTS,
        "deepest": DEEPEST,
        "outlines": OUTLINES,
    }


@blp.route("/map/tiles/<int:level>/<int:column>/<int:row>")
@staff("map")
@blp.arguments(MapArgs, location="query")
@blp.response(200, {"type": "string", "format": "binary"}, content_type=MEDIA)
def tile(_args: dict[str, Any], level: int, column: int, row: int) -> Response:
    """A Mapbox Vector Tile of the scope's parcels. Honours If-None-Match: 304 until something changes."""
    return answer_tile(level, column, row)


@blp.route("/map/parcels")
@staff("map")
@blp.arguments(ParcelsArgs, location="query")
@blp.response(200, FeaturesOut, content_type=GEOJSON)
def parcels(_args: dict[str, Any]) -> Response:
    """Parcels of a division, in a box, on a day, as GeoJSON in the county's zone; at most 3,000."""
    return geojson(queries.parcels_in(office_session(), g.actor, asked_division(), asked_box(), asked_when()))


@blp.route("/map/marks")
@staff("map")
@blp.arguments(MarksArgs, location="query")
@blp.response(200, FeaturesOut, content_type=GEOJSON)
def marks(_args: dict[str, Any]) -> Response:
    """Points of what is under way: open cases, disputes, mortgages, seizures, transfers."""
    today = local_date(running().clock.now())
    return geojson(map_marks.marks(office_session(), g.actor, asked_division(), today))


@blp.route("/map/changes")
@staff("map")
@blp.arguments(ChangesArgs, location="query")
@blp.response(200, FeaturesOut, content_type=GEOJSON)
def changes(_args: dict[str, Any]) -> Response:
    """Parcels that were added, ended or changed between two days, each with its cause. ``was``: an old outline."""
    return geojson(map_changes.as_features(asked_changes()))


@blp.route("/map/parcels/<parcel>")
@staff("map")
@blp.arguments(WhenArgs, location="query")
@blp.response(200, MapParcelOut)
def parcel(_args: dict[str, Any], parcel: str):
    """One parcel as it stood on a day, with whose it was. Who looked is recorded."""
    found = chosen(parcel, then(asked_when()))
    office_session().commit()
    facts, land = found["facts"], found["land"]
    version = facts.past.version
    names = ("code", "name", "category", "land_use", "grade", "use", "basic_farmland", "measured_area")
    return plain(
        {name: getattr(land, name) for name in (*names, "east", "south", "west", "north")}
        | {
            "place": facts.place,
            "geometry": found["feature"]["geometry"],
            "holding": vars(facts.holding) if facts.holding else None,
            "valid_from": version.valid_from,
            "valid_to": version.valid_to,
            "recorded_at": version.recorded_at,
            "cause": version.cause,
            "ref": version.ref,
            "parents": facts.past.parents,
            "children": facts.became,
            "open_cases": facts.open_cases,
            "holds": [vars(hold) for hold in facts.holds],
        }
    )
