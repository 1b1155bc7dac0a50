"""What every typed change can do. A change is plain values; what it does depends only on it and the register."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar

from shapely.geometry.base import BaseGeometry

from engine.domain.changes.findings import Finding, finding
from engine.domain.changes.register import Contract, Contracted, Register, with_parcels


@dataclass(frozen=True)
class Touched:
    """What a change names: things that must be loaded and held, codes it gives, outlines it draws."""

    contractors: frozenset[str] = frozenset()
    parcels: frozenset[str] = frozenset()
    new_codes: frozenset[str] = frozenset()
    transfers: frozenset[str] = frozenset()  # numbers of transfers and of guarantees
    outlines: tuple[BaseGeometry, ...] = field(default=(), compare=False)

    def __or__(self, other: "Touched") -> "Touched":
        return Touched(
            self.contractors | other.contractors,
            self.parcels | other.parcels,
            self.new_codes | other.new_codes,
            self.transfers | other.transfers,
            self.outlines + other.outlines,
        )


class Change(ABC):
    """``check`` says what stands against it in the register as it is; ``apply`` is only for one that passes."""

    type: str
    judges: ClassVar[frozenset[str]] = frozenset()  # kinds of block that its own check weighs

    @abstractmethod
    def touches(self) -> Touched: ...

    @abstractmethod
    def check(self, register: Register) -> list[Finding]:
        """What of the change does not fit; rules that hold after any change are in ``after``."""

    @abstractmethod
    def apply(self, register: Register) -> Register: ...

    def inverse(self, register: Register) -> "tuple[Change, ...] | None":
        """What restores who holds which land, seen from the register before; None where the law has no way back.

        A way back is a new act: it asks again for consents, certificates stay cancelled, and land that came
        back by a swap or an assignment says so.
        """
        return None


def missing(register: Register, kind: str, codes: Iterable[str]) -> list[Finding]:
    """Findings for codes of parcels or contractors that the register does not have, or has no more."""
    absent = [code for code in codes if code not in getattr(register, kind)]
    return [_ended(register, code) or finding(_ABSENT[kind], code) for code in absent]


_ABSENT = {"parcels": "no_parcel", "contractors": "no_contractor"}


def _ended(register: Register, code: str) -> Finding | None:
    after, ref = register.retired.get(code), register.ended_by.get(code)
    if not after or ref is None:
        return None
    return finding("ended_since", code, ref=ref, after="、".join(after))


def repeated(codes: Iterable[str]) -> list[Finding]:
    seen: set[str] = set()
    return [finding("named_twice", code) for code in codes if code in seen or seen.add(code)]  # type: ignore[func-returns-value]


def not_held(register: Register, contractor: str, parcels: Iterable[str]) -> list[Finding]:
    contract = register.contracts.get(contractor)
    held = contract.codes if contract else ()
    return [finding("not_held", code) for code in parcels if code not in held]


def give_up(register: Register, contract: Contract, parcels: Iterable[str]) -> Register:
    """The contract without those parcels; it ends, and its certificates are cancelled, with the last of them."""
    gone = set(parcels)
    left = [row for row in contract.parcels if row.parcel not in gone]
    if left:
        return register.put(with_parcels(contract, left))
    register = register.without("contracts", [contract.contractor])
    return register.with_certificates(contract.contractor, "cancelled", None)


def replace_rows(register: Register, gone: Iterable[str], rows: Iterable[Contracted]) -> Register:
    """In the contract that holds the parcels ``gone``, these rows stand instead; nothing where none holds them."""
    ended = set(gone)
    for contract in register.contracts.values():
        if ended & set(contract.codes):
            left = [row for row in contract.parcels if row.parcel not in ended]
            return register.put(with_parcels(contract, [*left, *rows]))
    return register
