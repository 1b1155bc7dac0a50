"""For other departments: a parcel by its code, for a purpose that is recorded, from the query store alone."""

from typing import Any

from flask import g
from marshmallow import Schema, fields, validate

from engine.domain.errors import NotFound
from engine.usecases.look_up import look_up
from engine.usecases.note_read import SHORTEST_PURPOSE
from web.api.access import staff
from web.api.blueprint import blueprint
from web.api.open import OpenParcelOut, shown
from web.api.schemas import text
from web.db import office_session, query_session, running

blp = blueprint("lookups", "部门查询 / Look-ups of other departments")


class LookUpIn(Schema):
    code = fields.String(
        required=True, validate=validate.Length(max=40), metadata={"description": "19 digits"}
    )
    purpose = fields.String(
        required=True,
        validate=validate.Length(max=200),
        metadata={
            "description": f"for what, by which paper; at least {SHORTEST_PURPOSE} characters; recorded"
        },
    )


class LookedUpOut(OpenParcelOut):
    """The outline is generalised, the holder's name masked."""

    holder = text("masked")


@blp.route("/lookups", methods=["POST"])
@staff("lookups")
@blp.arguments(LookUpIn)
@blp.response(200, LookedUpOut)
def now(args: dict[str, Any]):
    """Look a parcel up. Kept with no idempotency key: each asking is recorded, and no answer is stored."""
    session = office_session()
    found = look_up(
        session, query_session(), running().clock, g.actor, args["code"].strip(), args["purpose"].strip()
    )
    session.commit()
    if found is None:
        raise NotFound("parcel", "没有查到这个地块，请核对编码")
    return shown(found.parcel, found.county) | {"holder": found.holder}
