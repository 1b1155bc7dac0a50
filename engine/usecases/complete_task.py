"""Complete a task: check who, how fresh and what; carry the case on; all in one transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine.bpmn import Complete, Step
from engine.domain import events
from engine.domain.actor import Actor
from engine.domain.clock import Clock, local_date
from engine.domain.errors import Conflict, Invalid, NotAllowed, Refused
from engine.operations.identity import Rules, claimed, prove
from engine.operations.materials import adopt_materials
from engine.operations.work import Work
from engine.queries.form_options import late_options
from engine.queries.scoped import is_number, visible
from engine.store import cases
from engine.store.found import TaskRow, lock_and_find
from engine.store.people import name_of
from engine.store.register import read_household
from engine.store.tables.cases import Case, Task
from engine.usecases.carry_on import CommandEvent, carry_on
from engine.usecases.claim_task import check_open, check_position, check_separation
from engine.usecases.procedures import Procedure, procedure_of
from engine.usecases.seeing import seeing_enough


def complete_task(
    session: Session,
    clock: Clock,
    actor: Actor,
    case_number: str,
    number: int,
    answers: Any,
    *,
    revision: int | None = None,
    files: Any = None,
    store: Any = None,
    device: dict[str, Any] | None = None,
) -> Step:
    """``revision`` is the case's when the form was opened; None skips that check (the applicant's own task).
    ``device``: what the answers came from, for signatures.

    Raises Invalid by field, Conflict when somebody was faster, NotAllowed for the wrong position or person.
    Commits nothing: the caller commits, with its idempotency key.
    """
    named = case_number if is_number(case_number) else ""
    locked, found = lock_and_find(session, actor.county, named, number, actor.people)
    case = visible(actor, locked, case_number)
    procedure = procedure_of(session, case)
    at = clock.now()
    work = Work(session=session, case=case, case_type=procedure.case_type, actor=actor, at=at)
    work.found = found
    task = cases.task_among(found.tasks, case, number)
    check_position(actor, task)
    check_open(session, case, task)
    same_person = False
    if actor.role != "applicant":
        check_assignee(session, actor, task)
        check_separation(found.positions, task)
        same_person = found.just_before is not None and found.just_before.partition("@")[2] == task.office
    elif case.applicant != UUID(actor.id):
        raise NotAllowed("not_your_case", "这不是您的办件")
    check_not_suspended(procedure, found.tasks, task)
    if revision is not None and revision != case.revision:
        raise Conflict("stale", "办件在您填写时有了新的变化，请核对后再提交，您的内容已存为草稿")
    data = read_answers(session, procedure, case, task, answers, files, store, at)
    form = procedure.form(task.form)
    data, work.withheld = form.kept(data), form.withheld(data)
    work.last_form, work.last_task, work.device = task.form, number, device or {}
    party = procedure.definition.elements[task.element].properties.get("signs")
    if party:
        claim, rules = claimed(work.household(), party), Rules.of(procedure.case_type, at)
        work.proof = prove(session, case, number, claim, work.withheld, rules, at)
    payload = {"data": data, "form": task.form} | ({"same_person": True} if same_person else {})
    told = CommandEvent(events.TASK_COMPLETED, payload, task.element, number)
    with seeing_enough(session, actor):
        adopt_materials(work, form, data, number)
        cases.finish_task(work.writes, case, number, actor, decision_of(data), at)
        return carry_on(work, procedure, Complete(number, data), told)


def complete_for_party(
    session: Session, clock: Clock, actor: Actor, case: Case, element: str, answers: Any
) -> Step:
    """The office's open task at that element is done by what a party to the case handed in; nobody need type it again.

    The case is locked, and the caller has found that this actor may. Raises Invalid by field, Conflict where it was done.
    """
    task = next((task for task in cases.open_tasks(session, case) if task.element == element), None)
    if task is None:
        raise Conflict("done", "这一项已经办过了")
    procedure, at = procedure_of(session, case), clock.now()
    work = Work(session=session, case=case, case_type=procedure.case_type, actor=actor, at=at)
    row = cases.task_among(work.found.tasks, case, task.number)
    check_not_suspended(procedure, work.found.tasks, row)
    data = read_answers(session, procedure, case, row, answers, None, None, at)
    work.last_form, work.last_task = row.form, row.number
    told = CommandEvent(events.TASK_COMPLETED, {"data": data, "form": row.form}, row.element, row.number)
    adopt_materials(work, procedure.form(row.form), data, row.number)
    cases.finish_task(work.writes, case, row.number, actor, decision_of(data), at)
    return carry_on(work, procedure, Complete(row.number, data), told)


def read_answers(
    session: Session,
    procedure: Procedure,
    case: Case,
    task: TaskRow,
    answers: Any,
    files: Any,
    store: Any,
    at: datetime,
) -> dict[str, Any]:
    form = procedure.form(task.form)
    household = read_household(session, case.county, case.contractor_code) if form.picks_parcels else None
    today = local_date(at)
    context = procedure.facts_for(session, household, case, today) if household else {}
    context["options"] = late_options(session, case.county, procedure.case_type, form, today)
    context["today"] = today.isoformat()
    data, errors = form.read(answers, context=context, files=files, store=store)
    if errors:
        raise Invalid(errors)
    return data


def check_assignee(session: Session, actor: Actor, task: Task | TaskRow) -> None:
    if task.assignee is None:
        raise Conflict("unclaimed", "请先签收，再办理")
    if task.assignee != actor.stands_as:
        raise Conflict(
            "taken", "该任务已由%(name)s签收，您的内容已存为草稿", name=name_of(session, task.assignee)
        )


def check_not_suspended(procedure: Procedure, tasks: Mapping[int, TaskRow], task: TaskRow) -> None:
    """While a task is open that holds the whole case up (property ``suspends`` = case), it comes first."""
    for other in tasks.values():
        element = procedure.definition.elements.get(other.element)
        holds = element is not None and element.properties.get("suspends") == "case"
        if holds and other.status == "open" and other.number != task.number:
            raise Refused("suspended", "此件因“%(name)s”中止，先办完这一项，再办其他环节", name=other.name)


def decision_of(data: dict[str, Any]) -> str | None:
    decision = data.get("decision")
    return decision if isinstance(decision, str) else None
