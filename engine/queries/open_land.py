"""Reads for the public page. Sessions are of the query store's own role: nothing here can reach the register."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import shapely
from sqlalchemy import LargeBinary, func, select
from sqlalchemy.orm import Session

from engine.domain.division import AFTER
from engine.domain.errors import NotFound
from engine.store.tables.query import OpenCounty, OpenDivision
from engine.store.tables.query import OpenParcelRow as P

PAGE = 50
MOST_DRAWN = 3000  # parcels of one village on its map
MOST_FOUND = 20
AROUND = 40.0  # metres that are drawn round a parcel
_PARCEL = re.compile(r"\d{19}")
_VILLAGE = re.compile(r"\d{12}")


@dataclass(frozen=True)
class Parcel:
    """What anyone may see of a parcel; ``drawn`` is its generalised outline."""

    code: str
    place: str
    area_mu: Decimal
    state: str
    way: str | None
    term_start: date | None
    term_end: date | None
    marks: tuple[str, ...]
    drawn: dict[str, Any]


@dataclass(frozen=True)
class Township:
    name: str
    villages: tuple[tuple[str, str], ...]  # code, name


def counties(query: Session) -> list[OpenCounty]:
    return list(query.scalars(select(OpenCounty).order_by(OpenCounty.county)))


def county_of(query: Session, code: str) -> OpenCounty:
    """The county that a village's or parcel's code begins with."""
    found = query.get(OpenCounty, code[:6])
    if found is None:
        raise NotFound("open", "没有这个村或地块，请核对编码")
    return found


def townships(query: Session, county: str) -> list[Township]:
    """Villages that have parcels, by township."""
    names = _names(query, county)
    village = func.left(P.code, 12)
    held = query.scalars(select(village).where(P.county == county).distinct().order_by(village)).all()
    found: dict[str, list[tuple[str, str]]] = {}
    for code in held:
        found.setdefault(code[:9], []).append((code, names.get(code, code)))
    return [Township(names.get(code, code), tuple(villages)) for code, villages in found.items()]


def named(query: Session, county: str, words: str) -> list[tuple[str, str]]:
    """Villages whose name has these words: code, and the name with the township's before it."""
    d = OpenDivision
    rows = query.execute(
        select(d.code, d.name)
        .where(d.county == county, func.length(d.code) == 12, d.name.contains(words, autoescape=True))
        .order_by(d.code)
        .limit(MOST_FOUND)
    ).all()
    names = _names(query, county)
    return [(code, names.get(code[:9], "") + name) for code, name in rows]


def village_name(query: Session, code: str) -> str:
    """Township and village; NotFound where there is none."""
    names = _names(query, code[:6]) if _VILLAGE.fullmatch(code) else {}
    if code not in names:
        raise NotFound("open", "没有这个村或地块，请核对编码")
    return names.get(code[:9], "") + names[code]


def lines(query: Session, village: str, page: int) -> tuple[list[Parcel], int, int]:
    """A page of a village's parcels, how many there are, and which page it is: beyond the last, the last."""
    total = query.scalar(select(func.count()).where(*_of(village))) or 0
    page = min(max(page, 1), max(1, -(-total // PAGE)))
    return _parcels(query, *_of(village), limit=PAGE, offset=(page - 1) * PAGE), total, page


def drawn(query: Session, village: str) -> dict[str, Any]:
    """A village's parcels as GeoJSON in the county's zone; ``truncated`` says there are more."""
    found = _parcels(query, *_of(village), limit=MOST_DRAWN + 1)
    features = [feature(parcel) for parcel in found[:MOST_DRAWN]]
    return {"type": "FeatureCollection", "features": features, "truncated": len(found) > MOST_DRAWN}


def parcel(query: Session, code: str) -> Parcel:
    one = found(query, code) if is_parcel(code) else None
    if one is None:
        raise NotFound("open", "没有这个村或地块，请核对编码")
    return one


def found(query: Session, code: str) -> Parcel | None:
    """As ``parcel``; None where there is none."""
    return next(iter(_parcels(query, P.county == code[:6], P.code == code)), None)


def holder(query: Session, code: str) -> str | None:
    """The masked name of who holds it: for other departments, on no public page."""
    return query.scalar(select(P.holder).where(P.county == code[:6], P.code == code))


def around(query: Session, one: Parcel) -> dict[str, Any]:
    """The parcel among its neighbours of the same village, as GeoJSON in the county's zone."""
    west, south, east, north = shapely.geometry.shape(one.drawn).bounds
    box = func.st_makeenvelope(west - AROUND, south - AROUND, east + AROUND, north + AROUND)
    near = _parcels(query, *_of(one.code[:12]), P.outline.intersects(box), limit=MOST_DRAWN)
    features = [feature(each, "parcel" if each.code == one.code else "neighbour") for each in near]
    return {"type": "FeatureCollection", "features": features}


def is_parcel(words: str) -> bool:
    """Whether a parcel could be called that."""
    return bool(_PARCEL.fullmatch(words))


def feature(found: Parcel, layer: str = "parcel") -> dict[str, Any]:
    facts = {"code": found.code, "name": found.code[-5:], "layer": layer, "area": f"{found.area_mu} 亩"}
    return {"type": "Feature", "properties": facts, "geometry": found.drawn}


def _of(village: str) -> tuple[Any, ...]:
    return P.county == village[:6], P.code >= village, P.code < village + AFTER


def _names(query: Session, county: str) -> dict[str, str]:
    rows = query.execute(select(OpenDivision.code, OpenDivision.name).where(OpenDivision.county == county))
    return dict(rows.tuples().all())


def _parcels(query: Session, *which: Any, limit: int = 1, offset: int = 0) -> list[Parcel]:
    outline = func.st_asbinary(P.outline, type_=LargeBinary).label("shape")
    rows = query.execute(select(P, outline).where(*which).order_by(P.code).limit(limit).offset(offset))
    return [
        Parcel(
            code=row.code,
            place=row.place,
            area_mu=_plain(row.area_mu),
            state=row.state,
            way=row.way,
            term_start=row.term_start,
            term_end=row.term_end,
            marks=tuple(row.marks),
            drawn=shapely.geometry.mapping(shapely.from_wkb(bytes(shape))),
        )
        for row, shape in rows
    ]


def _plain(area: Decimal) -> Decimal:
    """As many decimals as it was rounded to: 1.20 -> 1.2, 3.00 -> 3.0."""
    return area.quantize(Decimal("0.1")) if area == area.quantize(Decimal("0.1")) else area
