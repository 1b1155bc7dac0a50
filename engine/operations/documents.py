"""Issue a paper: give it its number and check code, freeze what it says, and let a worker print it."""

import secrets
from dataclasses import replace
from datetime import date
from typing import Any

import shapely

from engine.domain import events
from engine.domain.changeset import SignContract, as_json, signing
from engine.domain.register import mu
from engine.operations.accept_case import years_later
from engine.operations.change_context import sketch_after
from engine.operations.paper_context import SKETCHED, context_of
from engine.operations.work import Work
from engine.store import serials
from engine.store.register import neighbours
from engine.store.tables.cases import Paper

# the word in a paper's number, as offices write it: 田溪县受〔2026〕000001号
MARKS = {
    "acceptance_notice": "受",
    "supplement_notice": "补",
    "rejection_notice": "退",
    "publicity_sheet": "公示",
    "contract": "合同",
    "filing_notice": "备",
    "objection_sheet": "异登",
    "objection_answer": "异答",
    "withdrawal_notice": "撤",
    "closing_notice": "终",
    "application_form": "申",
    "agreement": "协",
    "approval_form": "审",
    "change_notice": "变",
}
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0 O 1 I: people type these codes


def new_code(length: int = 12) -> str:
    """A code that cannot be guessed and can be read aloud."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def issue_document(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Inputs: template, audience (comma-separated: applicant, village, township, county).

    Result: {template, number, verify_code}. The paper's content is fixed now; its PDF follows in seconds.
    """
    template = inputs["template"]
    year = work.today.year
    serial = serials.take(work.session, work.case.county, f"paper:{template}", str(year))
    title = work.case_type.documents[template]
    number = f"{work.county.name}{MARKS.get(template, '文')}〔{year}〕{serial:06d}号"
    verify_code = new_code()
    context = context_of(work, inputs) | {
        "document": {
            "number": number,
            "date": work.today.isoformat(),
            "verify_code": verify_code,
            "title": title["zh"],
        },
    }
    if template in SKETCHED:
        outlines = sketch_of(work, inputs.get("contractor", work.case.contractor_code))
        if outlines:
            context["outlines"] = outlines
    audience = [name.strip() for name in inputs.get("audience", "applicant,village").split(",")]
    paper = Paper(
        county=work.case.county,
        id=work.new_id(),
        case_id=work.case.id,
        source="issued",
        kind=template,
        title=title["zh"],
        number=number,
        verify_code=verify_code,
        context=context,
        status="waiting",
        media_type="application/pdf",
        file_name=f"{title['zh']}{number}.pdf",
        audience=audience,
        created_at=work.at,
        created_by=work.actor.id,
        division=work.case.division,
    )
    work.session.add(paper)
    work.session.flush()
    work.later("render_document", {"paper": str(paper.id)})
    work.say(
        events.PAPER_ISSUED,
        {"paper": str(paper.id), "template": template, "number": number, "audience": audience},
    )
    return {"template": template, "number": number, "verify_code": verify_code}


def sketch_of(work: Work, contractor: str) -> dict[str, Any] | None:
    """Outlines for the parcel sketch, as they will be: {parcels, neighbours}, each [code, label, WKT]."""
    if work.case_type.changes is not None:
        return sketch_after(work, contractor)
    codes = {parcel.parcel_code for parcel in signing(work.changes()).parcels}
    parcels = [
        [parcel.code, parcel.name, shapely.from_wkb(parcel.outline).wkt]
        for parcel in work.household_as_drawn().parcels
        if parcel.code in codes
    ]
    around = neighbours(work.session, work.case.county, [parcel.code for parcel in work.household().parcels])
    return {
        "parcels": parcels,
        "neighbours": [[code, name, shapely.from_wkb(outline).wkt] for code, name, outline in around],
    }


def prepare_contract(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Fix what the contract will say: areas and term, for the publicity. Result: the contract's key figures.

    The term begins on the day that the village found (form village_check, field term_start).
    """
    changes = work.changes()
    contract = signing(changes)
    found = (work.data.get("village_check") or {}).get("term_start")
    if found and date.fromisoformat(found) != contract.term_start:
        years = int(work.case_type.value("contract_term_years", work.today))
        start = date.fromisoformat(found)
        contract = replace(contract, term_start=start, term_end=years_later(start, years))
        changes = tuple(contract if isinstance(change, SignContract) else change for change in changes)
        work.set_changes(changes)
        work.say(events.CHANGESET_SET, {"changes": as_json(changes)})
    return {
        "code": contract.code,
        "term_start": contract.term_start.isoformat(),
        "term_end": contract.term_end.isoformat(),
        "parcel_count": len(contract.parcels),
        "total_area": str(contract.total_area),
        "total_mu": str(mu(contract.total_area, work.mu_decimals)),
    }
