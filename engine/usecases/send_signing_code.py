"""Send a party of the contract a one-time code for the signature that is asked for now, to the register's telephone."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from engine.domain import masking
from engine.domain.actor import Actor
from engine.domain.clock import Clock
from engine.domain.errors import NotAllowed, Refused
from engine.operations.identity import Rules, claimed, code_hash, provider
from engine.queries.scoped import visible_case
from engine.store import cases, outbox
from engine.store.channels import channels_of
from engine.store.papers import issued_paper
from engine.store.register import read_household
from engine.store.signatures import codes_since, latest_code, reference_taken
from engine.store.tables.signing import SigningCode
from engine.usecases.claim_task import check_open, check_position
from engine.usecases.complete_task import check_assignee
from engine.usecases.procedures import procedure_of


@dataclass(frozen=True)
class Sent:
    """``to``: the telephone, masked; ``minutes``: how long the code lasts."""

    to: str
    minutes: int


def send_signing_code(
    session: Session,
    clock: Clock,
    actor: Actor,
    case_number: str,
    number: int,
    reference: str | None = None,
) -> Sent:
    """``reference``: of a face check, where the county has such a provider. The caller commits.

    Raises Refused when the task is no signature, the contract is not printed, or too many codes were sent.
    """
    case = visible_case(session, actor, case_number)
    task = cases.find_task(session, case, number)
    check_position(actor, task)
    check_open(session, case, task)
    if actor.role != "applicant":
        check_assignee(session, actor, task)
    elif case.applicant != UUID(actor.id):
        raise NotAllowed("not_your_case", "这不是您的办件")
    procedure, at = procedure_of(session, case), clock.now()
    party = procedure.definition.elements[task.element].properties.get("signs")
    household = read_household(session, case.county, case.contractor_code)
    contract = issued_paper(session, case.county, case.id, "contract")
    if not party or household is None:
        raise Refused("no_signature", "这项任务不需要签名")
    if contract is None or contract.sha256 is None:
        raise Refused("not_printed", "合同文本还在生成，请过一会儿再试")
    claim, rules = claimed(household, party), Rules.of(procedure.case_type, at)
    if codes_since(session, case.county, case.id, number, at - timedelta(hours=1)) >= rules.per_hour:
        raise Refused("too_often", "验证码发送太频繁，请一小时后再试")
    if reference and reference_taken(session, case.county, reference, case.id, number):
        raise Refused("reference_taken", "这个核验编号已用于另一次签名，请由本人重新核验")
    outside = provider().begin(claim, reference)
    before = latest_code(session, case.county, case.id, number)
    if before is not None and before.status == "sent":
        before.status = "over"
    code = f"{secrets.randbelow(10**6):06d}"
    row = SigningCode(
        county=case.county,
        id=uuid4(),
        case_id=case.id,
        task_number=number,
        document_sha256=contract.sha256,
        phone_masked=masking.number(claim.phone),
        status="sent",
        tries=0,
        sent_at=at,
        expires_at=at + timedelta(minutes=rules.minutes),
        asked_by=actor.id,
        outside=outside,
        division=case.division,
    )
    row.code_hash = code_hash(row, code)
    session.add(row)
    session.flush()
    said = (
        f"{claim.name}：签署承包合同的验证码 {code}，{rules.minutes}分钟内有效。"
        f"合同编号{contract.number}。不是您本人在签合同的，请不要告诉任何人。"
    )
    outbox.put(
        session,
        case.county,
        "send_message",
        {"to": claim.phone, "text": channels_of(session, case.county).sign(said)},
        at,
        case.id,
    )
    return Sent(row.phone_masked, rules.minutes)
