"""What the register says of parcels that anyone might be told: the source of the query store."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from sqlalchemy import ColumnElement, LargeBinary, and_, func, or_, select
from sqlalchemy.orm import Session

from engine.domain.division import AFTER
from engine.domain.stores import PublicFacts
from engine.queries.scoped import places
from engine.store.register import current, version_of
from engine.store.tables import register as t
from engine.store.tables.reference import Division


def of_village(session: Session, county: str, village: str, today: date) -> dict[str, PublicFacts]:
    return _facts(session, county, today, t.Parcel.code >= village, t.Parcel.code < village + AFTER)


def of_codes(session: Session, county: str, codes: Collection[str], today: date) -> dict[str, PublicFacts]:
    return _facts(session, county, today, t.Parcel.code.in_(codes)) if codes else {}


def divisions(session: Session, county: str) -> dict[str, str]:
    """Code -> name of the county's townships, villages and groups."""
    d = Division
    rows = session.execute(
        select(d.code, d.name).where(
            d.code > county, d.code < county + AFTER, func.length(d.code).in_((9, 12, 14))
        )
    )
    return dict(rows.tuples().all())


def _facts(session: Session, county: str, today: date, *which: ColumnElement[bool]) -> dict[str, PublicFacts]:
    p, v = t.Parcel, t.ParcelVersion
    rows = session.execute(
        select(
            p.code, p.division, v.measured_area, func.st_asbinary(v.geom, type_=LargeBinary).label("outline")
        )
        .join(v, version_of(p, v, "parcel_id"))
        .where(p.county == county, v.county == county, *current(v), *which)
    ).all()
    held = _held(session, county, *which)
    marks = _marks(session, county, today, [row.code for row in rows], held)
    named = places(session, {row.division for row in rows})
    found = {}
    for row in rows:
        way, start, end, holder, kind, _household = held.get(row.code, (None,) * 6)
        found[row.code] = PublicFacts(
            row.code, row.division, named[row.division], row.measured_area, bytes(row.outline),
            way, start, end, holder, kind, frozenset(marks[row.code]),
        )  # fmt: skip
    return found


def _held(session: Session, county: str, *which: ColumnElement[bool]) -> dict[str, tuple]:
    """parcel code -> (way, term from, term to, holder, its kind, its code) by the contract in force."""
    p, cp, k, kv, c, cv = (
        t.Parcel,
        t.ContractedParcel,
        t.Contract,
        t.ContractVersion,
        t.Contractor,
        t.ContractorVersion,
    )
    rows = session.execute(
        select(p.code, kv.way, kv.term_start, kv.term_end, cv.name, cv.kind, c.code.label("household"))
        .join(cp, and_(cp.county == p.county, cp.parcel_id == p.id))
        .join(kv, and_(kv.county == cp.county, kv.id == cp.contract_version_id))
        .join(k, and_(k.county == kv.county, k.id == kv.contract_id))
        .join(c, and_(c.county == k.county, c.id == k.contractor_id))
        .join(cv, version_of(c, cv, "contractor_id"))
        .where(p.county == county, kv.state == "in_force", *current(kv), *current(cv), *which)
        .order_by(k.id)
    )
    return {row.code: tuple(row)[1:] for row in rows}


def _marks(
    session: Session, county: str, today: date, codes: Collection[str], held: dict[str, tuple]
) -> dict[str, set[str]]:
    """parcel code -> kinds of what stands on it, or on the household that holds it."""
    parcels = defaultdict(set)
    for code, row in held.items():
        parcels[row[-1]].add(code)
    b = t.Block
    rows = session.execute(
        select(b.on, b.code, b.kind).where(
            b.county == county,
            b.starts_on <= today,
            or_(b.ends_on.is_(None), b.ends_on >= today),
            or_(
                and_(b.on == "parcel", b.code.in_(codes)),
                and_(b.on == "contractor", b.code.in_(list(parcels))),
            ),
        )
    )
    found: dict[str, set[str]] = defaultdict(set)
    for on, code, kind in rows:
        for parcel in {code} if on == "parcel" else parcels[code]:
            found[parcel].add(kind)
    return found
