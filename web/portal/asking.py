"""What an applicant asks for beside filling in forms: registered facts right or wrong, a reminder, withdrawal, and the
correction of what was filed.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

import forms
from engine.domain.errors import DomainError, Invalid
from engine.domain.portal_rules import facts_mark
from engine.queries import portal_pages
from engine.store.tables.portal import CaseView, Submission
from engine.usecases.portal_requests import (
    MOST_FINDING,
    MOST_TEXT,
    ask_correction,
    ask_reminder,
    ask_withdrawal,
    say_of_facts,
)
from web.db import portal_session, running
from web.errors import message_of
from web.i18n import in_words, lang
from web.limits import limiter
from web.portal.access import own

FACTS = forms.load(
    {
        "form": "facts",
        "title": {"zh": "核对登记的信息", "en": "Check what is registered"},
        "fields": [
            {
                "name": "answer",
                "kind": "choice",
                "label": {"zh": "登记的信息有没有错", "en": "Is what is registered right?"},
                "required": True,
                "options": [
                    {"value": "right", "label": {"zh": "无误", "en": "It is right"}},
                    {"value": "wrong", "label": {"zh": "有误", "en": "Something is wrong"}},
                ],
            },
            {
                "name": "categories",
                "kind": "choices",
                "label": {"zh": "哪一方面有误", "en": "What is wrong?"},
                "hint": {"zh": "可多选", "en": "Choose all that apply"},
                "show_if": {"answer": ["wrong"]},
                "required_if": {"answer": ["wrong"]},
                "options": [
                    {"value": "head", "label": {"zh": "户主", "en": "Head of the household"}},
                    {"value": "members", "label": {"zh": "成员", "en": "Members"}},
                    {"value": "parcels", "label": {"zh": "地块", "en": "Parcels"}},
                    {"value": "other", "label": {"zh": "其他", "en": "Something else"}},
                ],
            },
            {
                "name": "text",
                "kind": "textarea",
                "label": {"zh": "请写明", "en": "Please say what"},
                "hint": {
                    "zh": "例如：长女已出嫁；02号地块东边界不对。",
                    "en": "For example: the eldest daughter married out; the eastern boundary of parcel 02 is wrong.",
                },
                "max_length": MOST_TEXT,
                "show_if": {"answer": ["wrong"]},
                "required_if": {"answer": ["wrong"]},
            },
        ],
    }
)
REASON = forms.load(
    {
        "form": "withdraw",
        "title": {"zh": "撤回申请", "en": "Withdraw the application"},
        "fields": [
            {
                "name": "reason",
                "kind": "textarea",
                "label": {"zh": "为什么撤回", "en": "Why do you withdraw?"},
                "required": True,
                "max_length": MOST_TEXT,
            }
        ],
    }
)

CORRECTION = forms.load(
    {
        "form": "correction",
        "title": {"zh": "备案的内容有误", "en": "Something that was filed is wrong"},
        "fields": [
            {
                "name": "category",
                "kind": "choice",
                "label": {"zh": "哪一方面有误", "en": "What is wrong?"},
                "required": True,
                "options": [
                    {"value": "head", "label": {"zh": "户主", "en": "Head of the household"}},
                    {"value": "members", "label": {"zh": "成员", "en": "Members"}},
                    {"value": "parcels", "label": {"zh": "地块", "en": "Parcels"}},
                    {"value": "other", "label": {"zh": "其他", "en": "Something else"}},
                ],
            },
            {
                "name": "text",
                "kind": "textarea",
                "label": {"zh": "哪里有误，应该是什么", "en": "What is wrong, and what is right?"},
                "hint": {
                    "zh": "例如：02号地块的东至写成了“水渠”，应为“李军田”。",
                    "en": "For example: parcel 02 has “ditch” to its east; it should be “Li Jun's field”.",
                },
                "required": True,
                "max_length": MOST_FINDING,
            },
        ],
    }
)


def add_routes(blueprint: Blueprint) -> None:
    few = limiter.limit("20/minute")
    blueprint.get("/portal/household/check")(own(facts))
    blueprint.post("/portal/household/check")(few(own(facts_said)))
    blueprint.post("/portal/cases/<number>/remind")(few(own(remind)))
    blueprint.get("/portal/cases/<number>/withdraw")(own(withdraw))
    blueprint.post("/portal/cases/<number>/withdraw")(few(own(withdraw_now)))
    blueprint.get("/portal/cases/<number>/error")(own(error))
    blueprint.post("/portal/cases/<number>/error")(few(own(error_now)))


def said_of_facts() -> Submission | None:
    """What the person said of the facts as they are now; None while they said nothing, or were refused."""
    return portal_pages.said_of_facts(portal_session(), g.applicant, facts_mark(g.applicant.facts))


def _draft() -> UUID | None:
    """The application that the question was opened from."""
    try:
        return UUID(request.values.get("draft", ""))
    except ValueError:
        return None


def facts():
    return _facts_page({}, {})


def _facts_page(data: dict[str, Any], errors: dict[str, list[str]], status: int = 200):
    html = render_template(
        "portal/facts.html",
        facts=g.applicant.facts,
        said=said_of_facts(),
        views=FACTS.view(data, errors, lang()),
        errors=errors,
        draft=_draft(),
    )
    return html, status


def facts_said():
    data, errors = FACTS.read(request.form, lang=lang())
    if errors:
        return _facts_page(FACTS.draft(request.form), errors, 422)
    try:
        say_of_facts(
            portal_session(),
            running().clock,
            g.applicant,
            data["answer"],
            data.get("categories") or [],
            data.get("text") or "",
        )
    except Invalid as faults:
        return _facts_page(
            data, {name: [in_words(text) for text in texts] for name, texts in faults.fields.items()}, 422
        )
    except DomainError as refused:
        flash(message_of(refused), "note")
    else:
        flash(_("已记下，办理您家事项的工作人员会看到"), "success")
    draft = _draft()
    return redirect(url_for("portal.parts", draft_id=draft) if draft else url_for("portal.household"))


def _case(number: str) -> CaseView:
    view = portal_pages.case_of(portal_session(), g.applicant, number)
    if view is None:
        abort(404)
    return view


def remind(number: str):
    view = _case(number)
    return _asked(view, ask_reminder)


def _asked(view: CaseView, ask: Callable[..., Any], *told: str):
    """To the page that follows what was asked for; a refusal is told on the case's page."""
    try:
        asked = ask(portal_session(), running().clock, g.applicant, view, *told)
    except DomainError as refused:
        flash(message_of(refused), "note")
        return redirect(url_for("portal.case_page", number=view.number))
    return redirect(url_for("portal.submitted", submission_id=asked))


def withdraw(number: str):
    view = _case(number)
    if not view.may.get("withdraw") or view.applicant_id != g.applicant.id:
        return redirect(url_for("portal.case_page", number=number))
    return _withdraw_page(view, {}, {})


def _withdraw_page(view: CaseView, data: dict[str, Any], errors: dict[str, list[str]], status: int = 200):
    views = REASON.view(data, errors, lang())
    return render_template("portal/withdraw.html", view=view, views=views, errors=errors), status


def withdraw_now(number: str):
    view = _case(number)
    data, errors = REASON.read(request.form, lang=lang())
    if errors:
        return _withdraw_page(view, REASON.draft(request.form), errors, 422)
    return _asked(view, ask_withdrawal, data["reason"])


def error(number: str):
    view = _case(number)
    if not view.may.get("correct"):
        return redirect(url_for("portal.case_page", number=number))
    return _error_page(view, {}, {})


def _error_page(view: CaseView, data: dict[str, Any], errors: dict[str, list[str]], status: int = 200):
    views = CORRECTION.view(data, errors, lang())
    return render_template("portal/error.html", view=view, views=views, errors=errors), status


def error_now(number: str):
    view = _case(number)
    data, errors = CORRECTION.read(request.form, lang=lang())
    if errors:
        return _error_page(view, CORRECTION.draft(request.form), errors, 422)
    return _asked(view, ask_correction, data["category"], data["text"])
