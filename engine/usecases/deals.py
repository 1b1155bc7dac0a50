"""A deal is signed by all its parties: each is sent a link, asks for a code, and signs the same file on their telephone."""

import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from engine.domain import events, masking
from engine.domain.actor import Actor, system
from engine.domain.clock import Clock
from engine.domain.errors import Conflict, Invalid, NotFound, Refused
from engine.domain.events import Happened
from engine.domain.signing import PHONE, Claim, digest, drawn_digest
from engine.operations.identity import Rules, code_hash, prove, provider
from engine.store import cases, deals, history, outbox
from engine.store.channels import channels_of
from engine.store.papers import issued_paper
from engine.store.sealed import fingerprint
from engine.store.signatures import codes_since, latest_code
from engine.store.tables.cases import Case, Paper
from engine.store.tables.signing import Signature, SigningCode
from engine.store.tables.transfers import DealParty
from engine.usecases.deliver_event import deliver_message
from engine.usecases.procedures import procedure_of
from engine.usecases.send_signing_code import Sent

FORM, TASK, SIGNED = "sign_as_party", "collect_signatures", "deal_signed"


def invite_parties(session: Session, clock: Clock, county: str, case_number: str, public_url: str) -> int:
    """Send each party that was not told yet its own link. Gives how many. The caller commits."""
    case, told = cases.find_case(session, county, case_number, lock=True), 0
    channels = channels_of(session, county)
    for row in deals.parties(session, case):
        if row.invited_at is not None:
            continue
        said = (
            f"{row.signer}：请签署土地经营权流转合同（办件{case.number}）。不用到场，打开链接看清合同再签："
            f"{public_url}/portal/deals/{row.id} 。链接只给您本人，请不要转发。"
        )
        outbox.put(
            session,
            county,
            "send_message",
            {"to": row.phone, "text": channels.sign(said)},
            clock.now(),
            case.id,
        )
        row.invited_at, told = clock.now(), told + 1
    session.flush()
    return told


def send_deal_code(
    session: Session, clock: Clock, county: str, key: UUID, reference: str | None = None
) -> Sent:
    """A one-time code to the party's telephone. The caller commits.

    Raises NotFound for a key that leads nowhere any more, Refused when too many codes were sent.
    """
    row, case, task, contract = asked(session, county, key)
    at, rules = clock.now(), Rules.of(procedure_of(session, case).case_type, clock.now())
    if codes_since(session, county, case.id, task, at - timedelta(hours=1), row.key) >= rules.per_hour:
        raise Refused("too_often", "验证码发送太频繁，请一小时后再试")
    outside = provider().begin(claim_of(row), reference)
    before = latest_code(session, county, case.id, task, row.key)
    if before is not None and before.status == "sent":
        before.status = "over"
    code = f"{secrets.randbelow(10**6):06d}"
    sent = SigningCode(
        county=county,
        id=uuid4(),
        case_id=case.id,
        task_number=task,
        party=row.key,
        document_sha256=contract.sha256,
        phone_masked=masking.number(row.phone),
        status="sent",
        tries=0,
        sent_at=at,
        expires_at=at + timedelta(minutes=rules.minutes),
        asked_by=str(row.id),
        outside=outside,
        division=case.division,
    )
    sent.code_hash = code_hash(sent, code)
    session.add(sent)
    session.flush()
    said = (
        f"{row.signer}：签署流转合同的验证码 {code}，{rules.minutes}分钟内有效。"
        f"合同编号{number_said(contract)}。不是您本人在签合同的，请不要告诉任何人。"
    )
    text = channels_of(session, county).sign(said)
    outbox.put(session, county, "send_message", {"to": row.phone, "text": text}, at, case.id)
    return Sent(sent.phone_masked, rules.minutes)


def sign_deal(
    session: Session, clock: Clock, county: str, key: UUID, answers: dict[str, Any], device: dict[str, Any]
) -> str:
    """Sign; with the last signature the case goes on. Gives the case's number. The caller commits.

    A wrong code or number is counted and committed before Invalid is raised. Conflict where the file shown is another.
    """
    row, case, task, contract = asked(session, county, key)
    if row.signed_at is not None:
        raise Conflict("signed", "您已经签过这份合同，不用再签")
    procedure, at = procedure_of(session, case), clock.now()
    data, errors = procedure.form(FORM).read(answers)
    if errors:
        raise Invalid(errors)
    if data["document"] != contract.sha256:
        raise Conflict("document", "您看到的不是现在的合同文本，请刷新页面，核对后重新签名")
    rules, claim = Rules.of(procedure.case_type, at), claim_of(row)
    proof = prove(session, case, task, claim, data, rules, at, row.key)
    if proof["document_sha256"] != contract.sha256:
        raise Conflict("document", "验证码是为另一份文本发的，请重新发送")
    signature = Signature(
        county=county,
        id=uuid4(),
        case_id=case.id,
        task_number=task,
        paper_id=contract.id,
        party=row.key,
        document_sha256=contract.sha256,
        document_bytes=contract.size,
        signer_name=row.signer,
        id_number_masked=masking.number(row.id_number),
        id_number_found=fingerprint(row.id_number),
        way=PHONE,
        identity=proof,
        drawn=data["signature"],
        device=device,
        signed_at=at,
        taken_by=str(row.id),
        taken_by_name=row.signer,
        division=case.division,
    )
    signature.digest = digest(case.number, signature)
    session.add(signature)
    row.signed_at = at
    session.flush()
    told = {
        "signature": str(signature.id),
        "party": row.key,
        "signer": row.signer,
        "way": PHONE,
        "document_sha256": contract.sha256,
        "drawn_sha256": drawn_digest(signature.drawn),
        "digest": signature.digest,
    }
    who = Actor(str(row.id), row.signer, "applicant", case.division, county)
    history.append(session, county, case.id, [Happened(events.SIGNATURE_MADE, told)], who, at)
    outbox.put(session, county, "publish_case", {"case": case.number}, at, case.id)
    rows = deals.parties(session, case)
    if all(one.signed_at for one in rows):
        deliver_message(session, clock, system(county), SIGNED, {"parties": len(rows)}, to=case.number)
    return case.number


def asked(session: Session, county: str, key: UUID) -> tuple[DealParty, Case, int, Paper]:
    """(the party, its case under lock, the task that collects signatures, the contract). NotFound where none is asked."""
    found = deals.party(session, county, key)
    case = cases.case_by_id(session, county, found.case_id, lock=True) if found else None
    row = (
        deals.party(session, county, key) if case else None
    )  # the contract may have been issued anew meanwhile
    if case is None or row is None:
        raise NotFound("deal", "这个链接已经失效。合同改过的，请用最新短信里的链接")
    open_tasks = [task for task in cases.open_tasks(session, case) if task.element == TASK]
    if not open_tasks:
        raise Refused("not_asked", "现在不用您在网上签名")
    contract = issued_paper(session, county, case.id, "contract")
    if contract is None or contract.sha256 is None:
        raise Refused("not_printed", "合同文本还在生成，请过一会儿再试")
    return row, case, open_tasks[0].number, contract


def number_said(contract: Paper) -> str:
    """The one that the contract is headed with, by the township's rule; it has it before it is signed."""
    return str(((contract.context or {}).get("deal") or {}).get("number") or contract.number)


def claim_of(row: DealParty) -> Claim:
    return Claim(row.key, row.signer, row.id_number, row.phone)
