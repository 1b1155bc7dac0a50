"""What papers of a review say: receiver, land, agreement, who was heard, the decision. Keys: documents/README.md."""

from typing import Any

from engine.domain.capital import ASPECTS, COUNTY, EXEMPT, PERSONS, SIDES, TOWNSHIP
from engine.domain.masking import number
from engine.operations.capital.sizing import receiver_code
from engine.operations.disputes.context import answers_of
from engine.operations.work import Work

OPINIONS = {"agree": "同意", "against": "不同意", "excused": "回避"}
LAND = {
    "household": "承包到户的土地",
    "collective": "未承包到户的集体土地",
    "both": "承包到户的土地和未承包到户的集体土地",
}

REVIEWING = "reviewing"  # a paper's level: that of the office that reviews


def reviewing_level(work: Work) -> str:
    """The office that the county's table names; of what is not reviewed, the one that says so."""
    level = (work.data.get("level") or {}).get("level")
    return TOWNSHIP if level in (TOWNSHIP, EXEMPT) else COUNTY


def capital_context(work: Work) -> dict[str, Any]:
    """Nothing for other case types."""
    asked = work.data.get(work.case_type.start_variable)
    if "capital_review" not in work.case_type.about or not asked:
        return {}
    size = work.data.get("size") or {}
    told = {
        "receiver": asked["receiver_name"],
        "receiver_kind": _label(work, "receiver_kinds", asked["receiver_kind"]),
        "receiver_code": masked(asked),
        "representative": asked.get("representative"),
        "address": asked["address"],
        "phone": asked["phone"],
        "land": LAND[asked["land"]],
        "parcels": size.get("parcels") or [],
        "area_mu": asked["area_mu"],
        "households": size.get("households"),
        "way": _label(work, "transfer_ways", asked["way"]),
        "use": _label(work, "land_uses", asked["use"]),
        "term_start": asked["term_start"],
        "term_end": asked["term_end"],
        "price": asked["price"],
        "project": asked["project"],
        "consent": _consent(asked),
        "level": work.data.get("level"),
        "accepted_on": (work.data.get("review_row") or {}).get("accepted_on"),
        "reviewers": [_reviewer(row) for row in (work.data.get("review") or {}).get("reviewers") or []],
        "counted": work.data.get("counted"),
        "result": work.data.get("result"),
        "extended": work.data.get("extended"),
    }
    return {"review": told, "answer": answers_of(work)}


def masked(asked: dict[str, Any]) -> str:
    """A body's code is public; a person's number is not, and the papers go to the household too."""
    code = receiver_code(asked)
    return number(code) if asked["receiver_kind"] in PERSONS else code


def _consent(asked: dict[str, Any]) -> dict[str, Any] | None:
    if asked["land"] == "household":
        return None
    return {"votes": asked["consent_votes"], "members": asked["consent_members"], "day": asked["consent_on"]}


def _reviewer(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": row["name"],
        "unit": row["unit"],
        "side": SIDES[row["side"]],
        "aspect": ASPECTS.get(row["aspect"], "资格、项目、风险"),
        "opinion": OPINIONS[row["opinion"]],
        "words": row.get("words"),
    }


def _label(work: Work, name: str, code: str) -> str:
    rows = work.case_type.lists.get(name, [])
    return next((str(row["label"]["zh"]) for row in rows if row["code"] == code), code)
