"""The standard's rows of some households and parcels: what a message to the upper platform carries.

The statements are those of the whole export, so that a message and a delivery package say the same of a thing.
"""

from collections.abc import Collection
from typing import Any

import numpy as np
import shapely
from sqlalchemy import ARRAY, ColumnElement, and_, cast, func
from sqlalchemy.orm import Session

from engine.exchange.exporting.tables import Part, narrowed
from engine.exchange.package.model import Table
from engine.store.base import CodeText
from engine.store.register import county_of
from engine.store.tables import register as t
from engine.store.tables import standard as s

ELEMENTS = {"CBF_JTCY": "JTCY"}  # tables that the messages name otherwise
NEAR = 1.0  # metres: a point of a parcel lies no further from its outline

Rows = dict[str, list[dict[str, Any]]]


def extract(
    session: Session, county: str, party: str, contractors: Collection[str], parcels: Collection[str]
) -> Rows:
    """Table or layer -> rows by field, layers with SHP (WKT, metres). What is not there is left out."""
    part = Part(county, county)
    tables = narrowed(session, part, conditions(party, sorted(contractors), sorted(parcels)))
    land = tables["DK"].geometry
    tables |= narrowed(session, part, boundaries(sorted(parcels), land, county_of(session, county).srid))
    return {ELEMENTS.get(name, name): rows(table) for name, table in tables.items()}


def conditions(party: str, contractors: list[str], parcels: list[str]) -> dict[str, ColumnElement[bool]]:
    theirs = t.Contractor.code.in_(contractors)
    held = ("CBF", "CBF_JTCY", "CBHT", "CBJYQZDJB", "CBJYQZ", "CBDKXX")
    return dict.fromkeys(held, theirs) | {
        "FBF": t.IssuingParty.code == party,
        "DK": t.Parcel.code.in_(parcels),
    }


def boundaries(parcels: list[str], outlines: Any, srid: int) -> dict[str, ColumnElement[bool]]:
    """By place first, which is indexed, then by whose they are."""
    west, south, east, north = shapely.total_bounds(np.asarray(outlines)) if len(outlines) else (0.0,) * 4
    box = func.st_makeenvelope(west - NEAR, south - NEAR, east + NEAR, north + NEAR, srid)
    land = cast(parcels, ARRAY(CodeText))
    return {
        name: and_(table.geom.op("&&")(box), table.parcels.op("&&")(land))
        for name, table in (("JZD", s.BoundaryPoint), ("JZX", s.BoundaryLine))
    }


def rows(table: Table) -> list[dict[str, Any]]:
    names = tuple(table.columns)
    found = [dict(zip(names, row, strict=True)) for row in table.rows(*names)]
    if table.geometry is not None:
        for row, outline in zip(found, np.asarray(table.geometry), strict=True):
            row["SHP"] = outline.wkt
    return found
