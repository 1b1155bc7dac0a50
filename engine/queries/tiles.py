"""Vector tiles (Mapbox Vector Tile 2.1) of the scope's parcels, in the county's own zone, for now or for a past day.

Layers from level 8 on: ``parcels`` with code, name, mu, category, basic, and ``here`` in the one tile where the name
goes; at level 8 category and basic alone. Below it ``divisions``, generalised outlines, and ``places``, a point for each
group or, further out, village, with code, name, parcels and mu. No names of persons are in a tile: whose land it is, is
asked for a single parcel, and that is recorded.
"""

from datetime import date
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.tiles import OUTLINES, PLAIN, Tile
from engine.queries.as_of import When
from engine.queries.scoped import AFTER
from engine.store.outlines import draw_outlines
from engine.store.tables.reference import County
from engine.store.tables.register import ParcelVersion

# The statements are the driver's own: SQLAlchemy's share of a small tile is as much as the database's.
EXTENT, MARGIN = 4096, 64  # a tile's own units, and how far shapes go beyond it
COARSE = 2048  # units of a level whose parcels are some points wide

# Each branch by its own partial index. Row security lets an index serve a bare `geom && box` of parameters alone.
_SCOPE = "v.county = %(county)s and v.division >= %(division)s and v.division < %(beyond)s"
_BOX = (
    f"{_SCOPE} and v.geom && st_makeenvelope(%(west)s, %(south)s, %(east)s, %(north)s, cast(%(srid)s as int))"
)
_VALID = """v.valid_from <= %(day)s and (v.valid_to is null or v.valid_to > %(day)s)
      and v.recorded_at <= %(known)s and (v.superseded_at is null or v.superseded_at > %(known)s)"""
# What a tile says, named: to expand `v.*` costs a small tile a tenth of its time.
_COLUMNS = "v.geom, v.code, v.name, v.category, v.basic_farmland, v.measured_area, v.middle_x, v.middle_y"
_NOW = f"""
    select {_COLUMNS} from operational.parcel_versions v
    where {_BOX} and v.valid_to is null and v.superseded_at is null"""  # noqa: S608
_THEN = f"""{_NOW} and v.valid_from <= %(day)s and v.recorded_at <= %(known)s
    union all
    select {_COLUMNS} from operational.parcel_versions v
    where {_BOX} and (v.valid_to is not null or v.superseded_at is not null) and {_VALID}"""  # noqa: S608
_KIND = "v.category, v.basic_farmland basic"
# A parcel that lies in several tiles is lettered in one: the one with its middle, which is kept beside the outline.
_HERE = """(v.middle_x >= %(west0)s and v.middle_x < %(east0)s
            and v.middle_y >= %(south0)s and v.middle_y < %(north0)s) here"""
_MU = "cast(round(v.measured_area * 0.0015, %(decimals)s) as text) mu"


def revision(session: Session, actor: Actor, division: str) -> int:
    """How often parcels of the division changed; a commit makes it more, in whatever order commits come."""
    return session.scalar(
        text("""
        select count(*) from operational.map_changes
        where county = :county and division >= :division and division < :beyond"""),
        _scope(actor, division),
    ) or 0  # fmt: skip


def tile_of(
    session: Session, actor: Actor, county: County, tile: Tile, division: str = "", when: When | None = None
) -> bytes:
    """The tile, ``county`` being the actor's; empty where nothing lies in it.

    Draws outlines anew where they are old: the caller commits.
    """
    facts: dict[str, Any] = {"srid": county.srid, "decimals": int(county.settings.get("mu_decimals", 2))}
    facts |= _scope(actor, division)
    if when:
        facts |= {"day": when.day, "known": when.known}
    if tile.level <= OUTLINES:
        draw_outlines(session, actor.county, facts["division"], county.srid)
        statement, units = _OUTLINES[bool(when)], EXTENT
        facts["digits"] = 14 if tile.level == OUTLINES else 12
    else:
        plain = tile.level <= PLAIN
        statement, units = _PARCELS[plain, bool(when)], COARSE if plain else EXTENT
    found = session.connection().exec_driver_sql(statement, facts | _box(tile, units)).scalar()
    return bytes(found or b"")


def _scope(actor: Actor, division: str) -> dict[str, str]:
    prefix = division if division.startswith(actor.division) else actor.division
    return {"county": actor.county, "division": prefix, "beyond": prefix + AFTER}


def _box(tile: Tile, units: int) -> dict[str, float]:
    """What is asked for, a little beyond the tile, and the tile itself."""
    wide, exact = tile.box(MARGIN / EXTENT), tile.box()
    names = ("west", "south", "east", "north")
    return dict(zip(names, wide, strict=True)) | {f"{n}0": v for n, v in zip(names, exact, strict=True)} | {
        "units": units, "margin": units * MARGIN // EXTENT
    }  # fmt: skip


def _mine(geometry: str) -> str:
    """The geometry in the tile's own units."""
    exact = "st_makeenvelope(%(west0)s, %(south0)s, %(east0)s, %(north0)s, cast(%(srid)s as int))"
    return f"st_asmvtgeom({geometry}, {exact}, cast(%(units)s as int), cast(%(margin)s as int))"


def _parcels(facts: str, rows: str) -> str:
    return f"""
        select st_asmvt(drawn, 'parcels', cast(%(units)s as int), 'shape') from (
            select {_mine("v.geom")} shape, {facts} from ({rows}) v) drawn"""  # noqa: S608


def _outlines(counted: str) -> str:
    """Shapes are those of now, whatever the day; the counts are the day's."""
    return f"""
        with counted as ({counted}), lying as (
            select o.division, left(o.division, %(digits)s) above, counted.parcels, counted.area, o.geom
            from operational.division_outlines o
            join counted on counted.division = o.division and counted.parcels > 0
            where o.county = %(county)s and o.division >= %(division)s and o.division < %(beyond)s
        ), named as (
            select above as code, coalesce(village.name, '') || coalesce(d.name, above) as name, parcels,
                   cast(round(area * 0.0015) as text) mu, middle
            from (select above, cast(sum(parcels) as bigint) parcels, sum(area) area, st_centroid(st_collect(geom)) middle
                  from lying group by above) places
            left join reference.divisions d on d.code = above
            left join reference.divisions village on length(above) > 12 and village.code = left(above, 12)
            where middle && st_makeenvelope(%(west0)s, %(south0)s, %(east0)s, %(north0)s, cast(%(srid)s as int)))
        select coalesce((select st_asmvt(shown, 'divisions', cast(%(units)s as int), 'shape') from (
                   select {_mine("geom")} shape, division code from lying
                   where geom && st_makeenvelope(%(west)s, %(south)s, %(east)s, %(north)s, cast(%(srid)s as int))
                   ) shown), '')
            || coalesce((select st_asmvt(shown, 'places', cast(%(units)s as int), 'shape') from (
                   select {_mine("middle")} shape, code, name, parcels, mu from named) shown), '')
        """  # noqa: S608


# (plain, of a past day) -> statement
_PARCELS = {
    (plain, past): _parcels(facts, rows)
    for plain, facts in ((True, _KIND), (False, f"v.code, v.name, {_KIND}, {_MU}, {_HERE}"))
    for past, rows in ((False, _NOW), (True, _THEN))
}
_OUTLINES = {
    False: _outlines(f"select division, parcels, area from operational.division_outlines v where {_SCOPE}"),  # noqa: S608
    True: _outlines(f"""
        select division, count(*) parcels, sum(measured_area) area
        from operational.parcel_versions v where {_SCOPE} and {_VALID} group by division"""),  # noqa: S608
}


def first_day(session: Session, actor: Actor) -> date | None:
    """The first day on which a parcel of the county is known to have stood."""
    v = ParcelVersion
    return session.scalar(select(func.min(v.valid_from)).where(v.county == actor.county))
