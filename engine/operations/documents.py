"""Issue a paper: give it its number and check code, freeze what it says, and let a worker print it."""

from dataclasses import replace
from datetime import date
from typing import Any

import shapely

from engine.domain import events
from engine.domain.changes import NewParcel
from engine.domain.changeset import SignContract, as_json, signing
from engine.domain.errors import Refused
from engine.domain.legal_words import law_of
from engine.domain.parties import audience_of, side_named
from engine.domain.register import ParcelFacts, mu
from engine.operations.accept_case import RESIGN, is_other_way, kind_asked, new_land_asked, years_later
from engine.operations.change_context import sketch_after, sketch_of_changes
from engine.operations.codes import new_code
from engine.operations.paper_context import SKETCHED, context_of
from engine.operations.signing_record import record_context
from engine.operations.survey_papers import is_survey, survey_sketch
from engine.operations.transfers.context import is_transfer, transfer_sketch
from engine.operations.work import Work
from engine.store import serials
from engine.store.register import beside_outlines, neighbours
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
    "boundary_notice": "指界",
    "boundary_reminder": "再指",
    "representative_notice": "代表",
    "signing_record": "录",
    "farmland_notice": "农保",
    "certificate_receipt": "领证",
    "loss_notice": "遗失",
    "result_notice": "证",
    "award": "裁",
    "mediation_document": "调",
    "mediation_agreement": "调协",
    "preliminary_ruling": "先裁",
    "award_correction": "补裁",
    "service_slip": "送",
    "hearing_notice": "开庭",
    "panel_notice": "组庭",
    "public_notice": "公",
    "transfer_letter": "移",
    "survey_order": "测",
    "default_record": "缺席",
    "findings_sheet": "测改",
    "parcel_survey_sheet": "地调",
    "boundary_sheet": "界签",
    "coordinate_sheet": "界点",
    "household_result_sheet": "归户",
    "review_opinion": "流审意",
    "review_refusal": "流审决",
    "review_record": "流审录",
    "extension_notice": "延",
    "expert_notice": "专审",
    "exemption_notice": "免审",
    "referral_notice": "转办",
    "deposit_notice": "保证",
    "filing_form": "流备",
    "correction_notice": "流纠",
    "transaction_certificate": "流鉴",
    "priority_notice": "优",
}
OTHER = "文"
AROUND = 15  # metres round a parcel that its sketch shows
RECORD, CONTRACT, PUBLICITY = "signing_record", "contract", "publicity_sheet"


def issue_document(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Inputs: template, audience (comma-separated: applicant, respondent, third_party, village, township, county; asker:
    whichever party the answer named by ``asker``, form.field, says).

    Result: {template, number, verify_code}. The paper's content is fixed now; its PDF follows in seconds.
    """
    template = inputs["template"]
    year = work.today.year
    mark = MARKS.get(template, OTHER)
    counted = (
        f"paper:{template}" if template in MARKS else f"paper:{OTHER}"
    )  # papers of one mark count together
    serial = serials.take(work.session, work.case.county, counted, str(year))
    title = work.case_type.documents[template]
    number = f"{work.county.name}{mark}〔{year}〕{serial:06d}号"
    verify_code = new_code()
    context = context_of(work, inputs) | {
        "document": {
            "number": number,
            "date": work.today.isoformat(),
            "verify_code": verify_code,
            "title": title["zh"],
        },
    }
    source = work.case_type.files[f"documents/{template}.html"].decode()
    if law := law_of(work.case_type, source, work.today):
        context["law"] = law
    if template == RECORD:
        context |= record_context(work)
    if template in SKETCHED and not (is_transfer(work) and template != CONTRACT):
        displays = work.case_type.changes is not None and template == PUBLICITY and not is_survey(work)
        contractor = inputs.get("contractor", work.case.contractor_code)
        outlines = sketch_of_changes(work) if displays else sketch_of(work, contractor)
        if outlines:
            context["outlines"] = outlines
    audience = audience_of(split(inputs.get("audience", "applicant,village")), asker(work, inputs))
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


def split(text: str) -> list[str]:
    return [name.strip() for name in text.split(",")]


def asker(work: Work, inputs: dict[str, str]) -> str | None:
    form, _, field = inputs.get("asker", "").partition(".")
    named = (work.data.get(form) or {}).get(field)
    return side_named(work.data, work.case_type.start_variable, work.case.contractor_name, named)


def sketch_of(work: Work, contractor: str) -> dict[str, Any] | None:
    """Outlines for the parcel sketch, as they will be: {parcels, neighbours}, each [code, label, WKT]."""
    if is_survey(work):
        return survey_sketch(work)
    if is_transfer(work):
        return transfer_sketch(work)
    if work.case_type.changes is not None:
        return sketch_after(work, contractor)
    codes = {parcel.parcel_code for parcel in signing(work.changes()).parcels}
    plots = [parcel for parcel in work.household_as_drawn().parcels if parcel.code in codes]
    held = codes | {parcel.code for parcel in work.household().parcels}
    around = {code: (name, outline) for code, name, outline in beside(work, held, plots)}
    return {
        "parcels": [[plot.code, plot.name, shapely.from_wkb(plot.outline).wkt] for plot in plots],
        "neighbours": [
            [code, name, shapely.from_wkb(outline).wkt] for code, (name, outline) in sorted(around.items())
        ],
    }


def beside(work: Work, codes: set[str], plots: list[ParcelFacts]) -> list[tuple[str, str, bytes]]:
    """Beside the parcels of those codes, and beside those that the register does not have yet."""
    new = {change.code for change in work.changes() if isinstance(change, NewParcel)}
    outlines = [plot.outline for plot in plots if plot.code in new]
    return [
        *neighbours(work.session, work.case.county, sorted(codes)),
        *(beside_outlines(work.session, work.case.county, outlines, AROUND) if outlines else ()),
    ]


def prepare_contract(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Fix what the contract will say: areas and term, for the publicity. Result: the contract's key figures.

    The term begins on the day that the village found (form village_check, field term_start) and is as long as
    the law has it; in other ways than by household as long as was agreed (term_years). Signing anew after changed
    data leaves the term as it is. Refused while land that was applied for as new is not surveyed yet.
    """
    changes = work.changes()
    contract = signing(changes)
    if new_land_asked(work) and not any(isinstance(change, NewParcel) for change in changes):
        raise Refused(
            "not_surveyed",
            "申请的新地块还没有测绘，不能同意；请选“需要重新调查测绘，在本件办”，由测绘人员画出",
        )
    start, end = term_found(work, contract)
    way = way_found(work, contract)
    if (start, end, way) != (contract.term_start, contract.term_end, contract.way):
        contract = replace(contract, term_start=start, term_end=end, way=way)
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


def way_found(work: Work, contract: SignContract) -> str:
    """By tender, auction or negotiation (C.10): the village says it of a first contract that is not by household."""
    said = (work.data.get("village_check") or {}).get("way")
    first = contract.previous_code is None
    return str(said) if said and first and is_other_way(contract.way) else contract.way


def term_found(work: Work, contract: SignContract) -> tuple[date, date]:
    checked = work.data.get("village_check") or {}
    if kind_asked(work) == RESIGN:
        return contract.term_start, contract.term_end
    found = checked.get("term_start")
    start = date.fromisoformat(found) if found else contract.term_start
    if is_other_way(contract.way):
        years = checked.get("term_years") or (contract.term_end.year + 1 - contract.term_start.year)
        most = int(work.case_type.number("other_way_term_most", work.today, 70))
        if years > most:
            raise Refused("term_too_long", "其他方式承包的期限不能超过%(most)s年", most=most)
        return start, years_later(start, int(years))
    if start == contract.term_start:
        return contract.term_start, contract.term_end
    return start, years_later(start, int(work.case_type.value("contract_term_years", work.today)))
