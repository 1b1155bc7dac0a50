"""A dispute as its parties see it: what it is about, until when, hearings, papers for them, and what they may do."""

from datetime import datetime
from io import BytesIO

from flask import Blueprint, abort, g, redirect, render_template, send_file, url_for

from engine.queries import portal_pages, portal_parties
from engine.store.tables.portal_public import PartyView
from engine.usecases.portal_drafts import start_act
from web.db import portal_session, running
from web.limits import limiter
from web.portal.access import own
from web.portal.words import steps_of, turn_of

AT = "/portal/my-disputes/<number>"


def add_routes(blueprint: Blueprint) -> None:
    blueprint.get(AT)(own(my_dispute))
    blueprint.get(f"{AT}/papers/<code>")(own(dispute_paper))
    blueprint.post(f"{AT}/<act>")(limiter.limit("20/minute")(own(begin_act)))


def _mine(number: str) -> PartyView:
    """The same answer for a case that is not there and one that is others'."""
    view = portal_parties.dispute_of(portal_session(), g.applicant, number)
    if view is None:
        abort(404)
    return view


def my_dispute(number: str):
    view, session = _mine(number), portal_session()
    mine = portal_pages.case_of(session, g.applicant, number)
    return render_template(
        "portal/dispute.html",
        view=view,
        told=view.told,
        when=datetime.fromisoformat,
        turn=turn_of(view),
        steps=steps_of(view),
        papers=portal_pages.papers_of(session, number, view.side),
        waiting=portal_parties.waiting_acts(session, g.applicant, number),
        household_case=mine is not None,
    )


def dispute_paper(number: str, code: str):
    view = _mine(number)
    found = portal_pages.paper_file(portal_session(), number, code, view.side)
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


def begin_act(number: str, act: str):
    """Its questions, one a page."""
    view = _mine(number)
    asked = portal_parties.act_of(view, act)
    if asked is None:
        return redirect(url_for("portal.my_dispute", number=number))
    draft = start_act(portal_session(), running().clock, g.applicant, view, asked)
    return redirect(url_for("portal.parts", draft_id=draft.id))
