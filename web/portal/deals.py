"""Sign a deal's contract by the link in the message: read it, get a code, sign. Nobody need sign in.

The link's key is known to the party alone, and proves nothing by itself: code and identity number are checked inside.
"""

from io import BytesIO
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, make_response, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _

from engine.domain.clock import local_date
from engine.domain.errors import NotFound, Refused
from engine.queries import portal_deals, portal_pages
from engine.store.tables.portal_public import DealSigning
from engine.usecases.portal_deals import CODE, ask_deal_code, hand_in_deal
from forms import Form
from web.db import portal_session, running
from web.i18n import lang
from web.limits import limiter
from web.portal.filling import form_of
from web.portal.waiting import no_store, waiting_page
from web.supervision.words import FINDINGS, said

AT = "/portal/deals/<uuid:key>"


def add_routes(blueprint: Blueprint) -> None:
    often = limiter.limit("60/minute;600/hour")
    blueprint.get(AT)(often(deal_page))
    blueprint.get(f"{AT}/contract")(often(deal_contract))
    blueprint.post(f"{AT}/code")(limiter.limit("5/minute;20/hour")(deal_code))
    blueprint.post(AT)(limiter.limit("20/minute")(deal_sign))
    blueprint.get(f"{AT}/<uuid:submission_id>")(often(deal_answer))


def asked(key: UUID) -> tuple[DealSigning, Form, dict[str, Any] | None]:
    """(what the party may know, the form, the contract that is shown or None while it is drawn)."""
    session = portal_session()
    found = portal_deals.deal(session, key)
    if found is None:
        raise NotFound("deal", "这个链接已经失效。合同改过的，请用最新短信里的链接")
    published = portal_pages.published_form(session, found.version, found.form)
    if published is None:
        raise NotFound("form", "这项业务暂时不能在网上办理，请到村委会办理")
    shown = None
    if found.sha256 and portal_deals.contract_of(session, found) is not None:
        shown = {
            "sha256": found.sha256,
            "title": found.title["zh"],
            "number": found.facts.get("number"),
            "url": url_for("portal.deal_contract", key=key),
        }
    return found, form_of(published), shown


def deal_page(key: UUID):
    found, form, shown = asked(key)
    return no_store(make_response(*_draw(found, form, shown, None, {})))


def _draw(
    found: DealSigning,
    form: Form,
    shown: dict[str, Any] | None,
    data: dict[str, Any] | None,
    errors: dict[str, list[str]],
    status: int = 200,
):
    sent = portal_deals.last_code(portal_session(), found)
    page = render_template(
        "portal/deal.html",
        deal=found,
        form=form,
        views=form.view(data, errors, lang(), {"shown_document": shown}),
        shown=shown,
        errors=errors,
        today=local_date(running().clock.now()).isoformat(),
        finding_words=lambda kind: said(FINDINGS, kind),
        outside=running().settings.identity_url is not None,
        sent=sent.answer if sent is not None and sent.status == "taken" else None,
    )
    return page, status


def deal_contract(key: UUID):
    found = portal_deals.deal(portal_session(), key)
    paper = portal_deals.contract_of(portal_session(), found) if found is not None else None
    if paper is None or paper.body is None:
        abort(404)
    name = f"{paper.title}{paper.number}.pdf"
    answer = send_file(
        BytesIO(bytes(paper.body)), mimetype="application/pdf", as_attachment=True, download_name=name
    )
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def open_deal(key: UUID) -> tuple[DealSigning, Form, dict[str, Any]]:
    """Refused where there is nothing to sign now."""
    found, form, shown = asked(key)
    if found.state != "open":
        raise Refused("not_asked", "现在不用您在网上签名")
    if shown is None:
        raise Refused("not_printed", "合同文本还在生成，请过一会儿再试")
    return found, form, shown


def deal_code(key: UUID):
    found, _form, _shown = open_deal(key)
    reference = request.form.get("reference", "").strip()[:100] or None
    handed = ask_deal_code(portal_session(), running().clock, found, reference)
    return redirect(url_for("portal.deal_answer", key=key, submission_id=handed))


def deal_sign(key: UUID):
    found, form, shown = open_deal(key)
    data, errors = form.read(request.form, lang=lang())
    if errors:
        return no_store(make_response(*_draw(found, form, shown, data, errors, 422)))
    agent = request.headers.get("User-Agent", "")[:200]
    device = {"agent": agent, "address": request.remote_addr or ""}
    handed = hand_in_deal(portal_session(), running().clock, found, data, device)
    return redirect(url_for("portal.deal_answer", key=key, submission_id=handed))


def deal_answer(key: UUID, submission_id: UUID):
    """A moment of waiting, then the code is on its way, the contract signed, or what was wrong."""
    found = portal_deals.deal(portal_session(), key)
    row = portal_deals.answer_to(portal_session(), found, submission_id) if found is not None else None
    if row is None:
        abort(404)
    here = url_for("portal.deal_answer", key=key, submission_id=submission_id)
    if row.status == "waiting":
        title = _("正在发送验证码") if row.kind == CODE else _("正在签名")
        return waiting_page(title, _("一般几秒钟就好。"), here)
    back = url_for("portal.deal_page", key=key)
    if row.status == "refused":
        page = render_template("portal/sign_refused.html", back=back, answer=row.answer or {})
        return no_store(make_response(page))
    return redirect(f"{back}#sign" if row.kind == CODE else back)
