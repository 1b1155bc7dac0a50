"""Messages and signals from outside: other systems' answers that cases wait for."""

from typing import Any

from flask import g
from marshmallow import Schema, fields, validate

from engine.queries import case_file
from engine.queries.scoped import visible_case
from engine.usecases.deliver_event import deliver_message
from engine.usecases.send_signal import send_signal
from web.api import schemas, shapes
from web.api.access import staff
from web.api.blueprint import ETAG, blueprint, etag
from web.api.once import once
from web.db import office_session, running
from web.i18n import N_

blp = blueprint("events", "消息和信号 / Messages and signals")

NAME = validate.Length(1, 200, error=N_("应为1至200个字"))


class MessageIn(Schema):
    name = fields.String(
        required=True, validate=NAME, metadata={"description": "as the model names the message"}
    )
    payload = fields.Raw(
        allow_none=True, load_default=None, metadata={"description": "any JSON; where the model says"}
    )
    key = fields.String(
        validate=NAME, metadata={"description": "where several places of the case wait for it"}
    )


class DeliveredOut(Schema):
    case = fields.String(required=True)
    status = fields.String(required=True)
    revision = fields.Integer(required=True)
    tasks = fields.List(fields.Dict(), metadata={"description": "what is open now"})
    awaited = fields.List(
        fields.Nested(schemas.AwaitedOut), metadata={"description": "what is still waited for"}
    )


class SignalIn(Schema):
    name = fields.String(
        required=True, validate=NAME, metadata={"description": "as the models name the signal"}
    )
    payload = fields.Raw(
        allow_none=True, load_default=None, metadata={"description": "any JSON; where the model says"}
    )


class SignalledOut(Schema):
    name = fields.String(required=True)
    cases = fields.Integer(
        required=True, metadata={"description": "that wait for it now; each takes it soon"}
    )


@blp.route("/cases/<number>/messages", methods=["POST"])
@staff("events")
@blp.arguments(MessageIn)
@blp.response(200, DeliveredOut, headers=ETAG)
@once
def message(args: dict[str, Any], number: str):
    """Give the case a message that it waits for, in this transaction. 409 when it does not wait for it."""
    session = office_session()
    number = visible_case(session, g.actor, number).number
    case = deliver_message(
        session, running().clock, g.actor, args["name"], args["payload"], to=number, key=args.get("key")
    )
    after = {
        "case": case.number,
        "status": case.status,
        "revision": case.revision,
        "tasks": [shapes.task(row, name) for row, name in case_file.tasks(session, case)],
        "awaited": [shapes.awaited(one) for one in case_file.awaited(session, case)],
    }
    return after, 200, etag(case.revision)


@blp.route("/signals", methods=["POST"])
@staff("events")
@blp.arguments(SignalIn)
@blp.response(202, SignalledOut)
@once
def signal(args: dict[str, Any]):
    """Tell every case of the county that waits for the signal. Each takes it in a transaction of its own, soon."""
    told = send_signal(office_session(), running().clock, g.actor, args["name"], args["payload"])
    return {"name": args["name"], "cases": told}, 202
