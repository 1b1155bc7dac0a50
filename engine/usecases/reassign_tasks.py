"""Give an officer's open tasks to another holder of the same position: on leave, on leaving the post, or to help out.

Done by the officer, a superior or the security administrator, always with a reason. Each task is judged for itself:
what cannot be given says why, the others are given all the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine.domain import events
from engine.domain.actor import Actor
from engine.domain.clock import Clock, local_date
from engine.domain.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, Refused
from engine.domain.events import Happened
from engine.domain.roles import does, is_superior
from engine.domain.said import Said, say
from engine.queries.reassigning import tasks_held_by
from engine.queries.scoped import visible_case
from engine.store import cases, found, history, notices
from engine.store.people import name_of, positions_on
from engine.store.tables.cases import Case, Task
from engine.store.tables.reference import Person
from engine.usecases.claim_task import check_open, check_separation

SECURITY = "security_admin"
LONGEST = 200  # characters of a reason


@dataclass(frozen=True)
class Outcome:
    """Of one of many: ``fault`` says why it was not reassigned."""

    case: str
    task: int
    fault: Said | None


def reassign_tasks(
    session: Session, clock: Clock, actor: Actor, items: Iterable[tuple[str, int]], to: UUID, reason: str
) -> list[Outcome]:
    """``items`` are (case number, task number). One by one, each counted for itself. The caller commits.

    Raises Invalid where there is no reason.
    """
    why, outcomes = checked_reason(reason), []
    for number, task in items:
        try:
            with session.begin_nested():
                reassign_task(session, clock, actor, number, task, to, why)
            outcomes.append(Outcome(number, task, None))
        except DomainError as error:
            outcomes.append(Outcome(number, task, error.said))
    return outcomes


def reassign_all(
    session: Session,
    clock: Clock,
    actor: Actor,
    holder: UUID,
    to: UUID,
    reason: str,
    position: tuple[str, str] | tuple[()] = (),
) -> list[Outcome]:
    """Every open task that ``holder`` has claimed (in one ``position``: role, office), as far as the actor sees
    (离岗交接). The caller commits.
    """
    return reassign_tasks(session, clock, actor, tasks_held_by(session, actor, holder, *position), to, reason)


def reassign_task(
    session: Session, clock: Clock, actor: Actor, case_number: str, number: int, to: UUID, reason: str
) -> Task:
    """The task is ``to``'s from now on, with what was typed into it so far. The caller commits."""
    why = checked_reason(reason)
    case = visible_case(session, actor, case_number, lock=True)
    task = cases.find_task(session, case, number)
    _check_may_give(actor, task)
    check_open(session, case, task)
    if task.assignee == to:
        raise Conflict("same_holder", "该任务已在%(name)s名下", name=name_of(session, to))
    at, before = clock.now(), task.assignee
    receiver = _receiver(session, clock, case, task, to)
    _take_draft_along(session, case, task, before, to, at)
    task.assignee, task.claimed_at = to, at
    told: dict[str, Any] = {"to": str(to), "to_name": receiver.name, "reason": why}
    if before is not None:
        told |= {"from": str(before), "from_name": name_of(session, before)}
    fact = Happened(events.TASK_REASSIGNED, told, task.element, task.number)
    history.append(session, case.county, case.id, [fact], actor, at)
    notices.tell(session, case, [to], "reassigned", why, actor, at, number)
    return task


def checked_reason(text: str) -> str:
    why = " ".join(text.split())
    if not why:
        raise Invalid({"reason": [say("请写明转办的原因")]})
    if len(why) > LONGEST:
        raise Invalid({"reason": [say("原因不超过%(count)s个字", count=LONGEST)]})
    return why


def may_give(actor: Actor, task: Task) -> bool:
    """The holder, for an unclaimed task anybody of the office, a superior, or the security administrator."""
    own = does(actor.role, task.role) and task.office == actor.division
    if own and task.assignee in (None, actor.stands_as):
        return True
    return actor.role == SECURITY or is_superior(actor.role, actor.division, task.role, task.office)


def _check_may_give(actor: Actor, task: Task) -> None:
    if task.role == "applicant":
        raise NotAllowed("applicants_task", "申请人的事项不能转办")
    if may_give(actor, task):
        return
    raise NotAllowed("may_not_reassign", "只有经办人本人、其上级审核人和安全管理员可以转办这项任务")


def _receiver(session: Session, clock: Clock, case: Case, task: Task, to: UUID) -> Person:
    """Who holds the position today and may do the task in this case; Refused says why not."""
    person = session.get(Person, to)
    if person is None or person.home != case.county:
        raise NotFound("account", "没有找到这个账号")
    held = positions_on(session, to, local_date(clock.now()))
    if not any(does(one.role, task.role) and one.division == task.office for one in held):
        raise Refused("not_holder", "%(name)s不在该任务的岗位上，不能接办", name=person.name)
    if not person.active:
        raise Refused("locked", "%(name)s的账号已锁定，不能接办", name=person.name)
    try:
        check_separation(found.positions_in(session, case, (str(to),)), task)
    except NotAllowed:
        raise Refused("separation", "%(name)s经办过此件，应由他人办理本环节", name=person.name) from None
    return person


def _take_draft_along(
    session: Session, case: Case, task: Task, before: UUID | None, to: UUID, at: Any
) -> None:
    """What was typed goes with the task, unless the receiver has typed something already."""
    typed = cases.read_draft(session, case, task.number, before) if before else None
    if typed is not None and cases.read_draft(session, case, task.number, to) is None:
        cases.save_draft(session, case, task.number, to, typed.data, at)
