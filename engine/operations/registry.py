"""The real-estate registry: hand the filed contract over, take its receipt in (SEED-YF 二(三)6, SEED-LC 二(三))."""

from decimal import Decimal
from typing import Any

from engine.domain import events, registry
from engine.domain.errors import Refused
from engine.domain.register import Household, mu
from engine.exchange.standard import label
from engine.operations.work import Work
from engine.store import registry as store
from engine.store.tables.registry import HandOver

UNITS = {"CBMJ": "亩", "SCMJ": "亩", "HTMJ": "平方米", "DK.SCMJ": "平方米"}


def hand_over(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Inputs: kind (first, change, reissue, replace, cancel; without one, first or change by the contract before it).

    Result: {key, attempt, kind}. The signed file is made and laid down for the registry by the outbox; the case then
    waits for the message ``registry_receipt``.
    """
    kind = inputs.get("kind") or kind_of(work)
    if kind not in registry.KINDS:
        raise Refused("hand_over_kind", "不知道要登记机构办什么：%(kind)s", kind=kind)
    attempts = store.hand_overs(work.session, work.case)
    attempt = len(attempts) + 1
    row = HandOver(
        county=work.case.county,
        id=work.new_id(),
        case_id=work.case.id,
        attempt=attempt,
        key=registry.key_of(work.case.number, attempt),
        kind=kind,
        facts={},
        state=registry.WAITING,
        made_at=work.at,
        made_by=work.actor.id,
        division=work.case.division,
    )
    row.facts = facts_of(work, row)
    work.session.add(row)
    work.session.flush()
    work.later("send_hand_over", {"hand_over": str(row.id)})
    result = {"key": row.key, "attempt": attempt, "kind": kind}
    work.say(events.HANDED_OVER, result)
    return result


def kind_of(work: Work) -> str:
    """What the application asks of the certificate; else a household that had one has its entry changed, and any other
    is registered for the first time.
    """
    asked = (work.data.get(work.case_type.start_variable) or {}).get("kind")
    if asked in ("reissue", "replace", "cancel"):
        return str(asked)
    return (
        "change"
        if store.valid_certificates(work.session, work.case.county, work.case.contractor_code)
        else "first"
    )


def facts_of(work: Work, row: HandOver) -> dict[str, Any]:
    """In the registry's field names (domain.md 1.13, docs/registry.md); what only the registry knows is left empty."""
    household = work.household()
    contract = household.contract
    if contract is None:
        raise Refused("no_contract", "该承包方没有生效的承包合同，不能移交登记")
    land = store.land_facts(work.session, work.case.county, contract.id)
    before = store.valid_certificates(work.session, work.case.county, household.code)
    shares = any(one["shares"] for one in land.values())
    decimals = work.mu_decimals
    return {
        "BDCDYH": None,  # 28 characters, given by the registry; known only where it told it
        "YWH": row.key,
        "YWLSH": work.case.number,
        "QLLX": registry.code("right", "contract"),
        "DJLX": registry.code("registration", row.kind),
        "DJYY": reason_of(work, row.kind),
        "ZL": place(work, household),
        "FBFDM": household.issuing_party.code,
        "FBFMC": household.issuing_party.name,
        "CBFDM": household.code,
        "CBHTDM": contract.code,
        "CBMJ": str(sum((mu(one.contract_area, decimals) for one in household.parcels), Decimal(0))),
        "SCMJ": str(sum((mu(one.measured_area, decimals) for one in household.parcels), Decimal(0))),
        "CBQSSJ": contract.term_start.isoformat(),
        "CBJSSJ": contract.term_end.isoformat(),
        "TDSYQXZ": next((one["ownership"] for one in land.values() if one["ownership"]), None),
        "SYTTLX": None,
        "YZYFS": None,
        "CYZL": None,
        "SYZCL": None,
        "BDCQZH": None,
        "YBDCQZH": before[-1][1].serial if before else None,
        "QXDM": work.case.county,
        "DJJG": None,
        "DJSJ": None,
        "DBR": None,
        "FJ": work.data.get("repair_hand_over", {}).get("repaired") if row.attempt > 1 else None,
        "QSZT": registry.code("state", "history" if row.kind == "cancel" else "current"),
        "GYFS": registry.code("common", "shares" if shares else "household"),
        "QLR": holders(household),
        "DK": [parcel_facts(one, land.get(one.code, {}), decimals) for one in household.parcels],
        "units": UNITS,
    }


def reason_of(work: Work, kind: str) -> str:
    application = work.data.get(work.case_type.start_variable) or {}
    return str(application.get("reason") or registry.reason_of(kind))


def place(work: Work, household: Household) -> str:
    """坐落: the village, and what its parcels are called there."""
    names = "、".join(parcel.name for parcel in household.parcels[:3])
    more = "等" if len(household.parcels) > 3 else ""
    return f"{work.office('village').full_name}{names}{more}"


def holders(household: Household) -> list[dict[str, Any]]:
    """权利人: the head stands for the household, its members hold the right together with it."""
    head = {"XM": household.name, "ZJHM": household.id_number, "GX": "户主" if household.members else None}
    others = [
        {"XM": member.name, "ZJHM": member.id_number, "GX": label("GB/T 4761", member.relation)}
        for member in household.members
        if member.id_number != household.id_number
    ]
    return [head, *others]


def parcel_facts(parcel: Any, land: dict[str, Any], decimals: int) -> dict[str, Any]:
    return {
        "BDCDYH": None,
        "DKBM": parcel.code,
        "DKMC": parcel.name,
        "HTMJ": str(parcel.contract_area),
        "HTMJM": str(mu(parcel.contract_area, decimals)),
        "SCMJ": str(parcel.measured_area),
        "SCMJM": str(mu(parcel.measured_area, decimals)),
        "TDYT": parcel.use,
        "TDLYLX": parcel.land_use,
        "DLDJ": parcel.grade,
        "SFJBNT": parcel.basic_farmland,
        "SFQQQG": "1" if land.get("shares") else "2",
        "DKDZ": parcel.east,
        "DKNZ": parcel.south,
        "DKXZ": parcel.west,
        "DKBZ": parcel.north,
    }


def record_receipt(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Take the registry's answer, which came as the message ``registry_receipt``, to the hand-over that waits.

    Result: the receipt (engine/domain/registry.py) with ``key`` and ``attempt``. Raises Invalid by field for one that
    says too little, Refused where no hand-over waits.
    """
    receipt = registry.read_receipt(work.data.get(registry.MESSAGE), work.today)
    row = store.last(work.session, work.case)
    if row is None or row.state != registry.WAITING:
        raise Refused("nothing_handed_over", "没有等待回执的移交")
    row.state, row.receipt = receipt.outcome, receipt.as_json()
    row.answered_at, row.answered_by = work.at, work.actor.id
    work.session.flush()
    result = receipt.as_json() | {"key": row.key, "attempt": row.attempt}
    work.say(events.RECEIPT_RECORDED, result)
    return result
