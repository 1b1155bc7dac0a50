"""The end of a contract, and certificates that are handed out."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.store.register import OWN_TIMES, Cause, supersede
from engine.store.tables import register as t


def end_contract(session: Session, county: str, contract_id: int, cause: Cause) -> None:
    """Close the contract in force: its last version says that it ended, and with which case."""
    row = supersede(session, t.ContractVersion, "contract_id", county, contract_id, cause)
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
        row = supersede(session, t.CertificateVersion, "certificate_id", county, certificate.id, cause)
        if row is None:
            continue
        values = {
            column.key: getattr(row, column.key)
            for column in t.CertificateVersion.__mapper__.column_attrs
            if column.key not in OWN_TIMES
        }
        session.add(t.CertificateVersion(**values | cause.columns() | {"state": state}))
    session.flush()
