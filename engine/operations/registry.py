"""The real-estate registry: hand the filed contract over, take its receipt in (SEED-YF 二(三)6, SEED-LC 二(三))."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from engine.domain import events, registry
from engine.domain.errors import Invalid, Refused
from engine.domain.register import Household, mu
from engine.exchange.standard import label
from engine.operations.change_context import kind_title
from engine.operations.work import Work
from engine.store import parcel_units
from engine.store import registry as store
from engine.store.register import Cause, read_issuing_party
from engine.store.tables.registry import HandOver

UNITS = {"CBMJ": "亩", "SCMJ": "亩", "HTMJ": "平方米", "DK.SCMJ": "平方米"}


def hand_over(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Inputs: kind (first, change, reissue, replace, cancel; without one, first or change by the contract before it).

    A change that touches several households' entries makes one for each; after a refusal only those that were refused.
    Result: {key, attempt, kind} of the last one, and keys of all. The signed files are made and laid down for the
    registry by the outbox; the case then waits for the message ``registry_receipt``, once for each.
    """
    states = {one.facts["CBFDM"]: one.state for one in store.hand_overs(work.session, work.case)}
    keys: list[str] = []
    row = None
    for target in targets(work, inputs):
        if states.get(target["contractor"]) in (registry.WAITING, registry.ACCEPTED):
            continue
        row = make(work, target)
        keys.append(row.key)
    if row is None:
        raise Refused("nothing_to_hand_over", "没有要移交登记的内容")
    return {"key": row.key, "attempt": row.attempt, "kind": row.kind, "keys": keys}


def targets(work: Work, inputs: dict[str, str]) -> list[dict[str, Any]]:
    """What filing found must be registered; else the case's own household."""
    filed = work.data.get("file_changes")
    if filed and "hand_overs" in filed:
        return list(filed["hand_overs"])
    return [{"contractor": work.case.contractor_code, "kind": inputs.get("kind") or kind_of(work)}]


def make(work: Work, target: dict[str, Any]) -> HandOver:
    kind = target["kind"]
    if kind not in registry.KINDS:
        raise Refused("hand_over_kind", "不知道要登记机构办什么：%(kind)s", kind=kind)
    attempt = len(store.hand_overs(work.session, work.case)) + 1
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
    ended = "contract_code" in target
    row.facts = facts_of_ended(work, row, target) if ended else facts_of(work, row, target)
    work.session.add(row)
    work.session.flush()
    work.later("send_hand_over", {"hand_over": str(row.id)})
    work.say(events.HANDED_OVER, {"key": row.key, "attempt": attempt, "kind": kind})
    return row


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


def facts_of(work: Work, row: HandOver, target: dict[str, Any]) -> dict[str, Any]:
    """In the registry's field names (domain.md 1.13, docs/registry.md); what only the registry knows is left empty."""
    household = work.household(target["contractor"])
    contract = household.contract
    if contract is None:
        raise Refused("no_contract", "该承包方没有生效的承包合同，不能移交登记")
    land = store.land_facts(work.session, work.case.county, contract.id)
    shares = any(one["shares"] for one in land.values())
    decimals = work.mu_decimals
    units = parcel_units.units_now(work.session, work.case.county, land)
    return about(work, row) | {
        "BDCDYH": only(units, land),
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
        "YBDCQZH": old_serial(work, target),
        "GYFS": registry.code("common", "shares" if shares else "household"),
        "QLR": holders(household),
        "DK": [
            {"BDCDYH": units.get(one.code)} | parcel_facts(one, land.get(one.code, {}), decimals)
            for one in household.parcels
        ],
    }


def facts_of_ended(work: Work, row: HandOver, target: dict[str, Any]) -> dict[str, Any]:
    """The same of a contract that ended: as it stood before the change that ended it."""
    party = read_issuing_party(work.session, work.case.county, work.case.issuing_party_code)
    assert party is not None
    units = parcel_units.units_now(work.session, work.case.county, target["parcels"])
    return about(work, row) | {
        "BDCDYH": only(units, target["parcels"]),
        "ZL": work.office("village").full_name,
        "FBFDM": party.code,
        "FBFMC": party.name,
        "CBFDM": target["contractor"],
        "CBHTDM": target["contract_code"],
        "CBMJ": str(mu(Decimal(target["area"]), work.mu_decimals)),
        "SCMJ": None,
        "CBQSSJ": target["term"][0],
        "CBJSSJ": target["term"][1],
        "TDSYQXZ": None,
        "YBDCQZH": old_serial(work, target),
        "GYFS": None,
        "QLR": [{"XM": target["name"], "ZJHM": target["id_number"], "GX": None}],
        "DK": [{"BDCDYH": units.get(code), "DKBM": code} for code in target["parcels"]],
    }


def about(work: Work, row: HandOver) -> dict[str, Any]:
    """What every hand-over says alike."""
    repaired = work.data.get("repair_hand_over", {}).get("repaired")
    return {
        "YWH": row.key,
        "YWLSH": work.case.number,
        "QLLX": registry.code("right", "contract"),
        "DJLX": registry.code("registration", row.kind),
        "DJYY": reason_of(work, row.kind),
        "SYTTLX": None,
        "YZYFS": None,
        "CYZL": None,
        "SYZCL": None,
        "BDCQZH": None,
        "QXDM": work.case.county,
        "DJJG": None,
        "DJSJ": None,
        "DBR": None,
        "FJ": repaired if row.attempt > 1 else None,
        "QSZT": registry.code("state", "history" if row.kind == "cancel" else "current"),
        "units": UNITS,
    }


def only(units: Mapping[str, str], land: Collection[str]) -> str | None:
    """不动产单元号 of the right: where it is of one parcel, that parcel's; else each parcel says its own."""
    return next(iter(units.values()), None) if len(land) == 1 else None


def old_serial(work: Work, target: dict[str, Any]) -> str | None:
    """The certificate that was valid until then."""
    if "old" in target:
        return target["old"][-1]["serial"] if target["old"] else None
    before = store.valid_certificates(work.session, work.case.county, target["contractor"])
    return before[-1][1].serial if before else None


def reason_of(work: Work, kind: str) -> str:
    """登记原因: of a change its kind, else what the application gives, else what such a registration is for."""
    application = work.data.get(work.case_type.start_variable) or {}
    return kind_title(work) or str(application.get("reason") or registry.reason_of(kind))


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

    Result: the receipt (engine/domain/registry.py) with ``key`` and ``attempt``; how many of the case's hand-overs are
    still ``waiting`` or were ``refused`` last; ``certificates``: [{contractor, name, certificate_number, print_serial,
    printed_on}] that may be handed out. The parcels' 不动产单元号 that it tells are written into the register. Raises Invalid
    by field for one that says too little, Refused where it is for no hand-over that waits.
    """
    said = work.data.get(registry.MESSAGE)
    row = meant(work, said.get("key") if isinstance(said, Mapping) else None)
    receipt = registry.read_receipt(said, work.today, registry.Asked.of(row.county, row.kind, row.facts))
    tell_units(work, row, receipt)
    row.state, row.receipt = receipt.outcome, receipt.as_json()
    row.answered_at, row.answered_by = work.at, work.actor.id
    work.session.flush()
    result = receipt.as_json() | {"key": row.key, "attempt": row.attempt}
    work.say(events.RECEIPT_RECORDED, result)
    return result | answered(work)


def tell_units(work: Work, row: HandOver, receipt: registry.Receipt) -> None:
    faults = parcel_units.taken(work.session, row.county, receipt.units)
    if faults:
        raise Invalid(faults)
    cause = Cause("case", work.case.number, receipt.on, work.at)
    parcel_units.tell(work.session, row.county, receipt.units, cause, row.key, work.actor.id)


def meant(work: Work, key: str | None) -> HandOver:
    """The hand-over that waits, by its key where several do."""
    waiting = [one for one in store.hand_overs(work.session, work.case) if one.state == registry.WAITING]
    found = [one for one in waiting if key in (None, one.key)]
    if not found:
        raise Refused("nothing_handed_over", "没有等待回执的移交")
    if len(found) > 1:
        raise Refused(
            "which_hand_over",
            "有 %(count)s 件移交在等回执（%(keys)s），请写明业务号",
            count=len(found),
            keys="、".join(one.key for one in found),
        )
    return found[0]


def answered(work: Work) -> dict[str, Any]:
    """By each household's last hand-over."""
    last = {one.facts["CBFDM"]: one for one in store.hand_overs(work.session, work.case)}
    accepted = [one for one in last.values() if one.state == registry.ACCEPTED and one.kind != "cancel"]
    return {
        "waiting": sum(one.state == registry.WAITING for one in last.values()),
        "refused": sum(one.state == registry.REFUSED for one in last.values()),
        "certificates": [
            {"contractor": one.facts["CBFDM"], "name": one.facts["QLR"][0]["XM"]}
            | {name: (one.receipt or {}).get(name) for name in registry.PRINTED}
            for one in accepted
        ],
    }
