"""What one draws on: the household's parcels and what lies around them, in exactly the register's coordinates."""

from collections.abc import Sequence
from typing import Any

import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.asked_land import asked_codes
from engine.domain.errors import NotFound
from engine.queries.timeline import Told
from engine.store import reservations
from engine.store.party_ground import area_of_party, extent_of_party
from engine.store.register import county_of
from engine.store.tables.cases import Case

AROUND = 80.0  # metres
MOST = 1500  # parcels


def ground(session: Session, actor: Actor, case: Case) -> dict[str, Any]:
    """A feature collection in the county's zone, every coordinate as the register has it, not rounded.

    ``own``: held by the case's household, or free land that this case holds for its first contract. ``party``: of the
    case's issuing party, so that a shared boundary may move. ``asked``: the case is about it, so drawing begins there. Where there is no such land yet, what lies in the issuing
    party's area; a feature with ``area`` (and no code) is that area itself, where the map has it.
    """
    reserved = reservations.held_by(session, case, "parcel")
    asked = asked_codes(Told(session, case).application())
    own = _parcels(session, case.county, actor, holder=case.contractor_code, held=reserved)
    area = area_of_party(session, case.county, case.issuing_party_code)
    places = [shapely.geometry.shape(row["geometry"]) for row in own] or _party_place(session, case)
    found = {row["properties"]["code"]: row for row in own}
    for place in places:
        for near in _parcels(session, case.county, actor, around=place):
            found.setdefault(near["properties"]["code"], near)
    for code, row in found.items():
        facts = row["properties"]
        facts["own"] = facts["holder_code"] == case.contractor_code or (
            facts["holder_code"] is None and code in reserved
        )
        facts["party"] = facts.pop("party_code") == case.issuing_party_code
        facts["asked"] = code in asked
    features = [found[code] for code in sorted(found)][:MOST]
    return {"type": "FeatureCollection", "features": features + _area(area)}


def _party_place(session: Session, case: Case) -> list[Any]:
    extent = extent_of_party(session, case.county, case.issuing_party_code)
    return [shapely.box(*extent)] if extent is not None else []


def _area(area: Any) -> list[dict[str, Any]]:
    if area is None:
        return []
    rings = [part for part in shapely.get_parts(area).tolist() if part.geom_type == "Polygon"]
    return [
        {
            "type": "Feature",
            "properties": {"area": True, "own": False, "party": True},
            "geometry": shapely.geometry.mapping(one),
        }
        for one in rings
    ]


def around_parcel(session: Session, actor: Actor, code: str) -> dict[str, Any]:
    """The parcel (``own``) and what lies around it. NotFound where the person does not see it."""
    own = _parcels(session, actor.county, actor, code=code)
    if not own:
        raise NotFound("parcel", "没有找到地块 %(code)s", code=code)
    near = _parcels(session, actor.county, actor, around=shapely.geometry.shape(own[0]["geometry"]))
    rows = own + [row for row in near if row["properties"]["code"] != code]
    for row in rows:
        row["properties"]["own"] = row["properties"]["code"] == code
    return {"type": "FeatureCollection", "features": rows[:MOST]}


def _parcels(
    session: Session,
    county: str,
    actor: Actor,
    holder: str | None = None,
    around: Any = None,
    held: Sequence[str] = (),
    code: str | None = None,
) -> list[dict[str, Any]]:
    """Current parcels in scope: those of a contractor and those ``held``, those around an outline, or one by its code."""
    values: dict[str, Any] = {"county": county, "scope": actor.division, "beyond": actor.division + "~"}
    if around is not None:
        west, south, east, north = around.bounds
        where = "v.geom && st_makeenvelope(:west, :south, :east, :north, :srid)"
        values |= {"srid": county_of(session, county).srid, "west": west - AROUND, "south": south - AROUND}
        values |= {"east": east + AROUND, "north": north + AROUND, "most": MOST}
    elif code is not None:
        where = "p.code = :code"
        values |= {"code": code, "most": 1}
    else:
        where = """(p.code = any(:held) or p.id in (
            select hp.parcel_id from operational.contractors hc
            join operational.contracts hk on hk.county = hc.county and hk.contractor_id = hc.id
            join operational.contract_versions hv on hv.county = hk.county and hv.contract_id = hk.id
              and hv.valid_to is null and hv.superseded_at is null and hv.state = 'in_force'
            join operational.contracted_parcels hp on hp.county = hv.county and hp.contract_version_id = hv.id
            where hc.county = :county and hc.code = :holder))"""
        values |= {"holder": holder, "held": list(held), "most": MOST}
    rows = session.execute(
        text(f"""
        select p.code, v.name, st_asbinary(v.geom) as outline, v.measured_area, ip.code as party,
          held.contract_area, held.holder, held.holder_code
        from operational.parcel_versions v
        join operational.parcels p on p.county = v.county and p.id = v.parcel_id
        join operational.issuing_parties ip on ip.county = p.county and ip.id = p.issuing_party_id
        left join lateral (
            select cp.contract_area, cv.name as holder, c.code as holder_code
            from operational.contracted_parcels cp
            join operational.contract_versions kv on kv.county = cp.county and kv.id = cp.contract_version_id
              and kv.valid_to is null and kv.superseded_at is null and kv.state = 'in_force'
            join operational.contracts k on k.county = kv.county and k.id = kv.contract_id
            join operational.contractors c on c.county = k.county and c.id = k.contractor_id
            join operational.contractor_versions cv on cv.county = c.county and cv.contractor_id = c.id
              and cv.valid_to is null and cv.superseded_at is null
            where cp.county = p.county and cp.parcel_id = p.id
            order by k.id desc limit 1) as held on true
        where v.county = :county and v.valid_to is null and v.superseded_at is null
          and p.division >= :scope and p.division < :beyond and {where}
        order by p.code limit :most"""),  # noqa: S608 - the condition is one of those above
        values,
    )
    return [_feature(row) for row in rows]


def _feature(row: Any) -> dict[str, Any]:
    geometry = shapely.from_wkb(bytes(row.outline))
    parts = shapely.get_parts(geometry).tolist()
    return {
        "type": "Feature",
        "properties": {
            "code": row.code,
            "name": row.name,
            "holder": row.holder,
            "holder_code": row.holder_code,
            "area": str(row.measured_area),
            "contract_area": None if row.contract_area is None else str(row.contract_area),
            "party_code": row.party,
        },
        "geometry": shapely.geometry.mapping(parts[0] if len(parts) == 1 else geometry),
    }
