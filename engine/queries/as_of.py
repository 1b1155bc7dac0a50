"""The register as it stood on a day, as it was known at an instant: a household, a parcel, and what it came of.

Both times are half open: a version is valid on its first day and not on its last, known from the instant that it
was recorded until it was superseded. Children (members, contracted parcels) lie with the version that a row
restates.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import shapely
from geoalchemy2.shape import to_shape
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.changes.register import Contract, Contracted, Contractor, Member, Parcel
from engine.domain.clock import SHANGHAI, local_date
from engine.domain.errors import NotFound
from engine.queries.scoped import within
from engine.store.register import lies_with, version_of
from engine.store.tables import register as t


@dataclass(frozen=True)
class When:
    """``day`` in valid time; ``known`` in recorded time."""

    day: date
    known: datetime

    @classmethod
    def now(cls, now: datetime) -> "When":
        return cls(local_date(now), now)

    def holds(self, version: Any) -> ColumnElement[bool]:
        return and_(
            version.valid_from <= self.day,
            or_(version.valid_to.is_(None), version.valid_to > self.day),
            version.recorded_at <= self.known,
            or_(version.superseded_at.is_(None), version.superseded_at > self.known),
        )


def end_of(day: date) -> datetime:
    """The last instant of the day in China: what was known on it."""
    return datetime.combine(day, time.max, SHANGHAI)


@dataclass(frozen=True)
class Version:
    """Why and since when a thing is as it is: cause (import, case, correction) and its number."""

    cause: str
    ref: str
    valid_from: date
    valid_to: date | None
    recorded_at: datetime


@dataclass(frozen=True)
class PastHousehold:
    contractor: Contractor
    version: Version
    contract: Contract | None
    contract_version: Version | None


@dataclass(frozen=True)
class PastParcel:
    """``holder``: code of the contractor whose contract held it. ``parents`` and ``children`` by that day."""

    parcel: Parcel
    version: Version
    holder: str | None
    parents: tuple[str, ...]
    children: tuple[str, ...]


def household_as_of(session: Session, actor: Actor, code: str, when: When) -> PastHousehold:
    """NotFound in the same words whether there was none or it is outside the scope."""
    c, v = t.Contractor, t.ContractorVersion
    row = session.execute(
        select(c, t.IssuingParty.code, v)
        .join(v, version_of(c, v, "contractor_id"))
        .join(
            t.IssuingParty,
            and_(t.IssuingParty.county == c.county, t.IssuingParty.id == c.issuing_party_id),
        )
        .where(within(c, actor), c.code == code, when.holds(v))
    ).first()
    if row is None:
        raise _not_found(code, when)
    contractor, party, version = row
    members = session.scalars(
        select(t.Member)
        .where(
            t.Member.county == actor.county,
            t.Member.contractor_version_id == (version.restates or version.id),
        )
        .order_by(t.Member.position)
    )
    found = Contractor(
        code, party, version.kind, version.name, version.id_number, version.id_kind, version.address,
        version.postcode, version.phone,
        tuple(
            Member(m.id_number, m.name, m.sex, m.relation, m.id_kind, m.note_code, m.co_owner, m.note)
            for m in members
        ),
    )  # fmt: skip
    contract, why = _contract(session, actor.county, contractor.id, code, when)
    return PastHousehold(found, _version(version), contract, why)


def _contract(
    session: Session, county: str, contractor_id: int, code: str, when: When
) -> tuple[Contract | None, Version | None]:
    v = t.ContractVersion
    row = session.execute(
        select(t.Contract.id, v)
        .join(v, version_of(t.Contract, v, "contract_id"))
        .where(
            t.Contract.county == county,
            t.Contract.contractor_id == contractor_id,
            v.state == "in_force",
            when.holds(v),
        )
        .order_by(t.Contract.id.desc())
    ).first()
    if row is None:
        return None, None
    contract_id, version = row
    held = session.execute(
        select(t.Parcel.code, t.ContractedParcel)
        .join(
            t.ContractedParcel,
            and_(t.ContractedParcel.county == t.Parcel.county, t.ContractedParcel.parcel_id == t.Parcel.id),
        )
        .where(
            t.Parcel.county == county,
            t.ContractedParcel.contract_version_id == (version.restates or version.id),
        )
        .order_by(t.Parcel.code)
    )
    rows = tuple(
        Contracted(parcel, row.contract_area, row.acquired_by, row.shares_only == "1") for parcel, row in held
    )
    contract = Contract(
        code, version.way, version.term_start, version.term_end, version.signed_on, rows, id=contract_id
    )
    return contract, _version(version)


def parcel_as_of(session: Session, actor: Actor, code: str, when: When) -> PastParcel:
    """NotFound in the same words whether there was none or it is outside the scope."""
    p, v = t.Parcel, t.ParcelVersion
    row = session.execute(
        select(p, t.IssuingParty.code, v)
        .join(v, version_of(p, v, "parcel_id"))
        .join(
            t.IssuingParty,
            and_(t.IssuingParty.county == p.county, t.IssuingParty.id == p.issuing_party_id),
        )
        .where(within(p, actor), p.code == code, when.holds(v))
    ).first()
    if row is None:
        raise _not_found(code, when)
    identity, party, version = row
    parts = shapely.get_parts(to_shape(version.geom))
    parcel = Parcel(
        code, party, version.name, parts[0], version.measured_area, version.category, version.ownership,
        version.land_use, version.grade, version.use, version.basic_farmland, version.east, version.south,
        version.west, version.north, version.note, version.witnesses,
    )  # fmt: skip
    return PastParcel(
        parcel,
        _version(version),
        _holder(session, actor.county, identity.id, when),
        _kin(session, actor.county, t.Descent.child == code, t.Descent.parent, when),
        _kin(session, actor.county, t.Descent.parent == code, t.Descent.child, when),
    )


def _holder(session: Session, county: str, parcel_id: int, when: When) -> str | None:
    v, row = t.ContractVersion, t.ContractedParcel
    return session.scalar(
        select(t.Contractor.code)
        .join(t.Contract, and_(t.Contract.county == t.Contractor.county, t.Contract.contractor_id == t.Contractor.id))
        .join(v, version_of(t.Contract, v, "contract_id"))
        .join(row, children_of(row, v))
        .where(
            t.Contractor.county == county,
            t.Contract.id.in_(contracts_with(session, county, parcel_id)),
            row.parcel_id == parcel_id,
            v.state == "in_force",
            when.holds(v),
        )
        .order_by(t.Contract.id.desc())
        .limit(1)
    )  # fmt: skip


def children_of(row: Any, version: Any) -> ColumnElement[bool]:
    """The join of a contract's version with its contracted parcels: they lie with the version that it restates."""
    return and_(row.county == version.county, row.contract_version_id == lies_with(version))


def contracts_with(session: Session, county: str, parcel_id: int) -> list[int]:
    """Ids of the contracts that ever held the parcel.

    Asked for beforehand: no index leads from a parcel to the versions that restate others.
    """
    v, row = t.ContractVersion, t.ContractedParcel
    query = (
        select(v.contract_id)
        .join(row, and_(row.county == v.county, row.contract_version_id == v.id))
        .where(row.county == county, row.parcel_id == parcel_id)
    )
    return list(session.scalars(query.distinct()))


def _kin(
    session: Session, county: str, mine: ColumnElement[bool], theirs: Any, when: When
) -> tuple[str, ...]:
    query = select(theirs).where(
        t.Descent.county == county, mine, t.Descent.day <= when.day, t.Descent.recorded_at <= when.known
    )
    return tuple(session.scalars(query.distinct().order_by(theirs)))


def _version(row: Any) -> Version:
    return Version(row.cause, row.cause_ref, row.valid_from, row.valid_to, row.recorded_at)


def _not_found(code: str, when: When) -> NotFound:
    return NotFound("as_of", "%(day)s时登记簿中没有 %(code)s，请核对编码和日期", day=when.day, code=code[:40])
