"""Background work for the administrator: what failed for good, why, and trying it again."""

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _

from engine.domain.errors import NotFound
from engine.queries.incidents import Incident, open_incidents
from engine.store.outbox import counts
from engine.usecases.incidents import retry_incident
from web.auth import needs
from web.db import office_session, running
from web.i18n import N_
from web.inbox.shell import staff_shell
from web.inbox.words import both

blueprint = Blueprint("jobs", __name__)
blueprint.context_processor(staff_shell)

EFFECTS = {
    "render_document": N_("生成文书"),
    "publish_case": N_("向申请人公布办件进展"),
    "send_message": N_("发送短信"),
}


@blueprint.get("/jobs")
@needs("jobs")
def overview():
    session, county = office_session(), g.actor.county
    return render_template(
        "jobs/overview.html", found=open_incidents(session, county), counts=counts(session, county), what=what
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


def what(incident: Incident) -> str:
    """What was to be done, in the reader's language."""
    if incident.kind == "deadline":
        return _("期限到期：%(name)s", name=both(incident.title, incident.of))
    return _(EFFECTS[incident.of]) if incident.of in EFFECTS else incident.of
