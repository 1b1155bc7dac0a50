"""The household's representative has died while its case runs: everything waits until the members chose another."""

from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.clock import Clock
from engine.domain.errors import Conflict, NotAllowed, NotFound, Refused
from engine.store import cases, event_waits
from engine.store.tables.cases import Case
from engine.usecases.deliver_event import deliver_message
from engine.usecases.withdraw_case import ON_BEHALF, may_withdraw

MESSAGE, TASK = "representative_died", "choose_representative"


def report_death(session: Session, clock: Clock, actor: Actor, case_number: str) -> Case:
    """Until the contract is signed; afterwards it is a change of its own. Commits nothing: the caller commits."""
    case = cases.find_case(session, actor.county, case_number, lock=True)
    if not actor.sees(case.division):
        raise NotFound("case", "没有找到办件 %(number)s", number=case.number)
    if actor.role not in ON_BEHALF:
        raise NotAllowed("may_not_report", "您没有报告承包方代表去世的权限")
    if not may_withdraw(session, case):
        raise Refused("signed", "合同已经签订或者办件已经办结，请另行申请变更承包方代表")
    if any(task.element == TASK for task in cases.open_tasks(session, case)):
        raise Refused("reported", "已经报告过，正在等本户推选新的代表")
    try:
        return deliver_message(session, clock, actor, MESSAGE, {"by": actor.name}, to=case.number)
    except Conflict:
        raise Refused("old_version", "此件不能在办理中变更代表，请撤回后由新的代表重新申请") from None


def may_report_death(session: Session, case: Case) -> bool:
    """Not every procedure goes on with another representative."""
    return may_withdraw(session, case) and MESSAGE in event_waits.heard(session, case)
