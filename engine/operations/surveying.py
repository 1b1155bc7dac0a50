"""A survey as a case of its own: taken in, given to the bureau or a firm, its file read, judged, and handed on."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import shapely
from sqlalchemy.orm import Session

from engine.domain import events, surveying
from engine.domain.asked_land import to_divide
from engine.domain.case_type import CaseType
from engine.domain.changes import (
    Change,
    Register,
    RemeasureParcel,
    Touched,
    as_json,
    check,
    from_json,
)
from engine.domain.changes.findings import ERROR
from engine.domain.errors import Invalid, NotFound, Refused
from engine.domain.said import say
from engine.domain.surveying import Adjoining, absent, agreed, changes_of, missing_witnesses, unknown, within
from engine.exchange.check_changes import check_changes
from engine.operations.accept_case import reserve
from engine.operations.drawn_land import settle_drawing
from engine.operations.survey_entered import outline_of
from engine.operations.work import Work
from engine.store import cases, firms
from engine.store import changes as register
from engine.store.papers import find_paper
from engine.store.parcel_codes import next_codes
from engine.store.register import neighbours
from engine.store.tables.cases import Case

MOST_TOLD = 10
FILE = "file-survey_return"  # the form's field that the file is handed in with
SHORT = {
    "inactive": say("县里已停止向这个单位交办"),
    "not_yet": say("资质还没有生效"),
    "ended": say("资质已经到期"),
    "grade": say("资质等级不够"),
}


def accept_survey_request(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Result: {asked_by: number of the case that asked, or null, parcels: [codes], neighbours: [{code, name}]}.

    Asked for by another case, land and household are held by that one; else by this case. Refused where they are held.
    """
    application = work.data[work.case_type.start_variable]
    codes = [row["code"] if isinstance(row, dict) else row for row in application["parcels"]]
    asking = asking_case(work)
    if asking is None:
        reserve(work, "contractor", work.case.contractor_code)
        for code in codes:
            reserve(work, "parcel", code)
    return {
        "asked_by": asking.number if asking else None,
        "parcels": codes,
        "neighbours": [{"code": one.code, "name": one.name} for one in adjoining(work, codes)],
    }


def asking_case(work: Work) -> Case | None:
    """The open case that waits for this survey; Refused where it waits no more."""
    if work.case.asked_by is None:
        return None
    found = cases.find_case(work.session, work.case.county, work.case.asked_by)
    if found.status != "open":
        raise Refused("asking_case_ended", "提出测绘的办件 %(number)s 已经办结", number=found.number)
    return found


def adjoining(work: Work, codes: list[str]) -> list[Adjoining]:
    metres = float(work.case_type.number("adjoining_metres", work.today, 2))
    with register.seeing_the_county(work.session, work.case.county):
        found = neighbours(work.session, work.case.county, codes, metres)
    household = work.household()
    own = [shapely.from_wkb(parcel.outline) for parcel in household.parcels if parcel.code in codes]
    return [Adjoining(code, name) for code, name, outline in found if within(outline, own, metres)]


def give_survey(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Result: {to: bureau|firm, firm: code or null, name}. Refused for a firm that is not qualified today."""
    form = work.data["assign_survey"]
    if form["to"] != "firm":
        cases.change_case(work.writes, work.case, {"surveyed_by": None})
        return {"to": "bureau", "firm": None, "name": f"{work.county.name}测绘人员"}
    check_firm(work, form["firm"])
    firm = firms.firm_of(work.session, work.case.county, form["firm"])
    assert firm is not None
    cases.change_case(work.writes, work.case, {"surveyed_by": firm.code})
    return {"to": "firm", "firm": firm.code, "name": firm.name}


def check_firm(work: Work, code: str) -> None:
    """A firm surveys only while it is qualified: when it is given the work, and when it hands the result in."""
    check_qualified(work.session, work.case_type, work.case.county, code, work.today)


def check_qualified(session: Session, case_type: CaseType, county: str, code: str, day: date) -> None:
    """NotFound for a firm that there is not; Refused, saying why, for one that may not survey on that day."""
    firm = firms.firm_of(session, county, code)
    if firm is None:
        raise NotFound("firm", "没有找到测绘单位%(code)s", code=code[:20])
    why = firms.shortfall(firm, day, int(case_type.number("least_grade", day, 2)))
    if why is not None:
        raise Refused(
            "firm_not_qualified",
            "%(name)s不能承担测绘：%(why)s（资质有效期%(since)s至%(until)s）。本件要由县里另行指派",
            name=firm.name,
            why=SHORT[why],
            since=firm.valid_from.isoformat(),
            until=firm.valid_to.isoformat(),
        )


def take_survey_back(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """The firm sees the case no more. Result: {firm: code or null}."""
    before = work.case.surveyed_by
    cases.change_case(work.writes, work.case, {"surveyed_by": None})
    return {"firm": before}


def prepare_field_package(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Result: {codes: new parcel codes that pieces may be given}. The package is made whenever it is fetched."""
    spare = int(work.case_type.number("spare_codes", work.today, 6))
    party = work.case.issuing_party_code
    with register.seeing_the_county(work.session, work.case.county):
        return {"codes": next_codes(work.session, work.case.county, party, spare)}


def read_survey_return(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Inputs: form. What was handed in becomes the case's changeset.

    Result: {changes, drawing: the changes on exact coordinates, absent: how many neighbours, surveyed_on, surveyors,
    survey_unit, witnesses}. Invalid by field, each fault naming its parcel; Refused where the firm is no longer
    qualified.
    """
    form = work.data[inputs["form"]]
    if work.case.surveyed_by:
        check_firm(work, work.case.surveyed_by)
    check_pointed(work, form)
    holder = asking_case(work) or work.case
    with register.seeing_the_county(work.session, work.case.county):
        given = handed_in(work, form, holder)
        if not given:
            raise Invalid({"entered": [say("成果中没有任何变动的地块")]})
        drawn = settle_drawing(work.session, holder, given, work.today, agreed(form["witnesses"]))
        register.hold(work.session, holder, drawn, work.today, work.at)
    work.set_changes(drawn)
    work.say(events.CHANGESET_SET, {"changes": as_json(drawn), "findings": []})
    return {
        "changes": len(drawn),
        "drawing": as_json(drawn),
        "absent": len(absent(form["witnesses"])),
        "surveyed_on": form["surveyed_on"],
        "surveyors": form["surveyors"],
        "survey_unit": work.data["give_survey"]["name"],
        "witnesses": form["witnesses"],
    }


def check_pointed(work: Work, form: dict[str, Any]) -> None:
    """Both sides of every boundary, and the letters of those that an agent stood for. Raises Invalid by field."""
    codes = work.data["accept_survey_request"]["parcels"]
    lacking = missing_witnesses(form["witnesses"], adjoining(work, codes))
    if lacking:
        raise Invalid({"witnesses": lacking})
    by_agent = any(row["how"] == "mandate" for row in form["witnesses"])
    if by_agent and not (form.get("papers") or {}).get("mandate_letter"):
        raise Invalid({"papers-mandate_letter": [say("有代理人签字的，请上传指界委托书")]})


def handed_in(work: Work, form: dict[str, Any], holder: Case) -> tuple[Change, ...]:
    """By file, drawn on the map, or typed into the table. Raises Invalid by field."""
    if form["entered"] == "drawn":
        return from_json(form["drawing"])
    if form["entered"] == "table":
        return tuple(_typed(row) for row in form["parcels"])
    [paper_id] = form["file"]["survey_return"]
    paper = find_paper(work.session, work.case.county, UUID(paper_id))
    if paper is None or "survey_return" not in paper.facts:
        raise Invalid({FILE: [say("这份文件没有读过，请重新上传")]})
    rows = paper.facts["survey_return"]
    named = frozenset(code for row in rows for code in (row["code"], *row["from"]))
    wanted = Touched(parcels=named, contractors=frozenset([work.case.contractor_code]))
    now = register.register_of(work.session, holder, wanted, work.today)
    beyond: list[str] = [
        say("%(record)s：%(fault)s", record=code, fault=why) for code, why in _beyond(work, rows, now)
    ]
    if beyond:
        raise Invalid({FILE: beyond})
    contract = now.contracts.get(work.case.contractor_code)
    return changes_of(rows, now, set(contract.codes) if contract else set())


def _typed(row: dict[str, Any]) -> Change:
    outline = outline_of(row.get("geometry"))
    area = Decimal(row["area_m2"])
    if outline:
        area = Decimal(str(round(shapely.from_wkt(outline).area, 2)))
    return RemeasureParcel(row["code"], area, outline, row.get("note") or None)


def _beyond(work: Work, rows: list[dict[str, Any]], now: Register) -> list[tuple[str, str]]:
    """Rows that name unknown land, or land that this survey is not about: neither asked for nor adjoining."""
    asked = set(work.data["accept_survey_request"]["parcels"])
    beside = {one.code for one in adjoining(work, sorted(asked))}
    found = unknown(rows, now)
    for row in rows:
        if row["change"] == surveying.NEW:
            why = say("新增地块不是这次测绘的成果，请在首次承包或者增加地块的办件中测绘")
            found.append((row["code"] or row["facts"].get("name", ""), why))
        for code in row["from"] or [row["code"]]:
            if code in now.parcels and code not in asked | beside:
                found.append((row["code"], say("地块%(code)s不在本次测绘范围内，也不相邻", code=code)))
    return found


def check_survey_quality(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Every quality rule on the changed parcels, and whatever forbids the changes. Result: {errors, warnings}.

    Inputs: must_pass (true: Refused where there is an error, each with its parcel; else they stand beside the changes).
    """
    changes, holder = work.changes(), asking_case(work) or work.case
    now = register.register_for(work.session, work.case.county, changes, work.today, holder)
    findings = [one.as_json() for one in check(changes, now)]
    findings += check_changes(work.session, work.case.county, changes, now)
    work.set_changes(changes, findings)
    work.say(events.CHANGESET_SET, {"changes": as_json(changes), "findings": findings})
    errors = [one for one in findings if one["severity"] == ERROR]
    if errors and inputs.get("must_pass"):
        told = [f"{one['record']} {one['message']}" for one in errors[:MOST_TOLD]]
        raise Refused("survey_errors", "按质检规则有错误，不能验收，请退回测绘单位：%(errors)s", errors=told)
    return {"errors": len(errors), "warnings": len(findings) - len(errors)}


def report_survey(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Inputs: outcome (accepted, refused, withdrawn). Result: what the case that asked is told, as a survey's answers."""
    told: dict[str, Any] = {"outcome": inputs["outcome"], "case": work.case.number}
    if inputs["outcome"] == "accepted":
        read = work.data["read_survey_return"]
        kept = ("drawing", "surveyed_on", "surveyors", "survey_unit", "witnesses")
        return told | {name: read[name] for name in kept}
    form = work.data.get("withdrawal") or work.data.get("assign_survey") or {}
    reasons = work.case_type.reasons(form.get("reasons") or [])
    words = [row["label"]["zh"] for row in reasons] + [form.get("opinion") or form.get("reason") or ""]
    return told | {"reason": "；".join(filter(None, words))}


def file_survey(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Into the register, where nobody asked for it. Result: {changes, parcels}.

    Areas under contracts stay (SEED-LC 二(二): contract and register agree, the measured area is kept beside them).
    """
    changes = work.changes()
    changed = work.make(changes)
    told = {"changes": len(changes), "parcels": sorted(one.code for one in changed if one.kind == "parcels")}
    work.say(events.CHANGESET_APPLIED, told | {"changes": as_json(changes)})
    return told


# --- on the side of the case that asks


def ask_survey(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """A survey of the household's land is started for this case. Inputs: reason (a code of survey_request's list).

    Result: {parcels}. The outbox starts it; its result comes as the message ``survey_result``.
    """
    household = work.household()
    divided = divided_parcels(work)
    chosen = divided or surveyed_parcels(work) or [parcel.code for parcel in household.parcels]
    application = work.data.get(work.case_type.start_variable) or {}
    answers = {
        "asking_case": work.case.number,
        "asking_title": work.case_type.title["zh"],
        "parcels": chosen,
        "reason": "divide" if divided else inputs.get("reason", "boundary"),
        "explanation": (work.data.get("county_decision") or {}).get("survey_reason")
        or application.get("reason")
        or None,
    }
    told = {"case_type": surveying.CASE_TYPE, "origin": surveying.ASKED, "answers": answers}
    work.later("start_case", told | {"contractor": work.case.contractor_code, "asked_by": work.case.number})
    return {"parcels": chosen}


def divided_parcels(work: Work) -> list[str]:
    """The household's parcels that a split, swap or assignment divides first."""
    own = {parcel.code for parcel in work.household().parcels}
    return [code for code in to_divide(work.data.get(work.case_type.start_variable) or {}) if code in own]


def surveyed_parcels(work: Work) -> list[str]:
    """The household's parcels that the answers name as those to be surveyed."""
    own = {parcel.code for parcel in work.household().parcels}
    decided = (work.data.get("county_decision") or {}).get("parcels_to_survey") or []
    application = work.data.get(work.case_type.start_variable) or {}
    asked = decided or application.get("own_parcels") or application.get("parcels") or []
    codes = [row["code"] if isinstance(row, dict) else row for row in asked]
    return [code for code in codes if code in own]


def call_off_survey(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Whoever surveys for this case need not go on. Result: {called_off: how many}."""
    open_ones = cases.asked_by(work.session, work.case)
    for number in open_ones:
        work.later("call_off", {"to": number, "by": work.case.number})
    return {"called_off": len(open_ones)}
