"""The applicants' side, continued: disputes to which one is a party, or whose agent. Reads the portal's schema alone."""

from typing import Any

from flask import Response, g
from marshmallow import Schema, fields
from werkzeug.exceptions import NotFound as NotThere

from engine.domain.errors import NotFound
from engine.queries import portal_pages, portal_parties
from engine.store.tables.portal_public import PartyView
from engine.usecases.portal_drafts import start_act
from web.api import portal_schemas as out
from web.api.access import applicant
from web.api.blueprint import blueprint
from web.api.once import portal_once
from web.api.papers import file_answer
from web.api.portal import own, paper_shape, send
from web.api.schemas import anything, instant
from web.api.shapes import plain
from web.db import portal_session, running
from web.limits import limiter
from web.portal.filling import filling_of

blp = blueprint("portal-disputes", "承包方 / Applicants")


class PartyViewOut(Schema):
    number = fields.String(required=True, metadata={"description": "of the case"})
    side = fields.String(metadata={"enum": ["applicant", "respondent", "third_party"]})
    stands_for = fields.String(metadata={"description": "the party: an agent's client, or oneself"})
    agent = fields.Boolean()
    title = anything("{zh, en}")
    status = fields.String()
    told = anything(
        "dispute, turn, steps, periods [{last_day, text}], hearings, panel, acts [{name, title, form, due_on}], done"
    )
    updated_at = instant()


class PartyActIn(Schema):
    answers = fields.Dict(required=True)


def mine(number: str) -> PartyView:
    """The same answer for a case that is not there and one that is others'."""
    view = portal_parties.dispute_of(portal_session(), g.applicant, number)
    if view is None:
        raise NotThere
    return view


def shape(view: PartyView) -> dict[str, Any]:
    names = ("number", "side", "stands_for", "agent", "title", "status", "told", "updated_at")
    return {name: plain(getattr(view, name)) for name in names}


@blp.route("/portal/disputes")
@applicant
@blp.response(200, PartyViewOut(many=True))
def disputes():
    """Disputes to which one is a party, or whose agent; the newest first."""
    return [shape(view) for view in portal_parties.disputes_of(portal_session(), g.applicant)]


@blp.route("/portal/disputes/<number>")
@applicant
@blp.response(200, PartyViewOut)
def dispute(number: str):
    """What it is about, one's periods, hearings, and what one may do now."""
    return shape(mine(number))


@blp.route("/portal/disputes/<number>/papers")
@applicant
@blp.response(200, out.PaperViewOut(many=True))
def papers(number: str):
    """What one's side may download."""
    view = mine(number)
    return [paper_shape(paper) for paper in portal_pages.papers_of(portal_session(), number, view.side)]


@blp.route("/portal/disputes/<number>/papers/<code>/file")
@applicant
@blp.response(200, {"type": "string", "format": "binary"}, content_type="application/pdf")
def paper_file(number: str, code: str) -> Response:
    """The PDF itself."""
    found = portal_pages.paper_file(portal_session(), number, code, mine(number).side)
    if found is None or found.body is None:
        raise NotThere
    return file_answer(bytes(found.body), "application/pdf", f"{found.title}{found.number}.pdf")


@blp.route("/portal/disputes/<number>/acts/<act>", methods=["POST"])
@applicant
@limiter.limit("20/minute")
@blp.arguments(PartyActIn)
@blp.response(202, out.SubmissionOut)
@portal_once(own)
def act(args: dict[str, Any], number: str, act: str):
    """Do it in one go: answer, hand in evidence, choose, challenge. Files go first to /portal/uploads with case and act."""
    view = mine(number)
    asked = portal_parties.act_of(view, act)
    if asked is None:
        raise NotFound("act", "这一项现在不能办：可能已经办过、期限已过，或者案件已经往下办了")
    draft = start_act(portal_session(), running().clock, g.applicant, view, asked)
    return send(filling_of(draft, view.version), args["answers"])
