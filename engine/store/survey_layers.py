"""Boundary points, boundary lines and control points of the register, as the vault keeps them beside the parcels.

Each goes by a code that begins with its first parcel's, so that a village's lie together in both stores; control
points, which belong to no parcel, begin with the county's.
"""

from collections.abc import Collection, Iterable, Iterator
from itertools import groupby
from typing import Any

import shapely
from geoalchemy2.shape import from_shape
from sqlalchemy import ColumnElement, and_, func, literal, or_, select, update
from sqlalchemy.orm import Session

from engine.domain.division import AFTER
from engine.domain.stores import Master, plane
from engine.store.register import current
from engine.store.survey import Surveyed
from engine.store.tables import standard as s

_TABLES: dict[str, Any] = {"JZD": s.BoundaryPoint, "JZX": s.BoundaryLine, "KZD": s.MapFeature}
LAYERS = tuple(_TABLES)
OF_PARCELS = ("JZD", "JZX")  # what a change of parcels changes too
_VILLAGE = 12  # digits of a village's code
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
        found: dict[str, Surveyed] = {}
        for row in these:
            facts = _facts(table, row)
            code = _free(f"{row.first}#{_number(layer, facts)}", found)
            outline = plane(bytes(row.outline))
            found[code] = Surveyed(row.id, Master(layer, code, facts, outline), row.cause, row.cause_ref)
        yield village, found


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
    """Put the processed place of version rows in place of the exact one that the vault has now."""
    table = _TABLES[layer]
    for version, master in changes:
        assert master.outline is not None
        drawn = from_shape(shapely.from_wkb(master.outline), srid=srid)
        session.execute(update(table).where(table.county == county, table.id == version).values(geom=drawn))


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


def _free(code: str, taken: dict[str, Surveyed]) -> str:
    """Several of one number are told apart by their order."""
    turn, free = 1, code
    while free in taken:
        turn += 1
        free = f"{code}#{turn}"
    return free
