"""Background work for the administrator: what failed for good, why, and trying it again; long work and its end."""

from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _

from engine.domain.errors import NotFound
from engine.queries.incidents import open_incidents
from engine.store.long_works import newest
from engine.store.outbox import counts
from engine.usecases.incidents import retry_incident
from engine.usecases.long_work import cancel_long_work
from web.auth import needs
from web.db import office_session, running
from web.inbox.shell import staff_shell
from web.jobs.words import KINDS, STATES, phase_words, what

blueprint = Blueprint("jobs", __name__)
blueprint.context_processor(staff_shell)


@blueprint.get("/jobs")
@needs("jobs")
def overview():
    session, county = office_session(), g.actor.county
    return render_template(
        "jobs/overview.html",
        found=open_incidents(session, county),
        counts=counts(session, county),
        works=newest(session, county),
        what=what,
        kinds=KINDS,
        states=STATES,
        phase_words=phase_words,
    )


@blueprint.post("/jobs/incidents/<mark>/retry")
@needs("jobs")
def retry(mark: str):
    """Sent twice it does it once: there is nothing to retry any more, and that is what both wanted."""
    session = office_session()
    try:
        retry_incident(session, running().clock, g.actor, mark)
        session.commit()
        flash(_("已安排再试，几秒钟后刷新本页看结果"), "success")
    except NotFound:
        session.rollback()
        flash(_("这一项已经有人再试了"), "info")
    return redirect(url_for("jobs.overview"), 303)


@blueprint.post("/jobs/long-works/<uuid:work_id>/cancel")
@needs("jobs")
def cancel(work_id: UUID):
    session = office_session()
    cancel_long_work(session, g.actor.county, work_id)
    session.commit()
    flash(_("已要求停止"), "success")
    return redirect(url_for("jobs.overview"), 303)
