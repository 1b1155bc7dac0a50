"""What surveyors hand in with a form: drawn on the map, out of a file, or typed into a table; as typed changes."""

import json
from decimal import Decimal
from typing import Any
from uuid import UUID

import shapely

from engine.domain.changes import Change, NewParcel, RemeasureParcel, Touched, from_json
from engine.domain.changes.new_land import pointed_out
from engine.domain.changeset import signing
from engine.domain.errors import Invalid, Refused
from engine.domain.said import say
from engine.domain.surveying import agreed, changes_of, unknown
from engine.exchange.survey_return import KIND as FILE
from engine.operations.drawn_land import settle_drawing
from engine.operations.work import Work
from engine.store.changes import register_of
from engine.store.papers import find_paper
from engine.store.parcel_codes import next_codes

NEW_LAND = ("name", "east", "south", "west", "north", "land_use", "grade", "basic_farmland", "note")
WAYS = ("drawn", "file", "table")  # how a form says that the result comes


def entered(work: Work, variable: str) -> tuple[Change, ...]:
    """The survey's changes, under exact coordinates and codes of the issuing party. Inputs are of the form ``variable``.

    Invalid, by field, where a form says nothing or its file does not fit; Refused, in words, where what was drawn
    cannot stand, or brings new land to a household that has a contract: that is a change of the contract.
    """
    survey = work.data.get(variable) or {}
    found = drawn_survey(work, variable) or filed_survey(work, variable) or table_survey(work)
    if not found and survey.get("entered") in WAYS:
        raise Invalid({"entered": [say("没有录入任何地块的测绘成果")]})
    if any(isinstance(change, NewParcel) for change in found) and work.household().contract is not None:
        raise Refused(
            "new_land_of_contract",
            "该承包方已有生效的承包合同，新增地块请办理合同变更（增加地块）；本件只测合同中的地块",
        )
    witnesses = [row.get("name") or "" for row in survey.get("witnesses") or [] if row.get("side") == "own"]
    return pointed_out(found, witnesses)


def drawn_survey(work: Work, variable: str = "survey") -> tuple[Change, ...]:
    """What the surveyors drew on the map; Refused, in words, where it cannot stand."""
    survey = work.data.get(variable) or {}
    rows = survey.get("drawing") or []
    if not rows:
        return ()
    witnesses = survey.get("witnesses") or []
    return settle_drawing(work.session, work.case, from_json(rows), work.today, agreed(witnesses))


def filed_survey(work: Work, variable: str = "survey") -> tuple[Change, ...]:
    """Out of the file that was uploaded with the form; rows of new land get the next codes. Invalid names each row."""
    survey = work.data.get(variable) or {}
    ids = (survey.get("file") or {}).get(FILE) or []
    if not ids:
        return ()
    paper = find_paper(work.session, work.case.county, UUID(ids[0]))
    if paper is None or FILE not in paper.facts:
        raise Invalid({f"file-{FILE}": [say("这份文件没有读过，请重新上传")]})
    rows = paper.facts[FILE]
    codes = frozenset(code for row in rows for code in (row["code"], *row["from"]) if code)
    wanted = Touched(parcels=codes, contractors=frozenset([work.case.contractor_code]))
    now = register_of(work.session, work.case, wanted, work.today)
    if faults := unknown(rows, now):
        raise Invalid(
            {f"file-{FILE}": [say("%(record)s：%(fault)s", record=code, fault=why) for code, why in faults]}
        )
    contract = now.contracts.get(work.case.contractor_code)
    own = set(contract.codes if contract else ()) | {
        row.parcel_code for row in signing(work.changes()).parcels
    }
    new = next_codes(work.session, work.case.county, work.case.issuing_party_code, len(rows))
    changes = changes_of(rows, now, own, iter(new))
    return settle_drawing(work.session, work.case, changes, work.today, agreed(survey.get("witnesses") or []))


def table_survey(work: Work) -> tuple[Change, ...]:
    """The same by hand: areas, and corners that were typed or pasted; new land by its corners.

    What the case was given codes for keeps them, however often the form's answers are read.
    """
    survey = work.data.get("survey") or {}
    measured = [_measured(row) for row in survey.get("parcels") or []]
    rows = survey.get("new_parcels") or []
    given = [change.code for change in work.changes() if isinstance(change, NewParcel)][: len(rows)]
    more, party = len(rows) - len(given), work.case.issuing_party_code
    codes = given + (next_codes(work.session, work.case.county, party, more) if more else [])
    new = tuple(_new(row, code) for row, code in zip(rows, codes, strict=True))
    if not new:
        return tuple(measured)
    return (*settle_drawing(work.session, work.case, new, work.today, None), *measured)


def _measured(row: dict[str, Any]) -> RemeasureParcel:
    outline = outline_of(row.get("geometry"))
    area = Decimal(row["area_m2"])
    if outline:
        area = Decimal(str(round(shapely.from_wkt(outline).area, 2)))
    return RemeasureParcel(row["code"], area, outline, row.get("note") or None)


def _new(row: dict[str, Any], code: str) -> NewParcel:
    outline = outline_of(row["geometry"])
    assert outline is not None
    return NewParcel(code, outline=outline, **{name: row[name] for name in NEW_LAND if row.get(name)})


def outline_of(geometry: dict[str, Any] | None) -> str | None:
    """GeoJSON polygon (east, north, metres) as WKT, rounded to the millimetre that the standard keeps."""
    if not geometry:
        return None
    polygon = shapely.set_precision(shapely.from_geojson(json.dumps(geometry)), 0.001)
    if polygon.geom_type != "Polygon" or not polygon.is_valid or polygon.area == 0:
        raise Refused("outline", "界址点围不成地块：请检查界址点的顺序和坐标")
    return polygon.wkt
