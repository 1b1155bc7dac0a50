"""Words of scenarios for what is drawn on the map: the household's first parcel in two halves, smaller, cut in half."""

from typing import Any

from shapely import Polygon, affinity, box, set_precision
from sqlalchemy.orm import Session

from engine.domain.changes import RemeasureParcel, SplitParcel, Touched, as_json
from engine.domain.changes.drawn import cut_by_red_line, split_by_line
from engine.domain.changes.geometry import area
from engine.domain.clock import local_date
from engine.domain.register import Household
from engine.store.changes.load import load
from engine.store.parcel_codes import next_codes

APPROVAL = "滇政地〔2026〕18号"


def words_of_drawings(session: Session, household: Household, at: Any) -> dict[str, Any]:
    if not household.parcels:
        return {}
    code = household.parcels[0].code
    now = load(session, household.county, local_date(at), Touched(parcels=frozenset([code])))
    outline = now.parcels[code].outline
    west, south, east, north = outline.bounds
    middle = (west + east) / 2
    codes = next_codes(session, household.county, household.issuing_party.code, 6)
    line = [(middle, south - 5), (middle, north + 5)]
    split: SplitParcel = split_by_line(now, code, line, codes)
    taken = box(west - 5, south - 5, middle, north + 5)
    red = cut_by_red_line(now, code, taken, APPROVAL, codes)
    smaller = set_precision(affinity.scale(outline, 0.98, 0.98), 0.001)  # as the register keeps it
    assert isinstance(smaller, Polygon)
    remeasured = RemeasureParcel(code, area(smaller), smaller.wkt, "实测")
    return {
        "$split_parcel_1": as_json([split]),
        "$red_line_parcel_1": as_json([red]),
        "$red_line_corners_1": taken.wkt,
        "$red_line_elsewhere": affinity.translate(taken, 0, 2 * (north - south) + 20).wkt,
        "$smaller_parcel_1": as_json([remeasured]),
        "$smaller_area_1": str(remeasured.area),
        "$piece_1": split.pieces[0].code,
        "$piece_2": split.pieces[1].code,
    }
