"""First page: what one can do here; for those signed in, their cases and what they can apply for."""

from flask import Blueprint, g, redirect, render_template, url_for

from engine.domain.clock import local_date
from engine.queries import portal_deals, portal_pages, portal_parties
from web.db import portal_session, running
from web.portal.access import of_one_case, own
from web.portal.asking import said_of_facts


def add_routes(blueprint: Blueprint) -> None:
    blueprint.get("/portal/", strict_slashes=False)(home)
    blueprint.get("/portal/household")(own(household))
    blueprint.get("/portal/history")(own(history))


def home():
    session = portal_session()
    if g.applicant is None:
        return render_template("portal/welcome.html", counties=portal_pages.counties(session))
    if of_one_case(g.applicant):
        [view] = portal_parties.disputes_of(session, g.applicant)
        return redirect(url_for("portal.my_dispute", number=view.number))
    cases = portal_pages.cases_of(session, g.applicant)
    closed = {view.number for view in cases if view.status != "open"}
    waiting = [
        row
        for row in portal_pages.waiting(session, g.applicant)
        if (row.answer or {}).get("case") not in closed  # whose lookup code need not be noted any more
    ]
    shown = {view.number for view in cases}
    return render_template(
        "portal/home.html",
        person=g.applicant,
        cases=cases,
        disputes=portal_parties.disputes_of(session, g.applicant),
        deals=portal_deals.deals_of(session, g.applicant),
        today=local_date(running().clock.now()).isoformat(),
        busy={view.title["zh"]: view.number for view in cases if view.status == "open"},
        drafts={draft.case_type: draft for draft in portal_pages.drafts(session, g.applicant)},
        offers=portal_pages.offers(session, g.applicant.county),
        waiting=waiting,
        entering={
            row.case_type
            for row in waiting
            if row.kind == "apply"
            and (row.status == "waiting" or (row.answer or {}).get("case") not in shown)
        },
    )


def household():
    return render_template(
        "portal/household.html", person=g.applicant, facts=g.applicant.facts, said=said_of_facts()
    )


def history():
    session, person = portal_session(), g.applicant
    known = person.facts.get("history") or {"contracts": [], "entries": [], "certificates": []}
    papers = [
        paper
        for view in portal_pages.cases_of(session, person)
        for paper in portal_pages.papers_of(session, view.number)
    ]
    filed = {view.number for view in portal_pages.cases_of(session, person) if view.may.get("correct")}
    by_contract = {
        paper.facts["contract"]: paper.case_number
        for paper in papers
        if paper.case_number in filed and paper.facts.get("contract")
    }
    return render_template("portal/history.html", history=known, papers=papers, by_contract=by_contract)
