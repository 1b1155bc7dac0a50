"""The desk: the same done to several tasks, reminders, remarks, notices, saved views."""

from dataclasses import asdict
from typing import Any

from flask import g
from marshmallow import Schema, fields, validate

from engine.domain.errors import Invalid
from engine.queries.deal_parties import signing_parties
from engine.queries.scoped import visible_case
from engine.queries.timeline import Told
from engine.store import notices
from engine.store.saved_views import views_of
from engine.store.tables.desk import SavedView
from engine.usecases.bulk import ACTS, MOST, bulk
from engine.usecases.comment import LONGEST, comment
from engine.usecases.note_read import note_read
from engine.usecases.remind_parties import remind_parties as remind_of_signing
from engine.usecases.remind_task import LONGEST as LONGEST_REMINDER
from engine.usecases.remind_task import remind_task
from engine.usecases.saved_views import (
    LONGEST_NAME,
    LONGEST_QUERY,
    delete_view,
    save_view,
)
from web.api.access import staff
from web.api.blueprint import blueprint
from web.api.once import once
from web.api.schemas import instant, text
from web.api.shapes import plain
from web.db import office_session, running
from web.errors import faults_of
from web.i18n import in_words

blp = blueprint("desk", "案头 / Desk: several at once, reminders, remarks, notices, views")
TASK = "/cases/<number>/tasks/<int(max=2147483647):task>"


class PickedIn(Schema):
    case = fields.String(required=True, validate=validate.Length(1, 40))
    task = fields.Integer(required=True, strict=True, validate=validate.Range(0, 2**31 - 1))


class BulkIn(Schema):
    act = fields.String(required=True, validate=validate.OneOf(sorted(ACTS)))
    tasks = fields.List(fields.Nested(PickedIn), required=True, validate=validate.Length(1, MOST))


class OutcomeOut(Schema):
    case = fields.String(required=True)
    task = fields.Integer(required=True)
    done = fields.Boolean(required=True)
    code = text("why not, as problem details call it")
    detail = text("why not, in the reader's language")


class BulkOut(Schema):
    done = fields.Integer(required=True)
    refused = fields.Integer(required=True)
    outcomes = fields.List(fields.Nested(OutcomeOut), required=True)


class RemindIn(Schema):
    text = fields.String(load_default="", validate=validate.Length(max=LONGEST_REMINDER))


class RemindedOut(Schema):
    told = fields.Integer(required=True, metadata={"description": "how many people got a notice"})


class SigningPartyOut(Schema):
    position = fields.Integer(required=True)
    side = fields.String(metadata={"enum": ["lessor", "agent", "recipient"]})
    name = fields.String(required=True)
    signer = fields.String(required=True)
    phone = fields.String(metadata={"description": "masked; where the link and codes go"})
    way = fields.String(metadata={"description": "phone: by a link of their own"})
    invited_at = instant()
    reminded_at = instant()
    signed_at = instant()


class SigningPartiesOut(Schema):
    signed = fields.Integer(required=True)
    items = fields.List(fields.Nested(SigningPartyOut), required=True)


class RemarkIn(Schema):
    text = fields.String(
        required=True,
        validate=validate.Length(1, LONGEST),
        metadata={"description": "@name tells somebody who sees the case"},
    )


class RemarkOut(Schema):
    at = instant()
    actor = fields.String()
    position = text()
    text = fields.String(required=True)


class RemarksOut(Schema):
    items = fields.List(fields.Nested(RemarkOut), required=True)


class RemarkedOut(Schema):
    told = fields.List(fields.String(), required=True, metadata={"description": "names of those told"})


class NoticeOut(Schema):
    id = fields.Integer(required=True)
    case = fields.String(required=True)
    task = fields.Integer(allow_none=True)
    kind = fields.String(metadata={"enum": ["mentioned", "reminded", "reassigned"]})
    by = fields.String()
    text = fields.String()
    at = instant()
    read_at = instant()


class NoticesOut(Schema):
    unread = fields.Integer(required=True, metadata={"description": "100 for more than 99"})
    items = fields.List(fields.Nested(NoticeOut), required=True)


class ReadIn(Schema):
    ids = fields.List(
        fields.Integer(strict=True, validate=validate.Range(1, 2**63 - 1)),
        validate=validate.Length(max=notices.SHOWN),
        metadata={"description": "all of one's own without"},
    )


class ReadOut(Schema):
    read = fields.Integer(required=True, metadata={"description": "how many were new"})


class ViewIn(Schema):
    name = fields.String(required=True, validate=validate.Length(1, LONGEST_NAME))
    query = fields.String(
        required=True,
        validate=validate.Length(max=LONGEST_QUERY),
        metadata={"description": "tab, q, type, step, division, due, sort, area, columns, form-encoded"},
    )


class ViewOut(ViewIn):
    id = fields.String(required=True)
    made_at = instant()


class ViewsOut(Schema):
    items = fields.List(fields.Nested(ViewOut), required=True)


@blp.route("/tasks/bulk", methods=["POST"])
@staff("inbox", desk=True)
@blp.arguments(BulkIn)
@blp.response(200, BulkOut)
@once
def several(args: dict[str, Any]):
    """Claim or remind several, each by itself: what was refused does not undo the rest. Never a decision."""
    picked = [(one["case"], one["task"]) for one in args["tasks"]]
    outcomes = bulk(office_session(), running().clock, g.actor, ACTS[args["act"]], picked)
    told = [
        {
            "case": one.number,
            "task": one.task,
            "done": one.done,
            "code": one.fault,
            "detail": in_words(one.refused) if one.refused else None,
        }
        for one in outcomes
    ]
    done = sum(one.done for one in outcomes)
    return {"done": done, "refused": len(told) - done, "outcomes": told}


@blp.route("/cases/<number>/parties")
@staff("cases")
@blp.response(200, SigningPartiesOut)
def parties(number: str):
    """Who has signed a deal's contract on line, and who not; none where nobody was asked to."""
    session = office_session()
    found = visible_case(session, g.actor, number)
    note_read(session, running().clock, g.actor, "open", f"case:{found.number}", found.division)
    rows = [
        {name: plain(value) for name, value in asdict(row).items()} for row in signing_parties(session, found)
    ]
    session.commit()
    return {"signed": sum(row["signed_at"] is not None for row in rows), "items": rows}


@blp.route("/cases/<number>/parties/remind", methods=["POST"])
@staff("cases")
@blp.response(200, RemindedOut)
@once
def remind_parties(number: str):
    """Send those who have not signed their link again, each at most once a day: 409."""
    session, app = office_session(), running()
    visible_case(session, g.actor, number)
    return {"told": remind_of_signing(session, app.clock, g.actor, number, app.settings.public_url)}


@blp.route(f"{TASK}/remind", methods=["POST"])
@staff("remind")
@blp.arguments(RemindIn)
@blp.response(200, RemindedOut)
@once
def remind(args: dict[str, Any], number: str, task: int):
    """Ask whoever has it to get on, from an office above. Once a day: 409."""
    session = office_session()
    visible_case(session, g.actor, number)
    return {"told": remind_task(session, running().clock, g.actor, number, task, args["text"].strip())}


@blp.route("/cases/<number>/remarks")
@staff("cases")
@blp.response(200, RemarksOut)
def remarks(number: str):
    """What the offices said to each other about it, oldest first. Applicants do not see it."""
    session = office_session()
    found = visible_case(session, g.actor, number)
    note_read(session, running().clock, g.actor, "open", f"case:{found.number}", found.division)
    said = Told(session, found).remarks()
    session.commit()
    return {
        "items": [
            {"at": plain(one.at), "actor": one.actor_name, "position": one.position, "text": one.text}
            for one in said
        ]
    }


@blp.route("/cases/<number>/remarks", methods=["POST"])
@staff("cases")
@blp.arguments(RemarkIn)
@blp.response(201, RemarkedOut)
@once
def remark(args: dict[str, Any], number: str):
    """Say something about it to the other offices."""
    session = office_session()
    visible_case(session, g.actor, number)
    try:
        return {"told": comment(session, running().clock, g.actor, number, args["text"])}, 201
    except Invalid as error:
        raise Invalid(faults_of(error)) from None


@blp.route("/notices")
@staff("cases")
@blp.response(200, NoticesOut)
def own_notices():
    """One's own, the newest first, at most a hundred."""
    session = office_session()
    items = [
        {
            "id": row.id,
            "case": number,
            "task": row.task_number,
            "kind": row.kind,
            "by": row.by_name,
            "text": row.text,
            "at": plain(row.at),
            "read_at": plain(row.read_at),
        }
        for row, number in notices.newest(session, g.actor)
    ]
    return {"unread": notices.unread(session, g.actor), "items": items}


@blp.route("/notices/read", methods=["POST"])
@staff("cases", desk=True)
@blp.arguments(ReadIn)
@blp.response(200, ReadOut)
@once
def read_notices(args: dict[str, Any]):
    """Mark one's own as read."""
    return {"read": notices.mark_read(office_session(), g.actor, running().clock.now(), args.get("ids"))}


def _view(row: SavedView) -> dict[str, Any]:
    return {"id": str(row.id), "name": row.name, "query": row.query, "made_at": plain(row.made_at)}


@blp.route("/views")
@staff("inbox")
@blp.response(200, ViewsOut)
def views():
    """One's own lists under a name."""
    return {"items": [_view(row) for row in views_of(office_session(), g.actor)]}


@blp.route("/views", methods=["POST"])
@staff("inbox", desk=True)
@blp.arguments(ViewIn)
@blp.response(201, ViewOut)
@once
def keep_view(args: dict[str, Any]):
    """Save one; one of that name is written anew."""
    try:
        return _view(save_view(office_session(), running().clock, g.actor, args["name"], args["query"])), 201
    except Invalid as error:
        raise Invalid(faults_of(error)) from None


@blp.route("/views/<uuid:view_id>", methods=["DELETE"])
@staff("inbox", desk=True)
@blp.response(204)
def drop_view(view_id: Any):
    """Delete one of one's own."""
    session = office_session()
    delete_view(session, g.actor, view_id)
    session.commit()
