"""What a case changes in the register, thing by thing: as proposed on the register now, or as it was once filed."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import shapely
from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from engine.domain import changes as domain
from engine.domain.actor import Actor
from engine.domain.asked_land import asks_new_land, to_divide
from engine.domain.changes import Changed, Register
from engine.domain.changes.register import (
    Certificate,
    Contract,
    Contractor,
    Encumbrance,
    Parcel,
    Transfer,
    TransferredLand,
)
from engine.domain.clock import local_date
from engine.domain.errors import NotFound
from engine.queries.as_of import PastHousehold, PastParcel, When, household_as_of, parcel_as_of
from engine.queries.case_file import ProposedChange
from engine.queries.map import feature
from engine.store.changes import register_for, transfers
from engine.store.register import lies_with, neighbours
from engine.store.tables import register as t
from engine.store.tables import transfers as x
from engine.store.tables.cases import Case

PARCEL_DIGITS = 19
COMES = ("new", "joined", "redrawn", "moved")  # states of a parcel that the map draws as it will be


@dataclass(frozen=True)
class ChangedParcel:
    """One row of the before/after table; areas in m2, None where there is none.

    ``redrawn``: it gets another outline, whose area may well be the same. ``own``: the case's household has or had it.
    ``holder_before``, ``holder_after``: names of who holds it; None where nobody does.
    """

    code: str
    name: str
    measured_before: Decimal | None
    measured_after: Decimal | None
    contract_before: Decimal | None
    contract_after: Decimal | None
    redrawn: bool
    own: bool
    holder_before: str | None = None
    holder_after: str | None = None
    moved: bool = False  # to another household's contract
    divides: bool = False  # it is to be divided, and the pieces are not surveyed yet
    differs: bool = False  # in whatever else the register says of it, a side or its use

    @property
    def state(self) -> str:
        """gone, divides, new, left (it leaves the contract), joined, moved, redrawn, changed or same."""
        if self.measured_after is None:
            return "gone"
        if self.divides:
            return "divides"
        if self.measured_before is None:
            return "new"
        if self.contract_after is None and self.contract_before is not None:
            return "left"
        if self.contract_before is None and self.contract_after is not None:
            return "joined"
        if self.moved:
            return "moved"
        if self.redrawn:
            return "redrawn"
        before = (self.measured_before, self.contract_before)
        same = before == (self.measured_after, self.contract_after) and not self.differs
        return "same" if same else "changed"


@dataclass(frozen=True)
class LandOfTransfer:
    """One parcel of a transfer or a financing guarantee: whose it is and how much of it; areas in m2."""

    household: str
    contractor: str
    code: str
    name: str
    contract_area: Decimal | None
    area: Decimal | None
    whole: bool
    place: str | None
    outline: str | None  # WKT, of a part that was drawn


@dataclass(frozen=True)
class BeforeAndAfter:
    """The part of the register that the changes touch, before and after them."""

    before: Register
    after: Register
    contractor: str
    to_divide: frozenset[str] = frozenset()  # codes that the application asks to divide first
    new_land: bool = False  # it asks for land that was never surveyed, and that is not surveyed yet

    @property
    def things(self) -> list[Changed]:
        return domain.differences(self.before, self.after)

    @property
    def transferred(self) -> list[LandOfTransfer]:
        """The land of the transfer or guarantee that changes, household by household; nothing where none does."""
        rows: dict[str, LandOfTransfer] = {}
        for one in self.things:
            thing = one.after or one.before
            if isinstance(thing, Transfer):
                rows |= {row.parcel: self._of_transfer(row) for row in thing.land}
            elif isinstance(thing, Encumbrance):
                rows |= {code: self._of_transfer(whole_parcel(self.before, code)) for code in thing.parcels}
        return sorted(rows.values(), key=lambda row: (row.contractor, row.code))

    def _of_transfer(self, row: TransferredLand) -> LandOfTransfer:
        household, parcel = self.before.contractors.get(row.contractor), self.before.parcels.get(row.parcel)
        return LandOfTransfer(
            household.name if household else "",
            row.contractor,
            row.parcel,
            parcel.name if parcel else "",
            contracted(self.before, row.parcel),
            row.area,
            row.whole,
            row.place,
            row.outline,
        )

    @property
    def parcels(self) -> list[ChangedParcel]:
        """The household's, and every other one that changes; of transfers those of its land."""
        if codes_of_transfer := {row.code for row in self.transferred}:
            return [self._parcel(code, True) for code in sorted(codes_of_transfer)]
        own = {
            code
            for r in (self.before, self.after)
            if (c := r.contracts.get(self.contractor))
            for code in c.codes
        }
        held = {
            c for r in (self.before, self.after) for contract in r.contracts.values() for c in contract.codes
        }
        passed = {code for code in held if passes(self, code)}
        founded = self.after.contracts.keys() - self.before.contracts.keys()  # pieces go to households to be
        passed |= {code for one in founded for code in self.after.contracts[one].codes}
        codes = own | passed | {one.code for one in self.things if one.kind == "parcels"}
        return [self._parcel(code, code in own | passed) for code in sorted(codes)]

    def _parcel(self, code: str, own: bool) -> ChangedParcel:
        before, after = self.before.parcels.get(code), self.after.parcels.get(code)
        known = after or before
        return ChangedParcel(
            code,
            known.name if known else "",
            before.measured_area if before else None,
            after.measured_area if after else None,
            contracted(self.before, code),
            contracted(self.after, code),
            bool(before and after and not same_outline(before, after)),
            own,
            holder_said(self, self.before, code),
            holder_said(self, self.after, code),
            passes(self, code),
            code in self.to_divide,
            before != after,
        )


def passes(told: BeforeAndAfter, code: str) -> bool:
    """From one contract into another's: the land was held and is held, not by the same."""
    before, after = holder_code(told.before, code), holder_code(told.after, code)
    return before is not None and after is not None and before != after


def holder_code(register: Register, code: str) -> str | None:
    contract = register.holder(code)
    return contract.contractor if contract else None


def holder_name(register: Register, code: str) -> str | None:
    holder = register.contractors.get(holder_code(register, code) or "")
    return holder.name if holder else None


def holder_said(told: BeforeAndAfter, register: Register, code: str) -> str | None:
    """The name; with the code's last digits where the household goes on by the same name under another code."""
    name = holder_name(register, code)
    codes = [holder_code(one, code) for one in (told.before, told.after)]
    same = holder_name(told.before, code) == holder_name(told.after, code) and codes[0] != codes[1]
    return f"{name}（{(holder_code(register, code) or '')[-4:]}）" if name and same else name


def same_outline(first: Parcel, second: Parcel) -> bool:
    return bool(
        first.outline == second.outline or first.outline.equals_exact(second.outline, 0.0, normalize=True)
    )


def whole_parcel(register: Register, code: str) -> TransferredLand:
    holder = register.holder(code)
    return TransferredLand(
        holder.contractor if holder else "", code, contracted(register, code) or Decimal(0)
    )


def contracted(register: Register, code: str) -> Decimal | None:
    holder = register.holder(code)
    row = holder.row(code) if holder else None
    return row.area if row else None


def before_and_after(
    session: Session, actor: Actor, case: Case, change: ProposedChange, day: date, application: Any = None
) -> BeforeAndAfter:
    """``day``: on which changes that are not filed yet would take effect. ``application``: its answers, where it has any."""
    if change.applied_at is not None:
        return _as_filed(session, actor, case, change, change.applied_at)
    before = register_for(session, case.county, change.changes, day, case)
    after, asked = domain.as_proposed(change.changes, before), application or {}
    new_land = asks_new_land(asked) and not any(isinstance(one, domain.NewParcel) for one in change.changes)
    return BeforeAndAfter(before, after, case.contractor_code, frozenset(to_divide(asked)), new_land)


def _as_filed(
    session: Session, actor: Actor, case: Case, change: ProposedChange, at: datetime
) -> BeforeAndAfter:
    """The same from the register's history: as it was known just before the filing, and just after."""
    named = domain.named(change.changes)
    parcels = set(named.parcels) | {code for code in named.new_codes if len(code) == PARCEL_DIGITS}
    contractors = set(named.contractors | named.new_codes | {case.contractor_code}) - parcels
    day = local_date(at)
    then, since = When(day, at - timedelta(microseconds=1)), When(day, at)
    for code in parcels:
        for when in (then, since):
            found = _parcel(session, actor, code, when)
            if found is not None and found.holder:
                contractors.add(found.holder)
    before, after = (
        replace(
            _register(session, actor, day, contractors, parcels, when),
            **_transfers(session, actor.county, named.transfers, when),
        )
        for when in (then, since)
    )
    return BeforeAndAfter(before, after, case.contractor_code)


def _transfers(session: Session, county: str, numbers: Collection[str], when: When) -> dict[str, Any]:
    """The transfers and guarantees of these numbers, as they were known then."""
    v, g = x.LandTransfer, x.LandGuarantee
    rows = session.execute(
        select(v, lies_with(v).label("version")).where(
            v.county == county, v.number.in_(numbers), when.holds(v)
        )
    ).all()
    land = transfers.land_of(session, county, [row.version for row in rows])
    held = session.scalars(select(g).where(g.county == county, g.number.in_(numbers), when.holds(g)))
    return {
        "transfers": {row[0].number: transfers.as_domain(row[0], land[row.version]) for row in rows},
        "encumbrances": {row.number: transfers.guarantee_of(row) for row in held},
    }


def _parcel(session: Session, actor: Actor, code: str, when: When) -> PastParcel | None:
    try:
        return parcel_as_of(session, actor, code, when)
    except NotFound:
        return None


def _household(session: Session, actor: Actor, code: str, when: When) -> PastHousehold | None:
    try:
        return household_as_of(session, actor, code, when)
    except NotFound:
        return None


def _register(
    session: Session, actor: Actor, day: date, contractors: set[str], parcels: set[str], when: When
) -> Register:
    found_contractors: dict[str, Contractor] = {}
    contracts: dict[str, Contract] = {}
    for code in sorted(contractors):
        household = _household(session, actor, code, when)
        if household is not None:
            found_contractors[code] = household.contractor
            if household.contract is not None:
                contracts[code] = household.contract
    codes = parcels | {code for contract in contracts.values() for code in contract.codes}
    found_parcels = {
        code: found.parcel for code in sorted(codes) if (found := _parcel(session, actor, code, when))
    }
    return Register(
        actor.county,
        day,
        contractors=found_contractors,
        parcels=found_parcels,
        contracts=contracts,
        certificates=_certificates(session, actor.county, contractors, when),
    )


def _certificates(
    session: Session, county: str, contractors: set[str], when: When
) -> tuple[Certificate, ...]:
    v = t.CertificateVersion
    rows = session.execute(
        select(t.Contractor.code, t.Certificate.id, v)
        .join(
            t.RegisterEntry,
            and_(
                t.RegisterEntry.county == t.Contractor.county,
                t.RegisterEntry.contractor_id == t.Contractor.id,
            ),
        )
        .join(
            t.Certificate,
            and_(
                t.Certificate.county == t.RegisterEntry.county,
                t.Certificate.register_entry_id == t.RegisterEntry.id,
            ),
        )
        .join(v, and_(v.county == t.Certificate.county, v.certificate_id == t.Certificate.id))
        .where(t.Contractor.county == county, t.Contractor.code.in_(sorted(contractors)), when.holds(v))
        .order_by(t.Certificate.id)
    )
    return tuple(
        Certificate(code, row.serial, row.issuer, row.issued_on, row.state, row.reason, id=certificate)
        for code, certificate, row in rows
    )


def change_features(session: Session, actor: Actor, told: BeforeAndAfter) -> dict[str, Any]:
    """Before and after: dashed where an outline or a parcel goes, solid where it comes; neighbours around."""
    rows = told.parcels
    found = [
        feature(code, name, None, outline, "neighbour")
        for code, name, outline in neighbours(session, actor.county, [row.code for row in rows])
        if code.startswith(actor.division)
    ]
    for row in rows:
        before, after = told.before.parcels.get(row.code), told.after.parcels.get(row.code)
        goes, comes = row.state in ("gone", "left", "redrawn", "moved"), row.state in COMES
        if before is not None and row.state != "joined":
            found.append(_drawn(before, "before" if goes else "parcel"))
        if after is not None and comes:
            found.append(_drawn(after, "after"))
    for part in told.transferred:
        if part.outline:
            body = shapely.to_wkb(shapely.from_wkt(part.outline))
            found.append(feature(part.code, part.place or part.name, part.area, body, "after"))
    return {"type": "FeatureCollection", "features": found}


def _drawn(parcel: Parcel, layer: str) -> dict[str, Any]:
    return feature(parcel.code, parcel.name, parcel.measured_area, shapely.to_wkb(parcel.outline), layer)
