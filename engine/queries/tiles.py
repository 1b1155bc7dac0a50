"""Vector tiles (Mapbox Vector Tile 2.1) of the scope's parcels, in the county's own zone, for now or for a past day.

Layers: ``parcels`` (code, name, mu, category, basic; at level 8 category and basic alone) from level 8 on; below it
``divisions``, generalised outlines, and ``places``, a point for each with code, name, parcels and mu. No names of
persons are in a tile: whose land it is, is asked for a single parcel, and that is recorded.
"""

from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.tiles import OUTLINES, PLAIN, Tile
from engine.queries.as_of import When
from engine.queries.scoped import AFTER
from engine.store.outlines import draw_outlines
from engine.store.register import county_of

EXTENT, MARGIN = 4096, 64  # a tile's own units, and how far shapes go beyond it
COARSE = 2048  # units of a level whose parcels are some points wide

_CURRENT = "v.valid_to is null and v.superseded_at is null"
# Each branch by its own partial index. Row security lets an index serve a bare `geom && box` of parameters alone.
_BOX = """v.county = :county and v.division >= :division and v.division < :beyond
      and v.geom && st_makeenvelope(:west, :south, :east, :north, cast(:srid as int))"""
_NOW = f"select v.* from operational.parcel_versions v where {_BOX} and {_CURRENT}"
_THEN = f"""
    {_NOW} and v.valid_from <= :day and v.recorded_at <= :known
    union all
    select v.* from operational.parcel_versions v
    where {_BOX} and (v.valid_to is not null or v.superseded_at is not null)
      and v.valid_from <= :day and (v.valid_to is null or v.valid_to > :day)
      and v.recorded_at <= :known and (v.superseded_at is null or v.superseded_at > :known)"""
_SCOPE = "v.county = :county and v.division >= :division and v.division < :beyond"
_FULL = "v.code, v.name, v.category, v.basic_farmland basic, round(v.measured_area * 0.0015, :decimals)::text mu"
_FACTS = {True: "v.category, v.basic_farmland basic", False: _FULL.replace("::text", "\\:\\:text")}


def revision(session: Session, actor: Actor, division: str) -> int:
    """How often parcels of the division changed; a commit makes it more, in whatever order commits come."""
    return session.scalar(
        text("""
        select count(*) from operational.map_changes
        where county = :county and division >= :division and division < :beyond"""),
        _scope(actor, division),
    ) or 0  # fmt: skip


def tile_of(session: Session, actor: Actor, tile: Tile, division: str = "", when: When | None = None) -> bytes:
    """The tile; empty where nothing lies in it. Draws outlines anew where they are old: the caller commits."""
    county = county_of(session, actor.county)
    facts = _scope(actor, division) | {
        "srid": county.srid,
        "decimals": int(county.settings.get("mu_decimals", 2)),
    }
    if tile.level <= OUTLINES:
        draw_outlines(session, actor.county, facts["division"], county.srid)
        return _outlines(session, tile, facts, when)
    return _parcels(session, tile, facts, when)


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


_MINE = "st_asmvtgeom({geom}, st_makeenvelope(:west0, :south0, :east0, :north0, cast(:srid as int)), cast(:units as int), cast(:margin as int))"


def _parcels(session: Session, tile: Tile, facts: dict, when: When | None) -> bytes:
    plain = tile.level <= PLAIN
    units = COARSE if plain else EXTENT
    drawn = text(f"""
        select st_asmvt(drawn, 'parcels', cast(:units as int), 'shape') from (
            select {_MINE.format(geom="v.geom")} shape, {_FACTS[plain]}
            from ({_THEN if when else _NOW}) v) drawn""")  # noqa: S608
    return bytes(session.scalar(drawn, facts | _box(tile, units) | _when(when)) or b"")


def _when(when: When | None) -> dict:
    return {"day": when.day, "known": when.known} if when else {}


def _outlines(session: Session, tile: Tile, facts: dict, when: When | None) -> bytes:
    """Shapes are those of now, whatever the day; the counts are the day's."""
    counted = (
        f"""select v.division, count(*) parcels, sum(v.measured_area) area
            from operational.parcel_versions v
            where {_SCOPE} and v.valid_from <= :day and (v.valid_to is null or v.valid_to > :day)
              and v.recorded_at <= :known and (v.superseded_at is null or v.superseded_at > :known)
            group by v.division"""  # noqa: S608
        if when
        else f"select v.division, v.parcels, v.area from operational.division_outlines v where {_SCOPE}"  # noqa: S608
    )
    drawn = text(f"""
        with counted as ({counted}), lying as (
            select o.division code, coalesce(above.name, '') || coalesce(d.name, o.division) as name, counted.parcels,
                   round(counted.area * 0.0015)\\:\\:text mu, o.geom
            from operational.division_outlines o
            join counted on counted.division = o.division and counted.parcels > 0
            left join reference.divisions d on d.code = o.division
            left join reference.divisions above on above.code = left(o.division, 12) and length(o.division) > 12
            where o.county = :county and o.division >= :division and o.division < :beyond
              and o.geom && st_makeenvelope(:west, :south, :east, :north, cast(:srid as int)))
        select coalesce((select st_asmvt(shown, 'divisions', cast(:units as int), 'shape') from (
                   select {_MINE.format(geom="geom")} shape, code from lying) shown), '')
            || coalesce((select st_asmvt(shown, 'places', cast(:units as int), 'shape') from (
                   select {_MINE.format(geom="st_pointonsurface(geom)")} shape, code, name, parcels, mu from lying
                   ) shown), '')""")  # noqa: S608
    return bytes(session.scalar(drawn, facts | _box(tile, EXTENT) | _when(when)) or b"")


def days(session: Session, actor: Actor) -> tuple[date, date] | None:
    """The first and the last day on which parcels of the county begin: the slider's ends."""
    first, last = session.execute(
        text("select min(valid_from), max(valid_from) from operational.parcel_versions where county = :county"),
        {"county": actor.county},
    ).one()
    return (first, last) if first else None
