"""Ledgers and statistics at a county's size, beside the same pages of the small demonstration county.

Synthetic rows are written by SQL into a database of their own: 1,920 issuing parties, a household for every 5.14
parcels, a contract and a certificate each. `python -m tests.bench statistics` is the ratio (BENCH_PARCELS=36000 makes a
shorter run of it). `python -m tests.bench.statistics [--parcels 362000]` prints seconds (the second of two runs) and the
memory of the workbook's maker; as the county's office and, with row security's sub-plans, as one township's.
"""

import argparse
import json
import os
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from engine import bootstrap, embedded
from engine.bootstrap import App
from engine.commands.environment import migrate
from engine.commands.trial import settings_for
from engine.domain.actor import Actor
from engine.domain.calendar import shipped_calendar
from engine.queries.as_of import When
from engine.queries.ledgers import LEDGERS, Asked, ledger_page
from engine.queries.statistics.overview import overview
from engine.queries.statistics.summary_tables import summary_tables
from engine.queries.statistics.sums import View
from engine.queries.statistics.totals import total_of
from engine.queries.statistics.yearly import filled_form
from engine.settings import ROOT
from engine.store.sealed import SealedText
from engine.usecases.export_ledger import order, write_book
from tests.bench.measure import Figure, milliseconds, paired, seconds, times
from tests.bench.place import Places

COUNTY, NOW = "990101", datetime(2026, 9, 1, 1, 0, tzinfo=UTC)
TOWNSHIPS, VILLAGES, GROUPS = 12, 16, 10
NAME = "bench_statistics"
PARCELS = int(os.environ.get("BENCH_PARCELS", "360000"))
GOAL = 25  # times as long, of some 1,300 times as many parcels
LISTING = {
    "summary tables": 150,
    "yearly form": 75,
}  # a row for each of 2,100 divisions, of which the small county has some 30
VAR = ROOT / "var" / "test"

FILL = """
insert into reference.counties (code, name, srid, settings) values (:county, '田溪县', 4525, '{}');
insert into reference.divisions (code, name, full_name) values (:county, '田溪县', '田溪县');
insert into reference.divisions (code, name, full_name)
  select :county || 100 + t, '第' || t || '镇', '' from generate_series(1, :townships) t;
insert into reference.divisions (code, name, full_name)
  select :county || 100 + t || 200 + v, '第' || v || '村', ''
  from generate_series(1, :townships) t, generate_series(1, :villages) v;
insert into reference.divisions (code, name, full_name)
  select :county || 100 + t || 200 + v || lpad(g::text, 2, '0'), '第' || g || '组', ''
  from generate_series(1, :townships) t, generate_series(1, :villages) v, generate_series(1, :groups) g;
insert into operational.issuing_parties (county, code, division)
  select :county, code, code from reference.divisions where length(code) = 14 order by code;
insert into operational.issuing_party_versions (county, issuing_party_id, name, head_name, head_id_kind,
    head_id_number, address, postcode, surveyor, surveyed_on, valid_from, recorded_at, cause, cause_ref)
  select county, id, code, '负责人', '1', :sealed, '', '', '', '2014-01-01', '2014-01-01', :at, 'import', '1'
  from operational.issuing_parties;
insert into operational.contractors (county, code, issuing_party_id, division)
  select p.county, p.code || lpad(n::text, 4, '0'), p.id, p.division
  from operational.issuing_parties p, generate_series(1, :homes) n order by 2;
insert into operational.contractor_versions (county, contractor_id, kind, name, id_kind, id_number,
    id_number_found, address, postcode, phone, member_count, valid_from, recorded_at, cause, cause_ref)
  select county, id, '1', '户' || id, '1', :sealed, 'x', '某村', '999101', '13800000000', 4, '2014-01-01', :at,
    'import', '1' from operational.contractors;
insert into operational.members (county, contractor_version_id, position, name, sex, id_kind, id_number,
    id_number_found, relation, co_owner)
  select county, id, n, '人' || n, '1', '1', :sealed, 'x', '02', '1'
  from operational.contractor_versions, generate_series(1, 4) n;
insert into operational.parcels (county, code, issuing_party_id, division)
  select p.county, p.code || lpad(n::text, 5, '0'), p.id, p.division
  from operational.issuing_parties p, generate_series(1, :fields) n order by 2;
insert into operational.parcel_versions (county, parcel_id, name, ownership, category, land_use, grade, use,
    basic_farmland, measured_area, east, south, west, north, corners, geom, valid_from, recorded_at, cause, cause_ref)
  select county, id, '地' || id, '30', case when id % 20 = 0 then '22' else '10' end, '011', '04',
    case when id % 9 = 0 then '2' else '1' end, '1', 500 + id % 900, '东', '南', '西', '北', 'J1/J2/J3/J4',
    st_makeenvelope(37500000 + (id % 600) * 30, 3400000 + (id / 600) * 30, 37500029 + (id % 600) * 30,
      3400029 + (id / 600) * 30, 4525), '2014-01-01', :at, 'import', '1' from operational.parcels;
insert into operational.contracts (county, code, issuing_party_id, contractor_id, division)
  select county, code || 'J', issuing_party_id, id, division from operational.contractors order by id;
insert into operational.contract_versions (county, contract_id, way, term_start, term_end, total_area,
    parcel_count, signed_on, valid_from, recorded_at, cause, cause_ref)
  select county, id, '110', '1997-01-01', make_date(2026 + (id % 3)::int, 12, 31), 4700, 5, '2015-01-01',
    '2015-01-01', :at, 'import', '1' from operational.contracts;
insert into operational.contracted_parcels (county, contract_version_id, parcel_id, acquired_by, contract_area)
  select p.county, v.id, p.id, '110', 900
  from (select county, id, issuing_party_id, row_number() over (partition by issuing_party_id order by id) n
        from operational.parcels) p
  join (select k.county, kv.id, k.issuing_party_id, row_number() over (partition by issuing_party_id order by k.id) n
        from operational.contracts k join operational.contract_versions kv on kv.county = k.county and kv.contract_id = k.id) v
    on v.issuing_party_id = p.issuing_party_id and v.n = p.n % :homes + 1;
insert into operational.register_entries (county, code, contract_id, contractor_id, division)
  select county, code, id, contractor_id, division from operational.contracts order by id;
insert into operational.register_entry_versions (county, register_entry_id, way, term, term_start, term_end,
    registered_on, valid_from, recorded_at, cause, cause_ref)
  select county, id, '110', '30年', '1997-01-01', '2026-12-31', '2015-06-01', '2015-06-01', :at, 'import', '1'
  from operational.register_entries;
insert into operational.certificates (county, code, register_entry_id, division)
  select county, code, id, division from operational.register_entries order by id;
insert into operational.certificate_versions (county, certificate_id, issuer, issued_on, collected, valid_from,
    recorded_at, cause, cause_ref)
  select county, id, '县政府', '2016-01-01', '1', '2016-01-01', :at, 'import', '1' from operational.certificates
"""


def fill(app, parcels: int) -> None:
    groups = TOWNSHIPS * VILLAGES * GROUPS
    fields = -(-parcels // groups)
    values = {
        "county": COUNTY, "townships": TOWNSHIPS, "villages": VILLAGES, "groups": GROUPS, "fields": fields,
        "homes": max(1, round(fields / 5.14)), "at": NOW, "sealed": SealedText().process_bind_param("990101199001010018", None),
    }  # fmt: skip
    with app.sessions(COUNTY) as session:
        for statement in FILL.split(";\n"):
            names = {name: value for name, value in values.items() if f":{name}" in statement}
            session.execute(text(statement), names)
        session.commit()
        session.execute(text("select operational.gather_statistics()"))
        session.commit()


def figures(places: Places) -> list[Figure]:
    """As a county officer; both sides have their sums already, as after an import."""
    with (
        places.place("statistics") as small,
        _filled(places.services, places.folder / "large", PARCELS) as large,
    ):
        with small.app.sessions(COUNTY) as few, large.sessions(COUNTY) as many:
            ours, theirs = _pages(many, COUNTY), _pages(few, COUNTY)
            return [_beside(name, ours[name], theirs[name]) for name in ours]


def _beside(name: str, ours: Callable[[], object], theirs: Callable[[], object]) -> Figure:
    ours(), theirs()
    result = paired(lambda: seconds(ours), lambda: seconds(theirs), rounds=5, steps=2)
    ratio = 1 / result.ratio
    title = f"{name} with {PARCELS:,} parcels, beside the demonstration county's"
    most = LISTING.get(name, GOAL)
    goal = (
        f"<= {most}x: it grows with the divisions that it lists"
        if name in LISTING
        else f"<= {most}x: a page stays a page"
    )
    return Figure(
        title, milliseconds(result.ours), milliseconds(result.baseline), times(ratio), goal, ratio <= most
    )


@contextmanager
def _filled(services: embedded.Services, folder: Path, parcels: int) -> Iterator[App]:
    embedded.drop_database(services, NAME)
    embedded.create_database(services, NAME)
    migrate(services.settings(NAME)["OWNER_DATABASE_URL"])
    app = bootstrap.app(settings_for(services, NAME, folder), pooled=False)
    try:
        fill(app, parcels)
        yield app
    finally:
        app.dispose()
        embedded.drop_database(services, NAME)


def timed(act) -> float:
    """The second run: caches warm, as for anybody but the first."""
    act()
    begin = time.perf_counter()
    act()
    return round(time.perf_counter() - begin, 2)


def _pages(session: Session, division: str) -> dict[str, Callable[[], object]]:
    """Each page's queries, as often as it is called."""
    actor, when = Actor("1", "某人", "county_officer", division, COUNTY), When(date(2026, 9, 1), NOW)

    def view() -> View:
        return View(session, actor, when, division)

    def page_of(name: str) -> Callable[[], object]:
        asked = Asked(
            actor, when, division, since=date(2026, 1, 1) if name == "changes" else None,
            year=2026 if name == "ending" else None,
        )  # fmt: skip
        return lambda: ledger_page(session, LEDGERS[name], asked, 1, total=total_of(view(), name, asked))

    return {
        "summary tables": lambda: summary_tables(view()),
        "overview": lambda: overview(view(), shipped_calendar()),
        "yearly form": lambda: filled_form(session, actor, 2025, division, NOW),
        **{f"page of {name}": page_of(name) for name in LEDGERS},
    }


def measure(app: App, division: str) -> dict[str, float]:
    with app.sessions(division) as session:
        return {name: timed(page) for name, page in _pages(session, division).items()}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--parcels", type=int, default=362_000)
    asked = parser.parse_args()
    with (
        embedded.session(VAR) as services,
        tempfile.TemporaryDirectory() as folder,
        _filled(services, Path(folder), asked.parcels) as app,
    ):
        found = {"county": measure(app, COUNTY), "township": measure(app, f"{COUNTY}101")}
        actor = Actor("1", "某人", "county_officer", COUNTY, COUNTY)
        path = Path(folder) / "book.xlsx"
        for book in ("parcels", "members"):
            begin, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            with app.sessions(COUNTY) as session:
                rows = write_book(session, order(actor, book, COUNTY, date(2026, 9, 1)), NOW, path)
            found[f"workbook of {book}"] = {
                "rows": rows, "seconds": round(time.perf_counter() - begin, 1), "MB": path.stat().st_size >> 20,
                "process at most MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
                "before MB": before >> 10,
            }  # fmt: skip
    print(json.dumps(found, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
