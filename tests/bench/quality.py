"""The quality rules on a case's changes in a county of 360,000 parcels, and on whole clean counties.

Parcels are written by SQL: strips of 20 by 45 m that share their corners, in 1,800 groups. BENCH_PARCELS=36000 makes a
shorter run of it. The county of the second figure is read once, so that only the rules' own time counts.
"""

import os
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import shapely

from engine.domain.changes import RemeasureParcel
from engine.exchange.check_changes import check_changes
from engine.exchange.check_package import read_and_check
from engine.exchange.checks.ground import check_ground
from engine.exchange.checks.settings import CheckSettings
from engine.exchange.demo import write_demo_county
from engine.exchange.findings import rules
from engine.store.changes import register_for
from tests.bench.measure import Figure, milliseconds, seconds, times
from tests.bench.place import COUNTY, Place

PARCELS = int(os.environ.get("BENCH_PARCELS", "360000"))
HOUSEHOLDS = int(os.environ.get("BENCH_HOUSEHOLDS", "5000"))
ROUNDS, CHANGED = 10, 3
GOAL = 2.0  # seconds
DAY = date(2026, 3, 2)
WIDE, DEEP, ACROSS = 20, 45, 1000  # metres, metres, parcels in a row
EAST, NORTH = 37_560_000, 3_431_000  # beside the demonstration county

FILL = f"""
    create temporary table made as
    select n, '{COUNTY}' || lpad((n / 4000 %% 100 + 300)::text, 3, '0') || lpad((n / 800 %% 5 + 201)::text, 3, '0') || lpad((n / 200 %% 4 + 1)::text, 2, '0')
           as party, n / 20000 as block, n %% {ACROSS} as u, n / {ACROSS} as v
    from generate_series(0, {{count}} - 1) n;
    insert into operational.issuing_parties (county, code, division)
    select distinct '{COUNTY}', party, party from made on conflict do nothing;
    insert into operational.parcels (county, code, issuing_party_id, division)
    select '{COUNTY}', party || lpad((n %% 200 + 1)::text, 5, '0'), p.id, party
    from made join operational.issuing_parties p on p.county = '{COUNTY}' and p.code = party;
    insert into operational.parcel_versions (county, parcel_id, code, division, name, category, grade, use, basic_farmland,
        measured_area, corners, geom, valid_from, recorded_at, cause, cause_ref)
    select '{COUNTY}', p.id, p.code, p.division, '条田', '10', '03', '1', '2', {WIDE * DEEP}, 'J1/J2/J3/J4',
           st_makeenvelope({EAST}.0 + u * {WIDE}, {NORTH}.0 + v * {DEEP}, {EAST}.0 + (u + 1) * {WIDE}, {NORTH}.0 + (v + 1) * {DEEP},
                           (select srid::int from reference.counties where code = '{COUNTY}')),
           '2020-01-01', '2020-01-01', 'import', 'bench'
    from made join operational.parcels p on p.county = '{COUNTY}' and p.code = party || lpad((n %% 200 + 1)::text, 5, '0');
    drop table made;
"""  # noqa: S608 - constants of this file


def figures(place: Place) -> list[Figure]:
    return [_changed(place), *_counties()]


def load(place: Place, count: int) -> None:
    with place.admin as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute("set synchronous_commit = off")
        connection.execute(FILL.format(count=count).replace("%%", "%"))
        connection.execute("vacuum analyze")


def _changed(place: Place) -> Figure:
    """Loading what the changes touch, and every rule on the parcels that they draw; the slowest of the rounds."""
    load(place, PARCELS)
    took = []
    with place.app.sessions(COUNTY) as session:
        for turn in range(ROUNDS):
            changes = tuple(_moved(turn * 17 + n) for n in range(CHANGED))

            def check(changes=changes):
                register = register_for(session, COUNTY, changes, DAY)
                return check_changes(session, COUNTY, changes, register)

            found = check()
            assert {row["rule"] for row in found} == {"T06"}, found
            took.append(seconds(check))
            session.rollback()
    slowest = max(took)
    name = f"changed parcels ({CHANGED}) against {PARCELS:,} parcels, all rules"
    return Figure(name, milliseconds(slowest * 1000), "", "", f"<= {GOAL:g} s", slowest <= GOAL)


def _code(n: int) -> str:
    """Of the n-th parcel, as FILL gives it."""
    return (
        f"{COUNTY}{n // 4000 % 100 + 300:03d}{n // 800 % 5 + 201:03d}{n // 200 % 4 + 1:02d}{n % 200 + 1:05d}"
    )


def _moved(number: int) -> RemeasureParcel:
    """A parcel in the middle of all others, with two vertices too close on its edge."""
    n = PARCELS // 2 + number * 2
    west, south = EAST + n % ACROSS * WIDE, NORTH + n // ACROSS * DEEP
    ring = [(west, south), (west, south + DEEP), (west + WIDE, south + DEEP), (west + WIDE, south)]
    pair = [(west, south + DEEP / 2), (west, south + DEEP / 2 + 0.02)]
    new = shapely.Polygon([ring[0], *pair, *ring[1:]])
    return RemeasureParcel(_code(n), Decimal(str(round(new.area, 2))), new.wkt, None)


def _counties() -> list[Figure]:
    """All rules of where parcels lie, on a clean county: one process, and two."""
    with TemporaryDirectory() as folder:
        written = write_demo_county(Path(folder), households=HOUSEHOLDS)
        off = CheckSettings(off=frozenset(rules()))
        with read_and_check(written.path, off) as (package, _):
            assert package is not None
            took = {}
            for processes in (1, 2):
                settings = CheckSettings(processes=processes)
                took[processes] = seconds(lambda settings=settings: _clean(package, settings))
    ratio = took[1] / took[2]
    name = f"where parcels lie, T03-T15, {written.counts['DK']:,} parcels, two processes / one"
    return [Figure(name, f"{took[2]:.1f} s", f"{took[1]:.1f} s", times(ratio), "", None)]


def _clean(package, settings) -> None:
    assert list(check_ground(package, settings)) == []
