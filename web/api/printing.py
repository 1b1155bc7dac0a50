"""Printing: a case's sheets, and how the county wants its papers printed."""

from typing import Any

from flask import Response, g, make_response
from marshmallow import Schema, fields, validate

from engine.domain.clock import local_date
from engine.domain.errors import Invalid, NotFound
from engine.domain.print_settings import (
    LONGEST_CLAUSE,
    MOST_CLAUSES,
    MOST_DECIMALS,
    PAGE_SIZES,
    from_json,
)
from engine.queries.scoped import visible_case
from engine.store.print_settings import rows_of, settings_on
from engine.usecases.counter_receipt import counter_receipt
from engine.usecases.note_read import note_read
from engine.usecases.print_case import KINDS, print_case
from engine.usecases.set_printing import LONGEST, set_printing
from web.api.access import documents, staff
from web.api.blueprint import blueprint
from web.api.once import once
from web.api.schemas import day, instant, text
from web.api.shapes import plain
from web.db import office_session, running
from web.errors import faults_of

blp = blueprint("printing", "打印 / Printing")
PDF = {
    "200": {
        "description": "the sheet",
        "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class PrintingValues(Schema):
    mu_decimals = fields.Integer(strict=True, validate=validate.Range(0, MOST_DECIMALS))
    page_size = fields.String(validate=validate.OneOf(sorted(PAGE_SIZES)))
    split_fields = fields.Boolean(metadata={"description": "dates in parts, numbers digit by digit"})
    hide_basic_farmland = fields.Boolean()
    boxed_contract_dates = fields.Boolean(
        metadata={"description": "the contract's dates in boxes, empty ones to be written into"}
    )
    clauses = fields.List(
        fields.String(validate=validate.Length(1, LONGEST_CLAUSE)),
        validate=validate.Length(max=MOST_CLAUSES),
        metadata={"description": "the county's own, in contracts drawn up from valid_from on"},
    )
    parcels_per_page = fields.Integer(strict=True, validate=validate.Range(1, 40))
    background_width = fields.Integer(
        strict=True, validate=validate.Range(10, 420), metadata={"description": "mm"}
    )
    background_height = fields.Integer(
        strict=True, validate=validate.Range(10, 420), metadata={"description": "mm"}
    )


class PrintingIn(PrintingValues):
    valid_from = fields.String(required=True, metadata={"format": "date", "description": "today or later"})
    reason = fields.String(required=True, validate=validate.Length(1, LONGEST))


class PrintingRow(Schema):
    valid_from = day()
    settings = fields.Nested(PrintingValues)
    by = text("who set them")
    at = instant()
    reason = text()


class PrintingOut(Schema):
    settings = fields.Nested(PrintingValues, required=True, metadata={"description": "in force today"})
    history = fields.List(fields.Nested(PrintingRow), required=True)


@blp.route("/print-settings")
@staff("studio")
@blp.response(200, PrintingOut)
def settings():
    """What holds today, and everything that was ever set, the latest first."""
    session = office_session()
    today = local_date(running().clock.now())
    return {
        "settings": settings_on(session, g.actor.county, today).as_json(),
        "history": [_row(row) for row in rows_of(session, g.actor.county)],
    }


@blp.route("/print-settings", methods=["POST"])
@staff("studio")
@blp.arguments(PrintingIn)
@blp.response(201, PrintingRow)
@once
def change_settings(args: dict[str, Any]):
    """From a day on; what is not given stays as it is."""
    valid_from, reason = args.pop("valid_from"), args.pop("reason")
    try:
        return _row(set_printing(office_session(), running().clock, g.actor, valid_from, args, reason)), 201
    except Invalid as error:
        raise Invalid(faults_of(error)) from None


def _row(row: Any) -> dict[str, Any]:
    return {
        "valid_from": plain(row.valid_from),
        "settings": from_json(row.settings).as_json(),
        "by": row.by_name,
        "at": plain(row.at),
        "reason": row.reason,
    }


@blp.route("/cases/<number>/sheets/<sheet>")
@staff("cases")
@documents(responses=PDF)
def printed(number: str, sheet: str) -> Response:
    """``application``, ``certificate`` or ``receipt`` as PDF, drawn now."""
    session, app = office_session(), running()
    case = visible_case(session, g.actor, number)
    if sheet not in (*KINDS, "receipt"):
        raise NotFound("sheet", "没有这种可打印的内容")
    note_read(session, app.clock, g.actor, "download", f"case:{case.number}", case.division, sheet)
    if sheet == "receipt":
        body = counter_receipt(session, app.clock, g.actor, case, app.settings.public_url)
    else:
        body = print_case(session, app.files, case, sheet, local_date(app.clock.now()))
    session.commit()
    answer = make_response(body)
    answer.headers["Content-Type"] = "application/pdf"
    return answer
