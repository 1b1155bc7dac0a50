"""What is under way on the map: parcels that open cases hold, and parcels that something blocks, as points."""

from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.queries.scoped import AFTER

MOST = 2000

# A case or a block names a parcel, or a contractor and so every parcel of its contract in force.
_MARKED = text("""
    with marks as (
        select r.kind as holds, r.code, 'case' as mark, c.number as ref
        from operational.reservations r
        join operational.cases c on c.county = r.county and c.id = r.case_id
        where r.county = :county and r.released_at is null
          and c.county = :county and c.division >= :division and c.division < :beyond
        union all
        select b.on, b.code, b.kind, b.ref from operational.blocks b
        where b.county = :county and b.division >= :division and b.division < :beyond
          and b.starts_on <= :day and (b.ends_on is null or b.ends_on >= :day)
    ), marked as (
        select p.id, mark, ref from marks
        join operational.parcels p on p.county = :county and p.code = marks.code where holds = 'parcel'
        union
        select cp.parcel_id, mark, ref from marks
        join operational.contractors c on c.county = :county and c.code = marks.code
        join operational.contracts k on k.county = c.county and k.contractor_id = c.id
        join operational.contract_versions kv on kv.county = k.county and kv.contract_id = k.id
          and kv.valid_to is null and kv.superseded_at is null and kv.state = 'in_force'
        join operational.contracted_parcels cp on cp.county = kv.county and cp.contract_version_id = kv.id
        where holds = 'contractor'
    )
    select v.code, v.name, marked.mark, marked.ref, st_x(place) as east, st_y(place) as north
    from marked
    join operational.parcel_versions v on v.county = :county and v.parcel_id = marked.id
      and v.valid_to is null and v.superseded_at is null
      and v.division >= :division and v.division < :beyond
    cross join lateral st_pointonsurface(v.geom) place
    order by v.code, marked.mark, marked.ref
    limit :most""")


def marks(session: Session, actor: Actor, division: str, day: date) -> dict[str, Any]:
    """A feature collection of points, at most MOST. ``mark``: case, or a block's kind; ``ref``: its number."""
    prefix = division if division.startswith(actor.division) else actor.division
    facts = {
        "county": actor.county,
        "division": prefix,
        "beyond": prefix + AFTER,
        "day": day,
        "most": MOST + 1,
    }
    rows = session.execute(_MARKED, facts).all()
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"code": row.code, "name": row.name, "mark": row.mark, "ref": row.ref},
                "geometry": {"type": "Point", "coordinates": [round(row.east, 3), round(row.north, 3)]},
            }
            for row in rows[:MOST]
        ],
        "truncated": len(rows) > MOST,
    }
