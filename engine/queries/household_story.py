"""A household's own past: its contracts, register entries and certificates, as they are known now. JSON-able."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.register import mu
from engine.exchange.standard import label
from engine.store.register import version_of
from engine.store.tables import register as t


def household_story(session: Session, county: str, contractor_id: int, decimals: int) -> dict[str, Any]:
    """{contracts, entries, certificates}, each the newest first; codes of the standard with their words."""
    return {
        "contracts": _contracts(session, county, contractor_id, decimals),
        "entries": _entries(session, county, contractor_id),
        "certificates": _certificates(session, county, contractor_id),
    }


def _contracts(session: Session, county: str, contractor_id: int, decimals: int) -> list[dict[str, Any]]:
    """One row for each term: what was said again with its end is the same contract."""
    k, v = t.Contract, t.ContractVersion
    rows = session.execute(
        select(k.id, k.code, v)
        .join(v, version_of(k, v, "contract_id"))
        .where(k.county == county, k.contractor_id == contractor_id, v.superseded_at.is_(None))
        .order_by(v.valid_from, v.id)
    )
    latest = {(contract, version.term_start): (code, version) for contract, code, version in rows}
    return [
        {
            "code": code,
            "way": {lang: label("C.10", version.way, lang) for lang in ("zh", "en")},
            "from": version.term_start.isoformat(),
            "to": version.term_end.isoformat(),
            "area_mu": str(mu(version.total_area, decimals)),
            "parcels": version.parcel_count,
            "signed_on": version.signed_on.isoformat(),
            "state": version.state if version.valid_to is None else "ended",
        }
        for code, version in reversed(latest.values())
    ]


def _entries(session: Session, county: str, contractor_id: int) -> list[dict[str, Any]]:
    e, v = t.RegisterEntry, t.RegisterEntryVersion
    rows = session.execute(
        select(e.code, v)
        .join(v, version_of(e, v, "register_entry_id"))
        .where(e.county == county, e.contractor_id == contractor_id, v.superseded_at.is_(None))
        .order_by(v.registered_on.desc(), v.id.desc())
    )
    return [
        {
            "code": code,
            "registered_on": version.registered_on.isoformat(),
            "from": version.term_start.isoformat(),
            "to": version.term_end.isoformat(),
            "state": "ended" if version.valid_to else "in_force",
        }
        for code, version in rows
    ]


def _certificates(session: Session, county: str, contractor_id: int) -> list[dict[str, Any]]:
    e, c, v = t.RegisterEntry, t.Certificate, t.CertificateVersion
    rows = session.execute(
        select(c.code, v)
        .join(v, version_of(c, v, "certificate_id"))
        .join(e, (e.county == c.county) & (e.id == c.register_entry_id))
        .where(e.county == county, e.contractor_id == contractor_id, v.superseded_at.is_(None))
        .order_by(v.issued_on.desc(), v.id.desc())
    )
    return [
        {
            "code": code,
            "serial": version.serial,
            "issued_on": version.issued_on.isoformat(),
            "collected_on": version.collected_on.isoformat() if version.collected_on else None,
            "state": version.state if version.valid_to is None or version.state != "valid" else "replaced",
        }
        for code, version in rows
    ]
