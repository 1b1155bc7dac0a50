"""Move one open case to another version, or back while nothing happened since. The caller holds the case's lock."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine import projections
from engine.bpmn import Step
from engine.bpmn.migration import STAY, Plan, Reason, plan
from engine.domain import events
from engine.domain.actor import Actor
from engine.domain.errors import NotAllowed, Refused
from engine.domain.said import say
from engine.operations.work import Work
from engine.store import cases, event_waits, history
from engine.store.tables.cases import Case
from engine.usecases.keep_deadlines import keep_deadlines
from engine.usecases.keep_tasks import keep_tasks, row_of
from engine.usecases.procedures import Procedure, procedure, procedure_of
from engine.usecases.rebuild_case import Rebuilt, Told, commands_told, completed, rebuild

ADMINISTRATOR = "process_admin"
FOLLOWS = ("name", "form", "role", "office")
"""What a task's row has from the version."""


def plan_case(session: Session, case: Case, target: Procedure, harmless: Collection[str] = ()) -> Plan:
    """What keeps the case from moving, or what it is then. Nothing is changed."""
    if case.status != "open":
        return Plan((Reason(None, say("此件已经办结。"), say("不必迁移。")),))
    told = commands_told(session, case)
    try:
        done = completed(told)
    except Refused as fault:
        return Plan((Reason(None, fault.said, STAY),))
    unreadable = tuple(_answers_without_a_form(told, case, target))
    state, _ = cases.read_state(session, case)
    found = plan(procedure_of(session, case).definition, target.definition, state, done, harmless)
    return Plan(unreadable + found.reasons, None) if unreadable else found


def _answers_without_a_form(told: Iterable[Told], case: Case, target: Procedure) -> Iterator[Reason]:
    """What was handed in is read by its form, by officials, auditors and the household."""
    known = set(target.case_type.form_names)
    if target.case_type.starter(case.origin) is None or target.case_type.start_form(case.origin) not in known:
        yield Reason(None, say("新版没有此件的申请表。"), STAY)
    forms = {
        payload["form"]: link.element
        for link, payload in told
        if link.kind == events.TASK_COMPLETED and payload and payload.get("form")
    }
    for form, element in sorted(forms.items()):
        if form not in known:
            message = say("此件填过表单“%(form)s”，新版已删除这张表，填写的内容会读不出来。", form=form)
            yield Reason(element, message, STAY)


def migrate_case(
    session: Session,
    at: datetime,
    actor: Actor,
    case: Case,
    target: Procedure,
    harmless: Collection[str] = (),
) -> Work:
    """Gives what was done, saved and not committed. Raises Refused with its ``reasons`` where it cannot move."""
    check_administrator(actor)
    found = plan_case(session, case, target, harmless)
    if found.step is None:
        first = found.reasons[0].message
        raise Refused(
            "not_movable", "办件 %(number)s 不能迁移：%(first)s", number=case.number, first=first, reasons=found.reasons
        )  # fmt: skip
    before = procedure_of(session, case)
    work = Work(session=session, case=case, case_type=target.case_type, actor=actor, at=at)
    given_up = _give_up_deadlines(work, found.step)
    tasks = _change_tasks(work, found.step)
    told = {
        "from": before.version_id,
        "to": target.version_id,
        "harmless": sorted(harmless),
        "tasks": tasks,
        "given_up": given_up,
    }
    work.say(events.CASE_MIGRATED, told)
    _save(work, before, target, found.step)
    return work


def undo_migration(session: Session, at: datetime, actor: Actor, case: Case) -> Work:
    """Back to the version and the state before. Raises Refused where a command came since, or none was moved."""
    check_administrator(actor)
    told = commands_told(session, case)
    link, payload = told[-1]
    if link.kind != events.CASE_MIGRATED or payload is None:
        if any(one.kind == events.CASE_MIGRATED for one, _ in told):
            raise Refused("touched", "办件 %(number)s 迁移后又办理过，不能撤回", number=case.number)
        raise Refused("not_migrated", "办件 %(number)s 没有迁移过", number=case.number)
    before, now = list(rebuild(session, case))[-2:]
    if now.step.state != cases.read_state(session, case)[0]:
        raise Refused("differs", "办件 %(number)s 的流程状态与记录不符，不能撤回", number=case.number)
    here, back = procedure_of(session, case), procedure(session, payload["from"])
    work = Work(session=session, case=case, case_type=back.case_type, actor=actor, at=at)
    _restore_deadlines(work, link.seq, payload["given_up"])
    _change_tasks(work, before.step)
    for row in payload["tasks"]:
        if row.get("released"):
            person = UUID(row["released"])
            cases.change_task(work.writes, case, row["number"], {"assignee": person, "claimed_at": at})
    work.say(events.MIGRATION_UNDONE, {"from": here.version_id, "to": back.version_id})
    _save(work, here, back, _at_rest(before))
    return work


def check_administrator(actor: Actor) -> None:
    """Moving is for whoever may publish."""
    if actor.role != ADMINISTRATOR:
        raise NotAllowed("administrators_only", "只有流程管理员可以迁移办件")


def _at_rest(one: Rebuilt) -> Step:
    return replace(one.step, entered=(), left=(), flows=(), thrown=())


def _save(work: Work, before: Procedure, after: Procedure, step: Step) -> None:
    """As after a command (carry_on.py), but nothing happened in the process."""
    work.data = dict(step.data)
    changes = {"revision": work.case.revision + 1, "changed_at": work.at, "version_id": after.version_id}
    cases.change_case(work.writes, work.case, changes)
    cases.write_state(work.writes, work.case, step.state)
    keep_tasks(work, step)
    keep_deadlines(work, step)
    if before.definition.has_events or after.definition.has_events:
        event_waits.keep(work.session, work.case, map(vars, step.events))
    projections.run(work)
    case = work.case
    history.chain(work.writes, work.found.head, case.county, case.id, work.happened, work.actor, work.at)
    work.writes.send(work.session)


def _change_tasks(work: Work, step: Step) -> list[dict[str, Any]]:
    """Open tasks are called, done and asked for as the version says; who has claimed one that is another
    position's now gives it back. Their numbers stay, and with them what people have typed.
    """
    told = []
    for task in step.tasks:
        known = work.found.tasks.get(task.number)
        if known is None:
            continue
        wanted = row_of(work, task)
        changes = {name: wanted[name] for name in FOLLOWS if wanted[name] != getattr(known, name)}
        if not changes:
            continue
        row = {"number": task.number, "element": task.element, "changes": dict(changes)}
        if known.assignee is not None and {"role", "office"} & changes.keys():
            changes |= {"assignee": None, "claimed_at": None}
            row["released"] = str(known.assignee)
        cases.change_task(work.writes, work.case, task.number, changes)
        told.append(row)
    return told


def _give_up_deadlines(work: Work, step: Step) -> list[str]:
    """Waits and limits that the version has no more. One that runs goes on as it began, whatever its length is
    now; so do the limits of the whole case.
    """
    timed = {wait.number for wait in step.waits}
    timed |= {task.number for task in step.tasks if task.properties.get("deadline")}
    over = [
        row for row in work.found.deadlines if row.task_number not in timed and row.task_number is not None
    ]
    for row in over:
        row.status = "cancelled"
    cases.save_deadlines(work.writes, over)
    work.found.deadlines = [row for row in work.found.deadlines if row not in over]
    return [str(row.id) for row in over]


def _restore_deadlines(work: Work, seq: int, given_up: list[str]) -> None:
    """Those the move began are taken away, those it gave up run on."""
    begun = {
        (link.element, link.task_number)
        for link, _ in history.read(work.session, work.case.county, work.case.id)
        if link.seq > seq and link.kind == events.DEADLINE_STARTED
    }
    new = [row for row in work.found.deadlines if (row.element, row.task_number) in begun]
    cases.delete_deadlines(work.writes, new)
    back = cases.deadlines_by_id(work.session, work.case, [UUID(text) for text in given_up])
    for row in back:
        row.status = "stopped" if row.due_at is None else "running"
    cases.save_deadlines(work.writes, back)
    work.found.deadlines = [row for row in work.found.deadlines if row not in new] + back


def reasons_as_dicts(reasons: Collection[Reason]) -> list[dict[str, Any]]:
    return [asdict(reason) for reason in reasons]
