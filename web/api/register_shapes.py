"""How the register's sheets, history and lineage are written as JSON. Personal numbers are masked here, everywhere."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from engine.domain import masking
from engine.queries.things.around import Blocked
from engine.queries.things.deals import Deals
from engine.queries.things.kinds import Found
from engine.queries.things.lineage import Lineage
from engine.queries.things.past import Difference, Moment, RowChange, facts
from engine.queries.things.sheets import EntryOf, Held, HouseholdSheet, Neighbour
from engine.store.tables import register as t
from engine.store.tables.cases import Case
from engine.store.tables.registry import ParcelUnit
from web.api.shapes import geojson, plain
from web.register.words import MASKED, VERSIONS, field_of


def hidden(name: str, value: Any) -> Any:
    """A value as others may read it."""
    return masking.number(value) if name.endswith(MASKED) and isinstance(value, str) else plain(value)


def said(row: Any) -> dict[str, Any] | None:
    return None if row is None else {name: hidden(name, value) for name, value in facts(row).items()}


def version(row: Any) -> dict[str, Any] | None:
    names = ("valid_from", "valid_to", "recorded_at", "cause", "cause_ref")
    return None if row is None else {name: plain(getattr(row, name)) for name in names}


def thing(found: Found, place: str) -> dict[str, Any]:
    return {
        "code": found.code,
        "id": found.id,
        "division": found.identity.division,
        "place": place,
        "stands": found.stands,
        "facts": said(found.version),
        "version": version(found.version),
    }


def held(one: Held) -> dict[str, Any]:
    return {
        "code": one.code,
        "contracted": said(one.row),
        "facts": said(one.version),
        "outline": plain(geojson(one.outline)) if one.outline is not None else None,
    }


def entry(one: EntryOf) -> dict[str, Any]:
    return {
        "id": one.entry.id,
        "code": one.entry.code,
        "facts": said(one.version),
        "certificates": certificates(one),
        "documents": documents(one),
    }


def certificates(one: EntryOf) -> list[dict[str, Any]]:
    return [
        {"id": c.certificate.id, "facts": said(c.version), "version": version(c.version)}
        for c in one.certificates
    ]


def documents(one: EntryOf) -> list[dict[str, Any]]:
    return [
        {"number": d.number, "name": d.name, "dated": plain(d.dated), "paths": d.paths} for d in one.documents
    ]


def blocks(found: Iterable[Blocked]) -> list[dict[str, Any]]:
    names = ("kind", "on", "code", "ref", "starts_on", "ends_on")
    return [{name: plain(getattr(one.block, name)) for name in names} | {"now": one.now} for one in found]


TRANSFER = (
    "number", "way", "recipient", "recipient_kind", "recipient_code", "term_start", "term_end", "signed_on", "use",
    "price", "total_area", "under", "renews", "ended_on", "ground",
)  # fmt: skip
LAND = ("contractor_code", "parcel_code", "area", "whole", "place")
GUARANTEE = (
    "number",
    "side",
    "guarantor",
    "bank",
    "amount",
    "starts",
    "ends",
    "transfer",
    "state",
    "ended_on",
)
EVIDENCE = (
    "code",
    "contract_code",
    "receiver_code",
    "way",
    "term_start",
    "term_end",
    "area",
    "parcel_count",
    "price",
)


def deals(found: Deals) -> dict[str, Any]:
    def told(row: Any, names: Sequence[str]) -> dict[str, Any]:
        return {name: plain(getattr(row, name)) for name in names}

    return {
        "transfers": [
            told(one.transfer, TRANSFER)
            | {"state": one.state, "taken": one.taken, "land": [told(land, LAND) for land in one.land]}
            for one in found.transfers
        ],
        "guarantees": [told(one, GUARANTEE) for one in found.guarantees.values()],
        "transfer_contracts": [told(one, EVIDENCE) for one in found.evidence.values() if one is not None],
    }


def cases(found: Iterable[Case]) -> list[dict[str, Any]]:
    return [{"number": c.number, "case_type": c.case_type, "status": c.status} for c in found]


def neighbour(one: Neighbour) -> dict[str, Any]:
    return {"code": one.code, "name": one.name, "holder_code": one.holder_code}


def units(found: Iterable[ParcelUnit]) -> list[dict[str, Any]]:
    """The newest first, which is the parcel's."""
    return [{"unit": one.unit, "told_on": plain(one.valid_from), "hand_over": one.hand_over} for one in found]


def household(sheet: HouseholdSheet, place: str, units: Mapping[str, str]) -> dict[str, Any]:
    """Flat, as a household is usually read; the sheet's own facts and all contracts and entries beside.

    ``units``: 不动产单元号 by parcel code.
    """
    v, one, last = sheet.found.version, sheet.in_force, next(iter(sheet.entries), None)
    return {
        **thing(sheet.found, place),
        "name": v.name if v else None,
        "kind": v.kind if v else None,
        "id_number": masking.number(v.id_number) if v else None,
        "phone": masking.number(v.phone) if v else None,
        "address": v.address if v else None,
        "issuing_party": asdict(sheet.party),
        "members": [said(member) for member in sheet.members],
        "parcels": [_parcel(held_) | {"unit": units.get(held_.code)} for held_ in sheet.parcels],
        "contract": _contract(one.contract, one.version) if one else None,
        "contracts": [_contract(one.contract, one.version) for one in sheet.contracts],
        "entry": _entry(last) if last else None,
        "entries": [entry(one) for one in sheet.entries],
    }


def _parcel(one: Held) -> dict[str, Any]:
    row = said(one.row) or {}
    return {
        "code": one.code,
        **(said(one.version) or {}),
        **{name: row[name] for name in ("contract_area", "acquired_by", "shares_only", "transfer_code")},
        "outline": plain(geojson(one.outline)) if one.outline is not None else None,
    }


def _contract(contract: t.Contract, row: t.ContractVersion) -> dict[str, Any]:
    return {"id": contract.id, "code": contract.code, **(said(row) or {})}


def _entry(one: EntryOf) -> dict[str, Any]:
    return {
        "code": one.entry.code,
        **(said(one.version) or {}),
        "certificates": [{"code": c.certificate.code, **(said(c.version) or {})} for c in one.certificates],
    }


def moments(found: Iterable[Moment]) -> list[dict[str, Any]]:
    return [
        {
            "recorded_at": plain(moment.recorded_at),
            "day": plain(moment.day),
            "cause": moment.cause,
            "ref": moment.ref,
            "by": moment.by,
            "changes": [
                {
                    "kind": change.kind,
                    "id": change.id,
                    "code": change.code,
                    "name": change.name,
                    "act": change.act,
                    "day": plain(change.day),
                    "fields": [_difference(VERSIONS[change.kind], one) for one in change.fields],
                    "rows": [_row(row) for row in change.rows],
                }
                for change in moment.changes
            ],
            "kin": [plain(asdict(kin)) for kin in moment.kin],
        }
        for moment in found
    ]


def _row(row: RowChange) -> dict[str, Any]:
    mapped = t.Member if row.what == "member" else t.ContractedParcel
    differences = [_difference(mapped, one) for one in row.fields]
    return {"what": row.what, "name": row.name, "code": row.code, "act": row.act, "fields": differences}


def _difference(mapped: Any, one: Difference) -> dict[str, Any]:
    return {
        "field": one.field,
        "code": field_of(mapped, one.field),
        "before": hidden(one.field, one.before),
        "after": hidden(one.field, one.after),
    }


def lineage(found: Lineage) -> dict[str, Any]:
    return plain(asdict(found))
