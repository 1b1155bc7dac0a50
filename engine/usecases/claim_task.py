"""Take a task over, or give it back. One wins; the other is told who did."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from engine.domain import events
from engine.domain.actor import Actor
from engine.domain.clock import Clock
from engine.domain.errors import Conflict, NotAllowed
from engine.domain.events import Happened
from engine.domain.roles import apart_in_a_case, does
from engine.queries.scoped import visible_case
from engine.store import cases, history
from engine.store.found import TaskRow, positions_in
from engine.store.people import name_of
from engine.store.tables.cases import Case, Task


def claim_task(session: Session, clock: Clock, actor: Actor, case_number: str, number: int) -> Task:
    case, task = locked_task(session, actor, case_number, number)
    check_open(session, case, task)
    if task.assignee == actor.stands_as:
        return task
    if task.assignee is not None:
        raise Conflict("taken", "该任务已由%(name)s签收", name=name_of(session, task.assignee))
    check_separation(positions_in(session, case, actor.people), task)
    at = clock.now()
    task.assignee, task.claimed_at = actor.stands_as, at
    fact = Happened(events.TASK_CLAIMED, {}, task.element, task.number)
    history.append(session, case.county, case.id, [fact], actor, at)
    session.flush()
    return task


def release_task(session: Session, clock: Clock, actor: Actor, case_number: str, number: int) -> Task:
    case, task = locked_task(session, actor, case_number, number)
    check_open(session, case, task)
    if task.assignee != actor.stands_as:
        raise NotAllowed("not_yours", "该任务不在您名下")
    at = clock.now()
    task.assignee, task.claimed_at = None, None
    fact = Happened(events.TASK_RELEASED, {}, task.element, task.number)
    history.append(session, case.county, case.id, [fact], actor, at)
    session.flush()
    return task


def locked_task(session: Session, actor: Actor, case_number: str, number: int) -> tuple[Case, Task]:
    """The case under its lock and the task, if it is this position's to do."""
    case = visible_case(session, actor, case_number, lock=True)
    task = cases.find_task(session, case, number)
    check_position(actor, task)
    return case, task


def check_position(actor: Actor, task: Task | TaskRow) -> None:
    """A task is done by its role at its very office: a county officer does not do a village's task."""
    if not does(actor.role, task.role) or task.office != actor.division:
        raise NotAllowed("not_your_task", "这项任务由其他岗位办理，您可以查看，不能办理")


def check_separation(positions: Iterable[str], task: Task | TaskRow) -> None:
    """Nobody acts at two levels of one case, nor handles and approves at the county (architecture 15, security).
    ``positions`` are those in which a person, or somebody for them, acted in the case.

    Within one office the same person may do several steps; the event of a step says so ("same_person").
    """
    for position in positions:
        role, _, division = position.partition("@")
        if len(division) > len(task.office):
            raise NotAllowed("separation", "您在下级经办过此件，应由他人办理本环节")
        if len(division) < len(task.office):
            raise NotAllowed("separation", "您在上级办理过此件，应由他人办理本环节")
        if apart_in_a_case(role, task.role):
            raise NotAllowed("separation", "同一件的经办和审批不能由同一人办理，应由他人办理本环节")


def check_open(session: Session, case: Case, task: Task | TaskRow) -> None:
    if task.status == "open":
        return
    if task.status == "cancelled":
        raise why_cancelled(session, case, task)
    raise Conflict("done", "该任务已由%(name)s办理，您的内容已存为草稿", name=task.ended_by or "他人")


def why_cancelled(session: Session, case: Case, task: Task | TaskRow) -> Conflict:
    """What went on while the form was open, for whoever still has it."""
    if case.status == "withdrawn":
        return Conflict("cancelled", "申请已经撤回（%(who)s），这项任务不用再办", who=task.ended_by or "")
    if case.status != "open":
        return Conflict("cancelled", "此件已经办结或终止，这项任务不用再办")
    if history.timer_cancelled(session, case, task.number):
        return Conflict("cancelled", "期限已到，此件已转到后面的环节，这项任务不用再办")
    return Conflict("cancelled", "该任务已随流程变化取消，无需再办")
