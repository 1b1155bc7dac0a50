"""Boundary points, boundary lines and control points of the register, as the vault keeps them beside the parcels.

Each goes by a code that begins with its first parcel's, so that a village's lie together in both stores; control
points, which belong to no parcel, begin with the county's. Several of one number are told apart by what they say.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from typing import Any

import numpy as np
import shapely
from geoalchemy2.shape import from_shape
from sqlalchemy import ColumnElement, and_, func, literal, or_, select, update
from sqlalchemy.orm import Session

from engine.domain.division import AFTER, around
from engine.domain.stores import BOUNDARIES, OF_PARCELS, Master, plane
from engine.store.register import Cause, close_row, current
from engine.store.survey import Surveyed
from engine.store.tables import standard as s

_TABLES: dict[str, Any] = {"JZD": s.BoundaryPoint, "JZX": s.BoundaryLine, "KZD": s.MapFeature}
assert tuple(_TABLES) == BOUNDARIES
_VILLAGE = 12  # digits of a village's code
_CONTROL_POINT = "111000"  # YSDM of KZD
_NUMBERS = ("X2000", "Y2000", "X80", "Y80")  # fields of KZD that are no text
_CHUNK = 5000


def by_village(
    session: Session, county: str, layer: str, villages: Collection[str] | None = None
) -> Iterator[tuple[str, dict[str, Surveyed]]]:
    """Village (county for what has no parcel) -> code -> what stands; one village in memory at a time.

    ``villages``: of these alone, and then only of layers that belong to parcels.
    """
    table = _TABLES[layer]
    query = _standing(county, layer, table)
    if villages is not None:
        query = query.where(_lies_about(table, villages), _first_village(table).in_(villages))
    rows = session.execute(query.execution_options(yield_per=_CHUNK))
    for village, these in groupby(rows, lambda row: row.first[:_VILLAGE]):
        named: dict[str, list[Surveyed]] = {}
        for row in these:
            facts = _facts(table, row)
            code = f"{row.first}#{_number(layer, facts)}"
            master = Master(layer, code, facts, plane(bytes(row.outline)))
            named.setdefault(code, []).append(Surveyed(row.id, master, row.cause, row.cause_ref))
        yield village, {one.master.code: one for these in named.values() for one in _apart(these)}


def of_masters(session: Session, county: str, masters: Collection[Master]) -> dict[str, Surveyed]:
    """Code -> what stands where these masters of one layer lie: their villages' (of control points, the county's)."""
    if not masters:
        return {}
    layer = next(iter(masters)).layer
    villages = {master.code[:_VILLAGE] for master in masters} if layer in OF_PARCELS else None
    parts = by_village(session, county, layer, villages)
    return {code: one for _, found in parts for code, one in found.items()}


def write_masters(
    session: Session,
    county: str,
    changes: Iterable[tuple[Surveyed | None, Master]],
    cause: Cause,
    srid: int,
) -> None:
    """What another store sent, each with what stands of it: ended where it is gone, else a version from that day."""
    for old, master in changes:
        table = _TABLES[master.layer]
        row = session.get(table, (county, old.version_id)) if old is not None else None
        if row is not None:
            close_row(session, row, cause)
        if not master.gone:
            assert master.outline is not None
            drawn = from_shape(shapely.from_wkb(master.outline), srid=srid)
            own = _columns(table, county, master, row)
            session.add(table(county=county, geom=drawn, **own, **cause.columns()))
    session.flush()


def count(session: Session, county: str) -> dict[str, int]:
    """How many stand, by layer."""
    found = {}
    for layer, table in _TABLES.items():
        of_layer = [table.layer == layer] if table is s.MapFeature else []
        query = select(func.count()).where(table.county == county, *of_layer, *current(table))
        found[layer] = session.scalar(query) or 0
    return found


def _columns(table: Any, county: str, master: Master, row: Any | None) -> dict[str, Any]:
    """A version's own columns, as ``_facts`` reads them."""
    if table is s.MapFeature:
        facts = {name: float(v) if name in _NUMBERS else v for name, v in master.facts.items()}
        place = row.division if row is not None else county
        return {"layer": master.layer, "code": _CONTROL_POINT, "facts": facts, "division": place}
    parcels = master.facts["DKBM"].split("/")
    own = {c.key: master.facts.get(c.info["code"]) for c in table.__table__.columns if "code" in c.info}
    return own | {"parcels": parcels, "division": around(parcels)}


def villages_of(session: Session, county: str, codes: Collection[str]) -> set[str]:
    """Where the points and lines that name these parcels lie, or lay: a point on a border lies with its first parcel."""
    found = {code[:_VILLAGE] for code in codes}
    about = set(found)
    for layer in OF_PARCELS:
        table = _TABLES[layer]
        named = table.parcels.op("&&")(literal(list(codes), table.parcels.type))
        query = select(_first_village(table)).where(table.county == county, _lies_about(table, about), named)
        found |= set(session.scalars(query.distinct()))
    return found


def _first_village(table: Any) -> Any:
    return func.left(table.parcels[1], _VILLAGE)


def _lies_about(table: Any, villages: Collection[str]) -> ColumnElement[bool]:
    """In the villages, or in the townships or the county that hold them: what several villages share is there."""
    above = {village[:digits] for village in villages for digits in (6, 9)}
    below = [and_(table.division >= one, table.division < one + AFTER) for one in sorted(villages)]
    return or_(table.division.in_(sorted(above)), *below)


def process(
    session: Session, county: str, layer: str, changes: Iterable[tuple[int, Master]], srid: int
) -> None:
    """Put the processed place of version rows in place of the exact one that the vault has now.

    A control point's fields say its place once more.
    """
    table = _TABLES[layer]
    for version, master in changes:
        assert master.outline is not None
        drawn = from_shape(shapely.from_wkb(master.outline), srid=srid)
        said = {"facts": _columns(table, county, master, None)["facts"]} if table is s.MapFeature else {}
        this = (table.county == county, table.id == version)
        session.execute(update(table).where(*this).values(geom=drawn, **said))


def _standing(county: str, layer: str, table: Any) -> Any:
    if table is s.MapFeature:
        first, own = literal(county), [table.facts]
        which = [table.layer == layer]
    else:
        first, own = table.parcels[1], list(_coded(table))
        which = []
    named = first.label("first")
    return (
        select(
            named, table.id, table.cause, table.cause_ref, func.st_asbinary(table.geom).label("outline"), *own
        )
        .where(table.county == county, *which, *current(table))
        .order_by(named, table.id)
    )


def _coded(table: Any) -> list[Any]:
    return [getattr(table, column.key) for column in table.__table__.columns if "code" in column.info]


def _facts(table: Any, row: Any) -> dict[str, str]:
    """The standard's fields that are filled, by their names."""
    if table is s.MapFeature:
        return {name: str(value) for name, value in row.facts.items() if value is not None}
    values = {c.info["code"]: getattr(row, c.key) for c in table.__table__.columns if "code" in c.info}
    return {
        name: "/".join(value) if isinstance(value, list) else str(value)
        for name, value in values.items()
        if value is not None
    }


def _number(layer: str, facts: dict[str, str]) -> str:
    if layer == "JZX":
        return facts.get("JZXH") or "-".join(filter(None, (facts.get("QJZDH"), facts.get("ZJZDH"))))
    return facts.get({"JZD": "JZDH", "KZD": "KZDDH"}[layer], "")


def _apart(these: list[Surveyed]) -> list[Surveyed]:
    """Several of one number under codes of their own, in an order that another store's rows give too."""
    if len(these) == 1:
        return these
    ordered = sorted(these, key=lambda one: _said(one.master))
    codes = [one.master.code + (f"#{turn}" if turn > 1 else "") for turn, one in enumerate(ordered, 1)]
    return [
        replace(one, master=replace(one.master, code=code)) for code, one in zip(codes, ordered, strict=True)
    ]


def _said(master: Master) -> tuple[list[tuple[str, Any]], list[float]]:
    assert master.outline is not None
    return sorted(master.facts.items()), np.ravel(
        shapely.get_coordinates(shapely.from_wkb(master.outline))
    ).tolist()
