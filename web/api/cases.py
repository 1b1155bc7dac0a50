"""Cases: list, start by the village, one case, its events."""

import json
from typing import Any

from flask import g, url_for
from flask_babel import gettext as _
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from engine.domain import masking
from engine.domain.calendar import shipped_calendar
from engine.domain.clock import local_date
from engine.domain.errors import Invalid, NotFound
from engine.queries import case_file, cursors, register
from engine.queries.changed import before_and_after
from engine.queries.scoped import places, visible_case
from engine.queries.timeline import Told
from engine.store import history
from engine.store.tables.cases import Case
from engine.usecases.note_read import note_read, note_search
from engine.usecases.procedures import current_procedure, procedure_of
from engine.usecases.start_case import start_case
from web.api import schemas, shapes
from web.api.access import staff
from web.api.blueprint import ETAG, blueprint, etag
from web.api.filters import FilterArgs
from web.api.form_schemas import json_schema
from web.api.once import once
from web.api.paging import PageArgs, page, place_of
from web.api.words import searched
from web.db import office_session, running
from web.i18n import lang
from web.inbox.asked import read

blp = blueprint("cases", "办件 / Cases")


class ListArgs(FilterArgs, PageArgs):
    status = fields.String(validate=validate.OneOf(["open", "completed", "rejected", "withdrawn", "lapsed"]))


@blp.route("/cases")
@staff("cases")
@blp.arguments(ListArgs, location="query")
@blp.response(200, schemas.page_of(schemas.RowOut))
def cases(args: dict[str, Any]):
    """Cases of the position's divisions, the newest first."""
    session, app = office_session(), running()
    words = searched(args["q"])
    if words:
        note_search(session, app.clock, g.actor, "cases", words)
    rows, place = cursors.cases(
        session,
        g.actor,
        read(args, "all", g.actor, session, words),
        args.get("status"),
        place_of(args),
        args["limit"],
        shipped_calendar(),
        app.clock.now(),
    )
    session.commit()
    return page([shapes.row(row) for row in rows], place)


@blp.route("/cases", methods=["POST"])
@staff("start")
@blp.arguments(schemas.StartIn)
@blp.response(201, schemas.StartedOut)
@once
def start(args: dict[str, Any]):
    """Start a case for a household, in one of the ways that the case type names (``origin``). The lookup code is told in this answer."""
    session, code = office_session(), args["contractor"]
    household = register.visible_household(session, g.actor, code)
    answers = args["answers"]
    if answers.get("contractor_code", household.code) != household.code:
        raise Invalid({"contractor_code": [_("承包方编码与所选的承包方不一致")]})
    try:
        begun = start_case(
            session, running().clock, g.actor, args["case_type"], household.code, args["origin"], answers
        )
    except Invalid as error:
        if lang() == "zh":
            raise
        form = current_procedure(session, g.actor.county, args["case_type"]).start_form(args["origin"])
        today = {"today": local_date(running().clock.now()).isoformat()}
        raise Invalid(form.read(answers, lang=lang(), context=today)[1] or error.fields) from None
    case = visible_case(session, g.actor, begun.number)
    told = {
        "case": begun.number,
        "lookup_code": begun.lookup_code,
        "tasks": [shapes.task(row, name) for row, name in case_file.tasks(session, case)],
    }
    return told, 201, {"Location": url_for("api-cases.case", number=begun.number)}


@blp.route("/case-types/<case_type>/start-form")
@staff("start")
@blp.arguments(schemas.StartFormArgs, location="query")
@blp.response(200, schemas.FormOut)
def start_form(args: dict[str, Any], case_type: str):
    """The form that such a case is started with, by the village unless ``origin`` says otherwise."""
    procedure = current_procedure(office_session(), g.actor.county, case_type[:100])
    if procedure.case_type.starter(args["origin"]) is None:
        raise NotFound("start_form", "这项业务不能由村里代办")
    form = procedure.start_form(args["origin"])
    return shapes.form(form, json_schema(form))


@blp.route("/cases/<number>")
@staff("cases")
@blp.response(200, schemas.CaseOut, headers=ETAG)
def case(number: str):
    """Where it stands: open tasks, periods, publicities, and what it will change."""
    session = office_session()
    found = visible_case(session, g.actor, number)
    note_read(session, running().clock, g.actor, "open", f"case:{found.number}", found.division)
    shown = summary(session, found) | {"change": proposed(session, found)}
    session.commit()
    return shown, 200, etag(found.revision)


@blp.route("/cases/<number>/events")
@staff("cases")
@blp.arguments(PageArgs, location="query")
@blp.response(200, schemas.page_of(schemas.EventOut))
def events(args: dict[str, Any], number: str):
    """What happened, in order, as the chain has it; identity numbers masked."""
    session = office_session()
    found = visible_case(session, g.actor, number)
    note_read(session, running().clock, g.actor, "open", f"case:{found.number}", found.division)
    place = place_of(args)
    after = cursors._number(place, 0) if place else 0
    rows = [row for row in history.chained_rows(session, found.county, found.id) if row[0].seq > after]
    shown, more = rows[: args["limit"]], len(rows) > args["limit"]
    session.commit()
    return page([event(*row) for row in shown], [shown[-1][0].seq] if more else None)


def proposed(session: Session, found: Case) -> dict[str, Any] | None:
    """What the case changes in the register, thing by thing."""
    change = case_file.proposed_change(session, found)
    day = local_date(running().clock.now())
    if change is None:
        return shapes.change(None, None)
    start = procedure_of(session, found).case_type.start_variable
    asked = Told(session, found).application().get(start)
    return shapes.change(change, before_and_after(session, g.actor, found, change, day, asked))


def event(link: Any, link_hash: bytes, _salt: bytes | None, body: str | None) -> dict[str, Any]:
    return {
        "seq": link.seq,
        "at": shapes.plain(link.at),
        "actor": link.actor_name,
        "position": link.position,
        "kind": link.kind,
        "element": link.element,
        "task": link.task_number,
        "payload": masking.answers(json.loads(body)) if body is not None else None,
        "hash": bytes(link_hash).hex(),
    }


def summary(session: Session, found: Case) -> dict[str, Any]:
    procedure = procedure_of(session, found)
    now = running().clock.now()
    return shapes.case(
        found, procedure.case_type.title, places(session, {found.division})[found.division]
    ) | {
        "tasks": [shapes.task(row, name) for row, name in case_file.tasks(session, found)],
        "deadlines": [shapes.period(p) for p in case_file.periods(session, found, shipped_calendar(), now)],
        "awaited": [shapes.awaited(one) for one in case_file.awaited(session, found)],
        "publicities": [shapes.publicity(row) for row in cursors.publicities(session, found)],
    }
