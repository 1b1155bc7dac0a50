"""Parcels as GeoJSON in the county's own zone (east, north, metres), and the lists beside the map."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import shapely
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    LargeBinary,
    Select,
    Text,
    and_,
    func,
    or_,
    select,
    text,
    union_all,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session, aliased

from engine.domain.actor import Actor
from engine.domain.register import mu
from engine.queries.as_of import When
from engine.queries.household import location
from engine.queries.household_rows import of_day, of_today
from engine.queries.pairs import contains
from engine.queries.register import begins, fits
from engine.queries.scoped import AFTER, within
from engine.store.outlines import draw_outlines
from engine.store.register import county_of, current, lies_with, neighbours
from engine.store.tables import register as t
from engine.store.tables.maps import DivisionOutline
from engine.store.tables.reference import Division

MOST = 3000  # parcels in one answer
MOST_WORDS = 5
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
    category: str
    basic: str  # 1 basic farmland, 2 not
    holder: str | None
    holder_code: str | None


@dataclass(frozen=True)
class Found:
    """A page of parcels, how many there are in all, which page it is, and what all of them lie in."""

    lines: tuple[ParcelLine, ...]
    total: int
    page: int
    extent: Box | None

    @property
    def pages(self) -> int:
        return _pages(self.total)


def mu_text(session: Session, actor: Actor, area: Decimal | None) -> str:
    """亩 of an area in m2 with as many decimals as the county shows; "" for none."""
    decimals = int(county_of(session, actor.county).settings.get("mu_decimals", 2))
    return "" if area is None else str(mu(area, decimals))


def zone(session: Session, county: str) -> Zone:
    srid = county_of(session, county).srid
    proj = session.scalar(text("select proj4text from spatial_ref_sys where srid = :srid"), {"srid": srid})
    return Zone(srid, (proj or "").strip())


def standing(version: Any, when: When | None) -> ColumnElement[bool]:
    """Versions that stand now, or stood then. Two branches, each with an index of its own."""
    now = and_(*current(version))
    if when is None:
        return now
    past = or_(version.valid_to.is_not(None), version.superseded_at.is_not(None))
    return or_(and_(now, when.holds(version)), and_(past, when.holds(version)))


def by_contract(query: Any, when: When | None) -> Any:
    """Joined from contracted parcels to the contract's versions; a past one may restate the row that they hang on."""
    cp, kv = t.ContractedParcel, t.ContractVersion
    if when is None:
        return query.join(kv, and_(kv.county == cp.county, kv.id == cp.contract_version_id))
    first = aliased(kv)
    return query.join(first, and_(first.county == cp.county, first.id == cp.contract_version_id)).join(
        kv,
        and_(
            kv.county == first.county,
            kv.contract_id == first.contract_id,
            lies_with(kv) == first.id,
        ),
    )


def parcels_in(
    session: Session,
    actor: Actor,
    division: str = "",
    box: Box | None = None,
    when: When | None = None,
    most: int = MOST,
) -> dict[str, Any]:
    """A feature collection of the scope's parcels, at most ``most``; ``truncated`` says there are more."""
    v = t.ParcelVersion
    outline = func.st_asbinary(v.geom, type_=LargeBinary).label("outline")
    query = (
        select(v.code, v.name, v.measured_area, v.category, v.basic_farmland, outline)
        .where(within(v, actor, division), standing(v, when))
        .order_by(v.code)
        .limit(most + 1)
    )
    if box:
        query = query.where(
            v.geom.intersects(func.st_makeenvelope(*box, county_of(session, actor.county).srid))
        )
    rows = session.execute(query).all()
    held = holders(session, actor, [row.code for row in rows[:most]], when)
    features = []
    for row in rows[:most]:
        drawn = feature(row.code, row.name, row.measured_area, bytes(row.outline), "parcel")
        drawn["properties"] |= {"category": row.category, "basic": row.basic_farmland}
        drawn["properties"]["holder"], drawn["properties"]["holder_code"] = held.get(row.code, (None, None))
        features.append(drawn)
    return {"type": "FeatureCollection", "features": features, "truncated": len(rows) > most}


def parcel_lines(
    session: Session, actor: Actor, division: str, page: int, words: str = "", when: When | None = None
) -> Found:
    """A page of the table twin; beyond the last, the last. Draws outlines anew where they are old: the caller commits.

    ``words`` are sought in parcel codes and names, in divisions' names and in whose land it is: name, code, or the
    identity number of the contractor or a member.
    """
    if not words and when is None:
        total, around = _whole(session, actor, division)
        page = min(max(page, 1), _pages(total))
        codes = _codes_by_index(session, actor, division, page)
    else:
        total, around, codes = _sought(session, actor, division, page, words, when)
        if page > (page := min(max(page, 1), _pages(total))):
            codes = _sought(session, actor, division, page, words, when)[2]
    return Found(tuple(_lines(session, actor, codes, when)), total, page, around)


def extent(session: Session, actor: Actor, division: str, when: When | None = None) -> Box | None:
    """What the division's parcels lie in; None where there are none."""
    if when is None:
        return _whole(session, actor, division)[1]
    return _sought(session, actor, division, 1, "", when)[1]


def _pages(total: int) -> int:
    return max(1, -(-total // PAGE))


def _whole(session: Session, actor: Actor, division: str) -> tuple[int, Box | None]:
    """How many parcels there are and what they lie in, from the outlines: no parcel is looked at."""
    o = DivisionOutline
    draw_outlines(session, actor.county, division, county_of(session, actor.county).srid)
    total, *sides = session.execute(
        select(func.coalesce(func.sum(o.parcels), 0), *_sides(o.geom)).where(within(o, actor, division))
    ).one()
    return int(total), _box(sides)


def _codes_by_index(session: Session, actor: Actor, division: str, page: int) -> list[str]:
    v = t.ParcelVersion
    query = select(v.code).where(within(v, actor, division), *current(v)).order_by(v.code)
    return list(session.scalars(query.limit(PAGE).offset((page - 1) * PAGE)))


def _sought(
    session: Session, actor: Actor, division: str, page: int, words: str, when: When | None
) -> tuple[int, Box | None, list[str]]:
    """How many there are, what they lie in, and the page's codes: all in one look at the parcels."""
    v = t.ParcelVersion
    first = (max(page, 1) - 1) * PAGE + 1
    ordered = func.array_agg(aggregate_order_by(v.code, v.code.asc()), type_=ARRAY(Text))
    total, codes, *sides = session.execute(
        select(func.count(), ordered[first : first + PAGE - 1], *_sides(v.geom)).where(
            within(v, actor, division),
            standing(v, when),
            *[_fits(session, actor, word, when) for word in words.split()[:MOST_WORDS]],
        )
    ).one()
    return total, _box(sides), list(codes or ())


def _sides(geometry: Any) -> list[ColumnElement[float]]:
    around = func.st_extent(geometry)
    return [getattr(func, name)(around) for name in ("st_xmin", "st_ymin", "st_xmax", "st_ymax")]


def _box(sides: list[float | None]) -> Box | None:
    west, south, east, north = sides
    if west is None or south is None or east is None or north is None:
        return None
    return west, south, east, north


def _lines(session: Session, actor: Actor, codes: list[str], when: When | None) -> Iterator[ParcelLine]:
    v = t.ParcelVersion
    rows = session.execute(
        select(
            v.code, v.name, v.measured_area, v.category, v.basic_farmland, v.east, v.south, v.west, v.north
        )
        .where(within(v, actor), v.code.in_(codes), standing(v, when))
        .order_by(v.code)
    ).all()
    held = holders(session, actor, codes, when)
    for row in rows:
        yield ParcelLine(
            row.code,
            row.name,
            mu_text(session, actor, row.measured_area),
            location(row.east, row.south, row.west, row.north),
            row.category,
            row.basic_farmland,
            *held.get(row.code, (None, None)),
        )


def _fits(session: Session, actor: Actor, word: str, when: When | None) -> ColumnElement[bool]:
    """Each way of fitting is looked up by an index of its own, and the parcel is one of what they find."""
    v = t.ParcelVersion
    named = list(session.scalars(_called(session, actor, word))) if len(word) > 1 else []
    ways = [
        contains(v, "name", word),
        *(and_(v.division >= code, v.division < code + AFTER) for code in _tops(named)),
    ]
    if word.isascii() and not _is_contractor(session, actor, word):
        ways.append(begins(v.code, word))
    mine = and_(within(v, actor), standing(v, when))
    return v.parcel_id.in_(
        union_all(*(select(v.parcel_id).where(mine, way) for way in ways), _held_by(actor, word, when))
    )


def _is_contractor(session: Session, actor: Actor, word: str) -> bool:
    """A contractor's whole code is also how the codes of ten parcels of others begin: those are not meant."""
    c = t.Contractor
    return bool(session.scalar(select(c.id).where(c.county == actor.county, c.code == word)))


def _called(session: Session, actor: Actor, word: str) -> Select[str]:
    """Codes of divisions whose name has the word below the county: a word of the county's name would find everything."""
    county = session.get(Division, actor.county)
    below = func.substr(Division.full_name, len(county.full_name) + 1 if county else 1)
    return select(Division.code).where(
        Division.code >= actor.division,
        Division.code < actor.division + AFTER,
        below.contains(word, autoescape=True),
    )


def _tops(codes: list[str]) -> list[str]:
    """Without those that lie in another of them."""
    return [code for code in codes if not any(code != other and code.startswith(other) for other in codes)]


def _held_by(actor: Actor, word: str, when: When | None) -> Select[tuple[int]]:
    """Ids of the parcels of contractors that the word fits."""
    cp, k, kv = t.ContractedParcel, t.Contract, t.ContractVersion
    rows = of_today() if when is None else of_day(when, actor, "", "none")
    who = select(rows.contractor_id).select_from(rows.source)
    who = who.where(within(rows, actor), *rows.holds, fits(actor.county, word, rows))
    return (
        by_contract(select(cp.parcel_id), when)
        .join(k, and_(k.county == kv.county, k.id == kv.contract_id))
        .where(
            within(k, actor),
            kv.state == "in_force",
            standing(kv, when),
            k.contractor_id.in_(who),
        )
    )


def holders(
    session: Session, actor: Actor, codes: list[str], when: When | None = None
) -> dict[str, tuple[str, str]]:
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
        by_contract(
            select(p.code, cv.name, c.code).join(cp, and_(cp.county == p.county, cp.parcel_id == p.id)), when
        )
        .join(k, and_(k.county == kv.county, k.id == kv.contract_id))
        .join(c, and_(c.county == k.county, c.id == k.contractor_id))
        .join(cv, and_(cv.county == c.county, cv.contractor_id == c.id))
        .where(
            within(p, actor),
            p.code.in_(codes),
            kv.state == "in_force",
            standing(kv, when),
            standing(cv, when),
        )
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
