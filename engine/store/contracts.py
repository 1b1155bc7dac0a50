"""Writing a signed contract, a remeasured parcel, a certificate into the register as new versions."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.changeset import RemeasureParcel, SignContract
from engine.domain.register import Household
from engine.store.register import as_geometry, current, supersede, version_of
from engine.store.tables import register as t


@dataclass(frozen=True)
class Cause:
    """What a version's rows say of why they exist: ``on`` in valid time, ``at`` in recorded time."""

    kind: str
    ref: str
    on: date
    at: datetime

    def columns(self) -> dict[str, Any]:
        return {"valid_from": self.on, "recorded_at": self.at, "cause": self.kind, "cause_ref": self.ref}


@dataclass(frozen=True)
class Applied:
    code: str
    contract_id: int
    register_entry: str


def sign_contract(
    session: Session, household: Household, change: SignContract, signed_on: str, cause: Cause
) -> Applied:
    """End the contract in force, write the new one with its parcels, and its register entry."""
    county = household.county
    if household.contract:
        _end_contract(session, county, household.contract.id, cause)
    contract = t.Contract(
        county=county,
        code=change.code,
        issuing_party_id=household.issuing_party.id,
        contractor_id=household.id,
        division=household.division,
    )
    session.add(contract)
    session.flush()
    version = t.ContractVersion(
        county=county,
        contract_id=contract.id,
        previous_code=change.previous_code,
        way=change.way,
        term_start=change.term_start,
        term_end=change.term_end,
        total_area=change.total_area,
        previous_area=household.contract.total_area if household.contract else None,
        parcel_count=len(change.parcels),
        signed_on=date.fromisoformat(signed_on),
        **cause.columns(),
    )
    session.add(version)
    session.flush()
    held = {parcel.code: parcel for parcel in household.parcels}
    session.add_all(
        t.ContractedParcel(
            county=county,
            contract_version_id=version.id,
            parcel_id=held[parcel.parcel_code].id,
            acquired_by=change.way,
            contract_area=parcel.area,
            previous_area=held[parcel.parcel_code].contract_area,
            shares_only="2",
        )
        for parcel in change.parcels
    )
    entry = _register_entry(session, household, contract, change, cause)
    return Applied(contract.code, contract.id, entry.code)


def _end_contract(session: Session, county: str, contract_id: int, cause: Cause) -> None:
    """Close the contract in force: its last version says that it ended, and with which case."""
    row = supersede(session, t.ContractVersion, "contract_id", county, contract_id, cause.on, cause.at)
    if row is None:
        return
    values = {
        name: getattr(row, name)
        for name in (
            "previous_code",
            "way",
            "term_start",
            "term_end",
            "total_area",
            "previous_area",
            "parcel_count",
            "signed_on",
        )
    }
    session.add(
        t.ContractVersion(
            county=county,
            contract_id=contract_id,
            state="ended",
            restates=row.restates or row.id,
            **values,
            **cause.columns(),
        )
    )
    session.flush()


def _register_entry(
    session: Session, household: Household, contract: t.Contract, change: SignContract, cause: Cause
) -> t.RegisterEntry:
    county = household.county
    old = session.execute(
        select(t.RegisterEntry.id, t.RegisterEntryVersion.serial)
        .join(
            t.RegisterEntryVersion, version_of(t.RegisterEntry, t.RegisterEntryVersion, "register_entry_id")
        )
        .where(
            t.RegisterEntry.county == county,
            t.RegisterEntry.contractor_id == household.id,
            *current(t.RegisterEntryVersion),
        )
        .order_by(t.RegisterEntry.id.desc())
    ).first()
    if old:
        supersede(session, t.RegisterEntryVersion, "register_entry_id", county, old.id, cause.on, cause.at)
    entry = t.RegisterEntry(
        county=county,
        code=change.code,
        contract_id=contract.id,
        contractor_id=household.id,
        division=household.division,
    )
    session.add(entry)
    session.flush()
    years = (change.term_end + timedelta(days=1)).year - change.term_start.year
    session.add(
        t.RegisterEntryVersion(
            county=county,
            register_entry_id=entry.id,
            way=change.way,
            term=f"{years}年",
            term_start=change.term_start,
            term_end=change.term_end,
            previous_certificate=old.serial if old else None,
            registered_on=cause.on,
            **cause.columns(),
        )
    )
    session.flush()
    return entry


def remeasure_parcel(session: Session, household: Household, change: RemeasureParcel, cause: Cause) -> None:
    """A new version of the parcel with the surveyed area, and the surveyed outline where there is one."""
    parcel = household.parcel(change.parcel_code)
    assert parcel is not None, change.parcel_code
    row = supersede(session, t.ParcelVersion, "parcel_id", household.county, parcel.id, cause.on, cause.at)
    assert row is not None
    values = {
        column.key: getattr(row, column.key)
        for column in t.ParcelVersion.__mapper__.column_attrs
        if column.key not in ("id", "valid_to", "superseded_at", "restates")
    }
    values |= cause.columns() | {"measured_area": change.area}
    if change.outline:
        values["geom"] = as_geometry(session, household.county, change.outline)
    session.add(t.ParcelVersion(**values))
    session.flush()


def record_certificate(
    session: Session,
    county: str,
    contract_code: str,
    division: str,
    facts: dict[str, Any],
    cause: Cause,
) -> None:
    """The certificate of the contract's register entry, printed elsewhere and handed out here.

    ``facts``: issuer, issued_on, serial, collected_on, collected_by. Older certificates take the state
    ``old_state``: destroyed when they were taken back, void when they are lost; None leaves them as they are.
    """
    entries = session.scalars(
        select(t.RegisterEntry)
        .where(t.RegisterEntry.county == county, t.RegisterEntry.code == contract_code)
        .order_by(t.RegisterEntry.id.desc())
    ).all()
    if facts.get("old_state"):
        for entry in entries[1:]:
            _end_certificates(session, county, entry.id, facts["old_state"], cause)
    certificate = t.Certificate(
        county=county, code=contract_code, register_entry_id=entries[0].id, division=division
    )
    session.add(certificate)
    session.flush()
    session.add(
        t.CertificateVersion(
            county=county,
            certificate_id=certificate.id,
            issuer=facts["issuer"],
            issued_on=facts["issued_on"],
            serial=facts["serial"],
            collected="1",
            collected_on=facts["collected_on"],
            collected_by=facts["collected_by"],
            collector_id_kind="1",
            collector_id_number=facts["collector_id_number"],
            **cause.columns(),
        )
    )
    session.flush()


def _end_certificates(session: Session, county: str, entry_id: int, state: str, cause: Cause) -> None:
    certificates = session.scalars(
        select(t.Certificate).where(
            t.Certificate.county == county, t.Certificate.register_entry_id == entry_id
        )
    )
    for certificate in certificates:
        row = supersede(
            session, t.CertificateVersion, "certificate_id", county, certificate.id, cause.on, cause.at
        )
        if row is None:
            continue
        values = {
            column.key: getattr(row, column.key)
            for column in t.CertificateVersion.__mapper__.column_attrs
            if column.key not in ("id", "valid_to", "superseded_at", "restates")
        }
        session.add(t.CertificateVersion(**values | cause.columns() | {"state": state}))
    session.flush()
