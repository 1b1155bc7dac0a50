"""Seal a contract that both parties have signed: draw and sign outside any lock, keep the file, carry the case on."""

from collections.abc import Callable, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from engine.documents.seal_signing import Sealer, sealer
from engine.documents.sealing import Mark, SealLook, Statement, seal_pdf
from engine.domain import events
from engine.domain.actor import system
from engine.domain.clock import SHANGHAI, local_date
from engine.domain.errors import Conflict, Refused
from engine.domain.events import Happened
from engine.domain.signing import label_of
from engine.failpoints import reach
from engine.store import cases, history, outbox, signatures
from engine.store.papers import find_paper
from engine.store.register import county_of
from engine.store.tables.cases import Case, Paper
from engine.store.tables.portal import CountyCard
from engine.store.tables.signing import Signature
from engine.usecases.deliver_event import deliver_message
from engine.usecases.seal_proof import Known, NotSealed, prove
from engine.usecases.seals import seal_service, time_stamps
from engine.usecases.wiring import Wiring

MESSAGE = "contract_sealed"
SEAL_LABEL, SIGNED_LABEL, CERTIFIED_LABEL = "鉴证单位（章）：", "签订日期：", "鉴证日期："


def seal_paper(app: Wiring, session: Session, county: str, paper_id: UUID) -> None:
    """Done once: a paper that has its file already is left as it is; what an attempt made that died is found again.

    Raises OSError where a service outside does not answer, NotSealed where what it gave does not hold: nothing of it
    is kept, and sealing is tried again.
    """
    paper = find_paper(session, county, paper_id)
    if paper is None or paper.status == "ready" or paper.case_id is None:
        return
    case = cases.case_by_id(session, county, paper.case_id)
    contract, given = signed_contract(session, paper)
    service = seal_service(session, app.settings, county)
    stamps = time_stamps(session, app.settings, county)
    body = app.files.get(contract.sha256 or "")
    draw = drawing(app, paper, contract, given, county_of(session, county).name)
    session.commit()  # drawing, signing and asking take seconds: hold nothing meanwhile
    name, known = f"seal-{paper.id}", Known.of(service, stamps)
    sealed = found_again(app, name, body, known)
    if sealed is None:
        sealed = draw(body, sealer(service, stamps))
        prove(sealed, body, known)
        app.files.hold(name, sealed)
    reach("sealed")
    sha256 = app.files.put(sealed)
    case = cases.case_by_id(session, county, case.id, lock=True)
    session.refresh(paper, with_for_update=True)
    if paper.status == "ready":
        return
    record(app, session, case, paper, contract, sha256, len(sealed), known)
    app.files.let_go(name)


def drawing(
    app: Wiring, paper: Paper, contract: Paper, given: list[Signature], county_name: str
) -> Callable[[bytes, Sealer], bytes]:
    """What is laid over the contract and said by its seal, ready to be drawn without the database."""
    context = paper.context or {}
    dates = {
        SIGNED_LABEL: max(local_date(one.signed_at) for one in given),
        CERTIFIED_LABEL: date.fromisoformat(context["certified_on"]),
    }
    office = context["office"]["name"]
    url = f"{app.settings.public_url}/verify/{contract.verify_code}"
    statement = Statement(
        f"{county_name}合同电子签章", f"合同鉴证；核验码 {contract.verify_code}", office, url
    )
    look = SealLook(SEAL_LABEL, office, "合同鉴证专用章")
    marks = [mark(one) for one in given]
    return lambda body, by: seal_pdf(body, marks, look, dates, statement, by)


def found_again(app: Wiring, name: str, body: bytes, known: Known) -> bytes | None:
    """What an earlier attempt sealed and did not live to record."""
    sealed = app.files.held(name)
    if sealed is None:
        return None
    try:
        prove(sealed, body, known)
    except NotSealed:  # by a key that is no longer in use
        return None
    return sealed


def record(
    app: Wiring,
    session: Session,
    case: Case,
    paper: Paper,
    contract: Paper,
    sha256: str,
    size: int,
    known: Known,
) -> None:
    """Under the case's lock: the file, the history, what whoever checks must know, and the message that carries on."""
    county = case.county
    paper.status, paper.sha256, paper.size = "ready", sha256, size
    paper.facts = {
        "of": str(contract.id),
        "document_sha256": contract.sha256,
        "document_bytes": contract.size,
        "seal": known.seal,
        "sealed_at": app.clock.now().isoformat(),
        "certificates": list(known.certificates),
    }
    told = {"paper": str(paper.id), "sha256": sha256, "size": size, "seal": known.seal}
    history.append(
        session, county, case.id, [Happened(events.PAPER_SEALED, told)], system(county), app.clock.now()
    )
    session.flush()
    publish_certificates(app, county, known.certificates)
    outbox.put(session, county, "publish_case", {"case": case.number}, app.clock.now(), case.id)
    try:
        deliver_message(
            session,
            app.clock,
            system(county),
            MESSAGE,
            {"paper": str(paper.id), "sha256": sha256},
            to=case.number,
        )
    except Conflict:  # the case went another way meanwhile, and waits for no seal
        return


def publish_certificates(app: Wiring, county: str, certificates: Sequence[str]) -> None:
    """To the portal, where anyone may check a seal; those of earlier keys stay."""
    with app.portal_sessions() as portal:
        card = portal.get(CountyCard, county)
        if card is not None and not set(certificates) <= set(card.seals):
            card.seals = sorted({*card.seals, *certificates})
            portal.commit()


def signed_contract(session: Session, paper: Paper) -> tuple[Paper, list[Signature]]:
    """The file that was signed, with the signatures that stand on it. Refused where they are not on that very file."""
    contract = find_paper(session, paper.county, UUID((paper.context or {})["of"]))
    given = signatures.of_paper(session, contract) if contract else []
    if contract is None or not given or {one.document_sha256 for one in given} != {contract.sha256}:
        raise Refused("other_file", "签名与合同文本不是同一份文件，不能盖章")
    return contract, given


def mark(one: Signature) -> Mark:
    when = one.signed_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    return Mark(label_of(one.party), one.drawn, f"{one.signer_name} {when} 电子签名")
