"""For anyone: where a case stands, by number and code; whether a paper is genuine."""

from typing import Any

from flask import request
from werkzeug.exceptions import BadRequest

from engine.domain.errors import NotFound
from engine.queries import portal_pages
from web.api import portal_schemas as out
from web.api.blueprint import blueprint
from web.api.portal import paper_shape, view_shape
from web.api.reading import read_json
from web.db import portal_session
from web.limits import limiter
from web.portal.look_up import _plain as typed
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
