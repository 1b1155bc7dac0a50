"""Disputes: the list, the hearing calendar, the commission, and what is done in a case beside its tasks."""

from typing import Any
from uuid import UUID

from flask import g
from marshmallow import Schema, fields, validate

from engine.domain.clock import local_date
from engine.queries import case_file
from engine.queries import disputes as queries
from engine.queries.scoped import visible_case
from engine.store.tables.disputes import CommissionMember
from engine.usecases.act_in_case import act_in_case, acts_open
from engine.usecases.disputes import (
    GROUNDS,
    POSTS,
    TRADES,
    add_member,
    composition,
    end_member,
    release_dispute,
)
from engine.usecases.procedures import procedure_of
from web.api import shapes
from web.api.access import staff
from web.api.blueprint import ETAG, blueprint, etag
from web.api.events import DeliveredOut
from web.api.once import once
from web.api.schemas import anything, day, instant
from web.api.shapes import plain
from web.db import office_session, running
from web.i18n import in_words

blp = blueprint("disputes", "纠纷 / Disputes")


class DisputesArgs(Schema):
    state = fields.String(load_default="open", validate=validate.OneOf(queries.STATES))
    kind = fields.String(validate=validate.OneOf(["mediation", "arbitration"]))


class DisputeOut(Schema):
    case = fields.String(required=True)
    number = fields.String(required=True, metadata={"description": "农仲案〔2026〕第1号"})
    kind = fields.String(required=True, metadata={"enum": ["mediation", "arbitration"]})
    cause = anything("{zh, en}")
    applicant = fields.String()
    respondents = fields.List(fields.String())
    third_parties = fields.List(fields.String())
    parcels = fields.List(fields.String(), metadata={"description": "codes of the disputed parcels"})
    opened_on = day()
    closed_on = day()
    outcome = fields.String(allow_none=True)
    effective_on = day()
    change = fields.String(allow_none=True, metadata={"description": "change: the register must change"})
    change_case = fields.String(
        allow_none=True, metadata={"description": "number of the case that changes it"}
    )


class DisputesOut(Schema):
    items = fields.List(fields.Nested(DisputeOut))


class HearingOut(Schema):
    case = fields.String(required=True)
    number = fields.String(required=True)
    round = fields.Integer()
    starts_at = instant()
    ends_at = instant()
    place = fields.String()
    public = fields.Boolean()
    panel = fields.List(fields.Dict())
    status = fields.String(metadata={"enum": ["called", "held", "postponed", "cancelled"]})
    notify_by = day()
    postpone_by = day()


class HearingsOut(Schema):
    items = fields.List(fields.Nested(HearingOut))


class MemberIn(Schema):
    number = fields.String(required=True)
    name = fields.String(required=True)
    post = fields.String(required=True, validate=validate.OneOf(POSTS))
    arbitrator = fields.Boolean(load_default=False)
    ground = fields.String(allow_none=True, validate=validate.OneOf(GROUNDS))
    trade = fields.String(required=True, validate=validate.OneOf(TRADES))
    phone = fields.String(allow_none=True)
    starts_on = fields.Date(allow_none=True)


class MemberOut(Schema):
    id = fields.String(required=True)
    number = fields.String()
    name = fields.String()
    post = fields.String()
    arbitrator = fields.Boolean()
    ground = fields.String(allow_none=True)
    trade = fields.String()
    phone = fields.String(allow_none=True)
    starts_on = day()
    ends_on = day()


class CommissionOut(Schema):
    items = fields.List(fields.Nested(MemberOut))
    lacks = fields.List(fields.String(), metadata={"description": "what art 13 asks for and is not so"})


class ReleaseIn(Schema):
    reason = fields.String(required=True)


class ActOut(Schema):
    name = fields.String(required=True)
    title = anything("{zh, en}")
    form = fields.String()


class ActsOut(Schema):
    items = fields.List(fields.Nested(ActOut))


class ActIn(Schema):
    act = fields.String(required=True)
    answers = fields.Dict(required=True)


def shown(line: queries.Line) -> dict[str, Any]:
    row = line.dispute
    names = (
        "number",
        "kind",
        "applicant",
        "respondents",
        "third_parties",
        "parcels",
        "opened_on",
        "closed_on",
    )
    found = {
        name: getattr(row, name) for name in (*names, "outcome", "effective_on", "change", "change_case")
    }
    return plain(found | {"case": line.case.number, "cause": row.cause_title})


def member(row: CommissionMember) -> dict[str, Any]:
    names = ("number", "name", "post", "arbitrator", "ground", "trade", "phone", "starts_on", "ends_on")
    return plain({name: getattr(row, name) for name in names} | {"id": str(row.id)})


@blp.route("/disputes")
@staff("disputes")
@blp.arguments(DisputesArgs, location="query")
@blp.response(200, DisputesOut)
def disputes(args: dict[str, Any]):
    """Mediations and arbitrations of one's scope that were taken in, the last one first."""
    found = queries.disputes(office_session(), g.actor, args["state"], args.get("kind"))
    return {"items": [shown(line) for line in found]}


@blp.route("/disputes/<number>/release", methods=["POST"])
@staff("commission")
@blp.arguments(ReleaseIn)
@blp.response(200, DisputeOut)
@once
def release(args: dict[str, Any], number: str):
    """A court has dealt with it: the disputed parcels are free again."""
    session = office_session()
    row = release_dispute(session, running().clock, g.actor, number, args["reason"])
    return shown(queries.Line(row, visible_case(session, g.actor, number), None)), 200


@blp.route("/hearings")
@staff("disputes")
@blp.response(200, HearingsOut)
def hearings():
    """From now on, in the order of their time."""
    found = queries.hearings(office_session(), g.actor, running().clock.now())
    names = (
        "round",
        "starts_at",
        "ends_at",
        "place",
        "public",
        "panel",
        "status",
        "notify_by",
        "postpone_by",
    )
    rows = [
        {name: getattr(hearing, name) for name in names} | {"case": case.number, "number": dispute.number}
        for hearing, dispute, case in found
    ]
    return {"items": plain(rows)}


@blp.route("/commission")
@staff("disputes")
@blp.response(200, CommissionOut)
def commission():
    """The arbitration commission and its list of arbitrators."""
    session = office_session()
    today = local_date(running().clock.now())
    rows = [member(row) for row in queries.commission(session, g.actor.county)]
    return {"items": rows, "lacks": [in_words(one) for one in composition(session, g.actor.county, today)]}


@blp.route("/commission", methods=["POST"])
@staff("commission")
@blp.arguments(MemberIn)
@blp.response(201, MemberOut)
@once
def add(args: dict[str, Any]):
    """Put somebody on the list."""
    return member(add_member(office_session(), running().clock, g.actor, args)), 201


@blp.route("/commission/<uuid:member_id>/end", methods=["POST"])
@staff("commission")
@blp.response(200, MemberOut)
@once
def end(member_id: UUID):
    """From tomorrow on the list does not have this person."""
    return member(end_member(office_session(), running().clock, g.actor, member_id)), 200


@blp.route("/cases/<number>/acts")
@staff("cases")
@blp.response(200, ActsOut)
def acts(number: str):
    """What this position may do in the case now, beside its tasks."""
    session = office_session()
    case = visible_case(session, g.actor, number)
    offers = [act for act in acts_open(session, g.actor, case, procedure_of(session, case)) if act.may]
    return {"items": [{"name": act.name, "title": act.title, "form": act.form} for act in offers]}


@blp.route("/cases/<number>/acts", methods=["POST"])
@staff("cases")
@blp.arguments(ActIn)
@blp.response(200, DeliveredOut, headers=ETAG)
@once
def act_now(args: dict[str, Any], number: str):
    """Do it: the form's answers go into the case."""
    session = office_session()
    case = act_in_case(session, running().clock, g.actor, number, args["act"], args["answers"])
    after = {
        "case": case.number,
        "status": case.status,
        "revision": case.revision,
        "tasks": [shapes.task(row, name) for row, name in case_file.tasks(session, case)],
        "awaited": [shapes.awaited(one) for one in case_file.awaited(session, case)],
    }
    return after, 200, etag(case.revision)
