"""Option lists of forms that no file can have: what the county has registered, as it is on the day."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from engine.domain.case_type import CaseType
from engine.domain.changes import SplitParcel
from engine.domain.changes.geometry import area, polygon
from engine.domain.clock import local_date
from engine.domain.register import Household, mu
from engine.domain.surveying import absent
from engine.queries.household_deals import GUARANTEES, TRANSFERS, deal_options, household_deals
from engine.store import capital, firms
from engine.store.changes.locks import seeing_the_county
from engine.store.print_settings import settings_on
from engine.store.tables.cases import Case, Changeset
from forms import Form

FIRMS, REVIEWS = "survey_firms", "reviews_in_force"
VILLAGE = 12  # digits
GRADES = {1: {"zh": "甲级", "en": "class A"}, 2: {"zh": "乙级", "en": "class B"}}


def late_options(
    session: Session, county: str, case_type: CaseType, form: Form, day: date
) -> dict[str, list[dict[str, Any]]]:
    """For the form's ``options_from``; nothing for a form that asks for none of them."""
    if not any(field.options_from == FIRMS for field in form.fields):
        return {}
    least = int(case_type.number("least_grade", day, 2))
    return {FIRMS: [_firm(firm) for firm in firms.qualified(session, county, day, least)]}


def told_options(session: Session, county: str, form: Form) -> dict[str, list[dict[str, Any]]]:
    """As ``late_options``, to read answers back: a firm keeps its name when it is qualified no more."""
    if not any(field.options_from == FIRMS for field in form.fields):
        return {}
    known = firms.firms_of(session, county)
    return {FIRMS: [{"code": one.code, "label": {"zh": one.name, "en": one.name}} for one in known]}


def start_options(
    session: Session, county: str, form: Form, household: Household, day: date
) -> dict[str, list[dict[str, Any]]]:
    """For the form with which a case of that household begins: what runs of its land, and opinions on land of its
    village, whoever's it is."""
    asked = {field.options_from for field in form.fields}
    found: dict[str, list[dict[str, Any]]] = {}
    if asked & {TRANSFERS, GUARANTEES}:
        decimals = settings_on(session, county, day).mu_decimals
        found |= deal_options(household_deals(session, household, decimals, day))
    if REVIEWS in asked:
        with seeing_the_county(session, county):
            rows = capital.in_force(session, county, household.division[:VILLAGE], day)
        found[REVIEWS] = [_review(row) for row in rows]
    return found


def _review(row: Any) -> dict[str, Any]:
    until = row.valid_until.isoformat()
    return {
        "code": row.number,
        "label": {
            "zh": f"{row.number}（{row.receiver_name}，{row.area_mu}亩，有效到{until}）",
            "en": f"{row.number} ({row.receiver_name}, {row.area_mu} mu, valid until {until})",
        },
    }


def _firm(firm: Any) -> dict[str, Any]:
    grade, until = GRADES[firm.grade], firm.valid_to.isoformat()
    return {
        "code": firm.code,
        "label": {
            "zh": f"{firm.name}（{grade['zh']}，资质到{until}）",
            "en": f"{firm.name} ({grade['en']}, qualified until {until})",
        },
    }


def parcels_to_survey(variables: dict[str, Any]) -> list[str]:
    """Codes that a survey's table begins with: what the county ordered, or what the survey is about."""
    ordered = (variables.get("county_decision") or {}).get("parcels_to_survey")
    return ordered or (variables.get("accept_survey_request") or {}).get("parcels") or []


def pieces_known(session: Session, case: Case) -> dict[str, Any]:
    """What saying who gets each piece begins with: every piece that the case's divisions make, by code, name and mu."""
    row = session.get(Changeset, (case.county, case.id))
    divided = [one for one in (row.changes if row else []) if one["type"] == SplitParcel.type]
    decimals = settings_on(session, case.county, local_date(case.started_at)).mu_decimals
    return {
        "pieces": [
            {"code": piece["code"], "about": f"{piece['name']}，{_area(piece['outline'], decimals)}亩"[:100]}
            for one in divided
            for piece in one["pieces"]
        ]
        or None
    }


def _area(outline: str, decimals: int) -> str:
    return str(mu(area(polygon(outline)), decimals))


def addressees_known(case_type: CaseType, variables: dict[str, Any], holder: str) -> dict[str, Any]:
    """What the forms of a dispute's services begin with: whom each is served on, as the slips before them name them."""
    if "dispute" not in case_type.about:
        return {}
    asked = variables.get(case_type.start_variable) or {}
    joined = (variables.get("participants") or {}).get("rows") or []
    applicant = [{"addressee": holder}]
    respondents = [{"addressee": row["name"]} for row in asked.get("respondents") or []]
    others = [{"addressee": row["name"]} for row in joined if row["kind"] == "third_party"]
    everybody = [*applicant, *respondents, *others]
    return {
        "serve_applicant": applicant,
        "serve_respondents": respondents,
        "serve_everybody": everybody,
    }


def survey_known(variables: dict[str, Any], holder: str) -> dict[str, Any]:
    """What a survey's forms begin with: who must point out boundaries, or who did in the result that was sent back."""
    accepted = variables.get("accept_survey_request")
    if accepted is None:
        return {}
    before = variables.get("field_survey") or {}
    beside = [
        {"name": one["name"], "side": "neighbour", "parcel": one["code"]} for one in accepted["neighbours"]
    ]
    told = before.get("witnesses") or [{"name": holder, "side": "own"}, *beside]
    away = [{"name": row["name"], "parcel": row.get("parcel")} for row in absent(told)]
    return {"witnesses": told, "absent_neighbours": away or None, "surveyors": before.get("surveyors")}
