"""Act inside on one submission of the portal: start a case, complete the household's task, withdraw, object. Once."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine.domain.actor import Actor, applicant
from engine.domain.clock import Clock
from engine.domain.errors import Invalid, NotFound
from engine.domain.said import say
from engine.operations.codes import new_code
from engine.store import cases, outbox, publicities
from engine.store.files import FileStore
from engine.store.portal import forget_bodies, own_upload
from engine.store.register import read_household
from engine.store.sealed import fingerprint
from engine.store.tables.portal import Applicant, Submission
from engine.usecases import portal_deals
from engine.usecases.act_as_party import act_as_party
from engine.usecases.add_material import add_material
from engine.usecases.answer_once import earlier_answer, remember_answer
from engine.usecases.complete_task import complete_task
from engine.usecases.hand_in_requests import confirm, correct, remind
from engine.usecases.land_board import hand_in_offer, report_offer, withdraw_offer
from engine.usecases.portal_signing import opened, reference_of
from engine.usecases.procedures import current_procedure, procedure_of
from engine.usecases.publish_forms import OWN
from engine.usecases.raise_objection import raise_objection
from engine.usecases.send_email_code import send_email_code
from engine.usecases.send_signing_code import send_signing_code
from engine.usecases.start_case import start_case
from engine.usecases.taken_over import is_id, taken_over
from engine.usecases.withdraw_case import withdraw_case

MOST_EVIDENCE, EVIDENCE_MB = 10, 20
EVIDENCE_TYPES = ["image/jpeg", "image/png", "application/pdf"]
BOARD = {
    "land_offer": hand_in_offer,
    "land_offer_withdrawal": withdraw_offer,
    "land_offer_report": report_offer,
}  # from anybody
REQUESTS = {"confirm": confirm, "remind": remind, "correct": correct}
DEALS = (portal_deals.CODE, portal_deals.SIGN)


def hand_in(
    session: Session,
    portal: Session,
    clock: Clock,
    files: FileStore,
    person: Applicant | None,
    row: Submission,
) -> dict[str, Any]:
    """The answer for the portal. Raises DomainError where it is refused. The caller commits.

    ``person``: None for an objection by somebody who did not sign in.
    """
    if row.kind == "objection":
        return objection(session, portal, clock, files, person, row)
    if row.kind in DEALS:
        return portal_deals.take_in(session, portal, clock, files, None, row)
    if row.kind in BOARD:
        return BOARD[row.kind](session, clock, row)
    assert person is not None
    if row.kind in REQUESTS:
        return REQUESTS[row.kind](session, clock, person, row)
    return ACTS.get(row.kind, apply)(session, portal, clock, files, person, row)


def apply(
    session: Session, portal: Session, clock: Clock, files: FileStore, person: Applicant, row: Submission
) -> dict[str, Any]:
    """{case, lookup_code}. The code is told here and by message, and kept only as its keyed hash."""
    household = read_household(session, person.county, person.contractor_code)
    if household is None:
        raise NotFound("contractor", "没有找到承包方 %(code)s，请核对编码", code=person.contractor_code)
    actor = applicant(person.id, person.name, person.county, household.division)
    before = earlier_answer(session, actor, str(row.id), row.data)
    if before is not None:
        return {"case": before["case"], "lookup_code": new_lookup_code(session, clock, actor, before["case"])}
    procedure = current_procedure(session, person.county, row.case_type)
    answers = taken_over(session, portal, clock, files, actor, procedure, procedure.start_form(OWN), row)
    started = start_case(
        session, clock, actor, row.case_type, household.code, OWN, answers, applicant=person.id
    )
    remember_answer(session, clock, actor, str(row.id), row.data, {"case": started.number})
    title = procedure.case_type.title
    tell(session, clock, actor, person, row, started.number, started.lookup_code, title)
    return {"case": started.number, "lookup_code": started.lookup_code}


def new_lookup_code(session: Session, clock: Clock, actor: Actor, number: str) -> str:
    """The first code was lost with the job that died before telling it; the case gets another."""
    case, code = cases.find_case(session, actor.county, number, lock=True), new_code(8)
    case.lookup_found = fingerprint(code)
    outbox.put(session, actor.county, "publish_case", {"case": number}, clock.now(), case.id)
    return code


def tell(
    session: Session,
    clock: Clock,
    actor: Actor,
    person: Applicant,
    row: Submission,
    number: str,
    code: str,
    title: dict[str, str],
) -> None:
    phone = row.data.get("phone") if isinstance(row.data.get("phone"), str) else None
    told = {
        "kind": "accepted",
        "facts": {"number": number, "code": code, "title": title},
        "case": number,
        "contractor": person.contractor_code,
        "applicant": str(person.id),
        "phone": phone or person.phone,
    }
    outbox.put(session, actor.county, "tell_applicant", told, clock.now())


def supply(
    session: Session, portal: Session, clock: Clock, files: FileStore, person: Applicant, row: Submission
) -> dict[str, Any]:
    """{case}: the household's own task is completed with what it hands in."""
    assert row.case_number is not None and row.task_number is not None
    case = cases.find_case(session, person.county, row.case_number)
    actor = applicant(person.id, person.name, person.county, case.division)
    before = earlier_answer(session, actor, str(row.id), row.data)
    if before is not None:
        return before
    procedure, answer = procedure_of(session, case), {"case": case.number}
    form = procedure.form(cases.find_task(session, case, row.task_number).form)
    answers = taken_over(session, portal, clock, files, actor, procedure, form, row)
    complete_task(session, clock, actor, case.number, row.task_number, answers)
    remember_answer(session, clock, actor, str(row.id), row.data, answer)
    return answer


def withdraw(
    session: Session, portal: Session, clock: Clock, files: FileStore, person: Applicant, row: Submission
) -> dict[str, Any]:
    """{case}: ``row.data`` is {reason}."""
    assert row.case_number is not None
    case = cases.find_case(session, person.county, row.case_number)
    actor = applicant(person.id, person.name, person.county, case.division)
    before = earlier_answer(session, actor, str(row.id), row.data)
    if before is not None:
        return before
    withdraw_case(session, clock, actor, case.number, str(row.data.get("reason") or ""))
    remember_answer(session, clock, actor, str(row.id), row.data, {"case": case.number})
    return {"case": case.number}


def objection(
    session: Session,
    portal: Session,
    clock: Clock,
    files: FileStore,
    person: Applicant | None,
    row: Submission,
) -> dict[str, Any]:
    """{objection, number}: ``row.data`` is {publicity, category, text, phone?, evidence?: [upload ids]}; of somebody who
    did not sign in also {county, name, relation}.

    The person need not be of the household that the publicity is about.
    """
    said = row.data
    county = person.county if person else str(said["county"])
    name = person.name if person else str(said["name"])
    publicity_id = UUID(said["publicity"]) if is_id(str(said.get("publicity") or "")) else UUID(int=0)
    publicity = publicities.find_publicity(session, county, publicity_id)
    if publicity is None:
        raise NotFound("publicity", "没有找到这次公示，请核对")
    actor = applicant(person.id if person else row.id, name, county, publicity.division)
    before = earlier_answer(session, actor, str(row.id), said)
    if before is not None:
        return before
    handed = [str(name) for name in said.get("evidence") or [] if is_id(str(name))]
    raised = raise_objection(
        session,
        clock,
        actor,
        publicity_id=publicity_id,
        objector=name,
        category=str(said.get("category") or ""),
        text=with_relation(str(said.get("text") or ""), said.get("relation")),
        phone=str(said.get("phone") or (person.phone if person else "")),
        evidence=evidence_of(session, portal, clock, files, actor, row.applicant_id, handed),
        channel="portal",
        applicant=person.id if person else None,
    )
    answer = {"objection": str(raised.id), "number": raised.number}
    remember_answer(session, clock, actor, str(row.id), said, answer)
    return answer


EVIDENCE = "objection_evidence"
RELATIONS = {
    "household": "公示的这一户的成员",
    "neighbour": "相邻地块的承包方",
    "collective": "本集体的其他成员",
    "other": "其他人",
}


def with_relation(text: str, relation: Any) -> str:
    """Who says it, in a line of its own below."""
    return f"{text}\n（异议人自述：{RELATIONS[relation]}）" if relation in RELATIONS else text


def evidence_of(
    session: Session,
    portal: Session,
    clock: Clock,
    files: FileStore,
    actor: Actor,
    owner: UUID | None,
    handed: list[str],
) -> list[UUID]:
    """The uploads as papers inside; one that is not the person's own is refused by field."""
    papers = []
    for name in handed[:MOST_EVIDENCE]:
        upload = own_upload(portal, owner, UUID(name))
        if upload is None or upload.body is None:
            raise Invalid({"evidence": [say("没有找到这份文件，请重新上传")]})
        body, title = bytes(upload.body), upload.file_name
        papers.append(
            add_material(session, clock, files, actor, body, title, EVIDENCE, EVIDENCE_TYPES, EVIDENCE_MB)
        )
    return papers


def sign_code(
    session: Session, portal: Session, clock: Clock, files: FileStore, person: Applicant, row: Submission
) -> dict[str, Any]:
    """{to, minutes}: a code is on its way to the telephone that the register has."""
    actor, number, task = acting(session, person, row)
    sent = send_signing_code(session, clock, actor, number, task, reference_of(row))
    return {"to": sent.to, "minutes": sent.minutes}


def sign(
    session: Session, portal: Session, clock: Clock, files: FileStore, person: Applicant, row: Submission
) -> dict[str, Any]:
    """{case}: the contract is signed. What was sealed is forgotten with the answer, whatever it is."""
    actor, number, task = acting(session, person, row)
    before = earlier_answer(session, actor, str(row.id), {})
    if before is not None:
        return before
    answers, device = opened(row)
    complete_task(session, clock, actor, number, task, answers, device=device)
    row.data = {}
    answer = {"case": number}
    remember_answer(session, clock, actor, str(row.id), {}, answer)
    return answer


def acting(session: Session, person: Applicant, row: Submission) -> tuple[Actor, str, int]:
    assert row.case_number is not None
    assert row.task_number is not None
    case = cases.find_case(session, person.county, row.case_number)
    return applicant(person.id, person.name, person.county, case.division), case.number, row.task_number


def forget_uploads(portal: Session, row: Submission) -> None:
    """Once their bodies lie inside."""
    forget_bodies(portal, row.applicant_id, [UUID(text) for text in strings(row.data) if is_id(text)])


def strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in strings(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in strings(inner)]
    return [value] if isinstance(value, str) else []


ACTS = {
    "apply": apply,
    "supply": supply,
    "withdrawal": withdraw,
    "sign": sign,
    "sign_code": sign_code,
    "email_code": send_email_code,
    "party": act_as_party,
}
