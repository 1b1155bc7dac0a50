"""Changes of contracts: signing, swap, assignment, surrender (农村土地承包法 arts 21-23, 30, 33-34)."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from engine.domain.calendar import months_later
from engine.domain.changes.change import Change, Touched, give_up, missing, not_held, repeated
from engine.domain.changes.findings import Finding, finding, limit
from engine.domain.changes.register import (
    CONTRACTED,
    HOUSEHOLD,
    Contract,
    Contracted,
    Register,
    contract_code,
    with_parcels,
)

ASSIGNED, SWAPPED = "200", "300"  # C.10


@dataclass(frozen=True)
class ContractedArea:
    parcel_code: str
    area: Decimal  # m2, 合同面积 HTMJ


@dataclass(frozen=True)
class SignContract(Change):
    """A new, renewed or re-signed contract of one household (RLC arts 21-23).

    Renewing takes parcels that the household holds; a first contract takes parcels that nobody holds, which are
    contracted land from then on.
    """

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
        return contract_code(self.contractor_code, self.way)

    def touches(self) -> Touched:
        return Touched(
            contractors=frozenset([self.contractor_code]),
            parcels=frozenset(parcel.parcel_code for parcel in self.parcels),
        )

    def check(self, register: Register) -> list[Finding]:
        found = missing(register, "contractors", [self.contractor_code])
        if not self.parcels:
            found.append(finding("no_parcels", self.contractor_code))
        if self.term_end <= self.term_start:
            found.append(finding("term_order", self.code))
        found += repeated(parcel.parcel_code for parcel in self.parcels)
        first = self.contractor_code not in register.contracts and self.previous_code is None
        for parcel in self.parcels:
            if not self._may_hold(register, parcel.parcel_code):
                found.append(finding("not_free" if first else "not_held", parcel.parcel_code))
            if parcel.area <= 0:
                found.append(finding("contract_area_positive", parcel.parcel_code))
        return found

    def _may_hold(self, register: Register, code: str) -> bool:
        contract = register.contracts.get(self.contractor_code)
        if contract is not None or self.previous_code is not None:
            return contract is not None and code in contract.codes
        contractor, parcel = register.contractors.get(self.contractor_code), register.parcels.get(code)
        lettable = parcel is not None and parcel.category in limit("allotted_categories")
        free = lettable and not register.holders(code)
        return free and contractor is not None and parcel.party == contractor.party  # type: ignore[union-attr]

    def apply(self, register: Register) -> Register:
        contract = Contract(
            self.contractor_code,
            self.way,
            self.term_start,
            self.term_end,
            self.signed_on or register.day,
            (),
        )
        before = register.contracts.get(self.contractor_code)
        shared = {row.parcel for row in before.parcels if row.shares} if before else set()
        rows = [
            Contracted(parcel.parcel_code, parcel.area, self.way, parcel.parcel_code in shared)
            for parcel in self.parcels
        ]
        land = [register.parcels[row.parcel] for row in rows if row.parcel in register.parcels]
        let = [replace(parcel, category=CONTRACTED) for parcel in land if parcel.category != CONTRACTED]
        return register.put(*let, with_parcels(contract, rows))


@dataclass(frozen=True)
class SwapParcels(Change):
    """互换: two households of one collective exchange parcels; contract areas go with the land (art. 33)."""

    first: str  # contractor
    first_parcels: tuple[str, ...]
    second: str
    second_parcels: tuple[str, ...]
    type: str = "swap_parcels"

    def touches(self) -> Touched:
        parcels = frozenset(self.first_parcels + self.second_parcels)
        return Touched(contractors=frozenset([self.first, self.second]), parcels=parcels)

    def check(self, register: Register) -> list[Finding]:
        found = missing(register, "contractors", [self.first, self.second])
        if found:
            return found
        if self.first == self.second:
            return [finding("swap_with_itself", self.first)]
        for contractor, parcels in ((self.first, self.first_parcels), (self.second, self.second_parcels)):
            if not parcels:
                found.append(finding("swap_of_nothing", contractor))
            found += not_held(register, contractor, parcels)
        found += repeated(self.first_parcels + self.second_parcels)
        found += same_collective(register, self.first, self.second)
        if not found:
            found += within_remainder(register, self.first, self.second)
            found += within_remainder(register, self.second, self.first)
        return found

    def apply(self, register: Register) -> Register:
        first, second = register.contracts[self.first], register.contracts[self.second]
        return register.put(
            _exchange(first, self.first_parcels, second, self.second_parcels),
            _exchange(second, self.second_parcels, first, self.first_parcels),
        )

    def inverse(self, register: Register) -> tuple[Change, ...]:
        swapped_back = replace(self, first_parcels=self.second_parcels, second_parcels=self.first_parcels)
        return (swapped_back,)


def _exchange(own: Contract, given: tuple[str, ...], other: Contract, received: tuple[str, ...]) -> Contract:
    kept = [row for row in own.parcels if row.parcel not in given]
    new = [replace(row, acquired_by=SWAPPED) for row in other.parcels if row.parcel in received]
    return with_parcels(own, kept + new)


@dataclass(frozen=True)
class AssignParcels(Change):
    """转让, whole or in part, to a household of the same collective, with the issuing party's consent (art. 34).

    With its last parcel the giver's contract ends. A recipient without a contract signs one for the remainder.
    """

    giver: str
    recipient: str
    parcels: tuple[str, ...]
    consented_on: date | None  # day of the issuing party's written consent
    type: str = "assign_parcels"

    def touches(self) -> Touched:
        return Touched(frozenset([self.giver, self.recipient]), frozenset(self.parcels))

    def check(self, register: Register) -> list[Finding]:
        found = missing(register, "contractors", [self.giver, self.recipient])
        if found:
            return found
        if self.giver == self.recipient:
            return [finding("assign_to_itself", self.giver)]
        if not self.parcels:
            found.append(finding("assign_nothing", self.giver))
        if self.consented_on is None or self.consented_on > register.day:
            found.append(finding("no_consent", self.giver))
        if register.contractors[self.recipient].kind != HOUSEHOLD:
            found.append(finding("recipient_no_household", self.recipient))
        found += repeated(self.parcels) + not_held(register, self.giver, self.parcels)
        found += same_collective(register, self.giver, self.recipient)
        if not found:
            found += within_remainder(register, self.giver, self.recipient)
        return found

    def apply(self, register: Register) -> Register:
        given = register.contracts[self.giver]
        moved = [replace(row, acquired_by=ASSIGNED) for row in given.parcels if row.parcel in self.parcels]
        register = give_up(register, given, self.parcels)
        contract = register.contracts.get(self.recipient)
        if contract is None:
            day = register.day
            start = max(given.term_start, min(day, given.term_end))
            contract = Contract(self.recipient, given.way, start, given.term_end, day, ())
        return register.put(with_parcels(contract, [*contract.parcels, *moved]))

    def inverse(self, register: Register) -> tuple[Change, ...]:
        return (AssignParcels(self.recipient, self.giver, self.parcels, consented_on=None),)


@dataclass(frozen=True)
class SurrenderParcels(Change):
    """自愿交回, whole or in part: written notice half a year ahead; no claim to land again in the term (art. 30)."""

    contractor_code: str
    parcels: tuple[str, ...]
    notified_on: date
    becomes: str = "22"  # C.7, what the land is from then on: 机动地
    type: str = "surrender_parcels"

    def touches(self) -> Touched:
        return Touched(frozenset([self.contractor_code]), frozenset(self.parcels))

    def check(self, register: Register) -> list[Finding]:
        found = missing(register, "contractors", [self.contractor_code])
        if not self.parcels:
            found.append(finding("surrender_nothing", self.contractor_code))
        found += repeated(self.parcels) + not_held(register, self.contractor_code, self.parcels)
        first_day = months_later(self.notified_on, limit("surrender_notice_months"))
        if register.day < first_day:
            found.append(finding("notice_too_short", self.contractor_code, day=first_day))
        contract = register.contracts.get(self.contractor_code)
        if contract is not None and contract.term_end < first_day:
            found.append(
                finding("notice_beyond_term", self.contractor_code, day=first_day, end=contract.term_end)
            )
        return found

    def apply(self, register: Register) -> Register:
        register = give_up(register, register.contracts[self.contractor_code], self.parcels)
        return returned(register, self.parcels, self.becomes)


def returned(register: Register, parcels: tuple[str, ...], becomes: str) -> Register:
    """Land that goes back to the collective is contracted land no more."""
    return register.put(*(replace(register.parcels[code], category=becomes) for code in parcels))


def same_collective(register: Register, first: str, second: str) -> list[Finding]:
    """Arts 33 and 34 keep the land in one collective; the issuing party stands for it here."""
    own, other = register.contractors[first].party, register.contractors[second].party
    return [] if own == other else [finding("other_collective", second, first=own, second=other)]


def within_remainder(register: Register, giver: str, receiver: str) -> list[Finding]:
    """Land that moves is not held longer than it was: the receiver's contract may not end later."""
    given, received = register.contracts.get(giver), register.contracts.get(receiver)
    if given is None:
        return []
    if given.term_end < register.day:
        return [finding("term_over", given.code, end=given.term_end)]
    if received is not None and received.term_end > given.term_end:
        return [finding("beyond_remainder", received.code, end=given.term_end, own=received.term_end)]
    return []


@dataclass(frozen=True)
class GrantParcels(Change):
    """地块增加: land of the collective that nobody holds goes into the contract that a household has.

    For what is left of that contract's term: reserved land, land given back or reclaimed (RLC art 29).
    """

    contractor_code: str
    parcels: tuple[ContractedArea, ...]
    grounds: str  # the decision of the collective that the land goes to this household
    type: str = "grant_parcels"

    def touches(self) -> Touched:
        return Touched(frozenset([self.contractor_code]), frozenset(p.parcel_code for p in self.parcels))

    def check(self, register: Register) -> list[Finding]:
        codes = [parcel.parcel_code for parcel in self.parcels]
        found = missing(register, "contractors", [self.contractor_code]) + missing(register, "parcels", codes)
        if found:
            return found
        if not self.parcels:
            found.append(finding("grant_nothing", self.contractor_code))
        if not self.grounds.strip():
            found.append(finding("no_reason", self.contractor_code))
        contract = register.contracts.get(self.contractor_code)
        if contract is None:
            found.append(finding("no_contract", self.contractor_code))
        elif contract.term_end < register.day:
            found.append(finding("term_over", contract.code, end=contract.term_end))
        for parcel in self.parcels:
            if (holder := register.holder(parcel.parcel_code)) is not None:
                found.append(finding("under_two_contracts", parcel.parcel_code, other=holder.code))
            if parcel.area <= 0:
                found.append(finding("contract_area_positive", parcel.parcel_code))
        return found + repeated(codes)

    def apply(self, register: Register) -> Register:
        contract = register.contracts[self.contractor_code]
        rows = [Contracted(parcel.parcel_code, parcel.area, contract.way) for parcel in self.parcels]
        land = (replace(register.parcels[p.parcel_code], category=CONTRACTED) for p in self.parcels)
        return register.put(*land, with_parcels(contract, [*contract.parcels, *rows]))


@dataclass(frozen=True)
class AdjustParcels(Change):
    """特殊调整: after a natural disaster and the like, by two thirds of the members, with approvals (RLC art 28).

    The land goes to another household of the collective, for its own remainder, or back to the collective.
    """

    giver: str
    recipient: str | None
    parcels: tuple[str, ...]
    reason: str
    agreed: int  # members, or villagers' representatives, who agreed
    entitled: int  # of how many
    becomes: str = "22"  # C.7, what the land is where nobody gets it
    type: str = "adjust_parcels"

    def touches(self) -> Touched:
        return Touched(frozenset(c for c in (self.giver, self.recipient) if c), frozenset(self.parcels))

    def check(self, register: Register) -> list[Finding]:
        parties = [code for code in (self.giver, self.recipient) if code]
        found = missing(register, "contractors", parties)
        if found:
            return found
        if not self.parcels:
            found.append(finding("adjust_nothing", self.giver))
        if not self.reason.strip():
            found.append(finding("no_reason", self.giver))
        share = limit("adjustment_share")
        if self.agreed > self.entitled:
            found.append(finding("more_agreed", self.giver, agreed=self.agreed, entitled=self.entitled))
        elif self.agreed * share[1] < self.entitled * share[0]:
            found.append(finding("too_few_agreed", self.giver, agreed=self.agreed, entitled=self.entitled))
        found += repeated(self.parcels) + not_held(register, self.giver, self.parcels)
        if self.recipient:
            found += same_collective(register, self.giver, self.recipient)
            if self.recipient not in register.contracts:
                found.append(finding("no_contract", self.recipient))
        return found

    def apply(self, register: Register) -> Register:
        moved = [row for row in register.contracts[self.giver].parcels if row.parcel in self.parcels]
        register = give_up(register, register.contracts[self.giver], self.parcels)
        if not self.recipient:
            return returned(register, self.parcels, self.becomes)
        contract = register.contracts[self.recipient]
        rows = [replace(row, acquired_by=contract.way) for row in moved]
        return register.put(with_parcels(contract, [*contract.parcels, *rows]))
