"""Messages to the upper platform about what was filed, and the platform's answers."""

from typing import Any
from uuid import UUID

from flask import Response, g, make_response
from marshmallow import Schema, fields, validate

from engine.domain.feed import answer_codes
from engine.exchange.feed_file import write_message
from engine.queries import feed
from engine.usecases.feed import give_answer, repeat
from engine.usecases.note_read import note_read
from web.api.access import staff
from web.api.blueprint import blueprint
from web.api.once import once
from web.api.paging import PageArgs, page, place_of
from web.api.shapes import plain
from web.db import office_session, running
from web.inbox.download import disposition

blp = blueprint("feed", "报送上级平台 / Messages to the upper platform")


class FeedArgs(PageArgs):
    state = fields.String(load_default="all", validate=validate.OneOf(feed.TABS))


class PlatformAnswerIn(Schema):
    code = fields.String(
        required=True, validate=validate.OneOf(answer_codes()), metadata={"description": "ZT; 100 is taken"}
    )
    text = fields.String(allow_none=True, metadata={"description": "MS; needed unless it was taken"})


class FeedRepeatIn(Schema):
    why = fields.String(required=True, metadata={"description": "what was mended"})


class FeedMessageOut(Schema):
    id = fields.String(required=True, metadata={"description": "SJBZM"})
    serial = fields.String(required=True, metadata={"description": "业务流水号 YWLSH"})
    turn = fields.Integer(required=True, metadata={"description": "place in the county's row"})
    attempt = fields.Integer(required=True)
    case = fields.String(required=True)
    code = fields.String(required=True, metadata={"description": "接入业务编码"})
    contractor_code = fields.String(required=True)
    contractor_name = fields.String(required=True)
    state = fields.String(required=True, metadata={"description": "waiting, sent, accepted, refused"})
    again = fields.Boolean(metadata={"description": "another sending followed"})
    why = fields.String(allow_none=True)
    faults = fields.List(fields.String(), metadata={"description": "what the draft standard misses in it"})
    made_at = fields.String()
    sent_at = fields.String(allow_none=True)
    sent_to = fields.String(allow_none=True)
    answered_at = fields.String(allow_none=True)
    answer = fields.Dict(allow_none=True)
    facts = fields.Dict(metadata={"description": "the message itself; only of a single one"})


class FeedMessagesOut(Schema):
    items = fields.List(fields.Nested(FeedMessageOut))
    next = fields.String(allow_none=True)


_SAME = ("id", "serial", "turn", "attempt", "code", "contractor_code", "contractor_name", "state", "why", "faults",
         "made_at", "sent_at", "sent_to", "answered_at", "answer")  # fmt: skip


def shown(line: feed.Line, whole: bool = False) -> dict[str, Any]:
    told = {name: getattr(line.row, name) for name in _SAME}
    told |= {"case": line.case.number, "again": line.again}
    return plain(told | ({"facts": line.row.facts} if whole else {}))


@blp.route("/feed-messages")
@staff("registry")
@blp.arguments(FeedArgs, location="query")
@blp.response(200, FeedMessagesOut)
def messages(args: dict[str, Any]):
    """What was or will be told to the upper platform, in the order of going out."""
    lines, place = feed.from_place(office_session(), g.actor, args["state"], place_of(args), args["limit"])
    return page([shown(line) for line in lines], place)


@blp.route("/feed-messages/<uuid:message_id>")
@staff("registry")
@blp.response(200, FeedMessageOut)
def message(message_id: UUID):
    """One, with all that it says. It holds identity numbers: who read it is recorded."""
    session = office_session()
    line = feed.find(session, g.actor, message_id)
    note_read(session, running().clock, g.actor, "open", f"feed:{line.row.id}", line.row.division)
    session.commit()
    return shown(line, whole=True)


@blp.route("/feed-messages/<uuid:message_id>/file")
@staff("registrar")
@blp.response(200, {"type": "string", "format": "binary"}, content_type="application/xml")
def file(message_id: UUID) -> Response:
    """The message as XML: as it was sent, or as it would be."""
    session, app = office_session(), running()
    row = feed.find(session, g.actor, message_id).row
    note_read(session, app.clock, g.actor, "download", f"feed:{row.id}", row.division)
    answer = make_response(
        app.files.get(row.file) if row.file else write_message(row.facts, app.settings.feed_key)
    )
    answer.headers["Content-Type"] = "application/xml"
    answer.headers["Content-Disposition"] = disposition(f"DJYW{row.serial}.xml", False)
    session.commit()
    return answer


@blp.route("/feed-messages/<uuid:message_id>/reply", methods=["POST"])
@staff("registrar")
@blp.arguments(PlatformAnswerIn)
@blp.response(200, FeedMessageOut)
@once
def answer(args: dict[str, Any], message_id: UUID):
    """The platform's answer to a message that was carried as a file. 409 when another answer is on record already."""
    session = office_session()
    give_answer(session, running().clock, g.actor, message_id, args)
    return shown(feed.find(session, g.actor, message_id)), 200


@blp.route("/feed-messages/<uuid:message_id>/repeat", methods=["POST"])
@staff("registrar")
@blp.arguments(FeedRepeatIn)
@blp.response(200, FeedMessageOut)
@once
def send_again(args: dict[str, Any], message_id: UUID):
    """Send a refused message again, under the same serial; those behind it follow."""
    session = office_session()
    row = repeat(session, running().clock, g.actor, message_id, args["why"])
    return shown(feed.find(session, g.actor, row.id)), 200
