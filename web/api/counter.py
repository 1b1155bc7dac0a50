"""At the counter: what may be started, who stands there, and applications kept half done."""

from typing import Any

from flask import g
from marshmallow import Schema, fields, validate

from engine.domain import masking
from engine.domain.errors import Invalid
from engine.queries import register
from engine.queries.counter import drafts_of, find_draft, persons
from engine.usecases.counter import keep_draft
from engine.usecases.note_read import note_read, note_search
from engine.usecases.procedures import current_procedure, startable
from engine.usecases.start_case import check_may_start
from forms.clean import Wrong
from forms.kinds.identity import id_number
from web.api import schemas, shapes
from web.api.access import staff
from web.api.blueprint import blueprint
from web.db import office_session, running
from web.i18n import lang
from web.inbox.counter import NUMBER

blp = blueprint("counter", "窗口 / At the counter")


class StartableOut(Schema):
    case_type = fields.String(required=True)
    origin = fields.String(required=True, metadata={"description": "in whose name"})
    title = schemas.anything("{zh, en}")


class PersonIn(Schema):
    id_number = fields.String(required=True, validate=validate.Length(max=60))


class PersonFoundOut(Schema):
    household = fields.String(required=True, metadata={"description": "its code"})
    contractor = fields.String()
    name = fields.String(metadata={"description": "under which the register knows the number"})
    relation = schemas.text("code of GB/T 4761; empty for the contractor")
    open_case = schemas.text("number of the case that runs for the household")


class PersonsOut(Schema):
    persons = fields.List(fields.Nested(PersonFoundOut))


class CounterDraftIn(Schema):
    data = fields.Dict(required=True, metadata={"description": "answers so far; files come with the case"})


class CounterDraftOut(Schema):
    case_type = fields.String(required=True)
    contractor = fields.String(required=True)
    name = fields.String()
    data = fields.Dict()
    saved_at = schemas.instant()


@blp.route("/case-types/startable")
@staff("start")
@blp.response(200, StartableOut(many=True))
def choices():
    """Everything that this position may start, in whose name."""
    rows = startable(office_session(), g.actor)
    return [
        {"case_type": one.case_type.name, "origin": one.origin, "title": shapes.plain(one.title)}
        for one in rows
    ]


@blp.route("/counter/persons", methods=["POST"])
@staff("start")
@blp.arguments(PersonIn)
@blp.response(200, PersonsOut)
def who(args: dict[str, Any]):
    """Households of the scope that the register has the number in. 422 where it is no identity number. That one
    searched is recorded, and nothing else.
    """
    session = office_session()
    try:
        number = id_number(args["id_number"], NUMBER)
    except Wrong as wrong:
        raise Invalid({"id_number": [wrong.message.for_lang(lang())]}) from None
    note_search(session, running().clock, g.actor, "counter", number)
    found = [
        {
            "household": one.household.code,
            "contractor": one.household.name,
            "name": one.name,
            "relation": one.relation,
            "open_case": one.open_case,
        }
        for one in persons(session, g.actor, number)
    ]
    session.commit()
    return {"persons": found}


@blp.route("/counter/drafts")
@staff("start")
@blp.response(200, CounterDraftOut(many=True))
def drafts():
    """One's own, the latest first, at most 50."""
    return [_draft(row) for row in drafts_of(office_session(), g.actor)]


@blp.route("/counter/drafts/<case_type>/<code>", methods=["PUT"])
@staff("start")
@blp.arguments(schemas.StartFormArgs, location="query")
@blp.arguments(CounterDraftIn)
@blp.response(200, CounterDraftOut)
def keep(asked: dict[str, Any], args: dict[str, Any], case_type: str, code: str):
    """Keep an application half done: one for each person, business and household."""
    session = office_session()
    household = register.visible_household(session, g.actor, code)
    known = current_procedure(session, g.actor.county, case_type[:100])
    check_may_start(known, g.actor, household.division, asked["origin"])
    keep_draft(session, running().clock, g.actor, case_type, household, args["data"])
    session.commit()
    row = find_draft(session, g.actor, case_type, household.code)
    note_read(session, running().clock, g.actor, "open", f"contractor:{household.code}", household.division)
    session.commit()
    return _draft(row)


def _draft(row: Any) -> dict[str, Any]:
    return {
        "case_type": row.case_type,
        "contractor": row.contractor_code,
        "name": row.contractor_name,
        "data": masking.answers(row.data),
        "saved_at": shapes.plain(row.saved_at),
    }
