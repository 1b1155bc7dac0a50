"""The register: households of the scope."""

from typing import Any

from flask import g
from marshmallow import fields, validate

from engine.queries import cursors
from engine.queries import register as queries
from engine.queries.map import zone
from engine.queries.scoped import places
from engine.usecases.note_read import note_read, note_search
from web.api import schemas, shapes
from web.api.access import staff
from web.api.blueprint import blueprint
from web.api.paging import PageArgs, page, place_of
from web.api.words import searched
from web.db import office_session, running

blp = blueprint("register", "登记簿 / The register")


class ListArgs(PageArgs):
    q = fields.String(load_default="", metadata={"description": "name, code, or a whole identity number"})
    division = fields.String(
        load_default="",
        validate=validate.Regexp("^[0-9]{0,14}$"),
        metadata={"description": "prefix to narrow to"},
    )


@blp.route("/households")
@staff("register")
@blp.arguments(ListArgs, location="query")
@blp.response(200, schemas.page_of(schemas.HouseholdLine))
def households(args: dict[str, Any]):
    """Households by code. What is searched for is recorded."""
    session, words = office_session(), searched(args["q"])
    if words:
        note_search(session, running().clock, g.actor, "register", words)
    lines, place = cursors.households(
        session, g.actor, words, args["division"], place_of(args), args["limit"]
    )
    session.commit()
    return page([shapes.line(line) for line in lines], place)


@blp.route("/households/<code>")
@staff("register")
@blp.response(200, schemas.HouseholdOut)
def household(code: str):
    """One household with members, parcels, contract, register entry and its cases. Who opened it is recorded."""
    session, actor = office_session(), g.actor
    found = queries.visible_household(session, actor, code)
    note_read(session, running().clock, actor, "open", f"contractor:{found.code}", found.division)
    place = places(session, {found.division})[found.division]
    shown = shapes.household(found, place, queries.entry_of(session, found)) | {
        "srid": zone(session, found.county).epsg,
        "open_case": queries.open_cases(session, found.county, [found.code]).get(found.code),
        "cases": [
            {"number": case.number, "case_type": case.case_type, "status": case.status}
            for case in queries.cases_of(session, actor, found.code)
        ],
    }
    session.commit()
    return shown
