"""The inbox's map for programs: which land open cases hold. Lists of tasks and cases are narrowed to it by ``area``."""

from typing import Any

from flask import Response, g
from marshmallow import Schema, fields, validate

from engine.queries.inbox_held import MOST, held_land, land_to_choose_on
from engine.usecases.note_read import note_read
from web.api.access import staff
from web.api.blueprint import blueprint
from web.api.maps import GEOJSON, FeaturesOut
from web.db import office_session, running
from web.map.asked import asked_box, asked_division
from web.map.parcels import geojson

blp = blueprint("held", "待办地图 / The inbox's map")


class HeldArgs(Schema):
    division = fields.String(
        validate=validate.Regexp("^[0-9]{0,14}$"), metadata={"description": "prefix to narrow to"}
    )


class LandArgs(HeldArgs):
    bbox = fields.String(metadata={"description": "west,south,east,north in metres of the county's zone"})


class HeldLandRow(Schema):
    parcel = fields.String(required=True, metadata={"description": "DKBM"})
    case = fields.String(required=True)
    contractor = fields.String(required=True)


class HeldLandOut(Schema):
    items = fields.List(fields.Nested(HeldLandRow), required=True)
    most = fields.Integer(required=True, metadata={"description": "as many as are listed at most"})


@blp.route("/tasks/land")
@staff("inbox")
@blp.arguments(HeldArgs, location="query")
@blp.response(200, HeldLandOut)
def held(_args: dict[str, Any]):
    """Parcels that open cases of a division hold, by code, with the case. Who asked is recorded."""
    session, division = office_session(), asked_division()
    rows = held_land(session, g.actor, division)
    note_read(session, running().clock, g.actor, "open", f"map:inbox:{division}", division)
    session.commit()
    return {
        "items": [
            {"parcel": row.parcel, "case": row.number, "contractor": row.contractor_name} for row in rows
        ],
        "most": MOST,
    }


@blp.route("/tasks/land.geojson")
@staff("inbox")
@blp.arguments(LandArgs, location="query")
@blp.response(200, FeaturesOut, content_type=GEOJSON)
def held_on_map(_args: dict[str, Any]) -> Response:
    """A division's parcels in a box; ``layer`` is ``after`` where an open case holds the parcel, else ``parcel``."""
    return geojson(land_to_choose_on(office_session(), g.actor, asked_division(), asked_box()))
