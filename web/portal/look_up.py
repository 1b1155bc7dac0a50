"""Where a case stands, for whoever has its number and code. No names; one answer for wrong and missing."""

import re
import unicodedata

from flask import Blueprint, render_template, request
from flask_babel import gettext as _

from engine.queries import portal_pages
from web.db import portal_session
from web.limits import limiter
from web.portal.words import steps_of, turn_of


def add_routes(blueprint: Blueprint) -> None:
    blueprint.get("/portal/lookup")(lookup)
    by_address = limiter.limit("10/minute;60/hour")
    by_case = limiter.limit("20/hour", key_func=_asked_number)
    blueprint.post("/portal/lookup")(by_case(by_address(look_up)))


def _plain(text: str) -> str:
    """As typed from a paper: without spaces and dashes, in capitals, full-width digits made plain."""
    return re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", text)).upper()[:40]


def _asked_number() -> str:
    return "case:" + _plain(request.form.get("number", ""))


def lookup():
    """``?number=`` comes from the receipt that the counter hands over."""
    return _form(_plain(request.args.get("number", "")), {})


def _form(number: str, errors: dict[str, list[str]], missing: bool = False, status: int = 200):
    cards = portal_pages.counties(portal_session())
    html = render_template(
        "portal/lookup.html", number=number, errors=errors, missing=missing, counties=cards
    )
    return html, status


def look_up():
    number, code = _plain(request.form.get("number", "")), _plain(request.form.get("code", ""))
    errors = {}
    if not number:
        errors["number"] = [_("请填写办件编号")]
    if not code:
        errors["code"] = [_("请填写查询码")]
    if errors:
        return _form(number, errors, status=422)
    view = portal_pages.look_up(portal_session(), number, code)
    if view is None:
        return _form(number, {}, missing=True, status=404)
    return render_template("portal/found.html", view=view, turn=turn_of(view), steps=steps_of(view))
