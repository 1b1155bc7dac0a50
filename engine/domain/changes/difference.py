"""What differs between two registers, thing by thing: the preview of a changeset, and what the store writes."""

from dataclasses import dataclass, fields
from typing import Any

from shapely.geometry.base import BaseGeometry

from engine.domain.changes.codec import plain
from engine.domain.changes.register import (
    Certificate,
    Contract,
    Contractor,
    Encumbrance,
    Parcel,
    Register,
    Transfer,
)

Thing = Contractor | Parcel | Contract | Certificate | Transfer | Encumbrance


@dataclass(frozen=True)
class Changed:
    """One thing before and after; None where it is not there yet, or is no more."""

    kind: str  # contractors, parcels, contracts, certificates, transfers, encumbrances
    code: str  # of the thing; a contract's and a certificate's contractor
    before: Any
    after: Any


def differences(before: Register, after: Register) -> list[Changed]:
    found = []
    for kind in ("contractors", "parcels", "contracts", "transfers", "encumbrances"):
        old, new = getattr(before, kind), getattr(after, kind)
        for code in sorted(old.keys() | new.keys()):
            if not same(old.get(code), new.get(code)):
                found.append(Changed(kind, code, old.get(code), new.get(code)))
    return found + _certificates(before, after)


def same(before: Any, after: Any) -> bool:
    """A contract that was signed anew is another one, though it says the same."""
    if isinstance(before, Contract) and isinstance(after, Contract) and before.id != after.id:
        return False
    return bool(before == after)


def _certificates(before: Register, after: Register) -> list[Changed]:
    """By place: certificates are only ever added behind, or change their state."""
    pairs = [
        (
            before.certificates[i] if i < len(before.certificates) else None,
            after.certificates[i] if i < len(after.certificates) else None,
        )
        for i in range(max(len(before.certificates), len(after.certificates)))
    ]
    return [
        Changed("certificates", (new or old).contractor, old, new)  # type: ignore[union-attr]
        for old, new in pairs
        if old != new
    ]


def facts(thing: Thing | None) -> dict[str, Any] | None:
    """A thing as JSON, outlines as WKT."""
    if thing is None:
        return None
    row = {}
    for field in fields(thing):
        value = getattr(thing, field.name)
        if field.name != "id":
            row[field.name] = value.wkt if isinstance(value, BaseGeometry) else plain(value)
    if isinstance(thing, Contract):
        row |= {"code": thing.code, "total_area": str(thing.total_area)}
    return row
