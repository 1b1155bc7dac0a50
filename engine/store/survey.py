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
from sqlalchemy import ColumnElement, delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from engine.domain.division import AFTER
from engine.domain.stores import Master, plane
from engine.store import long_works, outbox
from engine.store.register import OWN_TIMES, Cause, current, supersede, version_of
from engine.store.tables.exchange import WaitingMaster
from engine.store.tables.register import Parcel, ParcelVersion

FOLLOW_VAULT, FOLLOW_QUERY = "follow_vault", "follow_query"  # kinds of outbox rows
FOLLOW_STORES = "follow_stores"  # kind of long work: the whole county
STAGED_LAYERS = ("JZD", "JZX", "KZD")  # what the register does not keep itself
_FIELDS = [(c.key, c.info["code"]) for c in ParcelVersion.__table__.columns if "code" in c.info]
_CHUNK = 5000


@dataclass(frozen=True)
class Surveyed:
    """A parcel as the register has it now, and why."""

    version_id: int
    master: Master
    cause: str
    cause_ref: str


def keep_masters(
    session: Session,
    county: str,
    batch: int,
    by: str,
    at: datetime,
    rows: Iterable[tuple[str, dict[str, Any], bytes | None]] = (),
    staged: int | None = None,
) -> None:
    """After an import's rows have become the register: its masters go to the vault, and the query store follows.

    In the import's transaction this only writes down that it is to be done (long work), so the import waits for
    neither store, and nothing is kept of one that is rolled back. Parcels are read from the register by then.
    Boundary points, lines and control points, which the register does not keep, wait in a table of their own:
    ``rows`` gives them as (layer, fields by name, WKB), or they lie staged under the intake ``staged``.
    """
    session.execute(delete(WaitingMaster).where(WaitingMaster.county == county, WaitingMaster.batch != batch))
    if staged is not None:
        _from_staging(session, county, batch, staged)
    _wait(session, county, batch, rows)
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


def waiting(session: Session, county: str, batch: int, layer: str) -> Iterable[Master]:
    """Points and lines of an import, each under a code that begins with its first parcel's where it names one."""
    query = (
        select(WaitingMaster.number, WaitingMaster.facts, func.st_asbinary(WaitingMaster.geom))
        .where(WaitingMaster.county == county, WaitingMaster.batch == batch, WaitingMaster.layer == layer)
        .order_by(WaitingMaster.number)
        .execution_options(yield_per=_CHUNK)
    )
    taken: set[str] = set()
    for number, facts, outline in session.execute(query):
        named = {name.upper(): str(value) for name, value in facts.items() if value is not None}
        code = _code(county, layer, named)
        if code in taken:
            code = f"{code}#{named.get('BSM', number)}"
        taken.add(code)
        yield Master(layer, code, named, plane(bytes(outline)) if outline else None)


def taken_along(session: Session, county: str, batch: int) -> None:
    """The vault has them: they wait no more."""
    session.execute(delete(WaitingMaster).where(WaitingMaster.county == county, WaitingMaster.batch == batch))


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


def _code(county: str, layer: str, facts: dict[str, str]) -> str:
    first = facts.get("DKBM", "").split("/")[0]
    own = {
        "JZD": facts.get("JZDH"),
        "JZX": facts.get("JZXH") or "-".join(filter(None, (facts.get("QJZDH"), facts.get("ZJZDH")))),
        "KZD": facts.get("KZDDH"),
    }[layer]
    return f"{first or county}#{own or facts.get('BSM', '')}"


def _wait(
    session: Session, county: str, batch: int, rows: Iterable[tuple[str, dict[str, Any], bytes | None]]
) -> None:
    numbers: dict[str, int] = {}
    found: list[dict[str, Any]] = []
    for layer, facts, outline in rows:
        numbers[layer] = numbers.get(layer, 0) + 1
        shape = from_shape(shapely.from_wkb(outline)) if outline else None
        row = {"county": county, "batch": batch, "layer": layer, "number": numbers[layer]}
        found.append(row | {"facts": facts, "geom": shape})
        if len(found) == _CHUNK:
            session.execute(insert(WaitingMaster), found)
            found = []
    if found:
        session.execute(insert(WaitingMaster), found)


def _from_staging(session: Session, county: str, batch: int, staged: int) -> None:
    for layer in STAGED_LAYERS:
        session.execute(
            text(f"""
            insert into operational.waiting_masters (county, batch, layer, number, facts, geom)
            select s.county, :batch, '{layer}', s.row,
                   jsonb_strip_nulls(to_jsonb(s) - array['county', 'batch', 'row', 'geom']), st_setsrid(s.geom, 0)
            from staging.{layer.lower()} s where s.county = :county and s.batch = :staged"""),  # noqa: S608
            {"county": county, "batch": batch, "staged": staged},
        )
