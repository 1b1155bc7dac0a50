"""How a contract signing fills its changeset: what a survey brought, and the contract on it. Pure.

The typed changes themselves are in ``engine/domain/changes``.
"""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from engine.domain.changes import (
    Change,
    ContractedArea,
    MoveBoundary,
    NewParcel,
    Register,
    RemeasureParcel,
    SignContract,
    apply_what_fits,
    as_json,
    from_json,
)
from engine.domain.changes.register import Parcel
from engine.domain.register import Household, MemberFacts, ParcelFacts, mu

__all__ = [
    "Change",
    "ContractedArea",
    "RemeasureParcel",
    "SignContract",
    "as_drawn",
    "as_json",
    "drawn",
    "from_json",
    "signing",
    "surveyed",
    "total_mu",
]


def signing(changes: Iterable[Change]) -> SignContract:
    """The contract among the changes; every contract_signing case has exactly one."""
    return next(change for change in changes if isinstance(change, SignContract))


def drawn(changes: Iterable[Change]) -> tuple[Change, ...]:
    """What a survey does to the land, without the contract that is signed on it."""
    return tuple(change for change in changes if not isinstance(change, SignContract))


def surveyed(
    contract: SignContract, asked: Iterable[ContractedArea], survey: tuple[Change, ...], register: Register
) -> tuple[Change, ...]:
    """The survey, and after it the contract on the land that it leaves.

    ``asked``: the parcels that were applied for; land that the survey brings into the register goes to the household
    too. The contract follows the areas that were measured; pieces of a split and a merged parcel keep, together, the
    area that the contract had, and have what they measure where nobody held them before.
    """
    after = apply_what_fits(survey, register)
    rows = after.contracts.get(contract.contractor_code)
    left = {row.parcel: row.area for row in rows.parcels} if rows else _as_measured(after)
    measured = {
        code: after.parcels[code].measured_area for code in _measured(survey) if code in after.parcels
    }
    parcels: dict[str, Decimal] = {}
    for parcel in asked:
        for code in _became(parcel.parcel_code, after):
            kept = parcel.area if code == parcel.parcel_code else left.get(code, Decimal(0))
            parcels[code] = measured.get(code, kept)
    for change in survey:
        for code in _became(change.code, after) if isinstance(change, NewParcel) else ():
            parcels[code] = after.parcels[code].measured_area if code in after.parcels else Decimal(0)
    signed = tuple(ContractedArea(code, area) for code, area in sorted(parcels.items()))
    return (*survey, replace(contract, parcels=signed))


def _as_measured(after: Register) -> dict[str, Decimal]:
    return {code: parcel.measured_area for code, parcel in after.parcels.items()}


def _measured(survey: Iterable[Change]) -> set[str]:
    """Parcels that the survey measures anew or whose boundary it moves."""
    codes: set[str] = set()
    for change in survey:
        if isinstance(change, RemeasureParcel):
            codes.add(change.parcel_code)
        elif isinstance(change, MoveBoundary):
            codes |= {row.parcel_code for row in change.parcels}
    return codes


def _became(code: str, after: Register) -> tuple[str, ...]:
    """What the parcel is after the survey: itself, its pieces (of pieces), or what it was merged into."""
    if code in after.parcels or code not in after.retired:
        return (code,)
    return tuple(piece for next_code in after.retired[code] for piece in _became(next_code, after))


def as_drawn(household: Household, changes: Iterable[Change], register: Register) -> Household:
    """The household with its parcels as the drawn changes leave them; contract areas as the contract has them now.

    Without a contract in force, the parcels are those of the one to be.
    """
    changes = tuple(changes)
    after = apply_what_fits(drawn(changes), register)
    household = _people_as_changed(household, register, after)
    contract = after.contracts.get(household.code)
    if contract is None:
        return replace(household, parcels=_first_land(changes, after))
    known = {parcel.code: parcel for parcel in household.parcels}
    parcels = []
    for row in contract.parcels:
        parcel, before = after.parcels[row.parcel], known.get(row.parcel)
        if before is not None and register.parcels.get(row.parcel) == parcel:
            parcels.append(before)
        else:
            parcels.append(_facts(parcel, row.area, before.id if before else 0))
    return replace(household, parcels=tuple(parcels))


def _first_land(changes: tuple[Change, ...], after: Register) -> tuple[ParcelFacts, ...]:
    """The land of a contract that is the household's first: nobody holds it yet."""
    return tuple(
        _facts(after.parcels[row.parcel_code], row.area, 0)
        for change in changes
        if isinstance(change, SignContract)
        for row in change.parcels
        if row.parcel_code in after.parcels
    )


def _people_as_changed(household: Household, before: Register, after: Register) -> Household:
    """Head and members where the case changes them (a representative who died)."""
    was, now = before.contractors.get(household.code), after.contractors.get(household.code)
    if now is None or was == now:
        return household
    members = tuple(
        MemberFacts(m.name, m.sex, m.id_number, m.relation, m.note_code, m.co_owner, m.note)
        for m in now.members
    )
    return replace(household, name=now.name, id_number=now.id_number, members=members)


def _facts(parcel: Parcel, contract_area: Decimal, identity: int) -> ParcelFacts:
    return ParcelFacts(
        identity,
        parcel.code,
        parcel.name,
        parcel.category,
        parcel.land_use,
        parcel.grade,
        parcel.use,
        parcel.basic_farmland,
        parcel.measured_area,
        contract_area,
        parcel.east,
        parcel.south,
        parcel.west,
        parcel.north,
        parcel.note,
        parcel.outline.wkb,
    )


def total_mu(changes: Iterable[Change], decimals: int = 2) -> Decimal:
    return mu(signing(changes).total_area, decimals)
