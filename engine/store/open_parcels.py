"""Writing the query store, and reading it back to compare. Sessions are of its own role."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

import shapely
from geoalchemy2.shape import from_shape
from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from engine.domain.division import AFTER
from engine.domain.stores import OpenParcel, plane
from engine.store.locks import lock_name
from engine.store.tables.query import OpenCounty, OpenDivision
from engine.store.tables.query import OpenParcelRow as P


def one_writer(query: Session, county: str) -> None:
    """Until the transaction ends nobody else refreshes the county: an older view never follows a newer one."""
    lock_name(query, f"open:{county}")


def villages(query: Session, county: str) -> set[str]:
    return set(query.scalars(select(func.left(P.code, 12)).where(P.county == county).distinct()))


def count(query: Session, county: str) -> int:
    return query.scalar(select(func.count()).where(P.county == county)) or 0


def of_village(query: Session, county: str, village: str) -> dict[str, OpenParcel]:
    return _read(query, county, P.code >= village, P.code < village + AFTER)


def of_codes(query: Session, county: str, codes: Collection[str]) -> dict[str, OpenParcel]:
    return _read(query, county, P.code.in_(codes)) if codes else {}


def put(query: Session, county: str, parcels: Iterable[OpenParcel], at: datetime) -> int:
    """Write or write over; gives how many."""
    rows = [_row(county, parcel, at) for parcel in parcels]
    if rows:
        statement = insert(P)
        fresh = {c.name: statement.excluded[c.name] for c in P.__table__.columns if not c.primary_key}
        query.execute(statement.on_conflict_do_update(index_elements=["county", "code"], set_=fresh), rows)
    return len(rows)


def drop(query: Session, county: str, codes: Collection[str]) -> None:
    if codes:
        query.execute(delete(P).where(P.county == county, P.code.in_(codes)))


def put_county(
    query: Session, county: str, facts: dict[str, Any], divisions: dict[str, str], at: datetime
) -> None:
    """Who opens its land, and the names of its places."""
    query.merge(OpenCounty(county=county, refreshed_at=at, **facts))
    query.execute(delete(OpenDivision).where(OpenDivision.county == county))
    query.add_all(OpenDivision(county=county, code=code, name=name) for code, name in divisions.items())
    query.flush()


def _row(county: str, parcel: OpenParcel, at: datetime) -> dict[str, Any]:
    return {
        "county": county,
        "code": parcel.code,
        "division": parcel.division,
        "place": parcel.place,
        "area_mu": parcel.area_mu,
        "state": parcel.state,
        "way": parcel.way,
        "term_start": parcel.term_start,
        "term_end": parcel.term_end,
        "marks": list(parcel.marks),
        "holder": parcel.holder,
        "outline": from_shape(shapely.from_wkb(parcel.outline)),
        "refreshed_at": at,
    }


def _read(query: Session, county: str, *which: ColumnElement[bool]) -> dict[str, OpenParcel]:
    outline = func.st_asbinary(P.outline).label("drawn")
    rows = query.execute(select(P, outline).where(P.county == county, *which))
    return {
        row.code: OpenParcel(
            code=row.code,
            division=row.division,
            place=row.place,
            area_mu=row.area_mu,
            state=row.state,
            way=row.way,
            term_start=row.term_start,
            term_end=row.term_end,
            marks=tuple(row.marks),
            holder=row.holder,
            outline=plane(bytes(drawn)),
        )
        for row, drawn in rows
    }
