"""A household as pages and forms show it: identity numbers masked, areas in 亩 beside m2, codes with labels."""

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from engine.domain import masking, registry
from engine.domain.register import Household, ParcelFacts, mu
from engine.exchange.standard import label
from engine.store import reservations
from engine.store.free_land import free_parcels


def form_facts(household: Household, mu_decimals: int = 2) -> dict[str, Any]:
    """Context for forms: the known parcels and members, and the values that fields prefill by name."""
    parcels = [parcel_row(parcel, mu_decimals) for parcel in household.parcels]
    members = [
        {
            "name": m.name,
            "relation": m.relation,
            "id_number": masking.number(m.id_number),
            "note": m.note or "",
            "said": said(m.name, m.id_number),
        }
        for m in household.members
    ]
    known: dict[str, Any] = {
        "contractor_code": household.code,
        "contractor_name": household.name,
        "phone": household.phone,
        "address": household.address,
        "issuing_party": household.issuing_party.name,
        "signing_place": household.issuing_party.address,
        "member_count": len(household.members),
        "parcel_count": len(household.parcels),
        "member_rows": [{"who": m["said"], "relation": m["relation"]} for m in members],
        "parcel_rows": [{"code": p["code"]} for p in parcels],
    }
    if household.contract:
        known |= {
            "contract_code": household.contract.code,
            "earlier_term_end": household.contract.term_end.isoformat(),
            "term_start": (household.contract.term_end + timedelta(days=1)).isoformat(),
        }
    return {"known": known, "parcels": parcels, "members": members}


def parcel_row(parcel: ParcelFacts, mu_decimals: int = 2) -> dict[str, Any]:
    return {
        "code": parcel.code,
        "name": parcel.name,
        "area_m2": str(parcel.contract_area),
        "area_mu": str(mu(parcel.contract_area, mu_decimals)),
        "measured_m2": str(parcel.measured_area),
        "location": location(parcel.east, parcel.south, parcel.west, parcel.north),
    }


def free_rows(session: Session, household: Household, mu_decimals: int = 2) -> list[dict[str, Any]]:
    """Land of its collective that nobody holds, to pick from for a contract.

    ``held``: number of the open case that has it already, as far as it is in scope.
    """
    party = household.issuing_party.code
    parcels = free_parcels(session, household.county, party)
    held = reservations.holders(session, household.county, "parcel", [parcel.code for parcel in parcels])
    return [
        parcel_row(parcel, mu_decimals)
        | {"free": True, "category": label("C.7", parcel.category), "held": held.get(parcel.code)}
        for parcel in parcels
    ]


def said(name: str, id_number: str) -> str:
    """A member as a form's answer names them: enough to know who, and no more."""
    return f"{name} {masking.number(id_number)}"


def location(east: str | None, south: str | None, west: str | None, north: str | None) -> str:
    """四至 in the order east, south, west, north."""
    sides = (("东至", east), ("南至", south), ("西至", west), ("北至", north))
    return "，".join(f"{side}{what}" for side, what in sides if what)


def printed_facts(variables: dict[str, Any]) -> dict[str, Any]:
    """What the registry's receipt says of the certificate that is handed out next, for forms to fill in."""
    receipt = next_certificate(variables) or variables.get(registry.MESSAGE) or {}
    facts = {name: receipt[name] for name in registry.PRINTED if receipt.get(name)}
    if receipt.get("contractor"):
        facts |= {"contractor_code": receipt["contractor"], "contractor_name": receipt["name"]}
    return facts


def next_certificate(variables: dict[str, Any]) -> dict[str, Any] | None:
    """Of the certificates that the registry printed for the case's households, the first that nobody has yet."""
    printed = (variables.get("record_receipt") or {}).get("certificates") or []
    handed = (variables.get("record_certificate") or {}).get("handed") or []
    return next((one for one in printed if one["contractor"] not in handed), None)
