"""A task's page: everything to decide on one page, its draft, and sending it."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from flask import flash, g, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from engine.domain import masking
from engine.domain.clock import SHANGHAI, local_date
from engine.domain.errors import DomainError, Invalid, NotAllowed
from engine.domain.roles import does
from engine.domain.said import Said
from engine.queries.changed import BeforeAndAfter
from engine.queries.form_options import (
    addressees_known,
    late_options,
    parcels_to_survey,
    pieces_known,
    survey_known,
    told_options,
)
from engine.queries.household import printed_facts
from engine.queries.publicity import objection_settled_by
from engine.queries.scoped import visible_case
from engine.queries.signers import signature_rows
from engine.queries.timeline import Told
from engine.store import cases as store
from engine.store.register import read_household
from engine.store.tables.cases import Case, Task
from engine.usecases.answer_once import earlier_answer, remember_answer
from engine.usecases.claim_task import check_open, check_position, why_cancelled
from engine.usecases.complete_task import check_assignee, complete_task
from engine.usecases.note_read import note_read
from engine.usecases.procedures import Procedure, procedure_of
from engine.usecases.save_draft import save_draft
from forms import Form
from web.auth import needs
from web.db import office_session, running
from web.errors import message_of, status_of
from web.i18n import in_words, lang
from web.inbox.blueprint import blueprint
from web.inbox.cases import case_facts
from web.inbox.lists import NUMBER
from web.inbox.materials import Keeper, posted_body, posted_key, usable_files
from web.inbox.signing import device, shown_document, signing_facts

FEW_PARCELS = 8  # are listed by name; more are counted
ADDRESS = f"/cases/<number>/tasks/<{NUMBER}:task_number>"


@dataclass
class Entry:
    """What stands in the form: typed or from the draft, with what is wrong about it."""

    data: dict[str, Any] | None = None
    errors: dict[str, list[str]] = field(default_factory=dict)
    trouble: str | None = None  # one sentence about the whole form
    saved_at: datetime | None = None


@blueprint.get(ADDRESS)
@needs("cases")
def task(number: str, task_number: int):
    session = office_session()
    case = visible_case(session, g.actor, number)
    row = store.find_task(session, case, task_number)
    note_read(session, running().clock, g.actor, "open", f"case:{case.number}", case.division)
    draft = store.read_draft(session, case, task_number, g.actor.person_id)
    page = show(session, case, row, Entry(draft.data, saved_at=draft.saved_at) if draft else Entry())
    session.commit()
    return page


@blueprint.post(ADDRESS)
@needs("cases")
def act(number: str, task_number: int):
    """One of the form's buttons: send, keep as draft, add or remove a row."""
    session = office_session()
    case = visible_case(session, g.actor, number)
    row = store.find_task(session, case, task_number)
    known = procedure_of(session, case)
    form, facts = known.form(row.form), form_facts(session, known, case, row, request.form)
    keeper = Keeper(known.case_type, facts["files"])
    if request.form.get("_rows"):
        data = form.edit_rows(request.form, files=request.files, store=keeper)
        return show(session, case, row, Entry(data, keeper.refused))
    if request.form.get("action") == "draft":
        data = form.draft(request.form, files=request.files, store=keeper)
        return _keep(session, case, row, data, keeper)
    return _send(session, case, row, form, facts, keeper)


def _keep(session: Session, case: Case, row: Task, data: dict[str, Any], keeper: Keeper):
    save_draft(session, running().clock, g.actor, case.number, row.number, data)
    session.commit()
    if keeper.refused:
        return show(session, case, row, Entry(data, keeper.refused)), 422
    flash(_("草稿已保存，可以以后接着填"), "success")
    return redirect(url_for("inbox.task", number=case.number, task_number=row.number), 303)


def _send(session: Session, case: Case, row: Task, form: Form, facts: dict[str, Any], keeper: Keeper):
    """Check, complete, answer; whatever stops it, what was typed stays."""
    number, task_number, app = case.number, row.number, running()
    key, body = f"task:{number}:{task_number}:{posted_key()}", posted_body()
    data: dict[str, Any] = {}
    try:
        answered = earlier_answer(session, g.actor, key, body)
        if answered:
            return redirect(answered["to"], 303)
        data, errors = form.read(request.form, lang=lang(), context=facts, files=request.files, store=keeper)
        if errors:
            check_may_do(session, case, row)
            raise Invalid(errors)
        complete_task(
            session,
            app.clock,
            g.actor,
            number,
            task_number,
            data,
            revision=_revision(request.form),
            device=device(),
        )
        answer = {"to": url_for("inbox.case", number=number)}
        remember_answer(session, app.clock, g.actor, key, body, answer)
        session.commit()
    except DomainError as error:
        session.rollback()
        return _kept(session, number, task_number, data, error)
    flash(_("已提交。办件接下来到了哪里，见下面“当前环节”。"), "success")
    return redirect(answer["to"], 303)


def _kept(session: Session, number: str, task_number: int, data: dict[str, Any], error: DomainError):
    """The page again with what was typed, kept as a draft, and what stands in the way."""
    case = visible_case(session, g.actor, number)
    row = store.find_task(session, case, task_number)
    if data:
        try:
            save_draft(session, running().clock, g.actor, number, task_number, data)
            session.commit()
        except NotAllowed:
            session.rollback()
    if isinstance(error, Invalid):
        translated = {name: [told(text) for text in texts] for name, texts in error.fields.items()}
        return show(session, case, row, Entry(data, translated)), 422
    return show(session, case, row, Entry(data or None, trouble=message_of(error))), status_of(error)


@blueprint.post(f"{ADDRESS}/draft")
@needs("cases")
def draft(number: str, task_number: int):
    """What the page sends whenever typing pauses; files come with the form itself."""
    session = office_session()
    try:
        case = visible_case(session, g.actor, number)
        row = store.find_task(session, case, task_number)
        data = procedure_of(session, case).form(row.form).draft(request.form)
        save_draft(session, running().clock, g.actor, number, task_number, data)
        session.commit()
    except DomainError as error:
        session.rollback()
        return jsonify(message=message_of(error)), status_of(error)
    return jsonify(saved=running().clock.now().astimezone(SHANGHAI).strftime("%H:%M"))


def check_may_do(session: Session, case: Case, row: Task) -> None:
    """Whose task it is matters more than what is wrong in the form: nobody corrects in vain."""
    check_position(g.actor, row)
    check_open(session, case, row)
    check_assignee(session, g.actor, row)


def told(text: str) -> str:
    return in_words(text) if isinstance(text, Said) else _(text)


def _revision(posted: Any) -> int:
    """The case's revision when the form was opened; a form without one is as old as can be."""
    given = posted.get("revision", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else -1


def form_facts(session: Session, known: Procedure, case: Case, row: Task, *answers: Any) -> dict[str, Any]:
    """What is known for the form: household, its parcels, the files it may name, what is to be surveyed."""
    household = read_household(session, case.county, case.contractor_code)
    today = local_date(running().clock.now())
    facts = known.facts_for(session, household, case, today) | {"today": today.isoformat()}
    facts["files"] = usable_files(session, case, *answers)
    facts["options"] = late_options(session, case.county, known.case_type, known.form(row.form), today)
    if any(field.kind == "signatures" for field in known.form(row.form).fields):
        facts["known"]["signature_rows"] = signature_rows(session, case)
    facts["shown_document"] = shown_document(session, case)
    variables = store.read_state(session, case)[1]
    facts["known"] |= printed_facts(variables) | survey_known(variables, case.contractor_name)
    facts["known"] |= pieces_known(session, case)
    facts["known"] |= addressees_known(known.case_type, variables, case.contractor_name)
    facts["survey_parcels"] = [{"code": code} for code in parcels_to_survey(variables)]
    return facts


def show(session: Session, case: Case, row: Task, entry: Entry) -> str:
    known, told = procedure_of(session, case), Told(session, case)
    form, actor = known.form(row.form), g.actor
    facts = form_facts(session, known, case, row, entry.data)
    shared = case_facts(session, case, known, told)
    mine = does(actor.role, row.role) and row.office == actor.division
    open_to_me = row.status == "open" and mine and row.assignee == actor.stands_as
    files = {paper["id"]: paper | {"name": paper["name"] or paper["title"]} for paper in shared["papers"]}
    names = names_of(shared["changed"], facts["parcels"])
    return render_template(
        "task/page.html",
        task=row,
        form=form,
        assignee=next((name for task, name in shared["tasks"] if task.number == row.number), None),
        may_claim=row.status == "open" and mine and row.assignee is None,
        open_to_me=open_to_me,
        cancelled=message_of(why_cancelled(session, case, row)) if row.status == "cancelled" else "",
        views=form.view(entry.data, entry.errors, lang(), facts) if open_to_me else [],
        typed=form.summary(entry.data, lang(), {"files": facts["files"]})
        if entry.data and not open_to_me
        else [],
        entry=entry,
        key=uuid4().hex,
        application=application(known, case, told, files, names),
        opinions=opinions(session, case, known, told, files, names),
        approval=(told.application().get(known.case_type.start_variable) or {}).get("approval"),
        objection=objection_settled_by(session, case, row.number),
        form_document=facts["shown_document"],
        **signing_facts(session, known, case, row),
        **shared,
    )


def names_of(changed: BeforeAndAfter | None, parcels: list[dict[str, Any]]) -> dict[str, str]:
    """The household's parcels, and what the case's changes touch, by code: answers say them by name too."""
    found: dict[str, str] = {row["code"]: row["name"] for row in parcels}
    for side in (changed.before, changed.after) if changed else ():
        found |= {code: one.name for code, one in side.contractors.items()}
        found |= {code: one.name for code, one in side.parcels.items()}
    return found


def application(
    known: Procedure, case: Case, told: Told, files: dict[str, Any], names: dict[str, str]
) -> list[Any]:
    """The applicant's answers, read back."""
    answers = masking.answers(told.application().get(known.case_type.start_variable) or {})
    return _short(known.start_form(case.origin).summary(answers, lang(), {"files": files, "names": names}))


def opinions(
    session: Session,
    case: Case,
    known: Procedure,
    told: Told,
    files: dict[str, Any],
    names: dict[str, str],
) -> list[dict[str, Any]]:
    """Each finished task and each act beside them, with who said what."""
    found = []
    for opinion in told.opinions(known.case_type.act_forms):
        form = known.form(opinion.form)
        context = {"files": files, "names": names, "options": told_options(session, case.county, form)}
        lines = _short(form.summary(masking.answers(opinion.data), lang(), context))
        found.append({"title": form.title.for_lang(lang()), "opinion": opinion, "lines": lines})
    return found


def _short(lines: list[Any]) -> list[Any]:
    """Many picked parcels are counted: the table beside lists them."""
    return [
        replace(
            line, value=_("%(n)s 块，见“登记变更”", n=len(line.value.split("；" if lang() == "zh" else "; ")))
        )
        if line.kind == "parcels" and len(line.value.split("；" if lang() == "zh" else "; ")) > FEW_PARCELS
        else line
        for line in lines
    ]
