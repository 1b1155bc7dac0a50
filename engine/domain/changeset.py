"""The typed changes that a case proposes to the register, and what they would do. Pure.

A changeset travels as JSON (``as_json``/``from_json``): areas as decimal text in m2, days as ISO text, outlines
as WKT in the county's zone.
"""

from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from engine.domain.register import Household, mu


@dataclass(frozen=True)
class ContractedArea:
    parcel_code: str
    area: Decimal  # m2, 合同面积 HTMJ


@dataclass(frozen=True)
class SignContract:
    """A new, renewed or re-signed contract of one household (RLC arts 21-23)."""

    contractor_code: str
    way: str  # C.10: 110 family contracting
    term_start: date
    term_end: date
    parcels: tuple[ContractedArea, ...]
    previous_code: str | None
    signed_on: date | None = None
    type: str = "sign_contract"

    @property
    def total_area(self) -> Decimal:
        return sum((parcel.area for parcel in self.parcels), Decimal(0))

    @property
    def code(self) -> str:
        """CBHTBM: the contractor's code and J (family) or Q (other ways)."""
        return self.contractor_code + ("J" if self.way == "110" else "Q")


@dataclass(frozen=True)
class RemeasureParcel:
    """A survey's result for a parcel: its measured area, and its outline where corners were given."""

    parcel_code: str
    area: Decimal  # m2, 实测面积 SCMJ
    outline: str | None  # WKT
    note: str | None
    type: str = "remeasure_parcel"


Change = SignContract | RemeasureParcel
_TYPES: dict[str, type[Any]] = {"sign_contract": SignContract, "remeasure_parcel": RemeasureParcel}


@dataclass(frozen=True)
class Finding:
    """Why a changeset may not be applied: the rule's name, the record, what to do (Chinese)."""

    rule: str
    record: str
    message: str


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


def as_json(changes: tuple[Change, ...]) -> list[dict[str, Any]]:
    return [_plain(asdict(change)) for change in changes]


def from_json(rows: list[dict[str, Any]]) -> tuple[Change, ...]:
    return tuple(_change(row) for row in rows)


def signing(changes: tuple[Change, ...]) -> SignContract:
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


def check(changes: tuple[Change, ...], household: Household) -> list[Finding]:
    """What of the changes does not fit the household as the register has it now."""
    findings = []
    contract = signing(changes)
    if not contract.parcels:
        findings.append(Finding("C01", contract.contractor_code, "合同没有地块，请至少选择一块承包地块"))
    if contract.term_end <= contract.term_start:
        findings.append(Finding("A07", contract.code, "承包期止应晚于承包期起"))
    for parcel in contract.parcels:
        if household.parcel(parcel.parcel_code) is None:
            findings.append(Finding("R05", parcel.parcel_code, "地块不在该承包方名下"))
        if parcel.area <= 0:
            findings.append(Finding("A06", parcel.parcel_code, "合同面积应大于0"))
    for change in changes:
        if isinstance(change, RemeasureParcel) and change.area <= 0:
            findings.append(Finding("A06", change.parcel_code, "实测面积应大于0"))
    return findings


def compare(changes: tuple[Change, ...], household: Household) -> list[ComparedParcel]:
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


def total_mu(changes: tuple[Change, ...], decimals: int = 2) -> Decimal:
    return mu(signing(changes).total_area, decimals)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def _change(row: dict[str, Any]) -> Change:
    values = dict(row)
    kind = _TYPES[values["type"]]
    if kind is SignContract:
        values["parcels"] = tuple(
            ContractedArea(parcel["parcel_code"], Decimal(parcel["area"])) for parcel in values["parcels"]
        )
        for name in ("term_start", "term_end", "signed_on"):
            values[name] = date.fromisoformat(values[name]) if values[name] else None
    else:
        values["area"] = Decimal(values["area"])
    return kind(**values)
