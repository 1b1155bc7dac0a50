"""Just that part of the register that a changeset touches: what it names, who holds it, what lies beside it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import shapely
from geoalchemy2.shape import to_shape
from sqlalchemy import or_, select, text
from sqlalchemy.orm import Session

from engine.domain.changes import NewParcel, Touched
from engine.domain.changes import register as domain
from engine.store.changes import transfers
from engine.store.changes.locks import NEAR
from engine.store.register import county_of, current, version_of
from engine.store.tables import register as t
from engine.store.tables.cases import Case, Changeset, Reservation


def load(
    session: Session, county: str, day: date, touched: Touched, except_case: UUID | None = None
) -> domain.Register:
    """The register now. ``except_case``: whose own reservations do not stand against it."""
    parcels = set(touched.parcels | touched.new_codes)
    contractors = set(touched.contractors | touched.new_codes)
    contractors |= _holders(session, county, parcels)
    contracts = _contracts(session, county, contractors)
    parcels |= {row.parcel for contract in contracts.values() for row in contract.parcels}
    others = _holders(session, county, parcels) - contracts.keys()  # one parcel under two contracts
    contracts |= _contracts(session, county, others)
    parcels |= _beside(session, county, touched.outlines)
    register = domain.Register(
        county,
        day,
        contractors=_contractors(session, county, contractors | others),
        parcels=_parcels(session, county, parcels),
        contracts=dict(sorted(contracts.items())),
        certificates=_certificates(session, county, contractors),
        transfers=(running := transfers.running(session, county, touched.transfers, touched.parcels, day)),
        encumbrances=transfers.guarantees(
            session, county, {*touched.transfers, *running}, touched.contractors
        ),
    )
    codes = {"contractor": set(register.contractors), "parcel": set(register.parcels)}
    named = touched.contractors | touched.parcels | touched.new_codes
    retired, ended_by = _retired(session, county, named - codes["contractor"] - codes["parcel"])
    return replace(
        register,
        parties={code: domain.Party(code) for code in _parties(register)},
        blocks=(*_blocks(session, county, day, codes), *_open_cases(session, county, codes, except_case)),
        proposed=_proposed(session, county, touched.outlines, except_case),
        retired=retired,
        ended_by=ended_by,
    )


def _proposed(
    session: Session, county: str, outlines: tuple[Any, ...], except_case: UUID | None
) -> dict[str, Any]:
    """New land of other open cases near the outlines, by the code that it is to get."""
    near = [shapely.box(*outline.bounds).buffer(NEAR) for outline in outlines if not outline.is_empty]
    if not near:
        return {}
    query = (
        select(Changeset.changes)
        .join(Case, (Case.county == Changeset.county) & (Case.id == Changeset.case_id))
        .where(
            Changeset.county == county,
            Case.status == "open",
            Changeset.applied_at.is_(None),
            Changeset.changes.contains([{"type": NewParcel.type}]),
        )
    )
    if except_case is not None:
        query = query.where(Changeset.case_id != except_case)
    rows = [row for changes in session.scalars(query) for row in changes if row["type"] == NewParcel.type]
    found = {row["code"]: shapely.from_wkt(row["outline"]) for row in rows}
    about = shapely.union_all(near)
    return {code: outline for code, outline in sorted(found.items()) if outline.intersects(about)}


def _parties(register: domain.Register) -> set[str]:
    contractors = {contractor.party for contractor in register.contractors.values()}
    return contractors | {parcel.party for parcel in register.parcels.values()}


def _holders(session: Session, county: str, parcels: set[str]) -> set[str]:
    """Contractors whose contract in force holds one of the parcels."""
    if not parcels:
        return set()
    rows = session.scalars(
        select(t.Contractor.code)
        .join(
            t.Contract, (t.Contract.county == t.Contractor.county) & (t.Contract.contractor_id == t.Contractor.id)
        )
        .join(t.ContractVersion, version_of(t.Contract, t.ContractVersion, "contract_id"))
        .join(
            t.ContractedParcel,
            (t.ContractedParcel.county == t.ContractVersion.county)
            & (t.ContractedParcel.contract_version_id == t.ContractVersion.id),
        )
        .join(
            t.Parcel,
            (t.Parcel.county == t.ContractedParcel.county) & (t.Parcel.id == t.ContractedParcel.parcel_id),
        )
        .where(
            t.Parcel.county == county,
            t.Parcel.code.in_(sorted(parcels)),
            t.ContractVersion.state == "in_force",
            *current(t.ContractVersion),
        )
    )  # fmt: skip
    return set(rows)


def _contracts(session: Session, county: str, contractors: set[str]) -> dict[str, domain.Contract]:
    """By contractor; the last one signed where several are in force."""
    if not contractors:
        return {}
    rows = session.execute(
        select(t.Contractor.code, t.Contract.id, t.ContractVersion)
        .join(
            t.Contract,
            (t.Contract.county == t.Contractor.county) & (t.Contract.contractor_id == t.Contractor.id),
        )
        .join(t.ContractVersion, version_of(t.Contract, t.ContractVersion, "contract_id"))
        .where(
            t.Contractor.county == county,
            t.Contractor.code.in_(sorted(contractors)),
            t.ContractVersion.state == "in_force",
            *current(t.ContractVersion),
        )
        .order_by(t.Contract.id)
    ).all()
    held = _contracted(session, county, [version.id for _, _, version in rows])
    return {
        code: domain.Contract(
            code, v.way, v.term_start, v.term_end, v.signed_on, tuple(held[v.id]), id=contract_id
        )
        for code, contract_id, v in rows
    }


def _contracted(session: Session, county: str, versions: list[int]) -> dict[int, list[domain.Contracted]]:
    rows = session.execute(
        select(t.ContractedParcel, t.Parcel.code)
        .join(
            t.Parcel,
            (t.Parcel.county == t.ContractedParcel.county) & (t.Parcel.id == t.ContractedParcel.parcel_id),
        )
        .where(t.ContractedParcel.county == county, t.ContractedParcel.contract_version_id.in_(versions))
        .order_by(t.Parcel.code)
    )
    found: dict[int, list[domain.Contracted]] = defaultdict(list)
    for row, code in rows:
        held = domain.Contracted(code, row.contract_area, row.acquired_by, row.shares_only == "1")
        found[row.contract_version_id].append(held)
    return found


def _contractors(session: Session, county: str, codes: Iterable[str]) -> dict[str, domain.Contractor]:
    rows = session.execute(
        select(t.Contractor.code, t.IssuingParty.code, t.ContractorVersion)
        .join(t.ContractorVersion, version_of(t.Contractor, t.ContractorVersion, "contractor_id"))
        .join(
            t.IssuingParty,
            (t.IssuingParty.county == t.Contractor.county)
            & (t.IssuingParty.id == t.Contractor.issuing_party_id),
        )
        .where(
            t.Contractor.county == county,
            t.Contractor.code.in_(sorted(codes)),
            *current(t.ContractorVersion),
        )
        .order_by(t.Contractor.code)
    ).all()
    members: dict[int, list[domain.Member]] = defaultdict(list)
    versions = [version.id for _, _, version in rows]
    for m in session.scalars(
        select(t.Member)
        .where(t.Member.county == county, t.Member.contractor_version_id.in_(versions))
        .order_by(t.Member.position)
    ):
        members[m.contractor_version_id].append(
            domain.Member(m.id_number, m.name, m.sex, m.relation, m.id_kind, m.note_code, m.co_owner, m.note)
        )
    return {
        code: domain.Contractor(
            code, party, v.kind, v.name, v.id_number, v.id_kind, v.address, v.postcode, v.phone,
            tuple(members[v.id]),
        )
        for code, party, v in rows
    }  # fmt: skip


def _parcels(session: Session, county: str, codes: Iterable[str]) -> dict[str, domain.Parcel]:
    rows = session.execute(
        select(t.Parcel.code, t.IssuingParty.code, t.ParcelVersion)
        .join(t.ParcelVersion, version_of(t.Parcel, t.ParcelVersion, "parcel_id"))
        .join(
            t.IssuingParty,
            (t.IssuingParty.county == t.Parcel.county) & (t.IssuingParty.id == t.Parcel.issuing_party_id),
        )
        .where(t.Parcel.county == county, t.Parcel.code.in_(sorted(codes)), *current(t.ParcelVersion))
        .order_by(t.Parcel.code)
    )
    return {
        code: domain.Parcel(
            code, party, v.name, _polygon(v.geom), v.measured_area, v.category, v.ownership, v.land_use,
            v.grade, v.use, v.basic_farmland, v.east, v.south, v.west, v.north, v.note, v.witnesses,
        )
        for code, party, v in rows
    }  # fmt: skip


def _polygon(geometry: Any) -> Any:
    """A polygon; what a careless import wrapped as a multipolygon of one part is unwrapped."""
    shape = to_shape(geometry)
    parts = shapely.get_parts(shape)
    return parts[0] if len(parts) == 1 else shape


def _beside(session: Session, county: str, outlines: tuple[Any, ...]) -> set[str]:
    """Current parcels within a metre of the outlines."""
    found: set[str] = set()
    for outline in outlines:
        if outline.is_empty:
            continue
        west, south, east, north = outline.bounds
        srid = county_of(session, county).srid
        found |= set(
            session.scalars(
                text("""
                select p.code
                from operational.parcel_versions v
                join operational.parcels p on p.county = v.county and p.id = v.parcel_id
                where v.county = :county and v.valid_to is null and v.superseded_at is null
                  and v.geom && st_makeenvelope(:west, :south, :east, :north, :srid)"""),
                {"county": county, "srid": srid, "west": west - NEAR, "south": south - NEAR}
                | {"east": east + NEAR, "north": north + NEAR},
            )
        )
    return found


def _certificates(
    session: Session, county: str, contractors: Iterable[str]
) -> tuple[domain.Certificate, ...]:
    """The valid ones, oldest first."""
    rows = session.execute(
        select(t.Contractor.code, t.Certificate.id, t.CertificateVersion)
        .join(
            t.RegisterEntry,
            (t.RegisterEntry.county == t.Contractor.county)
            & (t.RegisterEntry.contractor_id == t.Contractor.id),
        )
        .join(
            t.Certificate,
            (t.Certificate.county == t.RegisterEntry.county)
            & (t.Certificate.register_entry_id == t.RegisterEntry.id),
        )
        .join(t.CertificateVersion, version_of(t.Certificate, t.CertificateVersion, "certificate_id"))
        .where(
            t.Contractor.county == county,
            t.Contractor.code.in_(sorted(contractors)),
            t.CertificateVersion.state == "valid",
            *current(t.CertificateVersion),
        )
        .order_by(t.Certificate.id)
    )
    return tuple(
        domain.Certificate(
            code, v.serial, v.issuer, v.issued_on, v.state, v.reason, v.collected_on, v.collected_by,
            v.collector_id_number, id=certificate,
        )
        for code, certificate, v in rows
    )  # fmt: skip


def _blocks(session: Session, county: str, day: date, codes: dict[str, set[str]]) -> tuple[domain.Block, ...]:
    rows = session.scalars(
        select(t.Block)
        .where(
            t.Block.county == county,
            t.Block.code.in_(sorted(codes["contractor"] | codes["parcel"])),
            t.Block.starts_on <= day,
            or_(t.Block.ends_on.is_(None), t.Block.ends_on >= day),
        )
        .order_by(t.Block.id)
    )
    return tuple(domain.Block(row.kind, row.on, row.code, row.ref) for row in rows)


def _open_cases(
    session: Session, county: str, codes: dict[str, set[str]], except_case: UUID | None
) -> tuple[domain.Block, ...]:
    """Reservations of other open cases."""
    query = (
        select(Reservation.kind, Reservation.code, Case.number)
        .join(Case, (Case.county == Reservation.county) & (Case.id == Reservation.case_id))
        .where(
            Reservation.county == county,
            Reservation.code.in_(sorted(codes["contractor"] | codes["parcel"])),
            Reservation.released_at.is_(None),
        )
        .order_by(Reservation.kind, Reservation.code)
    )
    if except_case is not None:
        query = query.where(Reservation.case_id != except_case)
    return tuple(domain.Block("case", kind, code, number) for kind, code, number in session.execute(query))


def _retired(
    session: Session, county: str, wanted: Iterable[str]
) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    """Of codes that nothing bears now: those that were given before, what came of them last, and by what."""
    codes = sorted(wanted)
    known: set[str] = set()
    for identity in (t.Parcel, t.Contractor) if codes else ():
        query = select(identity.code).where(identity.county == county, identity.code.in_(codes))
        known |= set(session.scalars(query))
    last: dict[str, list[t.Descent]] = {code: [] for code in known}
    if not known:
        return {}, {}
    for row in session.scalars(
        select(t.Descent)
        .where(t.Descent.county == county, t.Descent.parent.in_(sorted(known)))
        .order_by(t.Descent.id)
    ):
        rows = last[row.parent]
        last[row.parent] = [r for r in rows if r.recorded_at == row.recorded_at] + [row]
    after = {code: tuple(sorted({row.child for row in rows})) for code, rows in sorted(last.items())}
    return after, {code: rows[-1].cause_ref for code, rows in sorted(last.items()) if rows}
