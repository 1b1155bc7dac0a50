"""Rules that hold after any change, tested on what it changed; old flaws elsewhere are not its fault."""

from engine.domain.changes import geometry
from engine.domain.changes.difference import Changed, differences
from engine.domain.changes.findings import Finding, finding, limit
from engine.domain.changes.register import (
    HOUSEHOLD,
    Certificate,
    Contract,
    Contractor,
    Encumbrance,
    Parcel,
    Register,
    Transfer,
)


def check_after(before: Register, after: Register) -> list[Finding]:
    found: list[Finding] = []
    for change in differences(before, after):
        if isinstance(change.after, Parcel):
            found += _parcel(before, after, change)
        elif isinstance(change.before, Parcel):
            for contract in after.holders(change.code):
                found.append(finding("still_contracted", change.code, other=contract.code))
        elif isinstance(change.after, Contractor):
            found += _contractor(change.after)
        elif isinstance(change.after, Contract):
            found += _contract(before, after, change.after)
    return found


def _parcel(before: Register, after: Register, change: Changed) -> list[Finding]:
    parcel: Parcel = change.after
    if change.before is not None and change.before.outline == parcel.outline:
        return []
    if not geometry.sound(parcel.outline):
        return [finding("outline_unsound", parcel.code)]
    found = []
    if parcel.outline.area < limit("sliver"):
        found.append(finding("sliver", parcel.code, area=f"{parcel.outline.area:.2f}"))
    stated, drawn = parcel.measured_area, geometry.area(parcel.outline)
    if abs(stated - drawn) > geometry.CENT:
        found.append(finding("area_not_drawn", parcel.code, stated=stated, drawn=drawn))
    for code, other in after.parcels.items():
        # a pair of changed parcels is named once
        if code == parcel.code or (code < parcel.code and before.parcels.get(code) != other):
            continue
        both = geometry.overlap(parcel.outline, other.outline)
        if both and both > _overlapped(before, parcel.code, code):
            found.append(finding("overlap", parcel.code, other=code, area=f"{both:.2f}"))
    for code, outline in before.proposed.items():
        if both := geometry.overlap(parcel.outline, outline):
            found.append(finding("overlap_proposed", parcel.code, other=code, area=f"{both:.2f}"))
    return found


def _overlapped(before: Register, first: str, second: str) -> float:
    """m2 that the two overlapped already, and the tolerance on top."""
    one, two = before.parcels.get(first), before.parcels.get(second)
    if one is None or two is None:
        return 0.0
    both = geometry.overlap(one.outline, two.outline)
    return both + limit("area") if both else 0.0


def _contractor(contractor: Contractor) -> list[Finding]:
    if contractor.kind != HOUSEHOLD:
        return []
    if not contractor.members:
        return [finding("household_empty", contractor.code)]
    heads = [member for member in contractor.members if member.is_head]
    if len(heads) != 1:
        return [finding("one_head", contractor.code, count=len(heads))]
    head = heads[0]
    if (head.name, head.id_number) != (contractor.name, contractor.id_number):
        return [finding("head_differs", contractor.code, name=contractor.name, head=head.name)]
    return []


def _contract(before: Register, after: Register, contract: Contract) -> list[Finding]:
    found = []
    contractor = after.contractors.get(contractor_code := contract.contractor)
    if contractor is None:
        return [finding("no_contractor", contractor_code)]
    old = before.contracts.get(contract.contractor)
    had = old.codes if old else ()
    for row in contract.parcels:
        parcel = after.parcels.get(row.parcel)
        if parcel is None:
            found.append(finding("no_parcel", row.parcel))
        elif parcel.party != contractor.party and row.parcel not in had:
            found.append(finding("parcel_of_other_party", row.parcel, party=contractor.party))
        others = [c.code for c in after.holders(row.parcel) if c.contractor != contract.contractor]
        if others and not row.shares:
            found.append(finding("under_two_contracts", row.parcel, other=others[0]))
    if old is not None and old.id == contract.id and contract.term_end > old.term_end:
        found.append(finding("beyond_remainder", contract.code, end=old.term_end, own=contract.term_end))
    return found


def touched_by(before: Register, after: Register) -> dict[str, set[str]]:
    """Contractors and parcels that a change touches, by kind: what blocks hold back and reservations hold."""
    touched: dict[str, set[str]] = {"contractor": set(), "parcel": set()}
    for change in differences(before, after):
        thing = change.after or change.before
        if isinstance(thing, Parcel):
            touched["parcel"].add(thing.code)
            for register in (before, after):
                touched["contractor"] |= {contract.contractor for contract in register.holders(thing.code)}
        elif isinstance(thing, Contract):
            touched["contractor"].add(thing.contractor)
            old, new = (set(c.parcels) if c else set() for c in (change.before, change.after))
            touched["parcel"] |= {row.parcel for row in (old ^ new or new)}
        elif isinstance(thing, Contractor):
            touched["contractor"].add(thing.code)
        elif isinstance(thing, Certificate):
            touched["contractor"].add(thing.contractor)
        elif isinstance(thing, Transfer):
            touched["contractor"] |= {row.contractor for row in thing.land}
            touched["parcel"] |= set(thing.parcels)
        elif isinstance(thing, Encumbrance):
            touched["contractor"].add(thing.contractor)
            touched["parcel"] |= set(thing.parcels)
    return touched


def check_blocks(
    register: Register, touched: dict[str, set[str]], judged: frozenset[str] = frozenset()
) -> list[Finding]:
    """Nothing that is disputed, mortgaged, seized, lent out or under another open case may change.

    ``judged``: kinds of block that the changes have weighed themselves.
    """
    return [
        finding(f"blocked_{block.kind}", block.code, ref=block.ref)
        for block in register.blocks
        if block.code in touched[block.on] and block.kind not in judged
    ]
