"""How a contract signing shows and fills its changeset: one contract, and what a survey brought. Pure.

The typed changes themselves are in ``engine/domain/changes``.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from engine.domain.changes import Change, ContractedArea, RemeasureParcel, SignContract, as_json, from_json
from engine.domain.register import Household, mu

__all__ = [
    "Change",
    "ComparedParcel",
    "ContractedArea",
    "RemeasureParcel",
    "SignContract",
    "as_json",
    "compare",
    "from_json",
    "remeasured",
    "signing",
    "total_mu",
]


@dataclass(frozen=True)
class ComparedParcel:
    """One row of the before/after table; areas in m2, None where there is none.

    ``redrawn``: a survey gives it another outline, whose area may well be the same.
    """

    code: str
    name: str
    measured_before: Decimal | None
    measured_after: Decimal | None
    contract_before: Decimal | None
    contract_after: Decimal | None
    redrawn: bool = False

    @property
    def changed(self) -> bool:
        return self.redrawn or (self.measured_before, self.contract_before) != (
            self.measured_after,
            self.contract_after,
        )


def signing(changes: Iterable[Change]) -> SignContract:
    """The contract among the changes; every contract_signing case has exactly one."""
    return next(change for change in changes if isinstance(change, SignContract))


def remeasured(changes: tuple[Change, ...], survey: tuple[RemeasureParcel, ...]) -> tuple[Change, ...]:
    """Take a survey's result in: it replaces an earlier one, and the contract follows the new areas."""
    areas = {change.parcel_code: change.area for change in survey}
    contract = signing(changes)
    parcels = tuple(
        replace(parcel, area=areas.get(parcel.parcel_code, parcel.area)) for parcel in contract.parcels
    )
    return (replace(contract, parcels=parcels), *survey)


def compare(changes: Iterable[Change], household: Household) -> list[ComparedParcel]:
    """Before and after of every parcel that the household holds or would hold."""
    after = {parcel.parcel_code: parcel.area for parcel in signing(changes).parcels}
    surveys = [change for change in changes if isinstance(change, RemeasureParcel)]
    measured = {change.parcel_code: change.area for change in surveys}
    redrawn = {change.parcel_code for change in surveys if change.outline}
    return [
        ComparedParcel(
            parcel.code,
            parcel.name,
            parcel.measured_area,
            measured.get(parcel.code, parcel.measured_area),
            parcel.contract_area,
            after.get(parcel.code),
            parcel.code in redrawn,
        )
        for parcel in household.parcels
    ]


def total_mu(changes: Iterable[Change], decimals: int = 2) -> Decimal:
    return mu(signing(changes).total_area, decimals)
