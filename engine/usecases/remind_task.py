"""催办: an office above asks whoever has a task to get on with it; once a day; recorded.

An applicant's comes by way of the portal (hand_in_requests.py), with days of its own.
"""

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from engine.domain import events
from engine.domain.actor import Actor
from engine.domain.clock import Clock, local_date
from engine.domain.errors import Conflict, Invalid, NotAllowed
from engine.domain.events import Happened
from engine.domain.roles import does, may
from engine.domain.said import say
from engine.queries.reassigning import holders
from engine.queries.scoped import visible_case
from engine.store import cases, history, notices
from engine.store.tables.cases import Task
from engine.usecases.claim_task import check_open

LONGEST = 200  # characters


def remind_task(
    session: Session, clock: Clock, actor: Actor, case_number: str, number: int, text: str = ""
) -> int:
    """Gives how many people were told: who has claimed it, or everybody who could.

    Conflict where somebody did today; NotAllowed for those whose own task it is, or whose office is not above.
    """
    case = visible_case(session, actor, case_number, lock=True)
    task = cases.find_task(session, case, number)
    if len(text) > LONGEST:
        raise Invalid({"text": [say("最多写200个字，请缩短")]})
    check_open(session, case, task)
    check_may_remind(actor, task)
    at = clock.now()
    today = local_date(at)
    if any(local_date(when) == today for when in history.times(session, case, events.TASK_REMINDED, number)):
        raise Conflict("reminded", "今天已经催办过这项任务，请明天再催")
    told = who_have(session, task, today)
    facts = {"text": text, "told": sorted(map(str, told))}
    fact = Happened(events.TASK_REMINDED, facts, task.element, number)
    history.append(session, case.county, case.id, [fact], actor, at)
    notices.tell(session, case, told, "reminded", text or task.name, actor, at, number)
    return len(told)


def check_may_remind(actor: Actor, task: Task) -> None:
    own = actor.division == task.office and does(actor.role, task.role)
    if own or not may(actor.role, "remind") or not actor.sees(task.office):
        raise NotAllowed("not_above", "催办由上级单位或申请人提出；本岗位的任务请直接办理")


def may_remind(actor: Actor, task: Task) -> bool:
    try:
        check_may_remind(actor, task)
    except NotAllowed:
        return False
    return task.status == "open"


def who_have(session: Session, task: Task, day: date) -> list[UUID]:
    """Who has claimed the task, or everybody who could."""
    if task.assignee is not None:
        return [task.assignee]
    return [one.id for one in holders(session, task.county, task.role, task.office, day)]
