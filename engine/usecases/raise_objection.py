"""Somebody objects to what is on display: written down, numbered, and given to the case, whose clock stands still.

Anyone of the own or a neighbouring collective may: at the village's counter, in the portal, or by a program.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from engine.domain import events
from engine.domain.actor import Actor
from engine.domain.clock import Clock, local_date
from engine.domain.errors import Conflict, Invalid, NotAllowed, NotFound, Refused
from engine.domain.events import Happened
from engine.domain.said import say
from engine.store import cases, history, publicities
from engine.store.papers import find_paper
from engine.store.tables.cases import Case, Objection, Publicity
from engine.usecases.deliver_event import deliver_message

MESSAGE, TASK = "objection_raised", "settle_objection"
CATEGORIES = ("head", "member", "parcel", "priority", "other")
RECORDERS = ("village_clerk", "township_reviewer", "county_officer", "county_handler", "applicant")
LONGEST = 2000


def raise_objection(
    session: Session,
    clock: Clock,
    actor: Actor,
    *,
    publicity_id: UUID,
    objector: str,
    category: str,
    text: str,
    phone: str | None = None,
    raised_on: date | None = None,
    evidence: Sequence[UUID] = (),
    channel: str = "counter",
    applicant: UUID | None = None,
) -> Objection:
    """``category``: head, member, parcel, priority (a member's, of a transfer) or other; ``raised_on``: the day it was said, today where None.

    ``evidence``: papers of the actor's that no case has yet (add_material). Raises Invalid by field (objector,
    category, text, raised_on, evidence), Refused where the display is over or the same person has an objection
    that is not settled yet. Commits nothing: the caller commits.
    """
    if actor.role not in RECORDERS:
        raise NotAllowed("may_not_object", "您没有登记异议的权限")
    publicity = publicities.find_publicity(session, actor.county, publicity_id)
    if publicity is None or not (actor.role == "applicant" or actor.sees(publicity.division)):
        raise NotFound("publicity", "没有找到这次公示，请核对")
    case = cases.case_by_id(session, actor.county, publicity.case_id, lock=True)
    session.refresh(publicity)
    day = raised_on or local_date(clock.now())
    check_answers(objector, category, text, day, publicity, local_date(clock.now()))
    check_open(session, case, publicity, day, applicant)
    row = Objection(
        county=case.county,
        id=uuid4(),
        case_id=case.id,
        publicity_id=publicity.id,
        number=publicities.next_number(session, case),
        objector=objector.strip(),
        phone=phone or None,
        applicant=applicant,
        channel=channel,
        category=category,
        text=text.strip(),
        evidence=[str(paper) for paper in evidence],
        raised_on=day,
        recorded_at=clock.now(),
        recorded_by=actor.id,
        status="open",
        division=case.division,
    )
    session.add(row)
    session.flush()
    told = {
        "objection": str(row.id),
        "publicity": str(publicity.id),
        "number": row.number,
        "category": category,
        "channel": channel,
    }
    facts = [Happened(events.OBJECTION_RAISED, told), *adopt(session, actor, case, evidence)]
    history.append(session, case.county, case.id, facts, actor, clock.now())
    hand_to_case(session, clock, actor, case, row)
    return row


def check_answers(
    objector: str, category: str, text: str, day: date, publicity: Publicity, today: date
) -> None:
    faults: dict[str, list[str]] = {}
    if not objector.strip() or len(objector) > 50:
        faults["objector"] = [say("请填写异议人姓名，不超过50个字")]
    if category not in CATEGORIES:
        faults["category"] = [say("请选择异议的类别")]
    if not text.strip() or len(text) > LONGEST:
        faults["text"] = [say("请写明异议内容，不超过2000个字")]
    if not publicity.starts_on <= day <= today:
        faults["raised_on"] = [say("提出日期应在公示开始之后、今天或以前")]
    if faults:
        raise Invalid(faults)


def check_open(session: Session, case: Case, publicity: Publicity, day: date, applicant: UUID | None) -> None:
    if case.status != "open" or publicity.closed_at is not None or day > publicity.ends_on:
        raise Refused(
            "publicity_over",
            "公示期到%(day)s为止，已经结束。仍有异议的，可以请村委会、乡镇人民政府调解，或者申请仲裁、向法院起诉",
            day=publicity.ends_on.isoformat(),
        )
    if applicant is None:
        return
    for earlier in publicities.objections_to(session, publicity):
        if earlier.applicant == applicant:
            raise Refused(
                "objected_already",
                "您对这次公示已提出异议（第%(number)s号），处理结果会告诉您，不用重复提出",
                number=earlier.number,
            )


def adopt(session: Session, actor: Actor, case: Case, evidence: Sequence[UUID]) -> list[Happened]:
    """The files become materials of the case."""
    facts = []
    for paper_id in evidence:
        paper = find_paper(session, case.county, paper_id, lock=True)
        if paper is None or paper.case_id is not None or paper.created_by != actor.id:
            raise Invalid({"evidence": [say("没有找到这份文件，请重新上传")]})
        paper.case_id, paper.division, paper.kind = case.id, case.division, "objection_evidence"
        told = {"paper": str(paper.id), "kind": paper.kind, "name": paper.file_name, "sha256": paper.sha256}
        facts.append(Happened(events.MATERIAL_ADDED, told))
    session.flush()
    return facts


def hand_to_case(session: Session, clock: Clock, actor: Actor, case: Case, row: Objection) -> None:
    """The case opens a task to settle it, and its clock stands still until that is done."""
    payload = {"objection": str(row.id), "number": row.number, "category": row.category}
    try:
        deliver_message(session, clock, actor, MESSAGE, payload, to=case.number)
    except Conflict:
        raise Refused(
            "old_version", "此件按旧版流程办理，不能在网上登记异议。请到村委会提出，由村里写入公示结果"
        ) from None
    row.task_number = publicities.untied_task(session, case, TASK)
    session.flush()
