"""Sign in: who are you, a moment for the check inside, the code from the message."""

from typing import Any
from uuid import UUID

from flask import Blueprint, g, redirect, render_template, request, session, url_for
from flask_babel import gettext as _

import forms
from engine.domain.errors import NotAllowed, Refused
from engine.queries import portal_pages
from engine.usecases.portal_sign_in import ask_sign_in, enter_code, sign_in_state
from web.db import portal_session, running
from web.i18n import lang
from web.limits import limiter
from web.portal.access import let_in, let_out
from web.portal.waiting import waiting_page
from web.retyped import forget

FIELDS: list[dict[str, Any]] = [
    {
        "name": "name",
        "kind": "text",
        "label": {"zh": "姓名", "en": "Name"},
        "hint": {"zh": "与身份证上的一样", "en": "As on your identity card"},
        "required": True,
        "max_length": 40,
        "autocomplete": "name",
    },
    {
        "name": "id_number",
        "kind": "id_number",
        "label": {"zh": "身份证号", "en": "Identity number"},
        "required": True,
    },
    {
        "name": "phone",
        "kind": "phone",
        "label": {"zh": "手机号", "en": "Telephone"},
        "hint": {
            "zh": "填承包信息里登记的号码，验证码会发到这个号码",
            "en": "The one registered with your contract; we send a code there",
        },
        "required": True,
        "autocomplete": "tel",
    },
]
CASE = {
    "name": "case_number",
    "kind": "text",
    "label": {"zh": "办件编号", "en": "Case number"},
    "hint": {
        "zh": "20位数字，在给您的短信和仲裁文书里",
        "en": "20 digits; in the message to you and on the papers",
    },
    "required": True,
    "max_length": 20,
    "pattern": "[0-9]{20}",
}
NOTED = {"zh": "填委托书或者参加申请上的号码", "en": "The one on the mandate or the application to join"}
TITLE = {"zh": "登录", "en": "Sign in"}
WHO = forms.load({"form": "sign_in", "title": TITLE, "fields": FIELDS})
ONE_CASE = forms.load(
    {"form": "sign_in", "title": TITLE, "fields": [*FIELDS[:-1], FIELDS[-1] | {"hint": NOTED}, CASE]}
)
"""For agents and third parties, who need not have land here."""


def add_routes(blueprint: Blueprint) -> None:
    blueprint.get("/portal/sign-in")(sign_in_page)
    blueprint.post("/portal/sign-in")(limiter.limit("10/minute;40/hour")(sign_in_now))
    blueprint.get("/portal/sign-in/wait")(sign_in_wait)
    blueprint.get("/portal/sign-in/code")(code_page)
    blueprint.post("/portal/sign-in/code")(limiter.limit("20/minute")(code_now))
    blueprint.post("/portal/sign-out")(sign_out)


def sign_in_page():
    """``?case=`` (with its number, or empty): for one dispute alone."""
    if g.applicant is not None:
        return redirect(url_for("portal.home"))
    case = request.args.get("case")
    return _form(WHO, {}, {}) if case is None else _form(ONE_CASE, {"case_number": case[:20]}, {})


def _form(form, data, errors, status=200):
    return render_template(
        "portal/sign_in.html",
        views=form.view(data, errors, lang()),
        errors=errors,
        counties=portal_pages.counties(portal_session()),
        one_case=form is ONE_CASE,
    ), status


def sign_in_now():
    form = ONE_CASE if "case_number" in request.form else WHO
    data, errors = form.read(request.form, lang=lang())
    if errors:
        return _form(form, data, errors, 422)
    try:
        asked = ask_sign_in(portal_session(), running().clock, **data)
    except Refused as refused:
        return _form(form, data, {"phone": [_(refused.message, **refused.facts)]}, 429)
    session["sign_in"] = str(asked)
    return redirect(url_for("portal.sign_in_wait"))


def _attempt() -> tuple[UUID | None, str]:
    """(attempt of this browser, its state)."""
    known = session.get("sign_in")
    if not known:
        return None, "expired"
    return UUID(known), sign_in_state(portal_session(), running().clock, UUID(known))


def sign_in_wait():
    _id, state = _attempt()
    if state == "asked":
        here = url_for("portal.sign_in_wait")
        return waiting_page(_("正在核对"), _("正在核对您的姓名、身份证号和手机号，一般几秒钟就好。"), here)
    if state == "sent":
        return redirect(url_for("portal.code_page"))
    cards = portal_pages.counties(portal_session())
    return render_template("portal/sign_in_refused.html", state=state, counties=cards)


def code_page():
    _id, state = _attempt()
    if state != "sent":
        return redirect(url_for("portal.sign_in_wait"))
    return render_template("portal/code.html", errors={}, typed="")


def code_now():
    attempt, _state = _attempt()
    typed = "".join(request.form.get("code", "").split())[:12]
    if attempt is None:
        return redirect(url_for("portal.sign_in_wait"))
    if not (typed.isdecimal() and len(typed) == 6):
        errors = {"code": [_("验证码是短信里的 6 位数字")]}
        return render_template("portal/code.html", errors=errors, typed=typed), 422
    try:
        person = enter_code(portal_session(), running().clock, attempt, typed)
    except NotAllowed as refused:
        errors = {"code": [_(refused.message, **refused.facts)]}
        if refused.code == "wrong":
            return render_template("portal/code.html", errors=errors, typed=""), 422
        session.pop("sign_in", None)
        return render_template("portal/sign_in_over.html", message=errors["code"][0]), 422
    let_in(person)
    return redirect(session.pop("portal_next", None) or url_for("portal.home"))


def sign_out():
    let_out()
    return forget(redirect(url_for("portal.home")))  # type: ignore[arg-type]
