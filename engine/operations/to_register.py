"""Which entries of the real-estate registry a change touches: household by household, with what only the register
before the change knows (the certificate that was valid, what an ended contract had been)."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from engine.domain.changes import Register
from engine.domain.changes.register import Contractor, Parcel
from engine.operations.work import Work
from engine.store.registry import valid_certificates

FIRST, CHANGE, CANCEL = "first", "change", "cancel"


def to_register(work: Work, now: Register, after: Register) -> list[dict[str, Any]]:
    """[{contractor, kind, name, old: [{code, serial}]}]; of an ended one also {id_number, contract_code, party, parcels}.

    Asked before the changes are made. A household whose contract ends is cancelled where it had a certificate; one that
    comes of others, or had one, is changed; any other is registered for the first time. A telephone is no entry.
    """
    codes = sorted(now.contractors.keys() | after.contractors.keys())
    ended = [code for code in codes if code in now.contracts and code not in after.contracts]
    left = [one for code in ended for one in old_certificates(work, code)]
    found = []
    for code in codes:
        if code in ended:
            if old := old_certificates(work, code):
                found.append(cancelled(now, code) | {"old": old})
        elif code in after.contracts and entry(now, code) != entry(after, code):
            made = code not in now.contractors
            old = left if made else old_certificates(work, code)
            kind = CHANGE if old else FIRST
            name = after.contractors[code].name
            found.append({"contractor": code, "kind": kind, "name": name, "old": [] if made else old})
    return found


def old_certificates(work: Work, contractor: str) -> list[dict[str, Any]]:
    rows = valid_certificates(work.session, work.case.county, contractor)
    return [{"code": one.code, "serial": version.serial} for one, version in rows]


def entry(register: Register, code: str) -> tuple[Any, ...]:
    """What the registry's entry says of a household: who, and what land by which contract."""
    household, contract = register.contractors.get(code), register.contracts.get(code)
    return (
        _who(household) if household else None,
        replace(contract, id=None) if contract else None,
        tuple(_what(register.parcels[one]) for one in (contract.codes if contract else ())),
    )


def _who(household: Contractor) -> Contractor:
    return replace(household, phone=None, postcode="")


def _what(parcel: Parcel) -> tuple[Any, ...]:
    return (parcel.code, parcel.name, parcel.measured_area, parcel.outline.wkb, *_sides(parcel), parcel.use,
            parcel.land_use, parcel.grade, parcel.basic_farmland)  # fmt: skip


def _sides(parcel: Parcel) -> Iterable[str | None]:
    return parcel.east, parcel.south, parcel.west, parcel.north


def cancelled(now: Register, code: str) -> dict[str, Any]:
    """What is said of an entry that ends; the household may be gone from the register when it is handed over."""
    household, contract = now.contractors[code], now.contracts[code]
    return {
        "contractor": code,
        "kind": CANCEL,
        "name": household.name,
        "id_number": household.id_number,
        "contract_code": contract.code,
        "term": [contract.term_start.isoformat(), contract.term_end.isoformat()],
        "parcels": list(contract.codes),
        "area": str(contract.total_area),
    }
