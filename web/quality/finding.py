"""One finding: what is wrong, where, how to put it right, and what people said of it."""

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from engine.domain.errors import Invalid
from engine.exchange.check_again import JUDGED, TABLES
from engine.exchange.findings import rules
from engine.queries import quality as queries
from engine.queries import register
from engine.queries.map import zone
from engine.queries.scoped import places
from engine.store.quality import NOBODY
from engine.usecases.note_read import note_read
from engine.usecases.settle_finding import settle_finding
from web.auth import needs
from web.db import office_session, running
from web.inbox.shell import printable
from web.quality import words
from web.quality.blueprint import blueprint


@blueprint.get("/quality/findings/<int:finding_id>")
@needs("quality")
def finding(finding_id: int):
    return _page(finding_id, {}, "", "")


@blueprint.post("/quality/findings/<int:finding_id>")
@needs("quality")
def settle(finding_id: int):
    session = office_session()
    did, reason = request.form.get("did", ""), printable(request.form.get("reason", ""))
    try:
        settle_finding(session, running().clock, g.actor, finding_id, did, reason)
        session.commit()
    except Invalid as error:
        session.rollback()
        return _page(
            finding_id, {name: [_(t) for t in ts] for name, ts in error.fields.items()}, did, reason
        ), 422
    flash(_("已记录"), "success")
    return redirect(url_for("quality.finding", finding_id=finding_id), 303)


def _page(finding_id: int, errors: dict[str, list[str]], did: str, reason: str) -> str:
    session, actor = office_session(), g.actor
    found = queries.visible_finding(session, actor, finding_id)
    note_read(session, running().clock, actor, "open", f"quality:{found.id}", found.division)
    household = queries.household_of(session, actor, found)
    page = render_template(
        "quality/finding.html",
        found=found,
        rule=rules().get(found.rule, {}),
        named=queries.record_kind(found),
        household=household,
        handled=queries.handled_by(session, actor, [found]).get(found.id),
        open_case=register.open_cases(session, found.county, [household]).get(household)
        if household
        else None,
        changed_by=queries.changed_since(session, found),
        judged_alone=found.rule in JUDGED and found.table in TABLES,
        nobody=NOBODY,
        place=places(session, {found.division})[found.division],
        zone=zone(session, found.county),
        steps=queries.steps(session, found),
        errors=errors,
        did=did,
        reason=reason,
        words=words,
    )
    session.commit()
    return page
