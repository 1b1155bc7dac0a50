"""The typed changes that a case proposes to the register: JSON, checks, preview, application, way back. Pure.

A changeset is a list of changes that are made in order, each on the register that the one before leaves.
"""

from collections.abc import Iterable
from typing import Any

from engine.domain.changes.after import check_after, check_blocks, touched_by
from engine.domain.changes.certificates import (
    CancelCertificate,
    NewCertificate,
    ReissueCertificate,
    ReplaceCertificate,
)
from engine.domain.changes.change import Change, Touched
from engine.domain.changes.codec import build, plain
from engine.domain.changes.contracts import (
    AdjustParcels,
    AssignParcels,
    ContractedArea,
    GrantParcels,
    SignContract,
    SurrenderParcels,
    SwapParcels,
)
from engine.domain.changes.correction import CorrectValue
from engine.domain.changes.difference import Changed, differences
from engine.domain.changes.findings import Finding, by_any, errors
from engine.domain.changes.households import (
    AddMember,
    ChangeMember,
    ChangeRepresentative,
    EndHousehold,
    MergeHouseholds,
    NewHousehold,
    Relation,
    RemoveMember,
    RestoreMembers,
    SplitHousehold,
)
from engine.domain.changes.new_land import NewParcel
from engine.domain.changes.parcels import (
    ExpropriateLand,
    LoseParcel,
    MergeParcels,
    MoveBoundary,
    Piece,
    RemeasureParcel,
    Reshaped,
    SplitParcel,
)
from engine.domain.changes.register import Register
from engine.domain.changes.transfers import (
    EndTransfer,
    RecordGuarantee,
    RecordTransfer,
    ReleaseGuarantee,
)

AWAITED = ("no_consent", "notice_too_short")  # rules that a later step or time alone can meet

__all__ = [
    "KINDS",
    "AddMember",
    "AdjustParcels",
    "AssignParcels",
    "CancelCertificate",
    "Change",
    "ChangeMember",
    "ChangeRepresentative",
    "Changed",
    "ContractedArea",
    "CorrectValue",
    "EndHousehold",
    "EndTransfer",
    "ExpropriateLand",
    "Finding",
    "GrantParcels",
    "LoseParcel",
    "MergeHouseholds",
    "MergeParcels",
    "MoveBoundary",
    "NewCertificate",
    "NewHousehold",
    "NewParcel",
    "Piece",
    "RecordGuarantee",
    "RecordTransfer",
    "Register",
    "ReissueCertificate",
    "Relation",
    "ReleaseGuarantee",
    "RemeasureParcel",
    "RemoveMember",
    "ReplaceCertificate",
    "Reshaped",
    "RestoreMembers",
    "SignContract",
    "SplitHousehold",
    "SplitParcel",
    "SurrenderParcels",
    "SwapParcels",
    "Touched",
    "apply",
    "apply_what_fits",
    "as_json",
    "as_proposed",
    "check",
    "differences",
    "errors",
    "from_json",
    "inverse",
    "named",
    "preview",
    "touched",
]

KINDS: dict[str, type[Change]] = {
    kind.type: kind
    for kind in (
        SignContract,
        SwapParcels,
        AssignParcels,
        SurrenderParcels,
        GrantParcels,
        AdjustParcels,
        NewParcel,
        RemeasureParcel,
        SplitParcel,
        MergeParcels,
        MoveBoundary,
        ExpropriateLand,
        LoseParcel,
        AddMember,
        RemoveMember,
        ChangeMember,
        RestoreMembers,
        ChangeRepresentative,
        SplitHousehold,
        MergeHouseholds,
        EndHousehold,
        CorrectValue,
        ReissueCertificate,
        ReplaceCertificate,
        CancelCertificate,
        RecordTransfer,
        EndTransfer,
        RecordGuarantee,
        ReleaseGuarantee,
    )
}


def as_json(changes: Iterable[Change]) -> list[dict[str, Any]]:
    return [plain(change) for change in changes]


def from_json(rows: Iterable[dict[str, Any]]) -> tuple[Change, ...]:
    """Raises KeyError for an unknown type and TypeError for fields that do not belong to it."""
    return tuple(build(KINDS[row["type"]], row) for row in rows)


def named(changes: Iterable[Change]) -> Touched:
    """Everything that the changes name: what must be loaded to check and apply them."""
    found = Touched()
    for change in changes:
        found |= change.touches()
    return found


def check(changes: Iterable[Change], register: Register) -> list[Finding]:
    """What stands against the changes: of each in turn, of what they leave behind, and what blocks them.

    A change that does not fit is left out of what follows; what builds on the codes it would give is not judged.
    """
    changes = tuple(changes)
    found: list[Finding] = []
    now, wanting = register, set[str]()
    for change in changes:
        names = change.touches()
        if wanting & (names.contractors | names.parcels):
            wanting |= names.new_codes
            continue
        own = change.check(now)
        found += own
        if errors(own):
            wanting |= names.new_codes
        else:
            now = change.apply(now)
    judged = frozenset.intersection(*(change.judges for change in changes)) if changes else frozenset[str]()
    blocks = check_blocks(register, _touched(changes, register, now), judged)
    return found + check_after(register, now) + blocks


def apply(changes: Iterable[Change], register: Register) -> Register:
    """The register with all the changes made; only for changes that ``check`` has no errors for."""
    for change in changes:
        register = change.apply(register)
    return register


def preview(changes: Iterable[Change], register: Register) -> list[Changed]:
    """Before and after of every thing that the changes touch, as far as they fit."""
    return differences(register, apply_what_fits(changes, register))


def touched(changes: Iterable[Change], register: Register) -> dict[str, set[str]]:
    """Codes by kind (contractor, parcel): everything that the changes hold while their case is open."""
    changes = tuple(changes)
    return _touched(changes, register, apply_what_fits(changes, register))


def apply_what_fits(changes: Iterable[Change], register: Register) -> Register:
    """The register with those of the changes made that fit, each on what the one before leaves."""
    for change in changes:
        if not errors(change.check(register)):
            register = change.apply(register)
    return register


def as_proposed(changes: Iterable[Change], register: Register) -> Register:
    """As ``apply_what_fits``, for who looks before the last condition is met: consent and notice are awaited, no obstacle."""
    for change in changes:
        if all(by_any(found, AWAITED) for found in errors(change.check(register))):
            register = change.apply(register)
    return register


def _touched(changes: tuple[Change, ...], register: Register, after: Register) -> dict[str, set[str]]:
    found = touched_by(register, after)
    names = named(changes)
    holders = {holder.contractor for code in names.parcels for holder in register.holders(code)}
    found["contractor"] |= names.contractors | holders
    found["parcel"] |= names.parcels
    return found


def inverse(changes: Iterable[Change], register: Register) -> tuple[Change, ...] | None:
    """What restores who holds which land, last change first; None where one of them has no way back."""
    back: list[tuple[Change, ...]] = []
    for change in changes:
        undo = change.inverse(register)
        if undo is None:
            return None
        back.insert(0, undo)
        register = change.apply(register)
    return tuple(change for undo in back for change in undo)
