"""For anyone: where a case stands, by number and code; whether a paper is genuine; objections to what is displayed."""

from typing import Any
from uuid import UUID

from flask import request, url_for
from flask_babel import gettext as _
from marshmallow import Schema
from werkzeug.exceptions import BadRequest

from engine.domain.errors import Invalid, NotFound
from engine.queries import portal_pages, portal_public
from engine.queries.verified_file import MOST, check_file
from engine.store.tables.portal import Submission
from engine.store.tables.portal_public import PublicNotice
from engine.usecases.portal_objections import object_to
from web.api import portal_schemas as out
from web.api.access import documents
from web.api.blueprint import blueprint
from web.api.once import portal_once
from web.api.portal import paper_shape, stranger, submission_shape, view_shape
from web.api.reading import read_json
from web.api.uploads import PARSER, posted_upload, upload_body
from web.db import portal_session, running
from web.i18n import lang
from web.limits import limiter
from web.portal.look_up import _plain as typed
from web.portal.objecting import OBJECTION, posted_files
from web.portal.public import hanging
from web.portal.verifying import CODE

blp = blueprint("public", "公开查询 / For anyone")


def asked_case() -> str:
    """Counted by case, so that nobody tries many codes of one from many addresses."""
    try:
        given = read_json(request.get_data(cache=True))
    except BadRequest:
        given = None
    number = given.get("number") if isinstance(given, dict) else ""
    return "case:" + typed(number if isinstance(number, str) else "")


@blp.route("/lookup", methods=["POST"])
@limiter.limit("20/hour", key_func=asked_case)
@limiter.limit("10/minute;60/hour")
@blp.arguments(out.LookupIn)
@blp.response(200, out.LookupOut)
def lookup(args: dict[str, Any]):
    """No names; one answer for a wrong code and a case that is not there. Changes nothing."""
    view = portal_pages.look_up(portal_session(), typed(args["number"]), typed(args["code"]))
    if view is None:
        raise NotFound("lookup", "编号或查询码不对，请核对后再试")
    shown = view_shape(view)
    return {name: shown[name] for name in ("number", "title", "status", "turn", "steps")}


@blp.route("/verify/<code>")
@limiter.limit("30/minute")
@blp.response(200, out.PaperViewOut)
def verify(code: str):
    """Number, date and SHA-256 of the paper with that code, to compare with the one in hand."""
    plain = code.upper()
    paper = portal_pages.paper_by_code(portal_session(), plain) if CODE.fullmatch(plain) else None
    if paper is None:
        raise NotFound("paper", "没有找到这份文书，请核对验证码")
    return {name: value for name, value in paper_shape(paper).items() if name != "case"}


@blp.route("/verify", methods=["POST"])
@limiter.limit("10/minute;60/hour")
@documents(requestBody=upload_body(required=()))
@blp.response(200, out.CheckedFileOut)
def verify_file():
    """A PDF without any code: whether it was issued, who sealed it, whether it was changed since. It stays nowhere."""
    _words, given = posted_upload(Schema)
    found = check_file(portal_session(), given.stream.read(MOST + 1))
    told = found.paper is not None and (found.same or found.good)
    return {
        "sha256": found.sha256,
        "same": found.same,
        "good": found.good,
        "shown": found.shown,
        "seals": found.seals,
        "paper": {k: v for k, v in paper_shape(found.paper).items() if k != "case"} if told else None,
    }


@blp.route("/public-notices/<uuid:notice_id>/objections", methods=["POST"])
@limiter.limit("3/minute;10/hour")
@documents(requestBody=out.OBJECTION_BODY)
@blp.response(202, out.PublicObjectionOut)
@portal_once(stranger)
def object_now(notice_id: UUID):
    """Object to what is displayed; anybody may. Follow Location: the id is told to its sender alone."""
    notice = _hanging(notice_id)
    data, errors = OBJECTION.read(PARSER.parse(out.ObjectionWords, request, location="form"), lang=lang())
    if errors:
        raise Invalid(errors)
    sent = object_to(portal_session(), running().clock, notice, data, posted_files("files"), None)
    where = url_for("api-public.objected", submission_id=sent)
    return _objection(portal_session().get_one(Submission, sent)), 202, {"Location": where}


def _hanging(notice_id: UUID) -> PublicNotice:
    found = hanging(notice_id)
    if found is None:
        raise NotFound("notice", _("没有这个公示，或公示已经结束"))
    return found


@blp.route("/public-objections/<uuid:submission_id>")
@limiter.limit("60/minute")
@blp.response(200, out.PublicObjectionOut)
def objected(submission_id: UUID):
    """What became of an objection: taken to the case, or why not."""
    row = portal_public.objection(portal_session(), submission_id)
    if row is None:
        raise NotFound("objection", "没有找到这次提交")
    return _objection(row)


def _objection(row: Submission) -> dict[str, Any]:
    return {name: value for name, value in submission_shape(row).items() if name in out.PUBLIC_OBJECTION}
