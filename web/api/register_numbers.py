"""Identity numbers in full: an act of its own, for a purpose, and recorded."""

from typing import Any

from flask import g
from flask_babel import gettext as _
from marshmallow import Schema, fields, validate

from engine.domain.errors import Invalid
from engine.queries.as_of import When
from engine.queries.things.sheets import household_sheet
from engine.usecases.note_read import SHORTEST_PURPOSE, note_read
from web.api import schemas
from web.api.access import staff
from web.api.blueprint import blueprint
from web.db import office_session, running

blp = blueprint("numbers", "登记簿 / The register")


class PurposeIn(Schema):
    purpose = fields.String(
        required=True,
        validate=validate.Length(max=200),
        metadata={
            "description": f"for what; at least {SHORTEST_PURPOSE} characters, and an auditor reads it"
        },
    )


class MemberNumberOut(Schema):
    name = fields.String(required=True)
    id_number = schemas.text("in full")


class NumbersOut(Schema):
    code = fields.String(required=True)
    id_number = schemas.text("of the contractor, in full")
    members = fields.List(fields.Nested(MemberNumberOut))


@blp.route("/households/<code>/numbers", methods=["POST"])
@staff("unmask")
@blp.arguments(PurposeIn)
@blp.response(200, NumbersOut)
def numbers(args: dict[str, Any], code: str):
    """The identity numbers of a household. Kept with no idempotency key: nothing is changed, and no answer is stored."""
    purpose = args["purpose"].strip()
    session, clock = office_session(), running().clock
    sheet = household_sheet(session, g.actor, code, When.now(clock.now()))
    if len(purpose) < SHORTEST_PURPOSE:
        raise Invalid({"purpose": [_("请写明查看身份证号的用途，至少%(n)s个字", n=SHORTEST_PURPOSE)]})
    found = sheet.found
    note_read(
        session, clock, g.actor, "unmask", f"{found.kind}:{found.code}", found.identity.division, purpose
    )
    session.commit()
    version = found.version
    return {
        "code": found.code,
        "id_number": version.id_number if version is not None else None,
        "members": [{"name": one.name, "id_number": one.id_number} for one in sheet.members],
    }
