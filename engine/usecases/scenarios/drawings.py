"""Words of scenarios for what is drawn on the map: the household's first parcel in two halves, smaller, cut in half;
land that the register does not have yet.
"""

from typing import Any

from shapely import Polygon, affinity, box, set_precision
from sqlalchemy.orm import Session

from engine.domain.changes import NewParcel, RemeasureParcel, SplitParcel, Touched, as_json
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


def words_of_new_land(session: Session, household: Household, outlines: list[Polygon]) -> dict[str, Any]:
    """``$new_parcel_1``, ``$new_parcel_2``: the next codes; ``$new_land``: two new parcels on these outlines, where the
    register has no land; ``$new_outline_1``, ``$new_outline_2`` (WKT), ``$new_area_1``, ``$new_area_2`` (m2);
    ``$new_elsewhere``: one far away.
    """
    codes = next_codes(session, household.county, household.issuing_party.code, 2)
    names = zip(codes, ("新开上地", "新开下地"), outlines, strict=False)
    drawn = [NewParcel(code, name, outline.wkt, land_use="013") for code, name, outline in names]
    far = affinity.translate(outlines[0], 90_000, 0)
    words: dict[str, Any] = {
        "$new_land": as_json(drawn),
        "$new_elsewhere": as_json([NewParcel(codes[0], "远处的地", far.wkt)]),
    }
    for n, (change, outline) in enumerate(zip(drawn, outlines, strict=False), 1):
        words |= {f"$new_parcel_{n}": change.code, f"$new_outline_{n}": outline.wkt}
        words[f"$new_area_{n}"] = str(area(outline))
    return words
