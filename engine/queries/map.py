"""Parcels as GeoJSON in the county's own zone (east, north, metres), and the lists beside the map."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import shapely
from sqlalchemy import LargeBinary, and_, func, select, text
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.changeset import RemeasureParcel
from engine.domain.register import mu
from engine.queries.case_file import ProposedChange
from engine.queries.household import location
from engine.queries.scoped import AFTER, within
from engine.store.register import county_of, current, neighbours
from engine.store.tables import register as t
from engine.store.tables.reference import Division

MOST = 3000  # parcels in one answer
PAGE = 50
Box = tuple[float, float, float, float]  # west, south, east, north in metres


@dataclass(frozen=True)
class Zone:
    """The county's zone as map libraries want it."""

    epsg: int
    proj: str


@dataclass(frozen=True)
class ParcelLine:
    """One row of the table twin; ``holder`` and ``holder_code`` are the household that holds it now."""

    code: str
    name: str
    area_mu: str
    location: str
    holder: str | None
    holder_code: str | None


def zone(session: Session, county: str) -> Zone:
    srid = county_of(session, county).srid
    proj = session.scalar(text("select proj4text from spatial_ref_sys where srid = :srid"), {"srid": srid})
    return Zone(srid, (proj or "").strip())


def parcels_in(session: Session, actor: Actor, division: str = "", box: Box | None = None) -> dict[str, Any]:
    """A feature collection of the scope's current parcels, at most MOST; ``truncated`` says there are more."""
    p, v = t.Parcel, t.ParcelVersion
    outline = func.st_asbinary(v.geom, type_=LargeBinary).label("outline")
    query = (
        select(p.code, v.name, v.measured_area, outline)
        .join(v, and_(v.county == p.county, v.parcel_id == p.id))
        .where(within(p, actor, division), v.county == actor.county, *current(v))
        .order_by(p.code)
        .limit(MOST + 1)
    )
    if box:
        query = query.where(
            v.geom.intersects(func.st_makeenvelope(*box, county_of(session, actor.county).srid))
        )
    rows = session.execute(query).all()
    held = holders(session, actor, [row.code for row in rows[:MOST]])
    features = []
    for row in rows[:MOST]:
        drawn = feature(row.code, row.name, row.measured_area, bytes(row.outline), "parcel")
        drawn["properties"]["holder"], drawn["properties"]["holder_code"] = held.get(row.code, (None, None))
        features.append(drawn)
    return {"type": "FeatureCollection", "features": features, "truncated": len(rows) > MOST}


def parcel_lines(
    session: Session, actor: Actor, division: str, page: int
) -> tuple[list[ParcelLine], int, int]:
    """A page of the table twin, how many parcels there are, and which page it is: beyond the last, the last."""
    p, v = t.Parcel, t.ParcelVersion
    scoped = (within(p, actor, division), v.county == p.county, v.parcel_id == p.id, *current(v))
    total = session.scalar(select(func.count()).select_from(p, v).where(*scoped)) or 0
    page = min(max(page, 1), max(1, -(-total // PAGE)))
    rows = session.execute(
        select(p.code, v.name, v.measured_area, v.east, v.south, v.west, v.north)
        .where(*scoped)
        .order_by(p.code)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    ).all()
    held = holders(session, actor, [row.code for row in rows])
    lines = [
        ParcelLine(
            row.code,
            row.name,
            str(mu(row.measured_area)),
            location(row.east, row.south, row.west, row.north),
            *held.get(row.code, (None, None)),
        )
        for row in rows
    ]
    return lines, total, page


def holders(session: Session, actor: Actor, codes: list[str]) -> dict[str, tuple[str, str]]:
    """parcel code -> (name, contractor code) of the household that holds it by a contract in force."""
    p, cp, k, kv, c, cv = (
        t.Parcel,
        t.ContractedParcel,
        t.Contract,
        t.ContractVersion,
        t.Contractor,
        t.ContractorVersion,
    )
    rows = session.execute(
        select(p.code, cv.name, c.code)
        .join(cp, and_(cp.county == p.county, cp.parcel_id == p.id))
        .join(kv, and_(kv.county == cp.county, kv.id == cp.contract_version_id))
        .join(k, and_(k.county == kv.county, k.id == kv.contract_id))
        .join(c, and_(c.county == k.county, c.id == k.contractor_id))
        .join(cv, and_(cv.county == c.county, cv.contractor_id == c.id))
        .where(within(p, actor), p.code.in_(codes), kv.state == "in_force", *current(kv), *current(cv))
    )
    return {parcel: (name, code) for parcel, name, code in rows}


def divisions(session: Session, actor: Actor) -> list[Division]:
    """Townships, villages and groups of the scope, in order of their codes."""
    return list(
        session.scalars(
            select(Division)
            .where(
                Division.code >= actor.division,
                Division.code < actor.division + AFTER,
                func.length(Division.code).in_((9, 12, 14)),
            )
            .order_by(Division.code)
        )
    )


Land = tuple[str, str, Decimal | None, bytes]  # code, name, measured area in m2, outline as WKB


def land_features(session: Session, actor: Actor, land: Iterable[Land], around: bool) -> dict[str, Any]:
    """Parcels as they are given, ``around`` among what neighbours them today."""
    own = [feature(*parcel, "parcel") for parcel in land]
    near = _around(session, actor, [drawn["properties"]["code"] for drawn in own]) if around else []
    return {"type": "FeatureCollection", "features": near + own}


def change_features(session: Session, actor: Actor, change: ProposedChange) -> dict[str, Any]:
    """Before and after: dashed where an outline or a parcel goes, solid where it comes; neighbours around."""
    household = change.before
    surveyed = {c.parcel_code: c for c in change.changes if isinstance(c, RemeasureParcel) and c.outline}
    kept = {parcel.parcel_code: parcel.area for parcel in change.contract.parcels}
    found = _around(session, actor, [p.code for p in household.parcels])
    for parcel in household.parcels:
        moved = surveyed.get(parcel.code)
        gone = parcel.code not in kept
        layer = "before" if moved or gone else "parcel"
        found.append(feature(parcel.code, parcel.name, parcel.measured_area, parcel.outline, layer))
        if moved and moved.outline:
            outline = shapely.to_wkb(shapely.from_wkt(moved.outline))
            found.append(feature(parcel.code, parcel.name, moved.area, outline, "after"))
    return {"type": "FeatureCollection", "features": found}


def _around(session: Session, actor: Actor, codes: list[str]) -> list[dict[str, Any]]:
    """Neighbours within the scope; a parcel's code begins with its issuing party's, which begins with its division."""
    near = neighbours(session, actor.county, codes) if codes else []
    return [
        feature(code, name, None, outline, "neighbour")
        for code, name, outline in near
        if code.startswith(actor.division)
    ]


def feature(code: str, name: str, area: Decimal | None, outline: bytes, layer: str) -> dict[str, Any]:
    """A GeoJSON feature; coordinates to the millimetre that the standard keeps."""
    polygon = shapely.from_wkb(outline)
    facts: dict[str, Any] = {"code": code, "name": name, "layer": layer}
    if area is not None:
        facts["area"] = f"{mu(area)} 亩"
    return {"type": "Feature", "properties": facts, "geometry": _geometry(polygon)}


def _geometry(polygon: Any) -> dict[str, Any]:
    def ring(points: Any) -> list[list[float]]:
        return [[round(x, 3), round(y, 3)] for x, y, *_ in points.coords]

    parts = list(polygon.geoms) if polygon.geom_type == "MultiPolygon" else [polygon]
    rings = [[ring(part.exterior), *(ring(hole) for hole in part.interiors)] for part in parts]
    if len(rings) == 1:
        return {"type": "Polygon", "coordinates": rings[0]}
    return {"type": "MultiPolygon", "coordinates": rings}
