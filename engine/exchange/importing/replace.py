"""Closes what stands in a county's register before a new package is written over it."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Table, func, insert, literal, null, select, update
from sqlalchemy.orm import Session

from engine.store.tables import register as t

# Identity, version, the version's column that names the identity, whether a code is one thing for ever
# (contract codes repeat on re-signing, so an ended contract is not taken up again).
THINGS: tuple[tuple[Any, Any, str, bool], ...] = (
    (t.IssuingParty, t.IssuingPartyVersion, "issuing_party_id", True),
    (t.Contractor, t.ContractorVersion, "contractor_id", True),
    (t.Parcel, t.ParcelVersion, "parcel_id", True),
    (t.Contract, t.ContractVersion, "contract_id", False),
    (t.RegisterEntry, t.RegisterEntryVersion, "register_entry_id", False),
    (t.Certificate, t.CertificateVersion, "certificate_id", False),
)


@dataclass(frozen=True)
class Closed:
    """What was there: per table code -> id of identities that are used again, and the day of the change."""

    day: date
    ids: dict[str, dict[str, int]] = field(default_factory=dict)


def close_current(session: Session, county: str, day: date, now: datetime, batch: str) -> Closed:
    """Supersede every current version and say it again with its valid end, as one changes a single thing.

    Versions that only began today are superseded without being said again: they never stood for a whole day.
    """
    closed = Closed(day)
    for identity, version, owner, lasting in THINGS:
        rows = select(identity.code, identity.id).where(identity.county == county).order_by(identity.id)
        if not lasting:
            of_identity = (version.county == identity.county) & (getattr(version, owner) == identity.id)
            current = (version.valid_to.is_(None), version.superseded_at.is_(None))
            rows = rows.join(version, of_identity).where(version.county == county, *current)
        closed.ids[identity.__tablename__] = dict(session.execute(rows).tuples().all())
        _restate(session, version.__table__, county, day, now, batch)
    return closed


def _restate(session: Session, table: Table, county: str, day: date, now: datetime, batch: str) -> None:
    current = (table.c.county == county, table.c.valid_to.is_(None), table.c.superseded_at.is_(None))
    special = {
        "valid_to": literal(day, table.c.valid_to.type),
        "recorded_at": literal(now, table.c.recorded_at.type),
        "superseded_at": null(),
        "restates": func.coalesce(table.c.restates, table.c.id),
    }
    columns = [column.name for column in table.columns if column.name != "id"]
    old = session.scalars(select(table.c.id).where(*current)).all()
    if not old:
        return
    highest = max(old)
    chosen = (*current, table.c.id <= highest)
    again = select(*(special.get(name, table.c[name]) for name in columns)).where(
        *chosen, table.c.valid_from < day
    )
    # The restated rows have an end, so they are not current: only the old ones are superseded.
    session.execute(insert(table).from_select(columns, again))
    ended = {"superseded_at": now, "superseded_cause": "import", "superseded_ref": batch}
    session.execute(update(table).where(*chosen).values(ended))
