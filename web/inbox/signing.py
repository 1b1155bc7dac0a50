"""Electronic signing at the counter: sending the code, and the record of what was signed."""

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from engine.domain.errors import DomainError
from engine.queries.scoped import visible_case
from engine.queries.signing import asked_signature, contract_shown, signing_record
from engine.store.tables.cases import Case, Task
from engine.usecases.act_in_case import acts_open
from engine.usecases.note_read import note_read
from engine.usecases.procedures import Procedure
from engine.usecases.seals import known_certificates
from engine.usecases.send_signing_code import send_signing_code
from web.auth import needs
from web.db import office_session, running
from web.errors import message_of
from web.inbox.blueprint import blueprint
from web.inbox.lists import NUMBER
from web.limits import limiter

ADDRESS = f"/cases/<number>/tasks/<{NUMBER}:task_number>/code"


@blueprint.post(ADDRESS)
@limiter.limit("20/minute")
@needs("cases")
def signing_code(number: str, task_number: int):
    """Send the party a new code; the one before is worth nothing any more."""
    session = office_session()
    visible_case(session, g.actor, number)  # another office's case is not there, whatever else is amiss
    reference = request.form.get("reference", "").strip()[:100] or None
    try:
        sent = send_signing_code(session, running().clock, g.actor, number, task_number, reference)
        session.commit()
        flash(_("验证码已发到 %(to)s，%(minutes)s 分钟内有效", to=sent.to, minutes=sent.minutes), "success")
    except DomainError as error:
        session.rollback()
        flash(message_of(error), "error")
    back = url_for("inbox.task", number=number, task_number=task_number, _anchor="decide")
    return redirect(back, 303)


@blueprint.get("/cases/<number>/signing")
@needs("cases")
def signing(number: str):
    """The signing record, computed anew: who signed what and how, and art 13 of the law point by point."""
    session, app = office_session(), running()
    case = visible_case(session, g.actor, number)
    certificates = known_certificates(app.settings, case.county)
    record = signing_record(session, app.files, case, certificates)
    note_read(session, app.clock, g.actor, "open", f"signing:{case.number}", case.division)
    page = render_template("case/signing.html", case=case, record=record)
    session.commit()
    return page


def signing_facts(session: Session, known: Procedure, case: Case, row: Task) -> dict[str, Any]:
    """For a task's page: whose signature it asks for, if any, and what may be done where it cannot be given."""
    party = known.definition.elements[row.element].properties.get("signs")
    if not party or row.status != "open":
        return {"signing": None}
    elements = known.definition.elements.values()
    edges = {edge.reference for edge in elements if edge.attached_to == row.element}
    acts = acts_open(session, g.actor, case, known)
    return {
        "signing": asked_signature(session, case, row.number, party, running().clock.now()),
        "otherwise": [act for act in acts if act.may and act.message in edges],
    }


def shown_document(session: Session, case: Case) -> dict[str, Any] | None:
    """The contract as a form shows it to be signed."""
    paper = contract_shown(session, case)
    if paper is None:
        return None
    address = url_for("inbox.paper", paper_id=paper.id, inline=1)
    return {"sha256": paper.sha256, "title": paper.title, "number": paper.number, "url": address}


def device() -> dict[str, Any]:
    """With what a signature was written, as far as the request tells."""
    return {
        "agent": request.headers.get("User-Agent", "")[:200],
        "address": request.remote_addr or "",
    }
