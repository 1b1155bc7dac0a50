"""What papers of a transfer say. The keys are those of processes/transfer_filing/documents/README.md."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import shapely

from engine.domain import masking, transfers
from engine.domain.changes import EndTransfer, RecordGuarantee, RecordTransfer, ReleaseGuarantee
from engine.domain.changes.register import Recipient, Transfer, TransferredLand
from engine.domain.register import Household, mu
from engine.operations.transfers.opening import neighbour, number_of, the_change
from engine.operations.transfers.rent import rent_drafted, rent_told
from engine.operations.work import Work
from engine.store.changes import transfers as store
from engine.store.register import neighbours

KINDS = {"member": "本集体成员", "person": "个人", "unit": "单位"}
PAYMENTS = {
    "cash": "现金", "kind": "实物", "produce": "实物折现金", "shares": "按股分红",
    "floor": "保底收益加按股分红", "other": "其他",
}  # fmt: skip
PERMITS = {
    "retransfer": "再流转土地经营权",
    "pledge": "以土地经营权融资担保",
    "improve": "改良土壤、建设农业生产附属和配套设施",
}


def is_transfer(work: Work) -> bool:
    return "deal" in work.case_type.about


def transfer_context(work: Work) -> dict[str, Any]:
    """Nothing for other case types, nor before the deal was taken in."""
    if not is_transfer(work) or not work.data.get("deal") or work.changeset_row() is None:
        return {}
    change, asked = the_change(work), work.data[work.case_type.start_variable]
    drafted = work.data.get("draft_contract") or {}
    told: dict[str, Any] = {
        "kind": asked["kind"],
        "kind_title": title_of(work, "deal_kinds", asked["kind"]),
        "number": number_of(change) if number_of(change) != work.case.number else None,
        "clauses": clauses(drafted),
        "mandates": [mandate(work, one) for one in transfers.mandates(asked)] if asked.get("agent") else [],
        "ability": asked.get("ability"),
    }
    if isinstance(change, RecordTransfer):
        told |= recorded(work, change, asked)
        if drafted and (rent := rent_drafted(work, change)):
            told["rent"] = rent_told(rent, str(drafted["rent_mu"]))
    elif isinstance(change, EndTransfer):
        told |= ended(work, change, asked)
    elif isinstance(change, RecordGuarantee | ReleaseGuarantee):
        told |= guaranteed(work, change)
    found: dict[str, Any] = {"deal": told, "answer": answers_of(work)}
    marked = (work.data.get("township_review") or {}).get("clauses") or []
    found["clauses"] = [
        {"text": row["label"]["zh"], "law": row.get("law")}
        for row in work.case_type.lists["unlawful_clauses"]
        if row["code"] in marked
    ]
    if told.get("land"):
        found["parcels"] = told["land"]  # what the sketch writes beside each
    if told["number"]:
        found["contract"] = {"code": told["number"]}
    return found


def recorded(work: Work, change: RecordTransfer, asked: Mapping[str, Any]) -> dict[str, Any]:
    told = land_told(work, change.land) | {
        "way": change.way,
        "way_title": title_of(work, "ways", change.way),
        "recipient": recipient(change.recipient),
        "term_start": change.term_start.isoformat(),
        "term_end": change.term_end.isoformat(),
        "years": years(change.term_start, change.term_end),
        "use": change.use,
        "price": change.price,
        "under": change.under,
        "renews": change.renews,
        "replaces": change.replaces,
        "review": change.review,
    }
    if asked["kind"] == transfers.RETRANSFER and change.under:
        told["first_recipient"] = recipient(
            store.known(work.session, work.case.county, change.under).recipient
        )
    if change.replaces:
        told["changed"] = terms_changed(store.known(work.session, work.case.county, change.replaces), change)
    return told | {"party_rows": parties_told(work, told, asked)}


def terms_changed(known: Transfer, change: RecordTransfer) -> list[str]:
    """Which of term, use and price a supplement changes; the rest stays as it was contracted."""
    was = {"term": (known.term_start, known.term_end), "use": known.use, "price": known.price}
    now = {"term": (change.term_start, change.term_end), "use": change.use, "price": change.price}
    return [name for name in was if was[name] != now[name]]


def ended(work: Work, change: EndTransfer, asked: Mapping[str, Any]) -> dict[str, Any]:
    known = store.known(work.session, work.case.county, change.number)
    told = land_told(work, known.land) | {
        "way": known.way,
        "way_title": title_of(work, "ways", known.way),
        "recipient": recipient(known.recipient),
        "term_start": known.term_start.isoformat(),
        "term_end": known.term_end.isoformat(),
        "use": known.use,
        "price": known.price,
    }
    grounds = work.case_type.lists["ending_grounds"]
    told["ending"] = {
        "by": asked["ending_by"],
        "on": change.ended_on.isoformat(),
        "ground": title_of(work, "ending_grounds", change.ground) if asked.get("ground") else "各方协商一致",
        "law": next((row["law"] for row in grounds if row["code"] == change.ground), None),
        "reason": asked["ending_reason"],
    }
    return told | {"party_rows": parties_told(work, told, asked)}


def guaranteed(work: Work, change: RecordGuarantee | ReleaseGuarantee) -> dict[str, Any]:
    known: Any = change
    extra: dict[str, Any] = {}
    if isinstance(change, ReleaseGuarantee):
        known = store.known_guarantee(work.session, work.case.county, change.number)
        extra = {"released_on": change.released_on.isoformat(), "reason": change.reason}
    told = {
        "side": "受让方" if known.side == "recipient" else "承包方",
        "guarantor": known.guarantor,
        "bank": known.bank,
        "loan": known.loan,
        "amount": str(known.amount),
        "from": known.starts.isoformat(),
        "to": known.ends.isoformat(),
        "parcels": list(known.parcels),
        "transfer": known.transfer,
    }
    return {"guarantee": told | extra}


def land_told(work: Work, land: tuple[TransferredLand, ...]) -> dict[str, Any]:
    households = {code: found for code in transfers.lessors(land) if (found := neighbour(work, code))}
    many = len(households) > 1
    rows = [row for one in land if (row := plot(work, one, households[one.contractor]))]
    return {
        "lessors": [
            lessor(position, household, land, many, work.mu_decimals)
            for position, household in enumerate(households.values(), start=1)
        ],
        "land": rows,
        "households": len(households),
        "parcel_count": len({one.parcel for one in land}),
        "total_mu": str(sum((mu(one.area, work.mu_decimals) for one in land), Decimal(0))),
    }


def lessor(
    position: int, household: Household, land: tuple[TransferredLand, ...], many: bool, decimals: int
) -> dict[str, Any]:
    """In a contract of many households none reads the others' numbers."""
    area = sum((mu(one.area, decimals) for one in land if one.contractor == household.code), Decimal(0))
    return {
        "position": position,
        "name": household.name,
        "code": household.code,
        "id_number": masking.number(household.id_number) if many else household.id_number,
        "phone": masking.number(household.phone or "") if many else household.phone,
        "address": household.address,
        "contract_code": household.contract.code if household.contract else None,
        "area_mu": str(area),
    }


def plot(work: Work, one: TransferredLand, household: Household) -> dict[str, Any] | None:
    parcel = household.parcel(one.parcel)
    if parcel is None:
        return None
    return {
        "household": household.name,
        "code": parcel.code,
        "name": parcel.name,
        "east": parcel.east,
        "south": parcel.south,
        "west": parcel.west,
        "north": parcel.north,
        "area_mu": str(mu(one.area, work.mu_decimals)),
        "grade": parcel.grade,
        "contract_code": household.contract.code if household.contract else None,
        "note": None if one.whole else f"部分：{one.place or ''}",
    }


def recipient(who: Recipient) -> dict[str, Any]:
    return {
        "name": who.name,
        "kind": KINDS[who.kind],
        "id_number": who.id_number,
        "credit_code": who.credit_code,
        "representative": who.representative,
        "phone": who.phone,
        "address": who.address,
    }


def parties_told(work: Work, told: Mapping[str, Any], asked: Mapping[str, Any]) -> list[list[dict[str, Any]]]:
    """In the order in which they sign, as signing.parties_of has them; two to a line of the contract."""
    rows: list[tuple[str, str]]
    if asked["kind"] == transfers.RETRANSFER:
        rows = [(transfers.LESSOR, told["first_recipient"]["name"])]
    elif asked.get("agent"):
        rows = [(transfers.AGENT, work.household().issuing_party.name)]
    else:
        rows = [(transfers.LESSOR, one["name"]) for one in told["lessors"]]
    rows.append((transfers.RECIPIENT, told["recipient"]["name"]))
    told_rows = [{"side": side, "position": n, "name": name} for n, (side, name) in enumerate(rows, start=1)]
    return [told_rows[start : start + 2] for start in range(0, len(told_rows), 2)]


def clauses(drafted: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in drafted.items() if value not in (None, "", [])}
    if "payment" in kept:
        kept["payment"] = PAYMENTS.get(kept["payment"], kept["payment"])
    kept["permits"] = [PERMITS[one] for one in drafted.get("permits") or []]
    kept["forbids"] = [text for name, text in PERMITS.items() if name not in (drafted.get("permits") or [])]
    return kept


def mandate(work: Work, one: transfers.Mandate) -> dict[str, Any]:
    household = neighbour(work, one.household)
    return {
        "household": household.name if household else one.household,
        "matter": one.matter,
        "power": one.power,
        "until": one.until.isoformat(),
    }


def years(start: date, end: date) -> str:
    """5年, or days where it is not whole years."""
    after = end + timedelta(days=1)
    whole = after.year - start.year
    if whole and (after.month, after.day) == (start.month, start.day):
        return f"{whole}年"
    return f"{(after - start).days}天"


def title_of(work: Work, name: str, code: str) -> str:
    rows = work.case_type.lists.get(name, [])
    return next((str(row["label"]["zh"]) for row in rows if row["code"] == code), code)


def answers_of(work: Work) -> dict[str, Any]:
    forms = set(work.case_type.form_names)
    return {name: value for name, value in work.data.items() if name in forms and isinstance(value, dict)}


def transfer_sketch(work: Work) -> dict[str, Any] | None:
    """Outlines for the contract's annex: whole parcels, and what was drawn of a part."""
    change = the_change(work)
    if not isinstance(change, RecordTransfer):
        return None
    households = {code: found for code in transfers.lessors(change.land) if (found := neighbour(work, code))}
    rows = []
    for one in change.land:
        parcel = households[one.contractor].parcel(one.parcel)
        if parcel is not None:
            rows.append([parcel.code, parcel.name, one.outline or shapely.from_wkb(parcel.outline).wkt])
    around = neighbours(work.session, work.case.county, sorted(change.touches().parcels))
    return {
        "parcels": rows,
        "neighbours": [[code, name, shapely.from_wkb(outline).wkt] for code, name, outline in around],
    }
