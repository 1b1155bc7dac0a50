"""What the register says, as plain facts: an issuing party, a household with members, parcels and contract."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

MU_PER_M2 = Decimal("0.0015")  # 1 亩 = 1/15 ha


def mu(area_m2: Decimal, decimals: int = 2) -> Decimal:
    """亩 of an area in m2, rounded half up to as many decimals as the county shows."""
    return (area_m2 * MU_PER_M2).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


@dataclass(frozen=True)
class IssuingPartyFacts:
    id: int
    code: str
    division: str
    name: str
    head_name: str
    head_id_number: str
    phone: str | None
    address: str


@dataclass(frozen=True)
class MemberFacts:
    name: str
    sex: str
    id_number: str
    relation: str  # GB/T 4761
    note_code: str | None
    co_owner: str | None
    note: str | None


@dataclass(frozen=True)
class ParcelFacts:
    """Areas in m2; ``outline`` is WKB in the county's zone (x east, y north, metres)."""

    id: int
    code: str
    name: str
    category: str
    land_use: str | None
    grade: str
    use: str
    basic_farmland: str
    measured_area: Decimal
    contract_area: Decimal
    east: str | None
    south: str | None
    west: str | None
    north: str | None
    note: str | None
    outline: bytes


@dataclass(frozen=True)
class ContractFacts:
    id: int
    code: str
    way: str
    term_start: date
    term_end: date
    total_area: Decimal  # m2
    parcel_count: int
    signed_on: date


@dataclass(frozen=True)
class Household:
    """A contractor as the register has it now. Units and persons have no members."""

    county: str
    id: int
    code: str
    kind: str
    name: str
    id_number: str
    phone: str | None
    address: str
    division: str
    issuing_party: IssuingPartyFacts
    members: tuple[MemberFacts, ...]
    parcels: tuple[ParcelFacts, ...]
    contract: ContractFacts | None

    def parcel(self, code: str) -> ParcelFacts | None:
        return next((parcel for parcel in self.parcels if parcel.code == code), None)
