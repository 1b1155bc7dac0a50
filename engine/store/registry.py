"""Hand-overs to the real-estate registry, and old certificates taken back: what is read and written of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine.store.register import current, version_of
from engine.store.tables import register as t
from engine.store.tables.cases import Case
from engine.store.tables.registry import CollectedCertificate, HandOver


def hand_overs(session: Session, case: Case) -> list[HandOver]:
    """All attempts of the case, the first one first."""
    query = select(HandOver).where(HandOver.county == case.county, HandOver.case_id == case.id)
    return list(session.scalars(query.order_by(HandOver.attempt)))


def last(session: Session, case: Case) -> HandOver | None:
    return next(iter(reversed(hand_overs(session, case))), None)


def hand_over(session: Session, county: str, hand_over_id: UUID, lock: bool = False) -> HandOver | None:
    query = select(HandOver).where(HandOver.county == county, HandOver.id == hand_over_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalar(query)


def by_key(session: Session, county: str, key: str) -> HandOver | None:
    return session.scalar(select(HandOver).where(HandOver.county == county, HandOver.key == key))


def note_sent(session: Session, county: str, hand_over_id: UUID, sha256: str, to: str, at: datetime) -> None:
    session.execute(
        update(HandOver)
        .where(HandOver.county == county, HandOver.id == hand_over_id)
        .values(file=sha256, sent_to=to, sent_at=at)
    )


def land_facts(session: Session, county: str, contract_id: int) -> dict[str, dict[str, Any]]:
    """Parcel code -> {ownership (C.6), shares}: what the register keeps of a contract's land beside a household's facts."""
    c, v, p, pv = t.ContractedParcel, t.ContractVersion, t.Parcel, t.ParcelVersion
    rows = session.execute(
        select(p.code, pv.ownership, c.shares_only)
        .join(v, (v.county == c.county) & (v.id == c.contract_version_id))
        .join(p, (p.county == c.county) & (p.id == c.parcel_id))
        .join(pv, version_of(p, pv, "parcel_id"))
        .where(c.county == county, v.contract_id == contract_id, *current(v), *current(pv))
    )
    return {row.code: {"ownership": row.ownership, "shares": row.shares_only == "1"} for row in rows}


def valid_certificates(
    session: Session, county: str, contractor_code: str
) -> Sequence[tuple[t.Certificate, t.CertificateVersion]]:
    """The contractor's certificates that are valid now, the oldest first."""
    s, v, e, c = t.Certificate, t.CertificateVersion, t.RegisterEntry, t.Contractor
    rows = session.execute(
        select(s, v)
        .join(v, version_of(s, v, "certificate_id"))
        .join(e, (e.county == s.county) & (e.id == s.register_entry_id))
        .join(c, (c.county == e.county) & (c.id == e.contractor_id))
        .where(s.county == county, c.code == contractor_code, v.state == "valid", *current(v))
        .order_by(s.id)
    )
    return [(row[0], row[1]) for row in rows]


def collect(session: Session, case: Case, **facts: Any) -> None:
    """An old certificate came back to the village."""
    session.add(CollectedCertificate(county=case.county, case_id=case.id, division=case.division, **facts))
    session.flush()


def lock_collected(session: Session, county: str, ids: Sequence[UUID]) -> list[CollectedCertificate]:
    """Those of the certificates that are there, locked: nobody else puts them on a list meanwhile."""
    c = CollectedCertificate
    query = select(c).where(c.county == county, c.id.in_(list(ids))).order_by(c.id).with_for_update()
    return list(session.scalars(query.execution_options(populate_existing=True)))
