"""Outlines of divisions for low zooms: drawn again when somebody looks, where parcels changed since.

A dissolved outline of true boundaries takes a second a village. Parcels are put on a grid of 60 m instead, the cells
are joined and the steps rounded off: 10 ms, and no boundary can be read from it.
"""

from sqlalchemy import text
from sqlalchemy.orm import Session

CELL = 60  # metres; at the lowest zoom that shows parcels' outlines a cell is 4 points wide
LARGE = 600  # metres: parcels wider than that (commons) are simplified instead
MOST = 40  # divisions in one statement

_STALE = text("""
    select c.division, count(*) changes
    from operational.map_changes c
    left join operational.division_outlines o on o.county = c.county and o.division = c.division
    where c.county = :county and c.division >= :division and c.division < :beyond
    group by c.division, o.changes
    having count(*) is distinct from o.changes
    order by c.division""")

_DRAW = text("""
    with changes as (
        select c.division, count(*) as changes from operational.map_changes c
        where c.county = :county and c.division = any(:divisions) group by c.division
    ), lying as (
        select p.division, v.measured_area, v.geom, cast(floor(st_xmin(v.geom) / :cell) as bigint) west,
               cast(floor(st_ymin(v.geom) / :cell) as bigint) south, cast(floor(st_xmax(v.geom) / :cell) as bigint) east,
               cast(floor(st_ymax(v.geom) / :cell) as bigint) north
        from operational.parcels p
        join operational.parcel_versions v on v.county = p.county and v.parcel_id = p.id
          and v.valid_to is null and v.superseded_at is null
        where p.county = :county and p.division = any(:divisions)
    ), shapes as (
        select division, st_makeenvelope(x * :cell, y * :cell, (x + 1) * :cell, (y + 1) * :cell,
                                         cast(:srid as int)) shape
        from (select distinct division, x, y from lying, generate_series(west, east) x, generate_series(south, north) y
              where greatest(east - west, north - south) * :cell <= :large) cells
        union all
        select division, st_simplifypreservetopology(geom, :cell / 3.0) from lying
        where greatest(east - west, north - south) * :cell > :large
    ), outlines as (
        select division, st_chaikinsmoothing(st_simplify(st_union(shape), :cell / 2.0), 2) geom
        from shapes group by division
    ), counts as (
        select division, count(*) parcels, sum(measured_area) area from lying group by division
    )
    insert into operational.division_outlines (county, division, changes, parcels, area, geom)
    select :county, changes.division, changes.changes, coalesce(counts.parcels, 0), coalesce(counts.area, 0),
           coalesce(outlines.geom, st_geomfromtext('POLYGON EMPTY', cast(:srid as int)))
    from changes left join counts using (division) left join outlines using (division)
    on conflict (county, division) do update set changes = excluded.changes, parcels = excluded.parcels,
        area = excluded.area, geom = excluded.geom""")


def draw_outlines(session: Session, county: str, division: str, srid: int) -> int:
    """Bring the outlines of a division and those below it up to date; gives how many were drawn. Commits nothing."""
    scope = {"county": county, "division": division, "beyond": f"{division}~"}
    if not session.scalars(_STALE, scope).first():
        return 0
    # once for all who look at the same time; who waited finds nothing left to do
    session.execute(
        text("select pg_advisory_xact_lock(hashtext('outlines'), :county)"), {"county": int(county)}
    )
    stale = list(session.scalars(_STALE, scope))
    for start in range(0, len(stale), MOST):
        session.execute(
            _DRAW,
            {
                "county": county,
                "divisions": stale[start : start + MOST],
                "srid": srid,
                "cell": CELL,
                "large": LARGE,
            },
        )
    return len(stale)
