"""For anyone: contracted land as the public page shows it, from the query store alone. Outlines are generalised."""

from typing import Any

from marshmallow import Schema, fields

from engine.queries import open_land
from engine.store.tables.query import OpenCounty
from web.api.blueprint import blueprint
from web.api.schemas import anything, text
from web.db import query_session
from web.limits import limiter

blp = blueprint("open", "公开的承包地 / Contracted land, for anyone")


class OpenParcelOut(Schema):
    """No names; the outline is generalised and is no evidence."""

    code = fields.String(required=True)
    place = fields.String()
    area_mu = text("亩, rounded")
    state = text("contracted, uncontracted")
    way = text("NY/T 2539 C.10")
    term_start = fields.Date(allow_none=True)
    term_end = fields.Date(allow_none=True)
    marks = anything("what stands on it: transfer, mortgage, dispute")
    epsg = fields.Integer(metadata={"description": "the zone that the outline's metres are in"})
    grid_m = fields.Float(metadata={"description": "metres that its corners were put on"})
    outline = anything("GeoJSON")


class OpenVillageOut(Schema):
    epsg = fields.Integer()
    grid_m = fields.Float()
    features = anything("GeoJSON feature collection")


@blp.route("/open/parcels/<code>")
@limiter.limit("60/minute;1200/hour")
@blp.response(200, OpenParcelOut)
def parcel(code: str) -> dict[str, Any]:
    """One parcel by its code of 19 digits."""
    query = query_session()
    return shown(open_land.parcel(query, code), open_land.county_of(query, code))


def shown(found: open_land.Parcel, county: OpenCounty) -> dict[str, Any]:
    facts = {name: getattr(found, name) for name in OpenParcelOut().fields if hasattr(found, name)}
    return facts | {
        "area_mu": str(found.area_mu),
        "marks": list(found.marks),
        "epsg": county.srid,
        "grid_m": county.grid_m,
        "outline": found.drawn,
    }


@blp.route("/open/villages/<code>")
@limiter.limit("60/minute;1200/hour")
@blp.response(200, OpenVillageOut)
def village(code: str) -> dict[str, Any]:
    """The parcels of a village by its code of 12 digits, at most 3000."""
    query = query_session()
    open_land.village_name(query, code)
    county = open_land.county_of(query, code)
    return {"epsg": county.srid, "grid_m": county.grid_m, "features": open_land.drawn(query, code)}
