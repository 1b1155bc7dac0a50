"""The household's representative signs the contract in the portal: read it, get a code, sign.

Everything is checked inside: what is written here goes there sealed (identity number, code, strokes), and only its
outcome comes back. Waiting for it takes seconds.
"""

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from engine.domain.errors import NotFound
from engine.queries import portal_pages
from engine.store.portal import last_request
from engine.store.tables.portal import CaseView, Submission
from engine.usecases.portal_signing import ask_code, hand_in_signature
from forms import Form
from web.db import portal_session, running
from web.i18n import lang
from web.limits import limiter
from web.portal.access import own
from web.portal.filling import form_of
from web.portal.waiting import no_store, waiting_page

AT = "/portal/cases/<number>/sign"
PAPER = "contract"


def add_routes(blueprint: Blueprint) -> None:
    blueprint.get(AT)(own(sign_page))
    blueprint.post(f"{AT}/code")(limiter.limit("5/minute;20/hour")(own(send_code)))
    blueprint.post(AT)(limiter.limit("20/minute")(own(sign_now)))
    blueprint.get(f"{AT}/<uuid:submission_id>")(own(sign_answer))


def signs(view: CaseView) -> bool:
    """Whether what the case asks of its applicant is a signature."""
    return bool(view.todo and view.todo.get("signs"))


def to_sign(number: str) -> tuple[CaseView, Form, dict[str, Any] | None]:
    """The case, its form and the contract that is shown; None where nothing is to be signed by this person."""
    session = portal_session()
    view = portal_pages.case_of(session, g.applicant, number)
    if view is None:
        abort(404)
    todo = view.todo or {}
    if not signs(view) or view.applicant_id != g.applicant.id:
        raise NotFound("task", "这个办件现在没有要您办的事")
    published = portal_pages.published_form(session, todo["version"], todo["form"])
    if published is None:
        raise NotFound("form", "这项业务暂时不能在网上办理，请到村委会办理")
    return view, form_of(published), _shown(number)


def _shown(number: str) -> dict[str, Any] | None:
    papers = [p for p in portal_pages.papers_of(portal_session(), number) if p.kind == PAPER]
    current = next((p for p in papers if p.facts.get("state") != "void"), None)
    if current is None:
        return None
    address = url_for("portal.paper", number=number, code=current.verify_code)
    return {"sha256": current.sha256, "title": current.title, "number": current.number, "url": address}


def sign_page(number: str):
    view, form, shown = to_sign(number)
    return _draw(view, form, shown, None, {})


def _draw(
    view: CaseView,
    form: Form,
    shown: dict[str, Any] | None,
    data: dict[str, Any] | None,
    errors: dict[str, list[str]],
    status: int = 200,
):
    sent = last_request(portal_session(), g.applicant.id, "sign_code", view.number)
    known = sent is not None and sent.status == "taken" and sent.task_number == (view.todo or {})["task"]
    page = render_template(
        "portal/sign.html",
        view=view,
        form=form,
        views=form.view(data, errors, lang(), {"shown_document": shown}),
        shown=shown,
        errors=errors,
        outside=running().settings.identity_url is not None,
        sent=sent.answer if sent is not None and known else None,
    )
    return page, status


def send_code(number: str):
    view, _form, shown = to_sign(number)
    if shown is None:
        return redirect(url_for("portal.sign_page", number=number))
    reference = request.form.get("reference", "").strip()[:100] or None
    asked = ask_code(portal_session(), running().clock, g.applicant, view, reference)
    return redirect(url_for("portal.sign_answer", number=number, submission_id=asked))


def sign_now(number: str):
    view, form, shown = to_sign(number)
    data, errors = form.read(request.form, lang=lang())
    if errors:
        return _draw(view, form, shown, data, errors, 422)
    agent = request.headers.get("User-Agent", "")[:200]
    device = {"agent": agent, "address": request.remote_addr or ""}
    handed = hand_in_signature(portal_session(), running().clock, g.applicant, view, data, device)
    return redirect(url_for("portal.sign_answer", number=number, submission_id=handed))


def sign_answer(number: str, submission_id: UUID):
    """A moment of waiting, then the code is on its way, the contract signed, or what was wrong."""
    row = portal_pages.submission(portal_session(), g.applicant, submission_id)
    if row is None or row.case_number != number:
        abort(404)
    if row.status == "waiting":
        here = url_for("portal.sign_answer", number=number, submission_id=submission_id)
        title = _("正在发送验证码") if row.kind == "sign_code" else _("正在签名")
        return waiting_page(title, _("一般几秒钟就好。"), here)
    if row.status == "refused":
        return no_store(_refused(number, row))
    if row.kind == "sign_code":
        return redirect(url_for("portal.sign_page", number=number, _anchor="sign"))
    return redirect(url_for("portal.case_page", number=number))


def _refused(number: str, row: Submission):
    answer = row.answer or {}
    return make_response(
        render_template(
            "portal/sign_refused.html", back=url_for("portal.sign_page", number=number), answer=answer
        )
    )
