"""The part of the register that a changeset touches, as it stands: plain values, and the reads that rules need.

Only what is in force is here: what has ended is absent, and its code is in ``retired``. Areas are m2 with two
decimals; outlines are polygons in the county's plane (x = easting, y = northing, metres).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

HOUSEHOLD, PERSON, UNIT = "1", "2", "3"  # C.16 承包方类型
HEADS = ("02", "01")  # GB/T 4761: 户主; 本人 is met in old data
FAMILY = "110"  # C.10 家庭承包
CONTRACTED = "10"  # C.7 承包地块


@dataclass(frozen=True)
class Party:
    """发包方. Its code stays, whatever becomes of the division that it was made from."""

    code: str
    name: str = ""


@dataclass(frozen=True)
class Member:
    """家庭成员, known within its household by its identity number."""

    id_number: str
    name: str
    sex: str  # C.17
    relation: str  # GB/T 4761
    id_kind: str = "1"  # C.15
    note_code: str | None = None  # C.18: 1 married out, 7 deceased
    co_owner: str | None = None  # C.19
    note: str | None = None

    @property
    def is_head(self) -> bool:
        return self.relation in HEADS


@dataclass(frozen=True)
class Contractor:
    code: str
    party: str
    kind: str  # C.16
    name: str  # a household's head
    id_number: str
    id_kind: str = "1"
    address: str = ""
    postcode: str = ""
    phone: str | None = None
    members: tuple[Member, ...] = ()

    def member(self, id_number: str) -> Member | None:
        return next((member for member in self.members if member.id_number == id_number), None)


@dataclass(frozen=True)
class Parcel:
    code: str
    party: str
    name: str
    outline: shapely.Polygon
    measured_area: Decimal
    category: str = CONTRACTED  # C.7
    ownership: str | None = None  # C.6
    land_use: str | None = None  # GB/T 21010
    grade: str = "01"  # C.8
    use: str = "1"  # C.9
    basic_farmland: str = "2"  # C.19
    east: str | None = None
    south: str | None = None
    west: str | None = None
    north: str | None = None
    note: str | None = None
    witnesses: str | None = None


@dataclass(frozen=True)
class Contracted:
    """承包地块信息: one parcel under a contract."""

    parcel: str
    area: Decimal  # 合同面积 HTMJ
    acquired_by: str = FAMILY  # C.10: 200 assignment, 300 swap
    shares: bool = False  # 确权确股 SFQQQG: several contractors hold the parcel by shares


@dataclass(frozen=True)
class Contract:
    """The contract in force of a contractor. ``id`` is the store's; None for one that is signed just now."""

    contractor: str
    way: str
    term_start: date
    term_end: date
    signed_on: date
    parcels: tuple[Contracted, ...]
    id: int | None = field(default=None, compare=False)

    @property
    def code(self) -> str:
        return contract_code(self.contractor, self.way)

    @property
    def total_area(self) -> Decimal:
        return sum((row.area for row in self.parcels), Decimal(0))

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(row.parcel for row in self.parcels)

    def row(self, parcel: str) -> Contracted | None:
        return next((row for row in self.parcels if row.parcel == parcel), None)


@dataclass(frozen=True)
class Certificate:
    """权证 of a contractor's register entry. States: valid, void (lost), destroyed (taken back), cancelled."""

    contractor: str
    serial: str | None
    issuer: str
    issued_on: date
    state: str = "valid"
    reason: str | None = None  # why it was reissued, replaced or cancelled
    collected_on: date | None = None
    collected_by: str | None = None
    collector_id_number: str | None = None
    id: int | None = field(default=None, compare=False)


@dataclass(frozen=True)
class TransferredLand:
    """One parcel of a transfer, whole or a part of it. ``place`` says in words where a part lies, ``outline`` (WKT) as drawn."""

    contractor: str  # the household that holds it
    parcel: str
    area: Decimal  # m2
    whole: bool = True
    place: str | None = None
    outline: str | None = None


@dataclass(frozen=True)
class Recipient:
    """受让方: a household of the collective (``contractor`` is its code), a person from outside, or a unit.

    ``id_number``, ``phone``: of who signs; a unit's is its ``representative``.
    """

    name: str
    kind: str  # member, person, unit
    id_number: str
    phone: str
    address: str = ""
    contractor: str | None = None
    representative: str | None = None
    credit_code: str | None = None

    @property
    def signer(self) -> str:
        return self.representative or self.name


@dataclass(frozen=True)
class Transfer:
    """流转: land whose operation right another has for a time. Known by the number of its contract."""

    number: str
    way: str  # lease, sublease, shareholding, other
    recipient: Recipient
    term_start: date
    term_end: date
    signed_on: date
    use: str
    price: str
    land: tuple[TransferredLand, ...]
    under: str | None = None  # of a re-transfer: the transfer that the land was had by
    renews: str | None = None
    consented: tuple[str, ...] = ()  # mortgages whose holders agreed
    review: str | None = None  # number of the opinion of the review of business capital (RLC art 45)
    state: str = "running"
    ended_on: date | None = None
    ground: str | None = None

    @property
    def area(self) -> Decimal:
        return sum((row.area for row in self.land), Decimal(0))

    @property
    def parcels(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(row.parcel for row in self.land))

    def runs_with(self, start: date, end: date) -> bool:
        """From the day of its ending (``ended_on``) the land is free again."""
        last = (
            self.term_end if self.ended_on is None else min(self.term_end, self.ended_on - timedelta(days=1))
        )
        return self.term_start <= end and start <= last


@dataclass(frozen=True)
class Encumbrance:
    """融资担保: an operation right that secures a loan. Known by the number of its filing."""

    number: str
    side: str  # household: its own right; recipient: the one that it has by ``transfer``
    guarantor: str
    bank: str
    loan: str  # number of the loan or guarantee contract
    amount: Decimal  # yuan
    starts: date
    ends: date
    parcels: tuple[str, ...]
    contractor: str  # a household of the land, whose village files it
    transfer: str | None = None
    state: str = "running"
    ended_on: date | None = None


@dataclass(frozen=True)
class Block:
    """Why a thing may not change: dispute, mortgage, seizure, transfer (a running one), case (another open one)."""

    kind: str
    on: str  # contractor, parcel
    code: str
    ref: str  # number of the case, ruling, mortgage or transfer contract


@dataclass(frozen=True)
class Register:
    """``day``: when the changes take effect. ``contracts`` by contractor: one is in force at a time.

    ``proposed``: new land by code, as other open cases would bring it in. ``retired``: codes given earlier, and the codes that came of them (none: the thing ended); ``ended_by``: the
    case or correction that ended them, where it is known.
    """

    county: str
    day: date
    parties: Mapping[str, Party] = field(default_factory=dict)
    contractors: Mapping[str, Contractor] = field(default_factory=dict)
    parcels: Mapping[str, Parcel] = field(default_factory=dict)
    contracts: Mapping[str, Contract] = field(default_factory=dict)
    certificates: tuple[Certificate, ...] = ()
    blocks: tuple[Block, ...] = ()
    transfers: Mapping[str, Transfer] = field(default_factory=dict)  # by number, those that run
    encumbrances: Mapping[str, Encumbrance] = field(default_factory=dict)  # the same
    proposed: Mapping[str, BaseGeometry] = field(default_factory=dict, compare=False)
    retired: Mapping[str, tuple[str, ...]] = field(default_factory=dict, compare=False)
    ended_by: Mapping[str, str] = field(default_factory=dict, compare=False)

    def holders(self, parcel: str) -> tuple[Contract, ...]:
        return tuple(contract for contract in self.contracts.values() if contract.row(parcel))

    def holder(self, parcel: str) -> Contract | None:
        return next(iter(self.holders(parcel)), None)

    def valid_certificates(self, contractor: str) -> tuple[Certificate, ...]:
        return tuple(c for c in self.certificates if c.contractor == contractor and c.state == "valid")

    def put(self, *things: Contractor | Parcel | Contract) -> "Register":
        """These things as they are now; what has the same code is replaced."""
        kinds: dict[str, dict[str, Any]] = {"contractors": {}, "parcels": {}, "contracts": {}}
        for thing in things:
            if isinstance(thing, Contract):
                kinds["contracts"][thing.contractor] = thing
            else:
                kinds["parcels" if isinstance(thing, Parcel) else "contractors"][thing.code] = thing
        given = kinds["contractors"].keys() | kinds["parcels"].keys()
        changed: dict[str, Any] = {
            name: _sorted({**getattr(self, name), **new}) for name, new in kinds.items() if new
        }
        changed["retired"] = {code: after for code, after in self.retired.items() if code not in given}
        return replace(self, **changed)

    def without(self, kind: str, codes: Iterable[str], became: Iterable[str] = ()) -> "Register":
        """The things of that kind (contractors, parcels, contracts) end; ``became`` came of them."""
        gone = set(codes)
        left = {code: thing for code, thing in getattr(self, kind).items() if code not in gone}
        after = tuple(sorted(became))
        retired = {} if kind == "contracts" else dict.fromkeys(gone, after)
        changed: dict[str, Any] = {kind: _sorted(left), "retired": {**self.retired, **retired}}
        return replace(self, **changed)

    def with_transfer(self, transfer: Transfer) -> "Register":
        return replace(self, transfers=_sorted({**self.transfers, transfer.number: transfer}))

    def with_encumbrance(self, encumbrance: Encumbrance) -> "Register":
        return replace(self, encumbrances=_sorted({**self.encumbrances, encumbrance.number: encumbrance}))

    def running(self, parcel: str) -> tuple[Transfer, ...]:
        """The transfers that have land of the parcel, also for the days until the agreed end of one."""
        return tuple(
            t
            for t in self.transfers.values()
            if parcel in t.parcels
            and (t.state == "running" or (t.ended_on is not None and t.ended_on > self.day))
        )

    def with_certificates(self, contractor: str, state: str, reason: str | None) -> "Register":
        """The contractor's valid certificates take that state."""
        rows = tuple(
            replace(c, state=state, reason=reason) if c.contractor == contractor and c.state == "valid" else c
            for c in self.certificates
        )
        return replace(self, certificates=rows)


def contract_code(contractor: str, way: str) -> str:
    """CBHTBM: the contractor's code and J (family) or Q (other ways)."""
    return contractor + ("J" if way == FAMILY else "Q")


def with_parcels(contract: Contract, rows: Iterable[Contracted]) -> Contract:
    return replace(contract, parcels=tuple(sorted(rows, key=lambda row: row.parcel)))


def _sorted(things: Mapping[str, Any]) -> Mapping[str, Any]:
    return dict(sorted(things.items()))
