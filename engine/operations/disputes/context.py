"""What papers of a dispute say: parties, claims, who sits, the hearing, the return slips. Keys: processes/dispute_*/documents."""

from datetime import date
from typing import Any

from engine.domain.dispute import WAYS, told_by_id
from engine.operations.disputes.opening import kept_through
from engine.operations.disputes.panel import members
from engine.operations.work import Work
from engine.store import disputes

AFTER_FAILURE = "block_after_failure_days"
COMMISSION = "农村土地承包仲裁委员会"
ROLES = {"chair": "首席仲裁员", "arbitrator": "仲裁员", "sole": "独任仲裁员"}
CHOSEN = {"jointly": "当事人选定", "appointed": "主任指定"}
TRADES = {"farmer": "农民代表", "law": "法律", "economics": "经济", "office": "农业农村部门", "other": "其他"}


def dispute_context(work: Work, office: dict[str, Any], inputs: dict[str, str]) -> dict[str, Any]:
    """Nothing for other case types. The answers themselves are under ``answer``, by the name of their form.

    Inputs of a slip to be signed: serves (what goes out), to (sides).
    """
    about = work.case_type.about.get("dispute")
    asked = work.data.get(work.case_type.start_variable)
    if not about or not asked:
        return {}
    accepted = work.data.get("dispute") or {}
    row = disputes.of_case(work.session, work.case)
    joined = (work.data.get("participants") or {}).get("rows") or []
    told = {
        "kind": about["kind"],
        "number": accepted.get("number"),
        "accepted_on": accepted.get("accepted_on"),
        "late": accepted.get("late"),
        "parcels": accepted.get("parcels") or [],
        "cause": cause_of(work, asked["cause"]),
        "claims": asked["claims"],
        "facts": asked["facts"],
        "evidence": asked.get("evidence") or [],
        "witnesses": asked.get("witnesses") or [],
        "applicant": applicant_of(work, asked),
        "respondents": [party(row, work.today) for row in asked["respondents"]],
        "third_parties": [party(row, work.today) for row in joined if row["kind"] == "third_party"],
        "agents": [row for row in joined if row["kind"] == "agent" and not row.get("ended_on")],
        "panel": [seat(one) for one in members(work)],
        "hearing": work.data.get("hearing"),
        "challenged": work.data.get("challenged") or {},
        "change": row.change if row else None,
        "conclude_by": (work.data.get("extended") or {}).get("last_day"),
        "blocked_until": blocked_until(work),
        "effective_on": (work.data.get("effect") or {}).get("effective_on"),
        "served": served(work),
        "serves": {"what": inputs.get("serves", ""), "to": inputs.get("to", "").split(",")},
        "arbitrators": listed(work) if about["kind"] == "arbitration" else [],
    }
    found: dict[str, Any] = {"dispute": told, "answer": answers_of(work)}
    if about["kind"] == "arbitration" and office["level"] == "county":
        found["office"] = office | {"name": f"{work.county.name}{COMMISSION}"}
    return found


def blocked_until(work: Work) -> str | None:
    """Last day that the land stays blocked for if the mediation failed today; None where the county keeps no such period."""
    if not work.case_type.number(AFTER_FAILURE, work.today, 0):
        return None
    return kept_through(work, AFTER_FAILURE).isoformat()


def cause_of(work: Work, code: str) -> str:
    rows = work.case_type.lists.get("causes", [])
    return next((str(row["label"]["zh"]) for row in rows if row["code"] == code), code)


def applicant_of(work: Work, asked: dict[str, Any]) -> dict[str, Any]:
    household = work.household()
    return {
        "name": household.name,
        "id_number": household.id_number,
        "address": household.address,
        "phone": asked.get("phone") or household.phone,
        "occupation": asked.get("occupation"),
    } | told_by_id(household.id_number, work.today)


def party(row: dict[str, Any], today: date) -> dict[str, Any]:
    kept = {name: value for name, value in row.items() if name not in ("papers", "joined_on")}
    return kept | told_by_id(row.get("id_number"), today)


def seat(one: dict[str, Any]) -> dict[str, Any]:
    return {"name": one["name"], "role": ROLES[one["role"]], "chosen": CHOSEN.get(one["chosen"], "")}


def served(work: Work) -> list[dict[str, Any]]:
    """What was served so far, for the slips."""
    return [
        {
            "what": row.what,
            "addressee": row.addressee,
            "way": WAYS[row.way],
            "sent_on": row.sent_on.isoformat(),
            "received_on": row.received_on.isoformat() if row.received_on else None,
            "receiver": row.receiver,
            "remark": row.remark,
        }
        for row in disputes.served(work.session, work.case)
    ]


def listed(work: Work) -> list[dict[str, Any]]:
    """The list of arbitrators that goes with the notices."""
    return [
        {"number": one.number, "name": one.name, "trade": TRADES.get(one.trade, one.trade)}
        for one in disputes.arbitrators(work.session, work.case.county, work.today)
    ]


def answers_of(work: Work) -> dict[str, Any]:
    forms = set(work.case_type.form_names)
    return {name: value for name, value in work.data.items() if name in forms and isinstance(value, dict)}
