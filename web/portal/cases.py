"""A case as its household sees it: whose turn, until when, what to do; the steps; papers to download."""

from io import BytesIO
from typing import Any

from flask import Blueprint, abort, g, render_template, send_file, url_for
from flask_babel import gettext as _

from engine.domain.clock import local_date
from engine.queries import portal_pages, portal_parties
from engine.store.tables.portal import CaseView
from web.db import portal_session, running
from web.portal.access import own
from web.portal.contract_signing import signs
from web.portal.waiting import waiting_page
from web.portal.words import steps_of, turn_of


def add_routes(blueprint: Blueprint) -> None:
    blueprint.get("/portal/cases/<number>")(own(case_page))
    blueprint.get("/portal/cases/<number>/papers/<code>")(own(paper))


def case_page(number: str):
    session = portal_session()
    view = portal_pages.case_of(session, g.applicant, number)
    if view is None:
        if not portal_pages.was_taken(session, g.applicant, number):
            abort(404)
        return waiting_page(
            _("正在登记"), _("办件已受理，进度马上就能看到。"), url_for("portal.case_page", number=number)
        )
    return render_template(
        "portal/case.html",
        view=view,
        turn=turn_of(view),
        steps=steps_of(view),
        papers=portal_pages.papers_of(session, number),
        act=_act(view),
        dispute=portal_parties.dispute_of(session, g.applicant, number) is not None,
        mine=view.applicant_id == g.applicant.id,
        today=local_date(running().clock.now()),
    )


def _act(view: CaseView) -> dict[str, Any] | None:
    """What this person can do in the case now; another member of the household only reads."""
    if not view.todo or view.applicant_id != g.applicant.id:
        return None
    if signs(view):
        return {"href": url_for("portal.sign_page", number=view.number), "text": _("现在去签名")}
    return {
        "href": url_for("portal.supply", number=view.number),
        "text": _("现在去补交") if view.todo.get("items") else _("现在去办"),
    }


def paper(number: str, code: str):
    session = portal_session()
    if portal_pages.case_of(session, g.applicant, number) is None:
        abort(404)
    found = portal_pages.paper_file(session, number, code)
    if found is None or found.body is None:
        abort(404)
    answer = send_file(
        BytesIO(bytes(found.body)),
        mimetype="application/pdf",
        as_attachment=True,
        download_name=f"{found.title}{found.number}.pdf",
    )
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
