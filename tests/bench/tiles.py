"""A tile with scope and row security beside the bare ST_AsMVT of the same rows, in a county of 368,000 parcels.

360,000 parcels of twelve corners in 300 villages are written by SQL, 1,200 to a village, beside the demonstration's.
The bare side is the superuser's, whom row security does not hold: the same columns of the rows in the same box, and
for a village clerk of the village. Both go the same way to the driver.
"""

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.tiles import NORTH, PLAIN, WIDEST, Tile
from engine.queries.tiles import COARSE, EXTENT, MARGIN, tile_of
from engine.store.register import county_of
from tests.bench.measure import Figure, milliseconds, paired, seconds, times
from tests.bench.place import COUNTY, Place

VILLAGES, EACH = 300, 1200
TOWNSHIP = f"{COUNTY}300"
GOAL = 1.2
WEST, SOUTH, ACROSS = (
    600_000,
    3_700_000,
    1_700,
)  # where the villages lie in the zone, and metres from one to the next

PARCELS = f"""
    insert into operational.issuing_parties (county, code, division)
    select '{COUNTY}', '{TOWNSHIP}' || lpad(v::text, 3, '0') || '00', '{TOWNSHIP}' || lpad(v::text, 3, '0')
    from generate_series(1, {VILLAGES}) v;
    create temporary table made as
    select p.id party, p.code || lpad(n::text, 5, '0') code, p.division, n, c.srid::int srid,
           c.zone + {WEST} + (v % 20) * {ACROSS} + (n - 1) % 20 * 27.0 + (n - 1) / 240 % 3 * 560 x,
           {SOUTH} + v / 20 * {ACROSS} + (n - 1) / 20 % 12 * 46.0 + (n - 1) / 720 * 560 y
    from generate_series(1, {VILLAGES}) v cross join generate_series(1, {EACH}) n
    join operational.issuing_parties p
      on p.county = '{COUNTY}' and p.code = '{TOWNSHIP}' || lpad(v::text, 3, '0') || '00'
    cross join (select srid, (select floor(min(st_xmin(geom)) / 1000000) * 1000000 from operational.parcel_versions) zone
                from reference.counties where code = '{COUNTY}') c;
    insert into operational.parcels (county, code, issuing_party_id, division)
    select '{COUNTY}', code, party, division from made order by code;
    insert into operational.parcel_versions (county, parcel_id, name, category, grade, use, basic_farmland,
        measured_area, corners, geom, valid_from, recorded_at, cause, cause_ref)
    select '{COUNTY}', p.id, '第' || m.n || '块', (array['10', '10', '10', '10', '21', '22', '23'])[m.n % 7 + 1], '01',
        '1', (1 + (m.n % 4 = 0)::int)::text, round(st_area(g)::numeric, 2), 'J1', g, '2017-05-01', '2026-01-05',
        'import', '1'
    from made m join operational.parcels p on p.county = '{COUNTY}' and p.code = m.code
    cross join lateral (select st_setsrid(st_makepolygon(st_makeline(array[
        st_makepoint(x, y), st_makepoint(x + 8.3, y + 0.7), st_makepoint(x + 17.1, y - 0.4), st_makepoint(x + 26.5, y),
        st_makepoint(x + 26.9, y + 15), st_makepoint(x + 26.2, y + 30.3), st_makepoint(x + 26.4, y + 45.1),
        st_makepoint(x + 17, y + 45.3), st_makepoint(x + 8.2, y + 44.9), st_makepoint(x, y + 45),
        st_makepoint(x - 0.3, y + 30), st_makepoint(x + 0.2, y + 15), st_makepoint(x, y)])), m.srid) g) outline
    order by p.code;
    drop table made;
    analyze operational.parcels;
    analyze operational.parcel_versions;
"""  # noqa: S608

BARE = """
    select st_asmvt(drawn, 'parcels', {units}, 'shape') from (
        select st_asmvtgeom(geom, st_makeenvelope(%(west0)s, %(south0)s, %(east0)s, %(north0)s, %(srid)s), {units}, {margin}) shape, {facts}
        from operational.parcel_versions
        where geom && st_makeenvelope(%(west)s, %(south)s, %(east)s, %(north)s, %(srid)s) {village}
          and valid_to is null and superseded_at is null) drawn"""
FULL = """code, name, category, basic_farmland basic, cast(round(measured_area * 0.0015, 2) as text) mu,
    middle_x >= %(west0)s and middle_x < %(east0)s and middle_y >= %(south0)s and middle_y < %(north0)s here"""
KIND = "category, basic_farmland basic"


def figures(place: Place) -> list[Figure]:
    with place.admin as admin:
        admin.execute(PARCELS)
        row = admin.execute(
            "select min(st_xmin(geom)), min(st_srid(geom)) from operational.parcel_versions where code like %s",
            [f"{TOWNSHIP}%"],
        ).fetchone()
    assert row is not None
    zone, srid = row[0] // 1_000_000 * 1_000_000, row[1]
    admin_engine = create_engine(_address(place))
    county = Actor("bench", "bench", "county_officer", COUNTY, COUNTY)
    village = Actor("bench", "bench", "village_clerk", f"{TOWNSHIP}047", COUNTY)
    found = []
    with Session(admin_engine) as bare:
        for who, actor in (("the county", county), ("a village clerk", village)):
            for level in (8, 9, 10):
                tile = _at(level, zone + WEST + 47 % 20 * ACROSS + 300, SOUTH + 47 // 20 * ACROSS + 300)
                found.append(_figure(place, bare, actor, tile, srid, who))
    admin_engine.dispose()
    return found


def _address(place: Place) -> str:
    """The superuser's, by the socket."""
    with place.admin as admin:
        info = admin.info
        return f"postgresql+psycopg://{info.user}@/{info.dbname}?host={info.host}&port={info.port}"


def _at(level: int, east: float, north: float) -> Tile:
    width = WIDEST / 2**level
    return Tile(level, int(east // width), int((NORTH - north) // width))


def _figure(place: Place, bare: Session, actor: Actor, tile: Tile, srid: int, who: str) -> Figure:
    plain = tile.level <= PLAIN
    units = COARSE if plain else EXTENT
    names = ("west", "south", "east", "north")
    box = dict(zip(names, tile.box(MARGIN / EXTENT), strict=True)) | {"srid": srid}
    box |= dict(zip((f"{name}0" for name in names), tile.box(), strict=True))
    mine = "" if actor.division == COUNTY else f"and division = '{actor.division}'"
    margin = units * MARGIN // EXTENT
    statement = BARE.format(units=units, margin=margin, facts=KIND if plain else FULL, village=mine)

    def bare_tile() -> bytes:
        return bytes(bare.connection().exec_driver_sql(statement, box).scalar() or b"")

    with place.app.sessions(actor.scope) as session:
        county = county_of(session, actor.county)  # as a request has it
        same = len(bare_tile()), len(tile_of(session, actor, county, tile))
        assert abs(same[0] - same[1]) < 0.1 * same[0], same
        result = paired(
            lambda: seconds(lambda: tile_of(session, actor, county, tile)),
            lambda: seconds(bare_tile),
            rounds=7,
            steps=10,
        )
    ratio = 1 / result.ratio
    return Figure(
        f"a tile of level {tile.level} for {who}, {same[1] / 1000:.0f} kB",
        milliseconds(result.ours),
        f"{milliseconds(result.baseline)}: the same rows by bare ST_AsMVT",
        times(ratio),
        f"<= {GOAL}x",
        ratio <= GOAL,
    )
