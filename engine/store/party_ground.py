"""Where an issuing party's land lies, whether or not the register has any parcel of it yet."""

from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import text
from sqlalchemy.orm import Session

Extent = tuple[float, float, float, float]  # west, south, east, north in metres of the county's zone
GROUP, VILLAGE, TOWNSHIP, COUNTY = 14, 12, 9, 6
AREAS = ((GROUP, "ZJQY", "ZJQYDM"), (VILLAGE, "CJQY", "CJQYDM"))  # NY/T 2539-2016 A.4, A.5


def extent_of_party(session: Session, county: str, party: str) -> Extent | None:
    """Its own parcels together with the area of its group or village, where the map has that.

    Of a party with neither: the parcels of its village, else of its township, else of the county; None where there is
    nothing at all.
    """
    own, area = _extent_of(session, county, party), area_of_party(session, county, party)
    known = [one for one in (own, area.bounds if area is not None else None) if one is not None]
    if known:
        west, south, east, north = zip(*known, strict=True)
        return min(west), min(south), max(east), max(north)
    wider = (_extent_of(session, county, party[:digits]) for digits in (VILLAGE, TOWNSHIP, COUNTY))
    return next((extent for extent in wider if extent is not None), None)


def area_of_party(session: Session, county: str, party: str) -> BaseGeometry | None:
    """组级区域 or 村级区域 that the party's code names, as the map has it; None where it has neither."""
    for digits, layer, field in AREAS:
        wkb = session.scalar(
            text("""
            select st_asbinary(geom) from operational.map_features
            where county = :county and layer = :layer and facts ->> :field = :code
              and valid_to is null and superseded_at is null
            limit 1"""),
            {"county": county, "layer": layer, "field": field, "code": party[:digits]},
        )
        if wkb is not None:
            return shapely.from_wkb(bytes(wkb))
    return None


def _extent_of(session: Session, county: str, codes: str) -> Extent | None:
    """Of the current parcels whose codes begin so."""
    row: Any = session.execute(
        text("""
        select st_xmin(e), st_ymin(e), st_xmax(e), st_ymax(e) from (
            select st_extent(v.geom) e from operational.parcels p
            join operational.parcel_versions v on v.county = p.county and v.parcel_id = p.id
            where p.county = :county and p.code >= :codes and p.code < :after and v.county = :county
              and v.valid_to is null and v.superseded_at is null) found"""),
        {"county": county, "codes": codes, "after": codes + "~"},
    ).one()
    return tuple(row) if row[0] is not None else None  # type: ignore[return-value]
