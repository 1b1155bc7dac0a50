"""更正: an error found after filing. The finding goes into the filed case; its correction is a case of its own, linked both ways.

What is filed is not changed in the case that filed it: the register is, by a correction that is examined like any other.
"""

from typing import Any

from sqlalchemy.orm import Session

from engine.domain import events
from engine.domain.actor import Actor
from engine.domain.clock import Clock, local_date
from engine.domain.corrections import WAITING, Finding, findings
from engine.domain.errors import Invalid, NotAllowed, Refused
from engine.domain.events import Happened
from engine.domain.said import say
from engine.queries.reassigning import holders
from engine.store import cases, history, notices, outbox
from engine.store.tables.cases import Case, Changeset
from engine.store.versions import case_type_of
from engine.usecases.concerned import concerns
from engine.usecases.procedures import Procedure

OFFICES = ("village_clerk", "township_reviewer", "county_officer", "county_handler")
FINDERS = (*OFFICES, "applicant")
LONGEST = 500


def report_error(
    session: Session,
    clock: Clock,
    actor: Actor,
    case_number: str,
    finding: str,
    household: str | None = None,
) -> Case:
    """Village, township, county or the household say what is wrong; the village's clerks, who file corrections, are told.

    ``household``: contractor code of an applicant's own; they need not have applied themselves, since the village may
    have applied for them. Raises Invalid (finding), Refused before it is filed. Commits nothing: the caller commits.
    """
    case = cases.find_case(session, actor.county, case_number, lock=True)
    own = actor.role == "applicant" and household == case.contractor_code
    if not own and not concerns(actor, case, FINDERS):
        raise NotAllowed("may_not_report", "您没有登记错误的权限")
    said = finding.strip()
    if not said or len(said) > LONGEST:
        raise Invalid({"finding": [say("请写明发现了什么错误，不超过500个字")]})
    if not is_filed(session, case):
        raise Refused("not_filed", "此件还没有备案，有误的请在办理中补正、退回或撤回")
    at = clock.now()
    history.append(
        session, case.county, case.id, [Happened(events.ERROR_FOUND, {"finding": said})], actor, at
    )
    clerks = holders(session, case.county, "village_clerk", case.division[:12], local_date(at))
    notices.tell(session, case, [one.id for one in clerks], "error_found", said, actor, at)
    outbox.put(session, case.county, "publish_case", {"case": case.number}, at, case.id)
    return case


def decline_correction(session: Session, clock: Clock, actor: Actor, case_number: str, answer: str) -> Case:
    """What was said to be wrong is right. The household is told why, and may object or say more.

    Raises Invalid (answer), Refused where nothing waits. Commits nothing: the caller commits.
    """
    case = cases.find_case(session, actor.county, case_number, lock=True)
    if not concerns(actor, case, OFFICES):
        raise NotAllowed("may_not_report", "您没有登记错误的权限")
    said = answer.strip()
    if not said or len(said) > LONGEST:
        raise Invalid({"answer": [say("请写明为什么不更正，不超过500个字")]})
    waiting = [one for one in findings_of(session, case) if one.state == WAITING]
    if not waiting:
        raise Refused("nothing_waits", "没有等待处理的更正请求")
    at = clock.now()
    history.append(
        session, case.county, case.id, [Happened(events.ERROR_ANSWERED, {"answer": said})], actor, at
    )
    if any(one.position.startswith("applicant") for one in waiting):
        told = {
            "kind": "correction_declined",
            "facts": {
                "why": said,
                "number": case.number,
                "title": case_type_of(session, case.version_id).title,
            },
            "case": case.number,
            "contractor": case.contractor_code,
            "applicant": str(case.applicant) if case.applicant else None,
            "phone": None,
        }
        outbox.put(session, case.county, "tell_applicant", told, at, case.id)
    outbox.put(session, case.county, "publish_case", {"case": case.number}, at, case.id)
    return case


def findings_of(session: Session, case: Case) -> tuple[Finding, ...]:
    """What was said to be wrong in the case, and what became of it."""
    return findings(history.read(session, case.county, case.id)) if is_filed(session, case) else ()


def is_filed(session: Session, case: Case) -> bool:
    row = session.get(Changeset, (case.county, case.id))
    return row is not None and row.applied_at is not None


def link_correction(
    session: Session, actor: Actor, procedure: Procedure, case: Case, answers: dict[str, Any], at: Any
) -> None:
    """A correction that has begun names the case that filed last for that household, and is named there.

    Where the register was filled otherwise (an import), there is none.
    """
    if not procedure.case_type.corrects(answers):
        return
    filed = cases.filed_last(session, case)
    if filed is None:
        return
    told = history.read(session, filed.county, filed.id)
    found = [one.text for one in findings(told) if one.state == WAITING]
    here = {"case": filed.number, "findings": found}
    history.append(session, case.county, case.id, [Happened(events.CORRECTS, here)], actor, at)
    there = {"case": case.number}
    history.append(session, filed.county, filed.id, [Happened(events.CORRECTION_OPENED, there)], actor, at)
    outbox.put(session, filed.county, "publish_case", {"case": filed.number}, at, filed.id)
