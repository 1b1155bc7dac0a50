"""Changes of households: members, representative, split, merge, extinction (农村土地承包法 arts 16, 24, 31)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from engine.domain.changes.change import Change, Touched, missing, repeated
from engine.domain.changes.codes import check_new
from engine.domain.changes.contracts import returned
from engine.domain.changes.findings import Finding, finding
from engine.domain.changes.register import (
    HEADS,
    HOUSEHOLD,
    Contract,
    Contracted,
    Contractor,
    Member,
    Register,
    with_parcels,
)

MARRIED_OUT, DECEASED = "1", "7"  # C.18
HEAD = HEADS[0]


@dataclass(frozen=True)
class Relation:
    """Which member a person is of a household: identity number, and relation to its head (GB/T 4761)."""

    id_number: str
    relation: str


@dataclass(frozen=True)
class NewHousehold:
    """A household that a split or a merge makes: who belongs to it, and for a split the parcels that it takes."""

    code: str
    members: tuple[Relation, ...]
    parcels: tuple[str, ...] = ()
    address: str = ""
    postcode: str = ""
    phone: str | None = None


@dataclass(frozen=True)
class AddMember(Change):
    """A birth, an adoption, somebody who married or moved in."""

    contractor_code: str
    member: Member
    type: str = "add_member"

    def touches(self) -> Touched:
        return Touched(contractors=frozenset([self.contractor_code]))

    def check(self, register: Register) -> list[Finding]:
        found = _households(register, [self.contractor_code])
        if found:
            return found
        if register.contractors[self.contractor_code].member(self.member.id_number):
            found.append(finding("member_already", self.contractor_code, name=self.member.name))
        return found + elsewhere(register, self.contractor_code, self.member)

    def apply(self, register: Register) -> Register:
        household = register.contractors[self.contractor_code]
        return register.put(replace(household, members=(*household.members, self.member)))

    def inverse(self, register: Register) -> tuple[Change, ...]:
        return (RemoveMember(self.contractor_code, self.member.id_number, "other", "误增，予以更正"),)


@dataclass(frozen=True)
class RemoveMember(Change):
    """A member leaves the household.

    Who has married out keeps the land until holding land in the new place: ``land_elsewhere`` names the
    contract there (art. 31). The head goes only after another has become the head.
    """

    contractor_code: str
    id_number: str
    reason: str  # died, married_out, moved, other
    note: str = ""
    land_elsewhere: str | None = None  # contract code, or what else proves it
    type: str = "remove_member"

    def touches(self) -> Touched:
        return Touched(contractors=frozenset([self.contractor_code]))

    def check(self, register: Register) -> list[Finding]:
        found = _households(register, [self.contractor_code])
        if found:
            return found
        household = register.contractors[self.contractor_code]
        member = household.member(self.id_number)
        if member is None:
            return [finding("no_member", self.contractor_code)]
        if member.is_head:
            found.append(finding("head_leaves", self.contractor_code, name=member.name))
        if len(household.members) == 1:
            found.append(finding("last_member", self.contractor_code, name=member.name))
        married_out = self.reason == "married_out" or (
            member.note_code == MARRIED_OUT and self.reason != "died"
        )
        if married_out and not (self.land_elsewhere or "").strip():
            found.append(finding("married_out_keeps_land", self.contractor_code, name=member.name))
        if self.reason not in ("died", "married_out", "moved") and not self.note.strip():
            found.append(finding("no_reason", self.contractor_code))
        return found

    def apply(self, register: Register) -> Register:
        household = register.contractors[self.contractor_code]
        left = tuple(m for m in household.members if m.id_number != self.id_number)
        return register.put(replace(household, members=left))

    def inverse(self, register: Register) -> tuple[Change, ...]:
        """Brings the member back where it stood in the list."""
        household = register.contractors[self.contractor_code]
        return (RestoreMembers(self.contractor_code, household.members),)


@dataclass(frozen=True)
class ChangeMember(Change):
    """Another relation, note or name of a member; the head's name and number are the household's too."""

    contractor_code: str
    id_number: str
    member: Member
    type: str = "change_member"

    def touches(self) -> Touched:
        return Touched(contractors=frozenset([self.contractor_code]))

    def check(self, register: Register) -> list[Finding]:
        found = _households(register, [self.contractor_code])
        if found:
            return found
        household = register.contractors[self.contractor_code]
        if household.member(self.id_number) is None:
            return [finding("no_member", self.contractor_code)]
        if self.member.id_number != self.id_number:
            if household.member(self.member.id_number):
                found.append(finding("member_already", self.contractor_code, name=self.member.name))
            found += elsewhere(register, self.contractor_code, self.member)
        return found

    def apply(self, register: Register) -> Register:
        household = register.contractors[self.contractor_code]
        members = tuple(self.member if m.id_number == self.id_number else m for m in household.members)
        return register.put(_headed(replace(household, members=members)))

    def inverse(self, register: Register) -> tuple[Change, ...] | None:
        member = register.contractors[self.contractor_code].member(self.id_number)
        return (replace(self, id_number=self.member.id_number, member=member),) if member else None


@dataclass(frozen=True)
class RestoreMembers(Change):
    """更正: the members as they were, in their order; undoes what was recorded by mistake."""

    contractor_code: str
    members: tuple[Member, ...]
    type: str = "restore_members"

    def touches(self) -> Touched:
        return Touched(contractors=frozenset([self.contractor_code]))

    def check(self, register: Register) -> list[Finding]:
        found = _households(register, [self.contractor_code])
        if not found:
            for member in self.members:
                found += elsewhere(register, self.contractor_code, member)
        return found

    def apply(self, register: Register) -> Register:
        household = register.contractors[self.contractor_code]
        return register.put(_headed(replace(household, members=self.members)))

    def inverse(self, register: Register) -> tuple[Change, ...]:
        return (replace(self, members=register.contractors[self.contractor_code].members),)


@dataclass(frozen=True)
class ChangeRepresentative(Change):
    """承包方代表变更: another member is the head; every member's relation is told anew."""

    contractor_code: str
    relations: tuple[Relation, ...]
    type: str = "change_representative"

    def touches(self) -> Touched:
        return Touched(contractors=frozenset([self.contractor_code]))

    def check(self, register: Register) -> list[Finding]:
        found = _households(register, [self.contractor_code])
        if found:
            return found
        household = register.contractors[self.contractor_code]
        told = sorted(row.id_number for row in self.relations)
        if told != sorted(member.id_number for member in household.members):
            return [finding("relations_incomplete", self.contractor_code)]
        deceased = [
            member.name
            for row in self.relations
            if row.relation in HEADS
            and (member := household.member(row.id_number))
            and member.note_code == DECEASED
        ]
        return [finding("head_deceased", self.contractor_code, name=name) for name in deceased]

    def apply(self, register: Register) -> Register:
        household = register.contractors[self.contractor_code]
        told = {row.id_number: row.relation for row in self.relations}
        members = tuple(replace(m, relation=told[m.id_number]) for m in household.members)
        return register.put(_headed(replace(household, members=members)))

    def inverse(self, register: Register) -> tuple[Change, ...]:
        members = register.contractors[self.contractor_code].members
        return (replace(self, relations=tuple(Relation(m.id_number, m.relation) for m in members)),)


@dataclass(frozen=True)
class SplitHousehold(Change):
    """分户: every member in exactly one new household, every parcel assigned once; the old contract ends.

    A parcel that is itself divided is split by a change of its own, before this one in the changeset.
    """

    contractor_code: str
    parts: tuple[NewHousehold, ...]
    type: str = "split_household"

    def touches(self) -> Touched:
        return Touched(
            contractors=frozenset([self.contractor_code]),
            parcels=frozenset(code for part in self.parts for code in part.parcels),
            new_codes=frozenset(part.code for part in self.parts),
        )

    def check(self, register: Register) -> list[Finding]:
        found = _households(register, [self.contractor_code])
        if found:
            return found
        old = register.contractors[self.contractor_code]
        if len(self.parts) < 2:
            found.append(finding("too_few_households", self.contractor_code))
        codes = [part.code for part in self.parts]
        found += check_new(register, "contractors", codes, old.party, [old.code])
        members = [row.id_number for part in self.parts for row in part.members]
        if sorted(members) != sorted(member.id_number for member in old.members):
            names = not_once(old.members, members)
            found.append(finding("members_not_once", self.contractor_code, names=names))
        contract = register.contracts.get(self.contractor_code)
        parcels = [code for part in self.parts for code in part.parcels]
        if sorted(parcels) != sorted(contract.codes if contract else ()):
            found.append(finding("parcels_not_once", self.contractor_code))
        for part in self.parts:
            if not part.members:
                found.append(finding("household_empty", part.code))
            if contract and not part.parcels:
                found.append(finding("household_without_land", part.code))
        return found

    def apply(self, register: Register) -> Register:
        old = register.contractors[self.contractor_code]
        contract = register.contracts.get(old.code)
        new = [_made(old, {m.id_number: m for m in old.members}, part) for part in self.parts]
        contracts = []
        for part in self.parts if contract else ():
            assert contract is not None
            rows = [row for row in contract.parcels if row.parcel in part.parcels]
            contracts.append(_anew(contract, part.code, rows, register))
        register = _ended(register, [old.code], [part.code for part in self.parts], "分户")
        return register.put(*new, *contracts)

    def inverse(self, register: Register) -> tuple[Change, ...]:
        old = register.contractors[self.contractor_code]
        codes = tuple(sorted(part.code for part in self.parts))
        return (MergeHouseholds(codes, _as_it_is(old)),)


def not_once(members: Iterable[Member], told: Iterable[str]) -> str:
    """Names of the members whose number is not told exactly once."""
    times = Counter(told)
    return "、".join(one.name for one in members if times[one.id_number] != 1) or "—"


@dataclass(frozen=True)
class MergeHouseholds(Change):
    """合户: households of one issuing party become one, which holds all their land until the earliest end."""

    contractor_codes: tuple[str, ...]
    household: NewHousehold
    type: str = "merge_households"

    def touches(self) -> Touched:
        return Touched(
            contractors=frozenset(self.contractor_codes), new_codes=frozenset([self.household.code])
        )

    def check(self, register: Register) -> list[Finding]:
        found = _households(register, self.contractor_codes) + repeated(self.contractor_codes)
        if found:
            return found
        if len(self.contractor_codes) < 2:
            return [finding("too_few_to_merge", self.household.code)]
        old = [register.contractors[code] for code in self.contractor_codes]
        for other in old[1:]:
            if other.party != old[0].party:
                found.append(finding("other_collective", other.code, first=old[0].party, second=other.party))
        contracts = [c for code in self.contractor_codes if (c := register.contracts.get(code))]
        if len({contract.way for contract in contracts}) > 1:
            found.append(finding("merge_other_way", self.household.code))
        found += check_new(
            register, "contractors", [self.household.code], old[0].party, self.contractor_codes
        )
        told = [row.id_number for row in self.household.members]
        members = [member for one in old for member in one.members]
        if sorted(told) != sorted(member.id_number for member in members):
            names = not_once(members, told)
            found.append(finding("members_not_once", self.contractor_codes[0], names=names))
        return found

    def apply(self, register: Register) -> Register:
        old = [register.contractors[code] for code in self.contractor_codes]
        members = {member.id_number: member for one in old for member in one.members}
        new = _made(old[0], members, self.household)
        held = [c for code in self.contractor_codes if (c := register.contracts.get(code))]
        register = _ended(register, self.contractor_codes, [new.code], "合户")
        if not held:
            return register.put(new)
        merged = replace(
            held[0],
            term_start=max(contract.term_start for contract in held),
            term_end=min(contract.term_end for contract in held),
        )
        rows = [row for contract in held for row in contract.parcels]
        return register.put(new, _anew(merged, new.code, rows, register))

    def inverse(self, register: Register) -> tuple[Change, ...]:
        parts = []
        for code in sorted(self.contractor_codes):
            contract = register.contracts.get(code)
            part = _as_it_is(register.contractors[code])
            parts.append(replace(part, parcels=contract.codes if contract else ()))
        return (SplitHousehold(self.household.code, tuple(parts)),)


@dataclass(frozen=True)
class EndHousehold(Change):
    """承包方消亡: nobody of the household lives; its contract ends and the land goes back to the collective."""

    contractor_code: str
    reason: str
    becomes: str = "22"  # C.7, what its land is from then on: 机动地
    type: str = "end_household"

    def touches(self) -> Touched:
        return Touched(contractors=frozenset([self.contractor_code]))

    def check(self, register: Register) -> list[Finding]:
        found = missing(register, "contractors", [self.contractor_code])
        if found:
            return found
        if not self.reason.strip():
            found.append(finding("no_reason", self.contractor_code))
        members = register.contractors[self.contractor_code].members
        living = [member.name for member in members if member.note_code != DECEASED]
        if living:
            found.append(finding("members_living", self.contractor_code, names="、".join(living)))
        return found

    def apply(self, register: Register) -> Register:
        contract = register.contracts.get(self.contractor_code)
        if contract:
            register = returned(register, contract.codes, self.becomes)
        return _ended(register, [self.contractor_code], [], self.reason)


def deceased_by(changes: Iterable[Change]) -> frozenset[str]:
    """Identity numbers of the members whom these changes record as dead: nobody asks for their signature."""
    found = [one.member for one in changes if isinstance(one, ChangeMember)]
    return frozenset(member.id_number for member in found if member.note_code == DECEASED)


# --- rules and parts that several changes share


def _households(register: Register, codes: tuple[str, ...] | list[str]) -> list[Finding]:
    found = missing(register, "contractors", codes)
    kinds = [(code, register.contractors[code].kind) for code in codes if code in register.contractors]
    return found + [finding("not_a_household", code) for code, kind in kinds if kind != HOUSEHOLD]


def elsewhere(register: Register, contractor: str, member: Member) -> list[Finding]:
    """A person who stands in another household already (A10, as far as the register at hand shows)."""
    return [
        finding("member_elsewhere", contractor, name=member.name, other=other.code)
        for other in register.contractors.values()
        if other.code != contractor and other.member(member.id_number)
    ]


def _headed(household: Contractor) -> Contractor:
    """The household under its head's name and number; as it was where there is no single head."""
    heads = [member for member in household.members if member.is_head]
    if len(heads) != 1:
        return household
    head = heads[0]
    return replace(household, name=head.name, id_number=head.id_number, id_kind=head.id_kind)


def _made(old: Contractor, members: dict[str, Member], part: NewHousehold) -> Contractor:
    return _headed(
        replace(
            old,
            code=part.code,
            address=part.address or old.address,
            postcode=part.postcode or old.postcode,
            phone=part.phone,
            members=tuple(replace(members[row.id_number], relation=row.relation) for row in part.members),
        )
    )


def _as_it_is(household: Contractor) -> NewHousehold:
    return NewHousehold(
        household.code,
        tuple(Relation(member.id_number, member.relation) for member in household.members),
        address=household.address,
        postcode=household.postcode,
        phone=household.phone,
    )


def _anew(contract: Contract, contractor: str, rows: list[Contracted], register: Register) -> Contract:
    """A contract for what is left of the term, signed on the day of the change."""
    new = replace(contract, contractor=contractor, signed_on=register.day, id=None)
    return with_parcels(new, rows)


def _ended(
    register: Register, codes: tuple[str, ...] | list[str], became: list[str], reason: str
) -> Register:
    for code in codes:
        register = register.with_certificates(code, "cancelled", reason)
    return register.without("contracts", codes).without("contractors", codes, became)
