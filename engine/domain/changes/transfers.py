"""Transfers of operation rights 流转 and guarantees 融资担保 (RLC arts 36-47): recorded, and ended.

They leave who holds which land as it is. A running transfer and a guarantee hold later changes of the land back.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from engine.domain.changes.change import Change, Touched, missing, not_held
from engine.domain.changes.findings import Finding, finding
from engine.domain.changes.register import Encumbrance, Recipient, Register, Transfer, TransferredLand

BESIDE = frozenset({"transfer", "mortgage"})
ENDED, REPLACED, UNDONE = "ended", "changed", "undone"


@dataclass(frozen=True)
class RecordTransfer(Change):
    """A transfer that was signed and filed. ``replaces``: the transfer whose terms it changes, which ends that day."""

    number: str
    way: str
    recipient: Recipient
    term_start: date
    term_end: date
    signed_on: date
    use: str
    price: str
    land: tuple[TransferredLand, ...]
    under: str | None = None
    renews: str | None = None
    replaces: str | None = None
    consented: tuple[str, ...] = ()
    review: str | None = None
    type: str = "record_transfer"
    judges = BESIDE

    def touches(self) -> Touched:
        named = {self.number, self.under, self.renews, self.replaces} - {None}
        return Touched(
            contractors=frozenset(row.contractor for row in self.land),
            parcels=frozenset(row.parcel for row in self.land),
            transfers=frozenset(str(number) for number in named),
        )

    def check(self, register: Register) -> list[Finding]:
        found: list[Finding] = []
        if not self.land:
            return [finding("transfer_of_nothing", self.number)]
        if self.term_end < self.term_start:
            found.append(finding("transfer_term_order", self.number))
        if self.number in register.transfers and register.transfers[self.number].state == "running":
            found.append(finding("transfer_known", self.number))
        found += self._named(register) + self._land(register) + self._mortgages(register)
        return found

    def _named(self, register: Register) -> list[Finding]:
        """The transfer that it is made under, renews or replaces."""
        found = []
        for number in (self.under, self.renews, self.replaces):
            if number is not None and _running(register, number) is None:
                found.append(finding("no_transfer", number))
        if self.replaces is not None:
            found += [
                finding("has_re_transfer", self.replaces, other=one)
                for one in _below(register, self.replaces)
            ]
            found += [
                finding("guarantee_too_long", one.number, end=self.term_end, own=one.ends)
                for one in _pledges(register, self.replaces)
                if one.ends > self.term_end
            ]
        above = _running(register, self.under) if self.under else None
        if above is not None:
            if self.term_end > above.term_end:
                found.append(finding("beyond_transfer", self.number, end=above.term_end, own=self.term_end))
            had = _areas(above.land)
            for code, area in _areas(self.land).items():
                if area > had.get(code, Decimal(0)):
                    found.append(finding("not_had", code, other=above.number))
        return found

    def _land(self, register: Register) -> list[Finding]:
        found = []
        by_holder: dict[str, list[TransferredLand]] = defaultdict(list)
        for row in self.land:
            by_holder[row.contractor].append(row)
        for holder, rows in by_holder.items():
            if away := missing(register, "contractors", [holder]):
                found += away
                continue
            contract = register.contracts.get(holder)
            if contract is None:
                found.append(finding("no_contract", holder))
                continue
            found += not_held(register, holder, dict.fromkeys(row.parcel for row in rows))
            if self.term_end > contract.term_end:
                found.append(
                    finding("transfer_too_long", contract.code, end=contract.term_end, own=self.term_end)
                )
            for code, area in _areas(rows).items():
                held = contract.row(code)
                if held is not None:
                    found += self._room(register, code, area, held.area)
        return found

    def _room(self, register: Register, code: str, area: Decimal, held: Decimal) -> list[Finding]:
        """What others run of it at that time leaves enough. Re-transfers share what their first recipient has."""
        if not 0 < area <= held:
            return [finding("transfer_area", code, area=area, held=held)]
        beside = [
            other
            for other in register.running(code)
            if other.number != self.replaces
            and other.under == self.under
            and other.runs_with(self.term_start, self.term_end)
        ]
        taken = sum((_areas(other.land)[code] for other in beside), Decimal(0))
        if area + taken <= held:
            return []
        names = "、".join(other.number for other in beside)
        return [finding("transfer_overlaps", code, other=names, left=max(held - taken, Decimal(0)))]

    def _mortgages(self, register: Register) -> list[Finding]:
        codes = {row.parcel for row in self.land} | {row.contractor for row in self.land}
        return [
            finding("transfer_mortgaged", block.code, ref=block.ref)
            for block in register.blocks
            if block.kind == "mortgage" and block.code in codes and block.ref not in self.consented
        ]

    def apply(self, register: Register) -> Register:
        """A loan that the recipient's right secures is secured by the changed contract then."""
        if self.replaces is not None:
            for one in _pledges(register, self.replaces):
                register = register.with_encumbrance(replace(one, transfer=self.number))
            register = _end(register, self.replaces, register.day, REPLACED)
        return register.with_transfer(
            Transfer(
                self.number, self.way, self.recipient, self.term_start, self.term_end, self.signed_on,
                self.use, self.price, self.land, self.under, self.renews, self.consented, self.review,
            )
        )  # fmt: skip

    def inverse(self, register: Register) -> tuple[Change, ...]:
        """The land is run by who ran it before; a transfer that was replaced runs again."""
        if self.replaces is not None:
            old = again(register.transfers[self.replaces])
            return (replace(old, replaces=self.number, consented=self.consented),)
        holders = tuple(dict.fromkeys(row.contractor for row in self.land))
        codes = tuple(dict.fromkeys(row.parcel for row in self.land))
        return (EndTransfer(self.number, register.day, UNDONE, holders, codes),)


@dataclass(frozen=True)
class EndTransfer(Change):
    """A transfer that ends before its term. ``ground``: agreed, a ground of RLC art 42, art 64, or undone."""

    number: str
    ended_on: date
    ground: str
    contractors: tuple[str, ...] = ()  # whose land it is: held and locked with the transfer
    parcels: tuple[str, ...] = ()
    type: str = "end_transfer"
    judges = BESIDE

    def touches(self) -> Touched:
        return Touched(
            frozenset(self.contractors), frozenset(self.parcels), transfers=frozenset([self.number])
        )

    def check(self, register: Register) -> list[Finding]:
        known = _running(register, self.number)
        if known is None:
            return [finding("no_transfer", self.number)]
        found = []
        if not self.ground.strip():
            found.append(finding("no_reason", self.number))
        found += [
            finding("has_re_transfer", self.number, other=other) for other in _below(register, self.number)
        ]
        found += [
            finding("transfer_pledged", self.number, ref=one.number)
            for one in _pledges(register, self.number)
        ]
        return found

    def apply(self, register: Register) -> Register:
        return _end(register, self.number, self.ended_on, self.ground)

    def inverse(self, register: Register) -> tuple[Change, ...]:
        """Recorded anew as it was: a new act, which everybody signs again."""
        return (again(register.transfers[self.number]),)


@dataclass(frozen=True)
class RecordGuarantee(Change):
    """融资担保 filed (RLC art 47): by a household with its own right, by a recipient with the household's consent."""

    number: str
    side: str
    guarantor: str
    bank: str
    loan: str
    amount: Decimal
    starts: date
    ends: date
    contractor: str
    parcels: tuple[str, ...]
    transfer: str | None = None
    type: str = "record_guarantee"
    judges = BESIDE

    def touches(self) -> Touched:
        named = {self.number, *([self.transfer] if self.transfer else [])}
        return Touched(
            contractors=frozenset([self.contractor]),
            parcels=frozenset(self.parcels),
            transfers=frozenset(named),
        )

    def check(self, register: Register) -> list[Finding]:
        found: list[Finding] = []
        if not self.parcels:
            found.append(finding("transfer_of_nothing", self.number))
        if self.amount <= 0 or self.ends < self.starts:
            found.append(finding("guarantee_terms", self.number))
        if self.side == "household":
            found += not_held(register, self.contractor, self.parcels)
            contract = register.contracts.get(self.contractor)
            end = contract.term_end if contract else None
        else:
            known = _running(register, self.transfer or "")
            if known is None:
                return [*found, finding("no_transfer", self.transfer or "")]
            end = known.term_end
            found += [
                finding("not_had", code, other=known.number)
                for code in self.parcels
                if code not in known.parcels
            ]
        if end is not None and self.ends > end:
            found.append(finding("guarantee_too_long", self.number, end=end, own=self.ends))
        for one in register.encumbrances.values():
            same = one.side == self.side and one.transfer == self.transfer and one.state == "running"
            if same and set(one.parcels) & set(self.parcels):
                found.append(finding("pledged_already", one.number, bank=one.bank))
        return found

    def apply(self, register: Register) -> Register:
        return register.with_encumbrance(
            Encumbrance(
                self.number, self.side, self.guarantor, self.bank, self.loan, self.amount, self.starts, self.ends,
                self.parcels, self.contractor, self.transfer,
            )
        )  # fmt: skip

    def inverse(self, register: Register) -> tuple[Change, ...]:
        return (ReleaseGuarantee(self.number, register.day, UNDONE, self.contractor, self.parcels),)


@dataclass(frozen=True)
class ReleaseGuarantee(Change):
    """The guarantee is over: repaid, or the bank gives it up."""

    number: str
    released_on: date
    reason: str
    contractor: str = ""
    parcels: tuple[str, ...] = ()
    type: str = "release_guarantee"
    judges = BESIDE

    def touches(self) -> Touched:
        held = frozenset([self.contractor]) if self.contractor else frozenset[str]()
        return Touched(held, frozenset(self.parcels), transfers=frozenset([self.number]))

    def check(self, register: Register) -> list[Finding]:
        known = register.encumbrances.get(self.number)
        if known is None or known.state != "running":
            return [finding("no_guarantee", self.number)]
        return [] if self.reason.strip() else [finding("no_reason", self.number)]

    def apply(self, register: Register) -> Register:
        known = register.encumbrances[self.number]
        return register.with_encumbrance(replace(known, state=ENDED, ended_on=self.released_on))

    def inverse(self, register: Register) -> tuple[Change, ...]:
        e = register.encumbrances[self.number]
        return (
            RecordGuarantee(
                e.number, e.side, e.guarantor, e.bank, e.loan, e.amount, e.starts, e.ends, e.contractor, e.parcels,
                e.transfer,
            ),
        )  # fmt: skip


def again(t: Transfer) -> RecordTransfer:
    return RecordTransfer(
        t.number, t.way, t.recipient, t.term_start, t.term_end, t.signed_on, t.use, t.price, t.land, t.under,
        t.renews, consented=t.consented, review=t.review,
    )  # fmt: skip


def _running(register: Register, number: str) -> Transfer | None:
    known = register.transfers.get(number)
    return known if known is not None and known.state == "running" else None


def _below(register: Register, number: str) -> list[str]:
    return [
        one.number for one in register.transfers.values() if one.under == number and one.state == "running"
    ]


def _pledges(register: Register, number: str) -> list[Encumbrance]:
    """Guarantees that the recipient of that transfer gave with it."""
    return [
        one for one in register.encumbrances.values() if one.transfer == number and one.state == "running"
    ]


def _end(register: Register, number: str, day: date, ground: str) -> Register:
    known = register.transfers[number]
    return register.with_transfer(replace(known, state=ENDED, ended_on=day, ground=ground))


def _areas(land: "tuple[TransferredLand, ...] | list[TransferredLand]") -> dict[str, Decimal]:
    found: dict[str, Decimal] = defaultdict(Decimal)
    for row in land:
        found[row.parcel] += row.area
    return dict(found)
