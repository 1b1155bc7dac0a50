"""Changes of the register that a case would make: checked and drawn before anything is handed in."""

from typing import Any

from flask import g
from marshmallow import Schema, fields, validate

from engine.domain.changes import as_json
from engine.queries.scoped import visible_case
from web.api import schemas
from web.api.access import staff
from web.api.blueprint import blueprint
from web.db import office_session
from web.inbox import drawing

blp = blueprint("changes", "登记变更 / Changes of the register")


class DrawnIn(Schema):
    case = fields.String(required=True, metadata={"description": "number of the case whose changes they are"})
    changes = fields.List(
        fields.Dict(),
        load_default=[],
        metadata={"description": "typed changes, as a form field of kind drawing takes them"},
    )


class GestureIn(DrawnIn):
    tool = fields.String(required=True, validate=validate.OneOf(["new", "split", "merge", "cut"]))
    parcel = fields.String(metadata={"description": "19 digits; of split and cut"})
    parcels = fields.List(fields.String(), metadata={"description": "of merge"})
    line = fields.List(
        fields.List(fields.Float()), metadata={"description": "[[east, north], ...]; of split"}
    )
    red_line = fields.String(metadata={"description": "WKT polygon; of cut"})
    approval = fields.String(metadata={"description": "number of the approval document; of cut"})
    outline = fields.String(metadata={"description": "WKT polygon; of new"})
    name = fields.String(metadata={"description": "of new: what the parcel is called"})
    east = fields.String(metadata={"description": "四至, of new; left empty: who holds the adjoining land"})
    south = fields.String()
    west = fields.String()
    north = fields.String()
    land_use = fields.String(metadata={"description": "GB/T 21010-2007, three digits; of new"})
    grade = fields.String(metadata={"description": "C.8; of new"})
    basic_farmland = fields.String(metadata={"description": "1 yes, 2 no; of new"})
    note = fields.String(metadata={"description": "of new"})


class CheckedOut(Schema):
    changes = fields.List(fields.Dict(), metadata={"description": "on the register's exact coordinates"})
    findings = fields.List(fields.Dict(), metadata={"description": "rule, record, severity, message"})
    areas = fields.List(fields.Dict(), metadata={"description": "m2 and mu before and after, by parcel"})
    features = schemas.anything("GeoJSON in the county's zone; layers before, after, overlap, gap")


class DrawnOut(Schema):
    change = fields.Dict(required=True)


@blp.route("/changes/check", methods=["POST"])
@staff("cases")
@blp.arguments(DrawnIn)
@blp.response(200, CheckedOut)
def check(args: dict[str, Any]):
    """What stands against these changes in the register as it is, and what they would leave. Changes nothing."""
    session = office_session()
    case = visible_case(session, g.actor, args["case"])
    return drawing.told(drawing.checked_drawing(session, case, args["changes"]))


@blp.route("/changes/draw", methods=["POST"])
@staff("cases")
@blp.arguments(GestureIn)
@blp.response(200, DrawnOut)
def draw(args: dict[str, Any]):
    """New land, a line through a parcel, parcels to put together, a red line: the typed change that comes of it."""
    session = office_session()
    case = visible_case(session, g.actor, args["case"])
    return {"change": as_json([drawing.drawn_change(session, case, args)])[0]}
