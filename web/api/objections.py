"""公示和异议: what a case displays, objections to it from filing to answer, photographs; withdrawal on the applicant's word."""

from typing import Any
from uuid import UUID

from flask import g
from marshmallow import Schema, fields, validate
from sqlalchemy.orm import Session

from engine.domain.errors import NotFound
from engine.queries import publicity as shown
from engine.queries.scoped import visible_case
from engine.store.tables.cases import Case, Objection
from engine.usecases.claim_task import claim_task
from engine.usecases.complete_task import complete_task
from engine.usecases.correct_filed import decline_correction, findings_of, report_error
from engine.usecases.note_read import note_read
from engine.usecases.prove_publicity import prove_publicity
from engine.usecases.raise_objection import CATEGORIES, LONGEST, raise_objection
from engine.usecases.report_death import report_death
from engine.usecases.withdraw_case import withdraw_case
from web.api.access import staff
from web.api.blueprint import blueprint
from web.api.once import once
from web.api.paging import PageArgs, page, part
from web.api.schemas import day, instant
from web.api.schemas import text as maybe_text
from web.api.shapes import plain
from web.db import office_session, running

blp = blueprint("objections", "公示和异议 / Publicity and objections")
OUTCOMES = ("dismissed", "upheld", "withdrawn")
TOLD = (
    "number", "objector", "phone", "channel", "category", "text", "evidence", "raised_on", "recorded_at", "status",
    "finding", "answer", "settled_at", "settled_by",
)  # fmt: skip


class ObjectionOut(Schema):
    case = fields.String(required=True)
    publicity = fields.String(required=True)
    number = fields.Integer(required=True, metadata={"description": "within the case"})
    objector = fields.String()
    phone = maybe_text()
    channel = fields.String(metadata={"enum": ["counter", "portal", "api"]})
    category = fields.String(metadata={"enum": list(CATEGORIES)})
    text = fields.String()
    evidence = fields.List(fields.String())
    raised_on = day()
    recorded_at = instant()
    status = fields.String(metadata={"enum": ["open", *OUTCOMES]})
    task = fields.Integer(allow_none=True, metadata={"description": "that settles it"})
    finding = maybe_text()
    answer = maybe_text("what the objector was told")
    settled_at = instant()
    settled_by = maybe_text()


class DisplayOut(Schema):
    id = fields.String(required=True)
    subject = fields.String(metadata={"enum": ["contract", "survey"]})
    round = fields.Integer()
    starts_on = day()
    ends_on = day("last full day of showing; later, while an objection stops the clock")
    closed_at = instant()
    result = fields.Dict(allow_none=True)
    postings = fields.List(fields.Dict(), metadata={"description": "{place, kind, division, photo}"})
    objections = fields.List(fields.Nested(ObjectionOut))


class ListedOut(Schema):
    items = fields.List(fields.Nested(ObjectionOut))
    next = fields.String(allow_none=True)


class ListArgs(PageArgs):
    status = fields.String(load_default="open", validate=validate.OneOf(("open", *OUTCOMES, "all")))


class ObjectionIn(Schema):
    publicity = fields.UUID(required=True)
    objector = fields.String(required=True, validate=validate.Length(1, 50))
    phone = fields.String(allow_none=True, validate=validate.Length(max=30))
    category = fields.String(required=True, validate=validate.OneOf(CATEGORIES))
    text = fields.String(required=True, validate=validate.Length(1, LONGEST))
    raised_on = fields.Date(
        allow_none=True, metadata={"description": "the day it was said; today if left out"}
    )
    evidence = fields.List(fields.UUID(), load_default=[], validate=validate.Length(max=10))


class AnswerIn(Schema):
    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    finding = fields.String(required=True, validate=validate.Length(1, 1000))
    answer = fields.String(required=True, validate=validate.Length(1, 1000))
    papers = fields.List(fields.UUID(), load_default=[], validate=validate.Length(max=10))


class PhotoIn(Schema):
    place = fields.Integer(
        required=True, validate=validate.Range(0, 10**4), metadata={"description": "of the postings, from 0"}
    )
    paper = fields.UUID(required=True, metadata={"description": "of POST /papers, kind publicity_photo"})


class ReasonIn(Schema):
    reason = fields.String(required=True, validate=validate.Length(1, 500))


class FindingIn(Schema):
    finding = fields.String(required=True, validate=validate.Length(1, 500))


class DeclineIn(Schema):
    answer = fields.String(required=True, validate=validate.Length(1, 500))


ERROR_TOLD = ("text", "by", "at", "state", "case", "answer")


class FoundErrorOut(Schema):
    text = fields.String(required=True)
    by = fields.String(metadata={"description": "who said it"})
    at = instant()
    state = fields.String(metadata={"enum": ["waiting", "corrected", "declined"]})
    case = maybe_text("number of the correction")
    answer = maybe_text("why nothing is corrected")


class CaseAfterOut(Schema):
    case = fields.String(required=True)
    status = fields.String(required=True)
    revision = fields.Integer(required=True)


def told(row: Objection, number: str) -> dict[str, Any]:
    own = {name: plain(getattr(row, name)) for name in TOLD}
    return own | {"case": number, "publicity": str(row.publicity_id), "task": row.task_number}


def displayed(one: shown.Shown, number: str) -> dict[str, Any]:
    row = one.publicity
    names = ("id", "subject", "round", "starts_on", "ends_on", "closed_at", "result", "postings")
    facts = {name: plain(getattr(row, name)) for name in names}
    return facts | {"objections": [told(objection, number) for objection in one.objections]}


def after(case: Case) -> dict[str, Any]:
    return {"case": case.number, "status": case.status, "revision": case.revision}


@blp.route("/objections")
@staff("cases")
@blp.arguments(ListArgs, location="query")
@blp.response(200, ListedOut)
def objections(args: dict[str, Any]):
    """Of all cases in scope, the earliest first; by default those that are not settled."""
    rows = shown.listing(office_session(), g.actor, args["status"])
    listed, place = part(rows, args)
    return page([told(row, number) for row, number in listed], place)


@blp.route("/cases/<number>/publicities")
@staff("cases")
@blp.response(200, DisplayOut(many=True))
def publicities(number: str):
    """What the case displays or displayed, the newest first, with the objections. Who read it is recorded."""
    session = office_session()
    case = visible_case(session, g.actor, number)
    note_read(session, running().clock, g.actor, "open", f"case:{case.number}", case.division)
    found = [displayed(one, case.number) for one in shown.shown_of(session, case)]
    session.commit()
    return found


@blp.route("/cases/<number>/objections", methods=["POST"])
@staff("inbox")
@blp.arguments(ObjectionIn)
@blp.response(201, ObjectionOut)
@once
def file(args: dict[str, Any], number: str):
    """Write an objection down: the case opens a task to settle it, and its clock stands still. 422 once the display is over."""
    session = office_session()
    case = visible_case(session, g.actor, number)
    publicity = args.pop("publicity")
    if publicity not in {one.publicity.id for one in shown.shown_of(session, case)}:
        raise NotFound("publicity", "没有找到这次公示，请核对")
    row = raise_objection(session, running().clock, g.actor, publicity_id=publicity, channel="api", **args)
    return told(row, case.number), 201


@blp.route("/cases/<number>/objections/<int(max=2147483647):objection>/answer", methods=["POST"])
@staff("inbox")
@blp.arguments(AnswerIn)
@blp.response(200, ObjectionOut)
@once
def answer(args: dict[str, Any], number: str, objection: int):
    """Settle and answer it: the task is claimed and completed, the answer printed, and the clock goes on or, upheld,
    the display is repeated. 409 when it is settled already."""
    session, clock = office_session(), running().clock
    case = visible_case(session, g.actor, number)
    row = objection_of(session, case, objection)
    if row.task_number is None:
        raise NotFound("task", "没有找到处理这件异议的任务")
    claim_task(session, clock, g.actor, case.number, row.task_number)
    handed = [str(paper) for paper in args.pop("papers")]
    answers = args | ({"papers": {"objection_record": handed}} if handed else {})
    complete_task(session, clock, g.actor, case.number, row.task_number, answers, revision=case.revision)
    session.refresh(row)
    return told(row, case.number), 200


def objection_of(session: Session, case: Case, number: int) -> Objection:
    for one in shown.shown_of(session, case):
        for row in one.objections:
            if row.number == number:
                return row
    raise NotFound("objection", "没有找到第%(number)s号异议", number=number)


@blp.route("/cases/<number>/publicities/<uuid:publicity>/photos", methods=["POST"])
@staff("inbox")
@blp.arguments(PhotoIn)
@blp.response(200, DisplayOut)
@once
def photo(args: dict[str, Any], number: str, publicity: UUID):
    """A photograph of one of the places where it hangs."""
    session = office_session()
    case = visible_case(session, g.actor, number)
    found = {one.publicity.id: one for one in shown.shown_of(session, case)}
    if publicity not in found:
        raise NotFound("publicity", "没有找到这次公示，请核对")
    prove_publicity(session, running().clock, g.actor, publicity, args["place"], args["paper"])
    return displayed(found[publicity], case.number), 200


@blp.route("/cases/<number>/withdrawal", methods=["POST"])
@staff("inbox")
@blp.arguments(ReasonIn)
@blp.response(200, CaseAfterOut)
@once
def withdraw(args: dict[str, Any], number: str):
    """On the applicant's word, which the reason says. 422 once the contract is signed or the case has ended."""
    session = office_session()
    case = visible_case(session, g.actor, number)
    return after(withdraw_case(session, running().clock, g.actor, case.number, args["reason"])), 200


@blp.route("/cases/<number>/errors", methods=["POST"])
@staff("inbox")
@blp.arguments(FindingIn)
@blp.response(200, CaseAfterOut)
@once
def error_found(args: dict[str, Any], number: str):
    """An error in what the case filed: kept with it. Its correction is a case of its own (POST /cases), named here and
    naming this one. 422 before it is filed."""
    session = office_session()
    case = visible_case(session, g.actor, number)
    return after(report_error(session, running().clock, g.actor, case.number, args["finding"])), 200


@blp.route("/cases/<number>/errors")
@staff("cases")
@blp.response(200, FoundErrorOut(many=True))
def errors_found(number: str):
    """What was said to be wrong in what the case filed, and what became of it."""
    session = office_session()
    case = visible_case(session, g.actor, number)
    note_read(session, running().clock, g.actor, "open", f"case:{case.number}", case.division)
    found = [{name: plain(getattr(one, name)) for name in ERROR_TOLD} for one in findings_of(session, case)]
    session.commit()
    return found


@blp.route("/cases/<number>/errors/declined", methods=["POST"])
@staff("inbox")
@blp.arguments(DeclineIn)
@blp.response(200, CaseAfterOut)
@once
def correction_declined(args: dict[str, Any], number: str):
    """What was said to be wrong is right; a household that said it is told why. 422 where nothing waits."""
    session = office_session()
    case = visible_case(session, g.actor, number)
    return after(decline_correction(session, running().clock, g.actor, case.number, args["answer"])), 200


@blp.route("/cases/<number>/representative-died", methods=["POST"])
@staff("inbox")
@blp.response(200, CaseAfterOut)
@once
def representative_died(number: str):
    """Everything waits until the members chose another representative."""
    session = office_session()
    case = visible_case(session, g.actor, number)
    report_death(session, running().clock, g.actor, case.number)
    session.refresh(case)
    return after(case), 200
