"""Words and files of scenarios about surveys: firms, neighbours who point out boundaries, what is brought back."""

import io
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import shapely
from shapely import affinity, box
from sqlalchemy.orm import Session

from engine.domain.changes import Touched
from engine.domain.clock import local_date
from engine.domain.register import Household
from engine.domain.surveying import within
from engine.exchange.field_package import FIELDS, write_layer
from engine.store import firms
from engine.store.changes.load import load
from engine.store.register import county_of, neighbours

BESIDE = 2.0  # metres, as parameters.yaml of survey_request has it


def words_of_surveys(session: Session, household: Household, at: Any) -> dict[str, Any]:
    """``$firm``, ``$other_firm``, ``$ended_firm``; ``$witnesses`` of the first parcel, with all present, one absent or
    one by agent; ``$neighbour_parcel`` and ``$neighbour_name`` of the absent one.
    """
    day, known = local_date(at), firms.firms_of(session, household.county)
    fit = [firm.code for firm in known if firms.shortfall(firm, day, 2) is None]
    unfit = [firm.code for firm in known if firms.shortfall(firm, day, 2) == "ended"]
    words: dict[str, Any] = {name: code for name, code in zip(("$firm", "$other_firm"), fit, strict=False)}
    words |= {"$ended_firm": unfit[0]} if unfit else {}
    if not household.parcels:
        return words
    first = household.parcels[0]
    own = [shapely.from_wkb(first.outline)]
    around = [
        row
        for row in neighbours(session, household.county, [first.code], BESIDE)
        if within(row[2], own, BESIDE)
    ]
    household_row = {"name": household.name, "side": "own", "how": "present"}
    rows = [{"name": name, "side": "neighbour", "parcel": code, "how": "present"} for code, name, _ in around]
    words |= {"$witnesses": [household_row, *rows], "$witnesses_without": [household_row, *rows[1:]]}
    if rows:
        words["$neighbour_parcel"], words["$neighbour_name"] = rows[0]["parcel"], rows[0]["name"]
        words["$witnesses_absent"] = [household_row, rows[0] | {"how": "absent"}, *rows[1:]]
        words["$witnesses_agent"] = [
            household_row,
            rows[0] | {"how": "mandate", "agent": "代理人"},
            *rows[1:],
        ]
    return words


def brought(session: Session, county: str, at: Any, told: Mapping[str, Any]) -> tuple[bytes, str]:
    """(the file, its ending). ``told``: as (gpkg or shp) and rows of the file's fields with ``shape``: same, smaller,
    grown, south or north (half) of the parcel ``of``, or of the row's own; or ``outline`` (WKT), of new land.
    """
    rows = [_row(session, county, at, row) for row in told["rows"]]
    shapefile = told.get("as") == "shp"
    epsg = county_of(session, county).srid
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_layer(folder / ("DK.shp" if shapefile else "DK.gpkg"), "DK", rows, FIELDS, epsg)
        if not shapefile:
            return (folder / "DK.gpkg").read_bytes(), "gpkg"
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for path in sorted(folder.iterdir()):
                archive.write(path, path.name)
        return out.getvalue(), "zip"


def _row(session: Session, county: str, at: Any, row: Mapping[str, Any]) -> dict[str, Any]:
    if row.get("outline"):
        return {name: row.get(name) for name in FIELDS} | {
            "outline": bytes(shapely.to_wkb(shapely.from_wkt(row["outline"])))
        }
    code = str(row.get("of") or row.get("DKBM"))
    found = load(session, county, local_date(at), Touched(parcels=frozenset([code]))).parcels.get(code)
    shape = found.outline if found else box(0, 0, 1, 1)
    west, south, east, north = shape.bounds
    middle = round((south + north) / 2, 3)
    match row.get("shape", "same"):
        case "smaller":
            shape = affinity.scale(shape, 0.98, 0.98)
        case "grown":
            shape = affinity.scale(shape, 1.1, 1.1)
        case "south":
            shape = shape.intersection(box(west - 5, south - 5, east + 5, middle))
        case "north":
            shape = shape.intersection(box(west - 5, middle, east + 5, north + 5))
    return {name: row.get(name) for name in FIELDS} | {"outline": bytes(shapely.to_wkb(shape))}
