"""The list of disputes, the hearing calendar, the commission; and what can be done in a case beside its tasks."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from engine.domain.clock import local_date
from engine.domain.errors import DomainError, Invalid
from engine.domain.roles import may
from engine.queries import disputes as queries
from engine.queries.scoped import visible_case
from engine.usecases.act_in_case import act_in_case, acts_open
from engine.usecases.answer_once import earlier_answer, remember_answer
from engine.usecases.disputes import add_member, composition, end_member, release_dispute
from engine.usecases.note_read import note_read
from engine.usecases.procedures import procedure_of
from web.auth import needs
from web.db import office_session, running
from web.disputes import words
from web.errors import message_of, status_of
from web.i18n import in_words, lang
from web.inbox.materials import Keeper, posted_body, posted_key, usable_files
from web.inbox.shell import same_list, staff_shell

blueprint = Blueprint("disputes", __name__)
blueprint.context_processor(staff_shell)
PAST = timedelta(days=30)  # hearings that were are shown so long
MEMBER = ("number", "name", "post", "arbitrator", "ground", "trade", "phone", "starts_on")


@blueprint.context_processor
def helpers():
    return {"same_list": same_list, "w": words}


@blueprint.get("/disputes")
@needs("disputes")
def overview():
    return _overview()


def _overview(errors: dict[str, list[str]] | None = None, trouble: str | None = None):
    state = request.args.get("state", "open")
    kind = request.args.get("kind", "")
    state, kind = state if state in queries.STATES else "open", kind if kind in words.KINDS else ""
    return render_template(
        "disputes/list.html",
        lines=queries.disputes(office_session(), g.actor, state, kind or None),
        state=state,
        kind=kind,
        most=queries.MOST,
        errors=errors or {},
        trouble=trouble,
        secretary=may(g.actor.role, "commission"),
    )


@blueprint.post("/disputes/<number>/release")
@needs("commission")
def release(number: str):
    session = office_session()
    try:
        release_dispute(session, running().clock, g.actor, number, request.form.get("reason", ""))
        session.commit()
    except DomainError as error:
        session.rollback()
        told = _texts(error)
        return _overview(told, None if told else message_of(error)), status_of(error)
    flash(_("已解除限制"), "success")
    return redirect(url_for("disputes.overview", state="closed"), 303)


@blueprint.get("/disputes/hearings")
@needs("disputes")
def hearings():
    now = running().clock.now()
    rows = queries.hearings(office_session(), g.actor, now - PAST)
    return render_template("disputes/hearings.html", rows=rows, now=now)


@blueprint.get("/disputes/commission")
@needs("disputes")
def commission():
    return _commission()


def _commission(
    typed: dict[str, Any] | None = None,
    errors: dict[str, list[str]] | None = None,
    trouble: str | None = None,
):
    session, today = office_session(), local_date(running().clock.now())
    return render_template(
        "disputes/commission.html",
        members=[(one, queries.sits_now(one, today)) for one in queries.commission(session, g.actor.county)],
        lacks=composition(session, g.actor.county, today),
        typed=typed or {},
        errors=errors or {},
        trouble=trouble,
        secretary=may(g.actor.role, "commission"),
    )


@blueprint.post("/disputes/commission")
@needs("commission")
def add():
    session, typed = office_session(), {name: request.form.get(name, "") for name in MEMBER}
    try:
        made = add_member(session, running().clock, g.actor, typed)
        session.commit()
    except DomainError as error:
        session.rollback()
        told = _texts(error)
        return _commission(typed, told, None if told else message_of(error)), status_of(error)
    flash(_("已列入名册：%(name)s", name=made.name), "success")
    return redirect(url_for("disputes.commission"), 303)


@blueprint.post("/disputes/commission/<uuid:member_id>/end")
@needs("commission")
def end(member_id: UUID):
    session = office_session()
    try:
        end_member(session, running().clock, g.actor, member_id)
        session.commit()
    except DomainError as error:
        session.rollback()
        return _commission(trouble=message_of(error)), status_of(error)
    return redirect(url_for("disputes.commission"), 303)


@blueprint.get("/cases/<number>/acts")
@needs("cases")
def acts(number: str):
    return _acts(number, request.args.get("act", ""), None, {})


def _acts(number: str, name: str, data: Any, errors: dict[str, list[str]], trouble: str | None = None) -> str:
    session, app = office_session(), running()
    case = visible_case(session, g.actor, number)
    note_read(session, app.clock, g.actor, "open", f"case:{case.number}", case.division)
    known = procedure_of(session, case)
    offers = [act for act in acts_open(session, g.actor, case, known) if act.may]
    chosen = next((act for act in offers if act.name == name), None)
    form = known.form(chosen.form) if chosen else None
    facts = {"files": usable_files(session, case, data), "today": local_date(app.clock.now()).isoformat()}
    page = render_template(
        "disputes/acts.html",
        case=case,
        offers=offers,
        chosen=chosen,
        form=form,
        views=form.view(data, errors, lang(), facts) if form else [],
        errors=errors,
        trouble=trouble,
        key=uuid4().hex,
    )
    session.commit()
    return page


@blueprint.post("/cases/<number>/acts")
@needs("cases")
def act_now(number: str):
    """Done once for a key; what was typed stays where something is missing."""
    session, app, name = office_session(), running(), request.args.get("act", "")[:40]
    case = visible_case(session, g.actor, number)
    known = procedure_of(session, case)
    keeper = Keeper(known.case_type, usable_files(session, case, request.form))
    key, body = f"act:{case.number}:{name}:{posted_key()}", posted_body()
    form = known.form(known.case_type.acts[name]["form"]) if name in known.case_type.acts else None
    if form and request.form.get("_rows"):
        data = form.edit_rows(request.form, files=request.files, store=keeper)
        return _acts(number, name, data, keeper.refused)
    try:
        if earlier_answer(session, g.actor, key, body) is None:
            facts = {"files": keeper.files}
            act_in_case(
                session, app.clock, g.actor, number, name, request.form,
                context=facts, files=request.files, store=keeper,
            )  # fmt: skip
            remember_answer(session, app.clock, g.actor, key, body, {"done": name})
            session.commit()
    except DomainError as error:
        session.rollback()
        data = form.draft(request.form) if form else None
        told = _texts(error)
        return _acts(number, name, data, told, None if told else message_of(error)), status_of(error)
    return redirect(url_for("inbox.case", number=number), 303)


def _texts(error: DomainError) -> dict[str, list[str]]:
    fields = error.fields if isinstance(error, Invalid) else {}
    return {name: [in_words(text) for text in texts] for name, texts in fields.items()}
