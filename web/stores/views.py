"""Vault, operational and query store side by side: how they stand, whether they agree, which signed files went and came."""

from uuid import UUID

from flask import Blueprint, g, make_response, redirect, render_template, url_for

from engine.domain.errors import NotFound
from engine.store.long_works import newest
from engine.store.survey import FOLLOW_STORES
from engine.store.tables.work import LongWork
from engine.usecases.long_work import ask_long_work, cancel_long_work, read_long_work
from engine.usecases.stores.status import status_of
from web.auth import needs
from web.db import office_session, running
from web.i18n import N_
from web.inbox.shell import staff_shell
from web.jobs.words import KINDS, STATES, phase_words

blueprint = Blueprint("stores", __name__)
blueprint.context_processor(staff_shell)

RECONCILE = "reconcile"
STORES = {"vault": N_("保密库"), "operational": N_("运行库"), "query": N_("查询库")}
PROBLEMS = {
    "missing": N_("缺少"),
    "surplus": N_("多出"),
    "differs": N_("与运行库不一致"),
    "altered": N_("内容被改动过"),
}
LAYERS = {"DK": N_("地块"), "JZD": N_("界址点"), "JZX": N_("界址线"), "KZD": N_("控制点")}
SHOWN = 200  # differences on the page; the command gives up to a thousand


@blueprint.get("/stores")
@needs("stores")
def overview():
    session, county = office_session(), g.actor.county
    works = [work for work in newest(session, county, 100) if work.kind in (RECONCILE, FOLLOW_STORES)]
    return render_template(
        "stores/overview.html",
        status=status_of(running(), county),
        exchange=running().settings.exchange,
        works=works[:10],
        last=next((w for w in works if w.kind == RECONCILE and w.result), None),
        stores=STORES,
        layers=LAYERS,
        kinds=KINDS,
        states=STATES,
    )


@blueprint.post("/stores/reconciliations")
@needs("stores")
def reconcile():
    return _ask(RECONCILE)


@blueprint.post("/stores/refreshes")
@needs("stores")
def refresh():
    return _ask(FOLLOW_STORES)


def _ask(kind: str):
    session = office_session()
    work = ask_long_work(session, running().clock, g.actor, kind, {})
    session.commit()
    return redirect(url_for("stores.work", work_id=work), 303)


@blueprint.get("/stores/works/<uuid:work_id>")
@needs("stores")
def work(work_id: UUID):
    """How far it is, and then what it found. Comes again by itself, by a response header."""
    found = _own(work_id)
    page = render_template(
        "stores/work.html",
        work=found,
        phase=phase_words(found),
        kinds=KINDS,
        stores=STORES,
        layers=LAYERS,
        problems=PROBLEMS,
        shown=SHOWN,
    )
    answer = make_response(page)
    if found.ended_at is None:
        answer.headers["Refresh"] = f"2; url={url_for('stores.work', work_id=work_id)}"
    return answer


@blueprint.post("/stores/works/<uuid:work_id>/cancel")
@needs("stores")
def cancel(work_id: UUID):
    _own(work_id)
    session = office_session()
    cancel_long_work(session, g.actor.county, work_id)
    session.commit()
    return redirect(url_for("stores.work", work_id=work_id), 303)


def _own(work_id: UUID) -> LongWork:
    """Other long work is not these pages' to show or to stop."""
    found = read_long_work(office_session(), g.actor.county, work_id)
    if found.kind not in (RECONCILE, FOLLOW_STORES):
        raise NotFound("long_work", "没有这项工作")
    return found
