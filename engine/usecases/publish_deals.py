"""What each party of a deal may know of it, under their own link: the contract, and whether it waits for them."""

from typing import Any

from sqlalchemy.orm import Session

from engine.domain import masking
from engine.domain.clock import Clock
from engine.domain.transfers import LESSOR
from engine.queries.case_progress import office_of
from engine.store import cases, deals, supervision
from engine.store.papers import issued_paper
from engine.store.portal import forget_deals
from engine.store.tables.cases import Case, Paper
from engine.store.tables.portal_public import DealSigning
from engine.store.tables.transfers import DealParty
from engine.store.versions import case_type_of
from engine.usecases.deals import FORM, TASK
from engine.usecases.procedures import procedure_of
from engine.usecases.publish_forms import publish_version

TITLE = {"zh": "土地经营权流转合同", "en": "Contract on a transfer of land"}


def publish_deal(session: Session, portal: Session, clock: Clock, case: Case) -> None:
    """Links of an earlier round are gone. The caller commits."""
    rows = deals.parties(session, case)
    forget_deals(portal, case.number, [row.id for row in rows])
    if not rows:
        return
    publish_version(portal, procedure_of(session, case))
    contract = issued_paper(session, case.county, case.id, "contract")
    collecting = any(task.element == TASK for task in cases.open_tasks(session, case))
    facts = facts_of(session, case, rows, contract)
    told = deal_told(contract)
    for row in rows:
        state = "signed" if row.signed_at else "open" if collecting else "closed"
        portal.merge(
            DealSigning(
                id=row.id,
                county=case.county,
                case_number=case.number,
                contractor_code=row.contractor_code,
                name=masking.name(row.signer),
                side=row.side,
                state=state,
                title=TITLE,
                facts=facts
                | {"position": row.position, "for": len(row.stands_for), "land": land_of(told, row)},
                version=case.version_id,
                form=FORM,
                paper=contract.verify_code if contract and contract.sha256 else None,
                sha256=contract.sha256 if contract else None,
                updated_at=clock.now(),
            )
        )
    portal.flush()


def deal_told(contract: Paper | None) -> dict[str, Any]:
    """What the contract says of the deal, as it was issued."""
    return ((contract.context or {}).get("deal") or {}) if contract else {}


def land_of(told: dict[str, Any], row: DealParty) -> list[dict[str, Any]]:
    """A household's own land in the deal, so that it need not look for it among that of many."""
    own = next((one for one in told.get("lessors") or [] if one["code"] == row.contractor_code), None)
    if own is None or row.side != LESSOR:
        return []
    return [
        {"name": one["name"], "code": one["code"], "area_mu": one["area_mu"], "note": one["note"]}
        for one in told["land"]
        if one["contract_code"] == own["contract_code"]
    ]


def facts_of(
    session: Session, case: Case, rows: "list[DealParty] | Any", contract: Paper | None
) -> dict[str, Any]:
    told = deal_told(contract)
    filed = supervision.transfer(session, case.county, str(told.get("number") or ""))
    place, phone = office_of(session, case.division[:12])
    return {
        "number": told.get("number") or (contract.number if contract else None),
        "kind": told.get("kind_title"),
        "parties": len(rows),
        "signed": sum(1 for row in rows if row.signed_at),
        "area_mu": told.get("total_mu"),
        "term_start": told.get("term_start"),
        "term_end": told.get("term_end"),
        "recipient": (told.get("recipient") or {}).get("name"),
        "use": told.get("use"),
        "price": told.get("price"),
        "rent": told.get("rent"),
        "ends_on": (told.get("ending") or {}).get("on"),
        "ending_reason": (told.get("ending") or {}).get("reason"),
        "kept": supervision.told(session, filed) if filed and case.status == "completed" else None,
        "office": place,
        "phone": phone,
        "case_type": case_type_of(session, case.version_id).title,
    }
