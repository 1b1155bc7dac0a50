"""The board of land offered and wanted, and advice on the policy: for anybody, limited like the other public pages."""

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from engine.domain.clock import local_date
from engine.domain.errors import Refused
from engine.queries import portal_board, portal_pages
from engine.usecases.portal_board import submit
from web.asked_page import asked_page
from web.db import portal_session, running
from web.errors import message_of
from web.i18n import lang
from web.limits import limiter
from web.portal.waiting import waiting_page
from web.supervision.board_form import LABELS, REPORT, WAYS, beyond_picked, offer_form, parcels_told

SHOWN = 30  # entries of a page


def add_routes(blueprint: Blueprint) -> None:
    often, seldom = limiter.limit("60/minute;1200/hour"), limiter.limit("3/minute;10/hour")
    blueprint.get("/portal/board")(often(board))
    blueprint.get("/portal/board/new")(often(board_new))
    blueprint.post("/portal/board/new")(seldom(board_send))
    blueprint.get("/portal/board/sent/<uuid:submission_id>")(often(board_sent))
    blueprint.post("/portal/board/sent/<uuid:submission_id>/withdraw")(seldom(board_withdraw))
    blueprint.get("/portal/board/<uuid:offer_id>")(often(board_offer))
    blueprint.get("/portal/board/<uuid:offer_id>/report")(often(board_report))
    blueprint.post("/portal/board/<uuid:offer_id>/report")(seldom(board_report_send))
    blueprint.get("/portal/policy")(often(policy))


def today():
    return local_date(running().clock.now())


def board():
    words = " ".join(request.args.get("q", "").split())[:60]
    kind = request.args.get("kind", "")
    kind = kind if kind in LABELS else ""
    number = asked_page()
    found = portal_board.shown(portal_session(), today(), kind, words, (number - 1) * SHOWN, SHOWN + 1)
    same: dict[str, Any] = {"q": words or None, "kind": kind or None}
    return render_template(
        "portal/board.html",
        offers=found[:SHOWN],
        before=url_for("portal.board", **same, page=number - 1) if number > 1 else None,
        after=url_for("portal.board", **same, page=number + 1) if len(found) > SHOWN else None,
        words=words,
        kind=kind,
        kinds=LABELS,
        ways=WAYS,
    )


def board_offer(offer_id: UUID):
    found = portal_board.shown_offer(portal_session(), offer_id, today())
    if found is None:
        return gone()
    fitting = portal_board.fitting(portal_session(), found, today())
    return render_template("portal/board_offer.html", one=found, fitting=fitting, kinds=LABELS, ways=WAYS)


def gone():
    """The same words for an entry that is over and one that never was."""
    return render_template("portal/board_gone.html"), 404


VILLAGE = 12  # digits of a contractor's code


def villages() -> list[tuple[str, str]]:
    cards = portal_pages.counties(portal_session())
    return [(office["code"], office["name"]) for card in cards for office in card.offices]


def own_parcels() -> list[dict[str, Any]]:
    """Of the household that is signed in, as the register has them; anybody else says in words."""
    return (g.applicant.facts or {}).get("parcels", []) if g.applicant else []


def board_new():
    known = {
        "publisher": g.applicant.name,
        "phone": g.applicant.phone,
        "publisher_kind": "household",
        "place": g.applicant.contractor_code[:VILLAGE],
    } if g.applicant else None  # fmt: skip
    return _new(known, {})


def _new(data: dict[str, Any] | None, errors: dict[str, list[str]]):
    return render_template(
        "portal/board_new.html",
        views=offer_form(villages(), own_parcels()).view(data, errors, lang()),
        errors=errors,
    )


def board_send():
    form = offer_form(villages(), own_parcels())
    data, errors = form.read(request.form, lang=lang())
    if not errors and (held := beyond_picked(data, own_parcels())) is not None:
        errors = {"area_mu": [_("填写的面积比所选地块合计的%(held)s亩还多，请核对面积或者地块", held=held)]}
    if errors:
        return _new(form.draft(request.form), errors), 422
    try:
        told = data | {"parcels": parcels_told(data.get("parcels"), own_parcels())}
        sent = submit(portal_session(), running().clock, "land_offer", data["place"][:6], told, g.applicant)
    except Refused as refused:
        portal_session().rollback()
        return _new(data, {"": [message_of(refused)]}), 422
    return redirect(url_for("portal.board_sent", submission_id=sent), 303)


def board_sent(submission_id: UUID):
    row = portal_board.sent(portal_session(), submission_id)
    if row is None:
        abort(404)
    if row.status == "waiting":
        here = url_for("portal.board_sent", submission_id=submission_id)
        return waiting_page(_("正在提交"), _("已经收到，正在登记。可以记下这一页的网址，过后再看。"), here)
    shown = portal_board.shown_offer(portal_session(), submission_id, today())
    return render_template("portal/board_sent.html", row=row, answer=row.answer or {}, shown=shown)


def board_withdraw(submission_id: UUID):
    row = portal_board.sent(portal_session(), submission_id)
    if row is None or row.kind != "land_offer":
        abort(404)
    told = {"offer": str(row.id)}
    submit(portal_session(), running().clock, "land_offer_withdrawal", row.data["county"], told, g.applicant)
    return render_template("portal/board_withdrawn.html")


def board_report(offer_id: UUID):
    found = portal_board.shown_offer(portal_session(), offer_id, today())
    return gone() if found is None else _report(found, None, {})


def _report(one: Any, data: dict[str, Any] | None, errors: dict[str, list[str]]):
    return render_template(
        "portal/board_report.html",
        one=one,
        views=REPORT.view(data, errors, lang()),
        errors=errors,
        kinds=LABELS,
    )


def board_report_send(offer_id: UUID):
    found = portal_board.shown_offer(portal_session(), offer_id, today())
    if found is None:
        return gone()
    data, errors = REPORT.read(request.form, lang=lang())
    if errors:
        return _report(found, REPORT.draft(request.form), errors), 422
    told = data | {"offer": str(found.id)}
    try:
        sent = submit(portal_session(), running().clock, "land_offer_report", found.county, told, g.applicant)
    except Refused as refused:
        portal_session().rollback()
        return _report(found, data, {"": [message_of(refused)]}), 422
    return redirect(url_for("portal.board_sent", submission_id=sent), 303)


def policy():
    return render_template("portal/policy.html")
