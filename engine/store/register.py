"""Reading the register as facts, and writing versions into it. Every statement names the county."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import shapely
from geoalchemy2.shape import to_shape
from sqlalchemy import ColumnElement, and_, case, or_, select, text, update
from sqlalchemy.orm import Session

from engine.domain.register import (
    ContractFacts,
    Household,
    IssuingPartyFacts,
    MemberFacts,
    ParcelFacts,
)
from engine.store.sealed import fingerprint
from engine.store.tables import register as t
from engine.store.tables.reference import County


@dataclass(frozen=True)
class Cause:
    """What a version's rows say of why they exist: ``on`` in valid time, ``at`` in recorded time."""

    kind: str
    ref: str
    on: date
    at: datetime
    by: str | None = None  # who registers it: 登簿人

    def columns(self) -> dict[str, Any]:
        return {"valid_from": self.on, "recorded_at": self.at, "cause": self.kind, "cause_ref": self.ref}


# What a version says of its place in the two times, not of the thing: a new version takes none of it over.
OWN_TIMES = ("id", "valid_to", "superseded_at", "superseded_cause", "superseded_ref", "restates")


def current(version: Any) -> tuple[Any, Any]:
    """The condition that picks the current version rows."""
    return version.valid_to.is_(None), version.superseded_at.is_(None)


def version_of(thing: Any, version: Any, owner: str) -> ColumnElement[bool]:
    """The join of a thing with its versions: same county, and ``owner`` names the thing."""
    return and_(version.county == thing.county, getattr(version, owner) == thing.id)


def lies_with(version: Any) -> ColumnElement[int]:
    """The version that members and contracted parcels lie with: the one that a row restates, else itself.

    As a CASE: to PostgreSQL a COALESCE might tell what it is given, and row security lets no index serve it.
    """
    return case((version.restates.is_(None), version.id), else_=version.restates)


def read_issuing_party(session: Session, county: str, code: str) -> IssuingPartyFacts | None:
    row = session.execute(
        select(t.IssuingParty, t.IssuingPartyVersion)
        .join(t.IssuingPartyVersion, version_of(t.IssuingParty, t.IssuingPartyVersion, "issuing_party_id"))
        .where(t.IssuingParty.county == county, t.IssuingParty.code == code, *current(t.IssuingPartyVersion))
    ).first()
    if row is None:
        return None
    party, version = row
    return IssuingPartyFacts(
        party.id,
        party.code,
        party.division,
        version.name,
        version.head_name,
        version.head_id_number,
        version.phone,
        version.address,
    )


def read_household(session: Session, county: str, code: str) -> Household | None:
    """The contractor as it stands now, with everything it holds; None if there is none in scope."""
    found = _versions_of(county, code).where(*current(t.ContractorVersion))
    row = session.execute(found).first()
    if row is None:
        return None
    household = _household(session, row)
    contract_row = _contract_row(session, county, household.id)
    if contract_row is None:
        return household
    parcels = _parcels(session, county, contract_row[1].id)
    return replace(household, contract=_contract_facts(*contract_row), parcels=parcels)


def last_known_household(session: Session, county: str, code: str) -> Household | None:
    """As it was last, though it may have ended since; without contract and parcels."""
    row = session.execute(_versions_of(county, code).order_by(t.ContractorVersion.id.desc())).first()
    return None if row is None else _household(session, row)


def _versions_of(county: str, code: str):
    return (
        select(t.Contractor, t.ContractorVersion, t.IssuingParty.code)
        .join(t.ContractorVersion, version_of(t.Contractor, t.ContractorVersion, "contractor_id"))
        .join(
            t.IssuingParty,
            (t.IssuingParty.county == t.Contractor.county)
            & (t.IssuingParty.id == t.Contractor.issuing_party_id),
        )
        .where(t.Contractor.county == county, t.Contractor.code == code)
    )


def _household(session: Session, row: Any) -> Household:
    contractor, version, party_code = row
    issuing_party = read_issuing_party(session, contractor.county, party_code)
    assert issuing_party is not None
    return Household(
        county=contractor.county,
        id=contractor.id,
        code=contractor.code,
        kind=version.kind,
        name=version.name,
        id_number=version.id_number,
        phone=version.phone,
        address=version.address,
        division=contractor.division,
        issuing_party=issuing_party,
        members=_members(session, contractor.county, version.restates or version.id),
        parcels=(),
        contract=None,
    )


def _contract_facts(contract: t.Contract, version: t.ContractVersion) -> ContractFacts:
    return ContractFacts(
        contract.id,
        contract.code,
        version.way,
        version.term_start,
        version.term_end,
        version.total_area,
        version.parcel_count,
        version.signed_on,
    )


def _contract_row(session: Session, county: str, contractor_id: int):
    return session.execute(
        select(t.Contract, t.ContractVersion)
        .join(t.ContractVersion, version_of(t.Contract, t.ContractVersion, "contract_id"))
        .where(
            t.Contract.county == county,
            t.Contract.contractor_id == contractor_id,
            t.ContractVersion.state == "in_force",
            *current(t.ContractVersion),
        )
        .order_by(t.Contract.id.desc())
    ).first()


def _members(session: Session, county: str, contractor_version_id: int) -> tuple[MemberFacts, ...]:
    rows = session.scalars(
        select(t.Member)
        .where(t.Member.county == county, t.Member.contractor_version_id == contractor_version_id)
        .order_by(t.Member.position)
    )
    return tuple(
        MemberFacts(m.name, m.sex, m.id_number, m.relation, m.note_code, m.co_owner, m.note) for m in rows
    )


def _parcels(session: Session, county: str, contract_version_id: int) -> tuple[ParcelFacts, ...]:
    rows = session.execute(
        select(t.Parcel, t.ParcelVersion, t.ContractedParcel.contract_area)
        .join(t.ParcelVersion, version_of(t.Parcel, t.ParcelVersion, "parcel_id"))
        .join(
            t.ContractedParcel,
            (t.ContractedParcel.county == t.Parcel.county) & (t.ContractedParcel.parcel_id == t.Parcel.id),
        )
        .where(
            t.Parcel.county == county,
            t.ContractedParcel.contract_version_id == contract_version_id,
            *current(t.ParcelVersion),
        )
        .order_by(t.Parcel.code)
    )
    return tuple(parcel_facts(parcel, version, area) for parcel, version, area in rows)


def parcel_facts(parcel: t.Parcel, v: t.ParcelVersion, contract_area: Decimal) -> ParcelFacts:
    return ParcelFacts(
        parcel.id,
        parcel.code,
        v.name,
        v.category,
        v.land_use,
        v.grade,
        v.use,
        v.basic_farmland,
        v.measured_area,
        contract_area,
        v.east,
        v.south,
        v.west,
        v.north,
        v.note,
        shapely.to_wkb(to_shape(v.geom)),
    )


def find_contractor(session: Session, county: str, name: str, id_number: str) -> str | None:
    """Code of the household whose head or member has that name and identity number."""
    found = fingerprint(id_number)
    as_member = session.scalar(
        select(t.Contractor.code)
        .join(t.ContractorVersion, version_of(t.Contractor, t.ContractorVersion, "contractor_id"))
        .join(
            t.Member,
            (t.Member.county == t.ContractorVersion.county)
            & (t.Member.contractor_version_id == t.ContractorVersion.id),
        )
        .where(
            t.Member.county == county,
            t.Member.id_number_found == found,
            t.Member.name == name.strip(),
            *current(t.ContractorVersion),
        )
    )
    return as_member or session.scalar(
        select(t.Contractor.code)
        .join(t.ContractorVersion, version_of(t.Contractor, t.ContractorVersion, "contractor_id"))
        .where(
            t.ContractorVersion.county == county,
            t.ContractorVersion.id_number_found == found,
            t.ContractorVersion.name == name.strip(),
            *current(t.ContractorVersion),
        )
    )


def neighbours(
    session: Session, county: str, codes: Sequence[str], metres: float = 15
) -> list[tuple[str, str, bytes]]:
    """(code, who holds it or else its name, outline WKB) of current parcels within so many metres."""
    boxes = session.scalars(
        text("""
        select st_expand(mine.geom, :metres)::text from operational.parcel_versions mine
        join operational.parcels me on me.county = mine.county and me.id = mine.parcel_id
        where mine.county = :county and me.code = any(:codes)
          and mine.valid_to is null and mine.superseded_at is null"""),
        {"county": county, "codes": list(codes), "metres": metres},
    ).all()
    return _held_within(session, county, boxes, codes)


def beside_outlines(
    session: Session, county: str, outlines: Sequence[bytes], metres: float
) -> list[tuple[str, str, bytes]]:
    """The same beside outlines (WKB) of parcels that the register does not have yet."""
    boxes = session.scalars(
        text("""
        select st_expand(st_setsrid(st_geomfromwkb(wkb), :srid), :metres)::text
        from unnest(cast(:outlines as bytea[])) as drawn(wkb)"""),
        {"outlines": list(outlines), "metres": metres, "srid": county_of(session, county).srid},
    ).all()
    return _held_within(session, county, boxes, ())


def _held_within(
    session: Session, county: str, boxes: Sequence[str], besides: Sequence[str]
) -> list[tuple[str, str, bytes]]:
    """The boxes go back in as values: row security uses the index only for a bare ``geom && box``."""
    rows = session.execute(
        text("""
        select distinct on (p.code) p.code, st_asbinary(v.geom) as outline, coalesce((
            select cv.name from operational.contracted_parcels cp
            join operational.contract_versions kv on kv.county = cp.county and kv.id = cp.contract_version_id
              and kv.valid_to is null and kv.superseded_at is null and kv.state = 'in_force'
            join operational.contracts k on k.county = kv.county and k.id = kv.contract_id
            join operational.contractor_versions cv on cv.county = k.county and cv.contractor_id = k.contractor_id
              and cv.valid_to is null and cv.superseded_at is null
            where cp.county = p.county and cp.parcel_id = p.id limit 1), v.name) as name
        from unnest(cast(:boxes as text[])::geometry[]) as near(box)
        join operational.parcel_versions v on v.geom && near.box
          and v.valid_to is null and v.superseded_at is null
        join operational.parcels p on p.county = v.county and p.id = v.parcel_id
        where v.county = :county and not p.code = any(:codes)
        order by p.code"""),
        {"county": county, "codes": list(besides), "boxes": list(boxes)},
    )
    return [(row.code, row.name, bytes(row.outline)) for row in rows]


def supersede(
    session: Session, version: Any, owner: str, county: str, owner_id: int, cause: Cause
) -> Any | None:
    """Close the current version of a thing by that cause and keep it as history; gives the closed row.

    The row is superseded in recorded time and written again with its valid end, so both what was true and
    what was known stay readable. Child rows (members, contracted parcels) stay with the first row, which the
    second names as ``restates``. A cause that takes effect before the current version did ends the earlier ones
    too, as far as they reach beyond its day: two versions known at once never hold on one day.
    """
    rows = session.scalars(
        select(version)
        .where(
            version.county == county,
            getattr(version, owner) == owner_id,
            version.superseded_at.is_(None),
            or_(version.valid_to.is_(None), version.valid_to > cause.on),
        )
        .order_by(version.id)
    ).all()
    closed = next((row for row in rows if row.valid_to is None), None)
    if closed is None:
        return None
    again = [
        _values(row) | {"valid_to": cause.on, "recorded_at": cause.at, "restates": row.restates or row.id}
        for row in rows
        if row.valid_from < cause.on
    ]
    session.execute(
        update(version)
        .where(version.county == county, version.id.in_([row.id for row in rows]))
        .values(superseded_at=cause.at, superseded_cause=cause.kind, superseded_ref=cause.ref)
    )
    session.flush()
    session.add_all(version(**values) for values in again)
    session.flush()
    return closed


def close_row(session: Session, row: Any, cause: Cause) -> None:
    """As ``supersede``, of a table whose things are known by their rows alone (store/tables/standard.py)."""
    if row.valid_from < cause.on:
        said = {"valid_to": cause.on, "recorded_at": cause.at, "restates": row.restates or row.id}
        session.add(type(row)(**_values(row) | said))
    row.superseded_at, row.superseded_cause, row.superseded_ref = cause.at, cause.kind, cause.ref


def _values(row: Any) -> dict[str, Any]:
    return {
        column.key: getattr(row, column.key)
        for column in row.__mapper__.column_attrs
        if column.key not in OWN_TIMES
    }


def county_of(session: Session, code: str) -> County:
    """Held by the session, which forgets a row that nobody holds: this one is asked for at every turn."""
    held: County | None = session.info.get("county")
    if held is None or held.code != code or held not in session:
        held = session.info["county"] = session.get_one(County, code)
    return held
