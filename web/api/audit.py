"""For auditors: prove that nothing was altered; rebuild a case from its events."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from flask import g, url_for
from marshmallow import Schema, fields

from engine.domain.errors import NotFound
from engine.queries import audit as queries
from engine.queries.scoped import visible_case
from engine.store.history import checkpoints
from engine.store.scope import one_view
from engine.store.signing import public_key_hex
from engine.store.tables.work import LongWork
from engine.usecases.long_work import ask_long_work, cancel_long_work, read_long_work
from engine.usecases.replay_case import replay_case
from engine.usecases.verify_history import make_checkpoint, verify_history
from web.api import schemas, shapes
from web.api.access import staff
from web.api.account_events import AccountEventOut, events_page
from web.api.blueprint import blueprint
from web.api.once import once
from web.api.paging import PageArgs, page, page_number
from web.api.words import searched
from web.audit.views import checkpoint_body
from web.db import office_session, running

blp = blueprint("audit", "审计 / Audit")


class ReplayOut(Schema):
    number = fields.String(required=True)
    version_id = fields.String()
    steps = fields.List(fields.Dict())
    differences = fields.List(
        fields.String(), metadata={"description": "empty when it equals what is recorded"}
    )


class CheckpointOut(Schema):
    county = fields.String(required=True)
    seq = fields.Integer(required=True)
    at = fields.String()
    cases = fields.Integer()
    events = fields.Integer()
    heads = fields.Raw(metadata={"description": "case -> the hash of its last event"})
    previous = fields.String()
    root = fields.String()
    signature = fields.String(metadata={"description": "Ed25519, hexadecimal"})
    public_key = fields.String()


class ReadRecordOut(Schema):
    by = fields.String()
    at = fields.String()
    position = fields.String()
    action = fields.String()
    subject = fields.String()
    purpose = fields.String(allow_none=True, metadata={"description": "of an unmasking"})
    division = fields.String(allow_none=True)


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


@blp.route("/audit/checkpoints", methods=["POST"])
@staff("audit")
@blp.response(201, CheckpointOut)
@once
def make():
    """Sign a checkpoint over all cases now; keep it outside this machine."""
    session, app = office_session(), running()
    made = make_checkpoint(session, g.actor.county, app.signing_key, app.clock.now())
    where = url_for("api-audit.checkpoint", seq=made.seq)
    return checkpoint_body(made, public_key_hex(app.signing_key)), 201, {"Location": where}


@blp.route("/audit/checkpoints/<int:seq>")
@staff("audit")
@blp.response(200, CheckpointOut)
def checkpoint(seq: int):
    """One checkpoint, as it is to be kept elsewhere."""
    found = next((one for one in checkpoints(office_session(), g.actor.county) if one.seq == seq), None)
    if found is None:
        raise NotFound("checkpoint", "没有这个检查点")
    return checkpoint_body(found, public_key_hex(running().signing_key))


class ReadsArgs(PageArgs):
    q = fields.String(load_default="", metadata={"description": "part of what was read, e.g. a code"})


@blp.route("/audit/reads")
@staff("audit")
@blp.arguments(ReadsArgs, location="query")
@blp.response(200, schemas.page_of(ReadRecordOut))
def reads(args: dict[str, Any]):
    """Who opened or searched for what, the newest first."""
    number = page_number(args)
    rows, more = queries.reads(office_session(), g.actor, searched(args["q"]), number)
    names = ("at", "position", "action", "subject", "purpose", "division")
    shown = [{"by": who} | {name: shapes.plain(getattr(row, name)) for name in names} for row, who in rows]
    return page(shown, [number + 1] if more else None)


@blp.route("/audit/accounts")
@staff("audit")
@blp.arguments(PageArgs, location="query")
@blp.response(200, schemas.page_of(AccountEventOut))
def accounts(args: dict[str, Any]):
    """What the two other administrators did to accounts, the newest first."""
    return events_page(args)


@blp.route("/audit/cases/<number>/replay")
@staff("audit")
@blp.response(200, ReplayOut)
def replay(number: str):
    """The case rebuilt from its commands, step by step."""
    session = office_session()
    case = visible_case(session, g.actor, number)
    return asdict(replay_case(session, case.county, case.number))
