"""Many small changes at once: the list form of a case type as data, what became of each household's rows."""

from typing import Any

from marshmallow import Schema, fields, validate

from engine.domain.errors import Invalid
from engine.usecases.start_many import Started
from web.api import schemas
from web.api.access import staff
from web.api.blueprint import blueprint
from web.api.once import once
from web.db import office_session, running
from web.i18n import lang
from web.inbox.many import known_list, list_form, start_sound, words_of

blp = blueprint("many", "成批登记 / Many at once")


class ManyIn(Schema):
    rows = fields.List(
        fields.Dict(),
        required=True,
        validate=validate.Length(1, 100),
        metadata={"description": "as the list form asks: household, what, name, id_number, relation, ..."},
    )
    papers = fields.Dict(
        keys=fields.String(validate=validate.Length(max=100)),
        values=fields.List(fields.String(validate=validate.Length(max=40)), validate=validate.Length(max=20)),
        load_default=dict,
        metadata={"description": "kind -> ids of uploaded papers; they go with every case"},
    )


class StartedRowOut(Schema):
    rows = fields.List(fields.Integer(), required=True, metadata={"description": "places in `rows`, from 0"})
    household = fields.String(required=True)
    case = schemas.text("number of its case; empty where refused")
    again = fields.Boolean(required=True, metadata={"description": "that case had been started before"})
    code = schemas.text("why it was refused, for programs")
    why = schemas.text("why it was refused, in words")


class ManyOut(Schema):
    started = fields.Integer(required=True)
    refused = fields.Integer(required=True)
    items = fields.List(fields.Nested(StartedRowOut), required=True)


@blp.route("/case-types/<case_type>/many", methods=["POST"])
@staff("start")
@blp.arguments(ManyIn)
@blp.response(200, ManyOut)
@once
def many(args: dict[str, Any], case_type: str):
    """Each household's rows make a case of their own. What is refused says why and holds nothing else up; rows that were started before are told with their case."""
    session = office_session()
    known = known_list(session, case_type)
    form = list_form(known)
    data, errors = form.read(args, lang=lang())
    outcomes = start_sound(session, running().clock, case_type, form, data, errors)
    if outcomes is None:
        raise Invalid(errors)
    refused = sum(one.error is not None for one in outcomes)
    told = {
        "started": sum(one.error is None and not one.again for one in outcomes),
        "refused": refused,
        "items": [row(one) for one in outcomes],
    }
    return told, 200


def row(one: Started) -> dict[str, Any]:
    return {
        "rows": list(one.places),
        "household": one.household,
        "case": one.number or "",
        "again": one.again,
        "code": one.error.code if one.error else "",
        "why": words_of(one.error) if one.error else "",
    }
