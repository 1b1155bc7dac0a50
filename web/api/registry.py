"""Hand-overs to the real-estate registry, and its receipts."""

from typing import Any

from flask import Response, g, make_response
from marshmallow import Schema, fields, validate

from engine.domain.errors import Conflict
from engine.domain.registry import ACCEPTED, REFUSED
from engine.queries import registry
from engine.usecases.note_read import note_read
from engine.usecases.registry import give_receipt
from web.api.access import staff
from web.api.blueprint import blueprint
from web.api.once import once
from web.api.paging import PageArgs, page, place_of
from web.api.shapes import plain
from web.db import office_session, running
from web.inbox.download import disposition

blp = blueprint("registry", "登记移交 / Hand-overs to the registry")


class TabArgs(PageArgs):
    state = fields.String(load_default="all", validate=validate.OneOf(registry.TABS))


class ReceiptIn(Schema):
    outcome = fields.String(required=True, validate=validate.OneOf((ACCEPTED, REFUSED)))
    on = fields.Date(required=True, metadata={"description": "the day of the registry's decision"})
    number = fields.String(
        allow_none=True, metadata={"description": "of the registry's entry; needed when accepted"}
    )
    reason = fields.String(allow_none=True, metadata={"description": "needed when refused"})
    certificate_number = fields.String(allow_none=True, metadata={"description": "不动产权证号 BDCQZH"})
    print_serial = fields.String(allow_none=True, metadata={"description": "printed on the sheet itself"})
    printed_on = fields.Date(allow_none=True)
    units = fields.Dict(
        keys=fields.String(),
        values=fields.String(allow_none=True),
        allow_none=True,
        metadata={
            "description": "不动产单元号 BDCDYH (28 characters) by parcel code, of those parcels that the registry told it of"
        },
    )


class HandOverOut(Schema):
    key = fields.String(
        required=True, metadata={"description": "业务号 YWH: the registry takes each only once"}
    )
    case = fields.String(required=True)
    contractor_code = fields.String()
    contractor_name = fields.String()
    attempt = fields.Integer(required=True)
    kind = fields.String(required=True)
    state = fields.String(required=True, metadata={"description": "waiting, accepted, refused"})
    again = fields.Boolean(metadata={"description": "another attempt followed"})
    made_at = fields.String()
    sent_at = fields.String(allow_none=True)
    sent_to = fields.String(allow_none=True)
    due_at = fields.String(allow_none=True, metadata={"description": "end of the registry's 30 working days"})
    receipt = fields.Dict(allow_none=True)
    facts = fields.Dict(metadata={"description": "what was handed over; only of a single hand-over"})


class HandOversOut(Schema):
    items = fields.List(fields.Nested(HandOverOut))
    next = fields.String(allow_none=True)


def shown(line: registry.Line, whole: bool = False) -> dict[str, Any]:
    row = line.row
    found = {
        "key": row.key,
        "case": line.case.number,
        "contractor_code": line.contractor_code,
        "contractor_name": line.contractor_name,
        "attempt": row.attempt,
        "kind": row.kind,
        "state": row.state,
        "again": line.again,
        "made_at": row.made_at,
        "sent_at": row.sent_at,
        "sent_to": row.sent_to,
        "due_at": line.due_at,
        "receipt": row.receipt,
    }
    return plain(found | ({"facts": row.facts} if whole else {}))


@blp.route("/hand-overs")
@staff("registry")
@blp.arguments(TabArgs, location="query")
@blp.response(200, HandOversOut)
def hand_overs(args: dict[str, Any]):
    """What was handed over to the registry, the oldest first."""
    lines, place = registry.from_place(
        office_session(), g.actor, args["state"], place_of(args), args["limit"]
    )
    return page([shown(line) for line in lines], place)


@blp.route("/hand-overs/<key>")
@staff("registry")
@blp.response(200, HandOverOut)
def hand_over(key: str):
    """One, with everything that the registry was told. It holds identity numbers: who read it is recorded."""
    session = office_session()
    line = registry.find(session, g.actor, key)
    note_read(session, running().clock, g.actor, "open", f"hand_over:{line.row.key}", line.row.division)
    session.commit()
    return shown(line, whole=True)


@blp.route("/hand-overs/<key>/file")
@staff("registrar")
@blp.response(200, {"type": "string", "format": "binary"}, content_type="application/zip")
def file(key: str) -> Response:
    """The signed file, as it was laid down for the registry."""
    session, app = office_session(), running()
    line = registry.find(session, g.actor, key)
    if not line.row.file:
        raise Conflict("waiting", "签名文件正在生成，请过一会儿再取")
    note_read(session, app.clock, g.actor, "download", f"hand_over:{line.row.key}", line.row.division)
    answer = make_response(app.files.get(line.row.file))
    answer.headers["Content-Type"] = "application/zip"
    answer.headers["Content-Disposition"] = disposition(f"{line.row.key}.zip", False)
    session.commit()
    return answer


@blp.route("/hand-overs/<key>/receipt", methods=["POST"])
@staff("registrar")
@blp.arguments(ReceiptIn)
@blp.response(200, HandOverOut)
@once
def receipt(args: dict[str, Any], key: str):
    """The registry's answer: the case goes on by it. 409 when another answer is on record already."""
    session = office_session()
    give_receipt(session, running().clock, g.actor, key, plain(args))
    return shown(registry.find(session, g.actor, key)), 200
