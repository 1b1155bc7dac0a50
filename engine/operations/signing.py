"""The contract signed electronically: each party's signature recorded, then the whole sealed."""

from collections.abc import Sequence
from typing import Any

from engine.domain import events, masking
from engine.domain.clock import local_date
from engine.domain.errors import Conflict, Refused
from engine.domain.signing import COUNTER, PARTIES, PHONE, SEALED, digest, drawn_digest
from engine.operations.codes import new_code
from engine.operations.identity import claimed
from engine.operations.scans import issued
from engine.operations.work import Work
from engine.store import serials, signatures
from engine.store.sealed import fingerprint
from engine.store.tables.cases import Paper
from engine.store.tables.signing import Signature


def record_signature(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Input: party. The signature that the form just handed in, bound to the file that its page showed.

    Result: {signature, signer, signed_at, document_sha256, digest}. Conflict when the contract was issued anew
    meanwhile, or the file shown was another one.
    """
    party, contract = inputs["party"], issued(work, "contract")
    answers = work.data.get(work.last_form or "") or {}
    if work.proof is None or work.last_task is None:
        raise Refused("not_proved", "没有核验签名人的身份，不能签名")
    if not answers.get("document") == work.proof["document_sha256"] == contract.sha256:
        raise Conflict("document", "您看到的不是现在的合同文本，请刷新页面，核对后重新签名")
    claim = claimed(work.household(), party)
    for earlier in signatures.of_case(work.session, work.case):
        if earlier.party == party:
            earlier.voided_at = work.at
    signature = Signature(
        county=work.case.county,
        id=work.new_id(),
        case_id=work.case.id,
        task_number=work.last_task,
        paper_id=contract.id,
        party=party,
        document_sha256=contract.sha256,
        document_bytes=contract.size,
        signer_name=claim.name,
        id_number_masked=masking.number(claim.id_number),
        id_number_found=fingerprint(claim.id_number),
        way=PHONE if work.actor.role == "applicant" else COUNTER,
        identity=work.proof,
        drawn=work.withheld["signature"],
        device=work.device,
        signed_at=work.at,
        taken_by=work.actor.id,
        taken_by_name=work.actor.name,
        division=work.case.division,
    )
    signature.digest = digest(work.case.number, signature)
    work.session.add(signature)
    work.session.flush()
    told = {
        "signature": str(signature.id),
        "party": party,
        "signer": claim.name,
        "way": signature.way,
        "document_sha256": contract.sha256,
        "drawn_sha256": drawn_digest(signature.drawn),
        "digest": signature.digest,
    }
    work.say(events.SIGNATURE_MADE, told)
    return told | {"signed_at": work.at.isoformat()}


def void_signatures(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """The contract will be signed anew, perhaps in another way. Result: {voided}: how many stood."""
    given = signatures.of_case(work.session, work.case)
    for one in given:
        one.voided_at = work.at
    work.session.flush()
    return {"voided": len(given)}


def seal_contract(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Both parties have signed the same file: have it sealed. Result: {number, signed_on, place}, for the register.

    The sealed file follows in seconds; then the message ``contract_sealed`` carries the case on.
    """
    contract = issued(work, "contract")
    given = signatures.of_paper(work.session, contract)
    if set(PARTIES) - {one.party for one in given}:
        raise Refused("not_signed", "合同还缺签名，不能盖章")
    return have_sealed(work, contract, given, ["applicant", "village", "county"])


def have_sealed(
    work: Work, contract: Paper, given: Sequence[Signature], audience: list[str]
) -> dict[str, Any]:
    """Order the village's seal on a contract that all have signed. Result: {number, signed_on, place}."""
    village = work.office("village")
    year = work.today.year
    serial = serials.take(work.session, work.case.county, f"paper:{SEALED}", str(year))
    number = f"{work.county.name}签〔{year}〕{serial:06d}号"
    title = f"{contract.title}（电子签章）"
    place = f"{village.full_name}村民委员会"
    paper = Paper(
        county=work.case.county,
        id=work.new_id(),
        case_id=work.case.id,
        source="issued",
        kind=SEALED,
        title=title,
        number=number,
        verify_code=new_code(),
        context={
            "of": str(contract.id),
            "office": {"name": place},
            "certified_by": work.actor.name,
            "certified_on": work.today.isoformat(),
        },
        status="waiting",
        media_type="application/pdf",
        file_name=f"{title}{number}.pdf",
        audience=audience,
        created_at=work.at,
        created_by=work.actor.id,
        division=work.case.division,
    )
    work.session.add(paper)
    work.session.flush()
    work.later("seal_paper", {"paper": str(paper.id)})
    work.say(
        events.PAPER_ISSUED,
        {"paper": str(paper.id), "template": SEALED, "number": number, "audience": paper.audience},
    )
    signed_on = max(local_date(one.signed_at) for one in given)
    return {"number": number, "signed_on": signed_on.isoformat(), "place": place}
