"""Findings of the quality rules: the list, one and what is said of it, a run over the register, the county's settings."""

from typing import Any
from uuid import UUID

from flask import g, url_for
from marshmallow import Schema, fields, validate

from engine.domain.errors import NotFound
from engine.exchange.check_register import own_settings
from engine.exchange.checks.settings import tolerances
from engine.exchange.findings import rules
from engine.queries import quality as queries
from engine.queries.quality import Filter
from engine.store.tables.quality import QualityFinding
from engine.usecases.long_work import ask_long_work, cancel_long_work, read_long_work
from engine.usecases.note_read import note_read, note_search
from engine.usecases.settle_finding import set_quality_settings, settle_finding
from web.api import schemas, shapes
from web.api.access import staff
from web.api.audit import LongWorkOut, work_shape
from web.api.blueprint import blueprint
from web.api.once import once
from web.api.paging import PageArgs, page, place_of
from web.api.words import searched
from web.db import office_session, running
from web.quality.words import message_of, record_of

blp = blueprint("quality", "质检 / Quality")
KIND = "check_register"


class FindingsArgs(PageArgs):
    q = fields.String(
        load_default="", metadata={"description": "beginning of a code, or a part of the message"}
    )
    rule = fields.String(load_default="", validate=validate.OneOf(["", *rules()]))
    severity = fields.String(load_default="", validate=validate.OneOf(["", *queries.SEVERITIES]))
    state = fields.String(load_default="open", validate=validate.OneOf(["all", *queries.STATES]))
    source = fields.String(load_default="", validate=validate.OneOf(["", *queries.SOURCES]))
    division = fields.String(load_default="", validate=validate.Regexp("^[0-9]{0,14}$"))


class FindingOut(Schema):
    id = fields.Integer(required=True)
    rule = fields.String()
    severity = fields.String()
    table = fields.String(allow_none=True)
    record = fields.String()
    field = fields.String(allow_none=True)
    other = fields.String(allow_none=True, metadata={"description": "the other record of a pair"})
    message = fields.String()
    division = fields.String()
    x = fields.Float(allow_none=True, metadata={"description": "easting, metres, in the county's zone"})
    y = fields.Float(allow_none=True)
    state = fields.String(metadata={"description": "open, fixed or no_fault"})
    source = fields.String(metadata={"description": "register or package"})
    found_at = fields.String()
    seen_at = fields.String()
    settled_at = fields.String(allow_none=True)
    case = fields.String(
        allow_none=True, metadata={"description": "number of the case under way that holds the record"}
    )


class SettleIn(Schema):
    did = fields.String(required=True, validate=validate.OneOf(queries.STATES))
    reason = fields.String(required=True, validate=validate.Length(max=500))


class RunIn(Schema):
    division = fields.String(load_default="", validate=validate.Regexp("^[0-9]{0,14}$"))


class SettingsIn(Schema):
    rules = fields.Dict(load_default=dict)
    tolerances = fields.Dict(load_default=dict)
    fields_ = fields.Dict(data_key="fields", load_default=dict)
    reason = fields.String(required=True, validate=validate.Length(max=500))


class SettingsOut(Schema):
    own = fields.Dict(metadata={"description": "what the county set other than the defaults"})
    rules = fields.Dict(metadata={"description": "all rules with their defaults"})
    tolerances = fields.Dict(metadata={"description": "all tolerances with their defaults and limits"})


class CountsOut(Schema):
    counts = fields.Dict(keys=fields.String(), values=fields.Integer())


@blp.route("/quality/findings")
@staff("quality")
@blp.arguments(FindingsArgs, location="query")
@blp.response(200, schemas.page_of(FindingOut))
def findings(args: dict[str, Any]):
    """Findings of the scope by rule and record."""
    session, asked = office_session(), _asked(args)
    rows, place = queries.listed(session, g.actor, asked, place_of(args), args["limit"])
    session.commit()
    handled = queries.handled_by(session, g.actor, rows)
    return page([_shape(row, handled.get(row.id)) for row in rows], place)


@blp.route("/quality/counts")
@staff("quality")
@blp.arguments(FindingsArgs, location="query")
@blp.response(200, CountsOut)
def counts(args: dict[str, Any]):
    """How many findings each rule has."""
    session = office_session()
    found = queries.counts(session, g.actor, _asked(args))
    session.commit()
    return {"counts": found}


def _asked(args: dict[str, Any]) -> Filter:
    words = searched(args["q"])
    if words:
        note_search(office_session(), running().clock, g.actor, "quality", words)
    state = "" if args["state"] == "all" else args["state"]
    return Filter(args["rule"], args["severity"], state, args["source"], args["division"], words)


@blp.route("/quality/findings/<int:finding_id>")
@staff("quality")
@blp.response(200, FindingOut)
def finding(finding_id: int):
    """One finding with what was done about it. Who opened it is recorded."""
    session = office_session()
    found = queries.visible_finding(session, g.actor, finding_id)
    note_read(session, running().clock, g.actor, "open", f"quality:{found.id}", found.division)
    handled = queries.handled_by(session, g.actor, [found])
    session.commit()
    return _shape(found, handled.get(found.id))


@blp.route("/quality/findings/<int:finding_id>/settle", methods=["POST"])
@staff("quality")
@blp.arguments(SettleIn)
@blp.response(200, FindingOut)
@once
def settle(body: dict[str, Any], finding_id: int):
    """Say that it is fixed, no fault, or open after all; with a reason, which is recorded."""
    found = settle_finding(
        office_session(), running().clock, g.actor, finding_id, body["did"], body["reason"]
    )
    return _shape(found), 200


@blp.route("/quality/runs", methods=["POST"])
@staff("packages")
@blp.arguments(RunIn)
@blp.response(202, LongWorkOut)
@once
def run_now(body: dict[str, Any]):
    """Check the register as long work: follow Location."""
    session, actor = office_session(), g.actor
    division = body["division"] or actor.county
    asked = {"division": division if actor.sees(division) else actor.county, "by": actor.name}
    work = ask_long_work(session, running().clock, actor, KIND, asked)
    where = url_for("api-quality.run", work_id=work)
    return work_shape(read_long_work(session, actor.county, work)), 202, {"Location": where}


@blp.route("/quality/runs/<uuid:work_id>")
@staff("packages")
@blp.response(200, LongWorkOut)
def run(work_id: UUID):
    """How far it is, and what it found."""
    return work_shape(_work(work_id))


@blp.route("/quality/runs/<uuid:work_id>", methods=["DELETE"])
@staff("packages")
@blp.response(202, LongWorkOut)
def stop_run(work_id: UUID):
    """Ask for its end: it stops at its next word."""
    session = office_session()
    _work(work_id)
    cancel_long_work(session, g.actor.county, work_id)
    session.commit()
    return work_shape(_work(work_id)), 202


def _work(work_id: UUID):
    work = read_long_work(office_session(), g.actor.county, work_id)
    if work.kind != KIND:
        raise NotFound("long_work", "没有这项工作")
    return work


@blp.route("/quality/settings")
@staff("packages")
@blp.response(200, SettingsOut)
def settings():
    """The county's own, and every rule and tolerance with its default."""
    own = own_settings(office_session(), g.actor.county)
    return {"own": own, "rules": dict(rules()), "tolerances": dict(tolerances())}


@blp.route("/quality/settings", methods=["POST"])
@staff("packages")
@blp.arguments(SettingsIn)
@blp.response(200, SettingsOut)
@once
def set_settings(body: dict[str, Any]):
    """In place of the county's own settings so far; recorded with the reason."""
    asked = {"rules": body["rules"], "tolerances": body["tolerances"], "fields": body["fields_"]}
    own = set_quality_settings(office_session(), running().clock, g.actor, asked, body["reason"])
    return {"own": own, "rules": dict(rules()), "tolerances": dict(tolerances())}, 200


def _shape(found: QualityFinding, handled: str | None = None) -> dict[str, Any]:
    names = ("id", "rule", "severity", "table", "field", "other", "division", "x", "y", "state", "source",
             "found_at", "seen_at", "settled_at")  # fmt: skip
    plain = {name: shapes.plain(getattr(found, name)) for name in names}
    return plain | {"record": record_of(found), "message": message_of(found), "case": handled}
