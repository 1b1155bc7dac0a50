"""What the register holds of the survey: read for the vault, written when the vault sends it, processed on the way.

Sessions are of the operational store and see the whole county.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import shapely
from geoalchemy2.shape import from_shape
from sqlalchemy import ColumnElement, func, select, text, update
from sqlalchemy.orm import Session

from engine.domain.division import AFTER
from engine.domain.stores import Master, plane
from engine.store import long_works, outbox
from engine.store.register import OWN_TIMES, Cause, current, supersede, version_of
from engine.store.tables.register import Parcel, ParcelVersion

FOLLOW_VAULT, FOLLOW_QUERY = "follow_vault", "follow_query"  # kinds of outbox rows
FOLLOW_STORES = "follow_stores"  # kind of long work: the whole county
_FIELDS = [(c.key, c.info["code"]) for c in ParcelVersion.__table__.columns if "code" in c.info]


@dataclass(frozen=True)
class Surveyed:
    """A parcel as the register has it now, and why."""

    version_id: int
    master: Master
    cause: str
    cause_ref: str


def keep_masters(session: Session, county: str, batch: int, by: str, at: datetime) -> None:
    """After an import's rows have become the register: its masters go to the vault, and the query store follows.

    In the import's transaction this only writes down that it is to be done (long work), so the import waits for
    neither store, and nothing is kept of one that is rolled back. What goes is read from the register by then.
    """
    work = long_works.put(session, county, FOLLOW_STORES, {"batch": batch}, by, at)
    outbox.put(session, county, "long_work", {"work": str(work)}, at)


def register_changed(
    session: Session, county: str, surveyed: Collection[str], seen: Collection[str], at: datetime
) -> None:
    """In the transaction of a change: vault and query store follow for these parcels, each by itself.

    ``surveyed``: whose outline or area changed, or that came or went; ``seen``: of which anyone sees something else.
    """
    for kind, codes in ((FOLLOW_VAULT, surveyed), (FOLLOW_QUERY, seen)):
        if codes:
            outbox.put(session, county, kind, {"parcels": sorted(codes)}, at)


def marks_due(session: Session, county: str, since: date, today: date) -> set[str]:
    """Parcels on which, or on whose holder, a block has begun or ended after the one day until the other.

    The last day of a block is still one of it: it has ended on the day after.
    """
    rows = session.scalars(
        text("""
        with turned as (
            select b.on, b.code from operational.blocks b where b.county = :county
              and ((b.ends_on >= :since and b.ends_on < :today) or (b.starts_on > :since and b.starts_on <= :today)))
        select code from turned where "on" = 'parcel'
        union
        select p.code from turned
        join operational.contractors c on c.county = :county and c.code = turned.code and turned.on = 'contractor'
        join operational.contracts k on k.county = :county and k.contractor_id = c.id
        join operational.contract_versions v on v.county = :county and v.contract_id = k.id and v.state = 'in_force'
          and v.valid_to is null and v.superseded_at is null
        join operational.contracted_parcels held on held.county = :county and held.contract_version_id = v.id
        join operational.parcels p on p.county = :county and p.id = held.parcel_id"""),
        {"county": county, "since": since, "today": today},
    )
    return set(rows)


def villages(session: Session, county: str) -> set[str]:
    """First twelve digits of every parcel of the register."""
    return set(session.scalars(select(func.left(Parcel.code, 12)).where(Parcel.county == county).distinct()))


def count(session: Session, county: str) -> int:
    """Parcels that stand."""
    query = select(func.count()).where(ParcelVersion.county == county, *current(ParcelVersion))
    return session.scalar(query) or 0


def of_village(session: Session, county: str, village: str) -> dict[str, Surveyed]:
    return _read(session, county, Parcel.code >= village, Parcel.code < village + AFTER)


def of_codes(session: Session, county: str, codes: Collection[str]) -> dict[str, Surveyed]:
    return _read(session, county, Parcel.code.in_(codes)) if codes else {}


def process(session: Session, county: str, changes: Iterable[tuple[Surveyed, Master]], srid: int) -> int:
    """Put the processed outline and fields in place of the exact ones that the vault has now."""
    done = 0
    for found, master in changes:
        values: dict[str, Any] = {
            name: None for name, code in _FIELDS if code in found.master.facts and code not in master.facts
        }
        if master.outline != found.master.outline:
            assert master.outline is not None
            values["geom"] = from_shape(shapely.from_wkb(master.outline), srid=srid)
        if values:
            this = (ParcelVersion.county == county, ParcelVersion.id == found.version_id)
            session.execute(update(ParcelVersion).where(*this).values(**values))
            done += 1
    return done


def write_masters(
    session: Session, county: str, masters: Iterable[Master], ref: str, on: date, at: datetime, srid: int
) -> None:
    """Outlines and areas that the vault sent, as versions from that day. Every parcel is in the register."""
    wanted, cause = list(masters), Cause("import", ref, on, at)
    of_these = Parcel.code.in_([master.code for master in wanted])
    rows = session.execute(select(Parcel.code, Parcel.id).where(Parcel.county == county, of_these))
    ids = dict(rows.tuples().all())
    for master in wanted:
        old = supersede(session, ParcelVersion, "parcel_id", county, ids[master.code], cause)
        assert old is not None and master.outline is not None
        kept = {
            column.key: getattr(old, column.key)
            for column in ParcelVersion.__mapper__.column_attrs
            if column.key not in OWN_TIMES
        }
        changed = {
            "geom": from_shape(shapely.from_wkb(master.outline), srid=srid),
            "measured_area": Decimal(master.facts["SCMJ"]),
            "corners": master.facts.get("KJZB") or old.corners,
        }
        session.add(ParcelVersion(**kept | changed | cause.columns()))
        session.flush()


def _read(session: Session, county: str, *which: ColumnElement[bool]) -> dict[str, Surveyed]:
    outline = func.st_asbinary(ParcelVersion.geom).label("drawn")
    rows = session.execute(
        select(Parcel.code, ParcelVersion, outline)
        .join(ParcelVersion, version_of(Parcel, ParcelVersion, "parcel_id"))
        .where(Parcel.county == county, ParcelVersion.county == county, *current(ParcelVersion), *which)
        .order_by(Parcel.code)
        .execution_options(populate_existing=True)
    )
    return {
        code: Surveyed(
            version.id,
            Master("DK", code, _facts(code, version), plane(bytes(drawn))),
            version.cause,
            version.cause_ref,
        )
        for code, version, drawn in rows
    }


def _facts(code: str, version: ParcelVersion) -> dict[str, str]:
    facts = {"DKBM": code}
    for name, field in _FIELDS:
        value = getattr(version, name)
        if value is not None:
            facts[field] = f"{value:.2f}" if isinstance(value, Decimal) else str(value)
    return facts
