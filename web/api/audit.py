"""For auditors: prove that nothing was altered; rebuild a case from its events."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from flask import g, url_for
from marshmallow import Schema, fields

from engine.queries.scoped import visible_case
from engine.store.scope import one_view
from engine.store.tables.work import LongWork
from engine.usecases.long_work import ask_long_work, cancel_long_work, read_long_work
from engine.usecases.replay_case import replay_case
from engine.usecases.verify_history import verify_history
from web.api import schemas, shapes
from web.api.access import staff
from web.api.blueprint import blueprint
from web.api.once import once
from web.db import office_session, running

blp = blueprint("audit", "审计 / Audit")


class ReplayOut(Schema):
    number = fields.String(required=True)
    version_id = fields.String()
    steps = fields.List(fields.Dict())
    differences = fields.List(
        fields.String(), metadata={"description": "empty when it equals what is recorded"}
    )


class LongWorkOut(Schema):
    """Work that takes minutes."""

    id = fields.String(required=True)
    kind = fields.String()
    status = fields.String(metadata={"description": "waiting, running, done or cancelled"})
    phase = fields.String()
    done = fields.Integer()
    total = fields.Integer(allow_none=True, metadata={"description": "empty while it is not known"})
    asked_by = fields.String()
    asked_at = fields.String()
    ended_at = fields.String(allow_none=True)
    cancel = fields.Boolean(metadata={"description": "somebody asked for its end"})
    result = fields.Dict(allow_none=True)
    error = fields.String(allow_none=True, metadata={"description": "of the last attempt; it is tried again"})


@blp.route("/audit/verification")
@staff("audit")
@blp.response(200, schemas.VerifiedOut)
def verification():
    """Every chain, checkpoint and stored paper of the county, checked now."""
    app, county = running(), g.actor.county
    with app.sessions(g.actor.scope) as session:
        one_view(session)
        found = asdict(verify_history(session, county, app.files, app.signing_key.public_key()))
    faults = shapes.plain(found.pop("faults"))
    return {"county": county, "intact": not faults, "faults": faults} | found


@blp.route("/audit/verifications", methods=["POST"])
@staff("audit")
@blp.response(202, LongWorkOut)
@once
def verify_later():
    """The same as long work, for a record that takes minutes: follow Location."""
    session = office_session()
    work = ask_long_work(session, running().clock, g.actor, "verify_history", {})
    where = url_for("api-audit.verification_work", work_id=work)
    return work_shape(read_long_work(session, g.actor.county, work)), 202, {"Location": where}


@blp.route("/audit/verifications/<uuid:work_id>")
@staff("audit")
@blp.response(200, LongWorkOut)
def verification_work(work_id: UUID):
    """How far it is, and what it found."""
    return work_shape(read_long_work(office_session(), g.actor.county, work_id))


@blp.route("/audit/verifications/<uuid:work_id>", methods=["DELETE"])
@staff("audit")
@blp.response(202, LongWorkOut)
def stop_verification(work_id: UUID):
    """Ask for its end: it stops at its next word."""
    session = office_session()
    cancel_long_work(session, g.actor.county, work_id)
    session.commit()
    return work_shape(read_long_work(session, g.actor.county, work_id)), 202


def work_shape(work: LongWork) -> dict[str, Any]:
    names = ("id", "kind", "status", "phase", "done", "total", "asked_by", "asked_at", "ended_at", "cancel")
    return {name: shapes.plain(getattr(work, name)) for name in (*names, "result", "error")}


@blp.route("/audit/cases/<number>/replay")
@staff("audit")
@blp.response(200, ReplayOut)
def replay(number: str):
    """The case rebuilt from its commands, step by step."""
    session = office_session()
    case = visible_case(session, g.actor, number)
    return asdict(replay_case(session, case.county, case.number))
