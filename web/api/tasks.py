"""Tasks: lists, one task with everything to decide, claim, release, draft, complete."""

from typing import Any

from flask import g, request
from marshmallow import fields, validate
from sqlalchemy.orm import Session
from werkzeug.exceptions import PreconditionFailed, PreconditionRequired

from engine.domain import masking
from engine.domain.calendar import shipped_calendar
from engine.domain.clock import local_date
from engine.domain.errors import Conflict, Invalid
from engine.queries import case_file, cursors
from engine.queries.form_options import (
    addressees_known,
    late_options,
    parcels_to_survey,
    pieces_known,
    survey_known,
)
from engine.queries.household import printed_facts
from engine.queries.scoped import visible_case
from engine.queries.timeline import Told
from engine.store import cases as store
from engine.store.people import name_of
from engine.store.register import read_household
from engine.store.tables.cases import Case, Draft, Task
from engine.usecases.claim_task import claim_task, release_task
from engine.usecases.complete_task import complete_task
from engine.usecases.note_read import note_read, note_search
from engine.usecases.procedures import Procedure, procedure_of
from engine.usecases.save_draft import save_draft
from engine.usecases.send_signing_code import send_signing_code
from web.api import schemas, shapes
from web.api.access import documents, staff
from web.api.blueprint import ETAG, IF_MATCH, MAY_MATCH, blueprint, etag
from web.api.cases import proposed, summary
from web.api.filters import FilterArgs
from web.api.form_schemas import json_schema
from web.api.once import once
from web.api.paging import PageArgs, page, place_of
from web.api.words import searched
from web.db import office_session, running
from web.errors import faults_of
from web.i18n import lang
from web.inbox.asked import read
from web.inbox.signing import device, shown_document
from web.limits import limiter

blp = blueprint("tasks", "任务 / Tasks")
ADDRESS = "/cases/<number>/tasks/<int(max=2147483647):task>"


class ListArgs(FilterArgs, PageArgs):
    list = fields.String(load_default="mine", validate=validate.OneOf(["mine", "claimable", "done"]))


@blp.route("/tasks")
@staff("inbox")
@blp.arguments(ListArgs, location="query")
@blp.response(200, schemas.page_of(schemas.RowOut))
def tasks(args: dict[str, Any]):
    """What is mine to do, waits to be claimed at my office, or was done by me."""
    session, app = office_session(), running()
    tab, words = {"claimable": "claim"}.get(args["list"], args["list"]), searched(args["q"])
    if words:
        note_search(session, app.clock, g.actor, "inbox", words)
    asked = read(args, tab, g.actor, session, words)
    rows, place = cursors.tasks(
        session, g.actor, tab, asked, place_of(args), args["limit"], shipped_calendar(), app.clock.now()
    )
    session.commit()
    return page([shapes.row(row) for row in rows], place)


@blp.route(ADDRESS)
@staff("cases")
@blp.response(200, schemas.TaskOut, headers=ETAG)
def task(number: str, task: int):
    """Everything to decide on: the form, what is known, the application, opinions, the proposed change."""
    session = office_session()
    case = visible_case(session, g.actor, number)
    row = store.find_task(session, case, task)
    note_read(session, running().clock, g.actor, "open", f"case:{case.number}", case.division)
    shown = detail(session, case, row)
    session.commit()
    return shown, 200, etag(case.revision)


@blp.route(f"{ADDRESS}/claim", methods=["POST"])
@staff("inbox")
@blp.response(200, schemas.TaskOut, headers=ETAG)
@once
def claim(number: str, task: int):
    """Take the task over. 409 names who was faster."""
    session = office_session()
    case = visible_case(session, g.actor, number)
    return _short(session, case, claim_task(session, running().clock, g.actor, number, task))


@blp.route(f"{ADDRESS}/release", methods=["POST"])
@staff("inbox")
@blp.response(200, schemas.TaskOut, headers=ETAG)
@once
def release(number: str, task: int):
    """Give it back, so that others of the office can claim it."""
    session = office_session()
    case = visible_case(session, g.actor, number)
    return _short(session, case, release_task(session, running().clock, g.actor, number, task))


def _short(session: Session, case: Case, row: Task):
    return shapes.task(row, _assignee(session, row)) | _common(case, row), 200, etag(case.revision)


@blp.route(f"{ADDRESS}/code", methods=["POST"])
@staff("inbox")
@limiter.limit("20/minute")
@blp.arguments(schemas.SigningCodeIn)
@blp.response(200, schemas.SigningCodeOut)
@once
def signing_code(args: dict[str, Any], number: str, task: int):
    """Send the person whose signature the task asks for a one-time code, to the register's telephone."""
    reference = (args.get("reference") or "").strip() or None
    sent = send_signing_code(office_session(), running().clock, g.actor, number, task, reference)
    return {"to": sent.to, "minutes": sent.minutes}


@blp.route(f"{ADDRESS}/draft")
@staff("inbox")
@blp.response(200, schemas.DraftOut, headers=ETAG)
def draft(number: str, task: int):
    """What one has typed so far; empty before the first time."""
    session = office_session()
    case = visible_case(session, g.actor, number)
    store.find_task(session, case, task)
    found = store.read_draft(session, case, task, g.actor.person_id)
    return _draft(found)


@blp.route(f"{ADDRESS}/draft", methods=["PUT"])
@staff("inbox")
@blp.arguments(schemas.DraftIn)
@blp.response(200, schemas.DraftOut, headers=ETAG)
@documents(parameters=[MAY_MATCH])
def keep_draft(args: dict[str, Any], number: str, task: int):
    """Keep it, right or wrong. If-Match (its ETag) guards against another window of one's own: 412."""
    session = office_session()
    case = visible_case(session, g.actor, number)
    store.find_case(session, case.county, number, lock=True)
    row = store.find_task(session, case, task)
    before = store.read_draft(session, case, task, g.actor.person_id)
    asked = request.headers.get("If-Match")
    if asked is not None and asked.strip() not in ("*", f'"{_stamp(before)}"'):
        raise PreconditionFailed
    data = procedure_of(session, case).form(row.form).draft(args["data"])
    save_draft(session, running().clock, g.actor, number, task, data)
    session.commit()
    return _draft(store.read_draft(session, case, task, g.actor.person_id))


def _stamp(found: Draft | None) -> int:
    """When it was saved, in microseconds; 0 before the first time."""
    return int(found.saved_at.timestamp() * 1_000_000) if found else 0


def _draft(found: Draft | None):
    data, saved_at = (found.data, found.saved_at.isoformat()) if found else ({}, None)
    return {"data": data, "saved_at": saved_at}, 200, etag(_stamp(found))


@blp.route(f"{ADDRESS}/complete", methods=["POST"])
@staff("inbox")
@blp.arguments(schemas.AnswersIn)
@blp.response(200, schemas.CompletedOut, headers=ETAG)
@once
@documents(parameters=[IF_MATCH])
def complete(args: dict[str, Any], number: str, task: int):
    """Send the form. If-Match is the ETag that the task was read with: 428 without, 412 when the case went on.

    422 names the fields; 409 who was faster. What was sent is kept as a draft by PUT, not here.
    """
    session = office_session()
    if "If-Match" not in request.headers:
        visible_case(session, g.actor, number)  # another village's case is not there, whatever else is amiss
    revision = asked_revision()
    try:
        step = complete_task(
            session,
            running().clock,
            g.actor,
            number,
            task,
            args["answers"],
            revision=revision,
            device=device(),
        )
    except Conflict as error:
        if error.code == "stale":
            raise PreconditionFailed from None
        raise
    except Invalid as error:
        raise _translated(session, number, task, args["answers"], error) from None
    case = store.held_case(session, g.actor.county, number)
    after = {
        "case": number,
        "status": case.status,
        "revision": case.revision,
        "tasks": [shapes.task(row, name) for row, name in case_file.tasks(session, case)],
        "waiting": [wait.element for wait in step.waits],
    }
    return after, 200, etag(case.revision)


def _translated(session: Session, number: str, task: int, answers: Any, error: Invalid) -> Invalid:
    """The form's faults in English, when that is asked for."""
    if lang() == "zh":
        return error
    session.rollback()
    case = store.find_case(session, g.actor.county, number)
    row = store.find_task(session, case, task)
    procedure = procedure_of(session, case)
    _data, errors = procedure.form(row.form).read(
        answers, lang=lang(), context=_facts(session, procedure, case, row)
    )
    said = faults_of(error)
    return Invalid(errors or said)


def asked_revision() -> int | None:
    """Of If-Match. Any other tag than a revision of ours matches nothing."""
    given = request.headers.get("If-Match")
    if given is None:
        raise PreconditionRequired
    tag = given.strip()
    if tag == "*":
        return None
    number = tag.strip('"')
    return int(number) if number.isascii() and number.isdigit() and len(number) < 10 else -1


def detail(session: Session, case: Case, row: Task) -> dict[str, Any]:
    procedure, told = procedure_of(session, case), Told(session, case)
    form = procedure.form(row.form)
    return (
        shapes.task(row, _assignee(session, row))
        | _common(case, row)
        | {
            "form": shapes.form(form, json_schema(form)),
            "facts": _facts(session, procedure, case, row),
            "application": masking.answers(told.application().get(procedure.case_type.start_variable) or {}),
            "opinions": [
                masking.answers(shapes.opinion(opinion))
                for opinion in told.opinions(procedure.case_type.act_forms)
            ],
            "change": proposed(session, case),
            "summary": summary(session, case),
        }
    )


def _common(case: Case, row: Task) -> dict[str, Any]:
    return {
        "case": case.number,
        "mine": row.status == "open" and row.assignee == g.actor.stands_as,
        "ended_at": shapes.plain(row.ended_at),
        "ended_by": row.ended_by,
        "decision": row.decision,
        "revision": case.revision,
        "form": {"name": row.form},
    }


def _assignee(session: Session, row: Task) -> str | None:
    return name_of(session, row.assignee) if row.assignee else None


def _facts(session: Session, procedure: Procedure, case: Case, row: Task) -> dict[str, Any]:
    household = read_household(session, case.county, case.contractor_code)
    today = local_date(running().clock.now())
    facts = procedure.facts_for(session, household, case, today) | {"today": today.isoformat()}
    facts["shown_document"] = shown_document(session, case)
    variables = store.read_state(session, case)[1]
    facts["known"] |= printed_facts(variables) | survey_known(variables, case.contractor_name)
    facts["known"] |= pieces_known(session, case)
    facts["known"] |= addressees_known(procedure.case_type, variables, case.contractor_name)
    facts["options"] = late_options(
        session, case.county, procedure.case_type, procedure.form(row.form), today
    )
    return facts | {"survey_parcels": [{"code": code} for code in parcels_to_survey(variables)]}
