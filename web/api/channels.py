"""By which ways applicants are told things: what holds, what was set before, and a test message."""

from typing import Any

from flask import g
from marshmallow import Schema, fields, validate

from engine.domain.channels import LONGEST, from_json
from engine.domain.errors import Invalid
from engine.domain.messages import CHOSEN, WAYS, templates
from engine.store.channels import channels_of, rows_of
from engine.usecases.set_channels import set_channels, try_channel
from web.api.access import staff
from web.api.blueprint import blueprint
from web.api.once import once
from web.api.schemas import instant, text
from web.api.shapes import plain
from web.db import office_session, running
from web.errors import faults_of
from web.limits import limiter

blp = blueprint("channels", "通知渠道 / Channels")


class ChannelValues(Schema):
    sender = fields.String(
        required=True, validate=validate.Length(2, LONGEST), metadata={"description": "opens every message"}
    )
    off = fields.List(
        fields.String(validate=validate.OneOf(CHOSEN)),
        load_default=[],
        metadata={"description": "ways switched off"},
    )
    kinds = fields.Dict(
        keys=fields.String(validate=validate.OneOf(sorted(templates()))),
        values=fields.List(fields.String(validate=validate.OneOf(WAYS))),
        load_default={},
        metadata={"description": "kind of message -> its ways, where they are not the usual ones"},
    )


class ChannelsIn(ChannelValues):
    reason = fields.String(required=True, validate=validate.Length(1, 200))


class ChannelRow(Schema):
    settings = fields.Nested(ChannelValues)
    by = text("who set them")
    at = instant()
    reason = text()


class ChannelsOut(Schema):
    settings = fields.Nested(ChannelValues, required=True, metadata={"description": "in force"})
    history = fields.List(fields.Nested(ChannelRow), required=True)


class TestMessageIn(Schema):
    way = fields.String(required=True, validate=validate.OneOf(CHOSEN))
    to = fields.String(required=True, metadata={"description": "a telephone or an e-mail address"})


@blp.route("/message-channels")
@staff("studio")
@blp.response(200, ChannelsOut)
def channels():
    """What holds now, and everything that was ever set, the latest first."""
    session = office_session()
    return {
        "settings": channels_of(session, g.actor.county).as_json(),
        "history": [_row(row) for row in rows_of(session, g.actor.county)],
    }


@blp.route("/message-channels", methods=["POST"])
@staff("studio")
@blp.arguments(ChannelsIn)
@blp.response(201, ChannelRow)
@once
def change_channels(args: dict[str, Any]):
    """For what is told from now on."""
    reason = args.pop("reason")
    try:
        return _row(set_channels(office_session(), running().clock, g.actor, args, reason)), 201
    except Invalid as error:
        raise _said(error) from None


@blp.route("/message-channels/tests", methods=["POST"])
@staff("studio")
@limiter.limit("5/minute;30/hour")
@blp.arguments(TestMessageIn)
@blp.response(202)
@once
def test_message(args: dict[str, Any]):
    """Sends one message that says who sent it."""
    try:
        try_channel(office_session(), running().clock, g.actor, args["way"], args["to"])
    except Invalid as error:
        raise _said(error) from None
    return {}, 202


def _said(error: Invalid) -> Invalid:
    return Invalid(faults_of(error))


def _row(row: Any) -> dict[str, Any]:
    return {
        "settings": from_json(row.settings).as_json(),
        "by": row.by_name,
        "at": plain(row.at),
        "reason": row.reason,
    }
