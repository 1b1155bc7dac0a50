"""The applicant withdraws the application: at any time until the contract is signed, by itself or by staff for it."""

from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.clock import Clock
from engine.domain.errors import Conflict, Invalid, NotAllowed, Refused
from engine.domain.said import say
from engine.store import cases
from engine.store.tables.cases import Case
from engine.store.versions import case_type_of
from engine.usecases.concerned import concerns
from engine.usecases.deliver_event import deliver_message

ON_BEHALF = (
    "village_clerk",
    "township_reviewer",
    "county_officer",
    "county_handler",
    "arbitration_secretary",
)


def withdraw_case(session: Session, clock: Clock, actor: Actor, case_number: str, reason: str) -> Case:
    """Staff act on the household's word, and ``reason`` says so. Commits nothing: the caller commits.

    Raises Invalid (reason), NotFound out of scope, NotAllowed for another's case, Refused once it is signed or ended.
    """
    case = cases.find_case(session, actor.county, case_number, lock=True)
    if not concerns(actor, case, ON_BEHALF):
        raise NotAllowed("may_not_withdraw", "您没有代申请人撤回的权限")
    if not reason.strip() or len(reason) > 500:
        raise Invalid({"reason": [say("请写明为什么撤回，不超过500个字")]})
    check_may(session, case)
    payload = {"reason": reason.strip(), "by": "applicant" if actor.role == "applicant" else "staff"}
    rule = case_type_of(session, case.version_id).withdrawal
    assert rule is not None
    try:
        return deliver_message(session, clock, actor, rule["message"], payload, to=case.number)
    except Conflict:
        raise Refused("withdrawal", "此件现在不能撤回，请联系办理单位") from None


def check_may(session: Session, case: Case) -> None:
    """Until it is signed: whatever the law undoes then is a case of its own."""
    if case.status != "open":
        raise Refused("case_ended", "此件已经办结，不能撤回")
    rule = case_type_of(session, case.version_id).withdrawal
    if rule is None:
        raise Refused("withdrawal", "此件现在不能撤回，请联系办理单位")
    if cases.is_done(session, case, rule["until"]):
        raise Refused("signed", "合同已经签订，不能撤回申请。要变更或者解除合同的，请另行申请")


def may_withdraw(session: Session, case: Case) -> bool:
    try:
        check_may(session, case)
    except Refused:
        return False
    return True
