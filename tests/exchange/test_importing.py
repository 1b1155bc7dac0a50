"""A checked package becomes identity and version rows, in one transaction; a bad one changes nothing."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import shapely
from sqlalchemy import func, select, text

from engine import bootstrap, embedded
from engine.bootstrap import App
from engine.commands.environment import migrate
from engine.commands.trial import settings_for
from engine.domain.errors import Conflict
from engine.exchange.demo import write_demo_county
from engine.exchange.importing import PackageRefused, import_package, intakes
from engine.store.tables import register as t
from engine.store.tables.packages import PackageIntake
from engine.store.tables.reference import County, Division

COUNTY = "990101"
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
LATER = datetime(2026, 9, 7, 1, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def package(tmp_path_factory) -> Path:
    return write_demo_county(tmp_path_factory.mktemp("county"), households=40).path


@pytest.fixture(scope="module")
def empty(services, slot, tmp_path_factory) -> Iterator[App]:
    """The application over a migrated database without any county."""
    name = f"test_import_{slot}"
    embedded.drop_database(services, name)
    embedded.create_database(services, name)
    migrate(services.settings(name)["OWNER_DATABASE_URL"])
    app = bootstrap.app(settings_for(services, name, tmp_path_factory.mktemp("var")), pooled=False)
    yield app
    app.engine.dispose()
    embedded.drop_database(services, name)


def count(session, table) -> int:
    return session.scalar(select(func.count()).select_from(table).where(table.county == COUNTY))


def test_a_package_with_errors_changes_nothing(empty, tmp_path):
    flawed = write_demo_county(tmp_path, households=40, flaws=True).path
    with empty.sessions(COUNTY) as session, pytest.raises(PackageRefused) as refused:
        import_package(session, flawed, actor="tests", now=NOW)
    assert len(refused.value.result.errors) > 20
    with empty.sessions(COUNTY) as session:
        assert count(session, t.ImportBatch) == 0
        assert session.scalar(select(func.count()).select_from(Division)) == 0


def test_the_county_comes_in_whole(empty, package):
    with empty.sessions(COUNTY) as session:
        done = import_package(session, package, actor="tests", now=NOW)
        session.commit()
    with empty.sessions(COUNTY) as session:
        for table, layer in (
            (t.IssuingParty, "FBF"), (t.ContractorVersion, "CBF"), (t.Member, "CBF_JTCY"), (t.ParcelVersion, "DK"),
            (t.ContractVersion, "CBHT"), (t.ContractedParcel, "CBDKXX"), (t.RegisterEntryVersion, "CBJYQZDJB"),
            (t.CertificateVersion, "CBJYQZ"), (t.SourceDocument, "QSLYZLFJ"),
        ):  # fmt: skip
            assert count(session, table) == done.counts[layer], layer
        assert session.get_one(County, COUNTY).srid == 4525
        names = dict(session.execute(select(Division.code, Division.name)).all())
        assert (names["99"], names["9901"], names[COUNTY]) == ("云原省", "青禾市", "田溪县")
        assert {len(code) for code in names} == {2, 4, 6, 9, 12, 14}
        batch = session.scalars(select(t.ImportBatch)).one()
        assert (batch.id, batch.imported_by, batch.findings) == (done.batch, "tests", [])


def test_a_parcel_keeps_its_outline_and_area(empty):
    with empty.sessions(COUNTY) as session:
        wkb, srid, area, since = session.execute(
            text("""select st_asbinary(v.geom), st_srid(v.geom), v.measured_area, v.valid_from
                    from operational.parcel_versions v order by v.id limit 1""")
        ).one()
        outline = shapely.from_wkb(bytes(wkb))
        assert srid == 4525
        assert float(area) == round(outline.area, 2)
        assert all(round(x * 1000) / 1000 == x for x, _ in outline.exterior.coords)
        assert since.year == 2014


def test_a_household_has_its_head_and_number(empty):
    with empty.sessions(COUNTY) as session:
        version = session.scalars(select(t.ContractorVersion).where(t.ContractorVersion.kind == "1")).first()
        head = session.scalars(
            select(t.Member).where(
                t.Member.county == COUNTY,
                t.Member.contractor_version_id == version.id,
                t.Member.relation == "02",
            )
        ).one()
        assert (head.name, head.id_number) == (version.name, version.id_number)
        assert head.id_number_found == version.id_number_found


def test_a_second_import_needs_replace(empty, package):
    with empty.sessions(COUNTY) as session, pytest.raises(Conflict, match="已存在"):
        import_package(session, package, actor="tests", now=LATER)


VERSIONED = (t.IssuingPartyVersion, t.ContractorVersion, t.ParcelVersion, t.ContractVersion, t.RegisterEntryVersion,
             t.CertificateVersion)  # fmt: skip


def rows(session, statement: str, **values) -> list:
    return session.execute(text(statement), values).all()


def test_replacing_with_the_same_changes_no_version(empty, package):
    with empty.sessions(COUNTY) as session:
        before = [count(session, table) for table in (*VERSIONED, t.Member, t.SourceDocument)]
        done = import_package(session, package, actor="tests", now=LATER, replace=True)
        session.commit()
        assert done.replaced
        assert {(change, n) for by in done.difference.values() for change, n in by.items() if change != "same"} == {
            ("added", 0), ("changed", 0), ("ended", 0)
        }  # fmt: skip
        assert [count(session, table) for table in (*VERSIONED, t.Member, t.SourceDocument)] == before
        assert count(session, t.ImportBatch) == 2


DIFFERS = """
    update operational.parcel_versions set name = '旧名' where id = (select min(id) from operational.parcel_versions);
    update operational.parcel_versions set geom = st_translate(geom, 0.5, 0), measured_area = measured_area + 1
        where id = (select min(id) + 1 from operational.parcel_versions);
    update operational.parcel_versions set geom = st_reverse(geom)
        where id = (select min(id) + 2 from operational.parcel_versions);
    update operational.members set name = '旧人' where id = (select min(id) from operational.members);
    update operational.contracted_parcels set contract_area = contract_area + 1
        where id = (select min(id) from operational.contracted_parcels);
    update operational.issuing_party_versions set head_id_number = (
        select id_number from operational.contractor_versions order by id desc limit 1)
        where id = (select min(id) from operational.issuing_party_versions);
    update operational.parcels set code = left(code, 14) || '99999' where id = (select max(id) from operational.parcels);
    update operational.contract_versions set state = 'ended' where id = (select min(id) + 5 from operational.contract_versions);
"""


def test_only_what_differs_gets_a_new_version(empty, package):
    """The register is made to differ; the package then says what it said before."""
    with empty.sessions(COUNTY) as session:
        for statement in DIFFERS.split(";")[:-1]:
            session.execute(text(statement))
        session.commit()
        before = {table: count(session, table) for table in VERSIONED}
        done = import_package(session, package, actor="tests", now=LATER, replace=True)
        found = dict(done.difference)
        told = {(d.thing, d.change, *d.fields) for d in rows(session, """
            select thing, change, fields from staging.differences where county = :county and change <> 'same'""",
            county=COUNTY)}  # fmt: skip
        assert told == set(), "the staged rows go with the swap"
        session.commit()
        assert {thing: {k: v for k, v in by.items() if v and k != "same"} for thing, by in found.items()} == {
            "issuing_party": {"changed": 1},
            "contractor": {"changed": 1},
            "parcel": {"changed": 2, "added": 1, "ended": 1},
            "contract": {
                "changed": 2,
                "added": 1,
            },  # the second holds the parcel that is another now; the third had ended
            "register_entry": {"added": 1, "ended": 1},
            "certificate": {"added": 1, "ended": 1},
        }
        more = {table: count(session, table) - before[table] for table in VERSIONED}
        assert more == {
            t.IssuingPartyVersion: 2,  # said again with its end, and the new one
            t.ContractorVersion: 2,
            t.ParcelVersion: 2 * 2 + 1 + 1,
            t.ContractVersion: 2 * 2 + 1,
            t.RegisterEntryVersion: 1 + 1,
            t.CertificateVersion: 1 + 1,
        }
        history = rows(
            session,
            """
            select name, valid_from, valid_to, superseded_at is null as known, restates is not null as again, cause_ref
            from operational.parcel_versions where parcel_id = (select min(id) from operational.parcels) order by id""",
        )
        assert [(r.name == "旧名", r.known, r.again) for r in history] == [
            (True, False, False), (True, True, True), (False, True, False)
        ]  # fmt: skip
        assert history[1].valid_to == history[2].valid_from == LATER.date()
        assert history[2].cause_ref == str(done.batch)
        assert rows(session, "select 1 from operational.members where name = '旧人'"), (
            "the past keeps its members"
        )
    with empty.sessions(COUNTY) as session:
        again = import_package(session, package, actor="tests", now=LATER, difference_only=True)
        assert again.batch is None
        assert sum(n for by in again.difference.values() for change, n in by.items() if change != "same") == 0
        session.rollback()


def test_a_failure_of_the_swap_leaves_nothing_staged(empty, package, monkeypatch):
    def fail(*args):
        raise RuntimeError("power")

    monkeypatch.setattr(intakes, "take_in", fail)
    with empty.sessions(COUNTY) as session, pytest.raises(RuntimeError):
        import_package(session, package, actor="tests", now=LATER, replace=True)
    with empty.sessions(COUNTY) as session:
        assert parts(session) == 0
        assert count(session, t.ImportBatch) == 3


def parts(session) -> int:
    return session.scalar(
        text(
            "select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace where nspname = 'staging' and relkind = 'r'"
        )
    )


@pytest.mark.parametrize("place", ["staging", "swapped"])
def test_a_kill_leaves_the_register_as_it_was(empty, package, tmp_path, place):
    """The next import sweeps what was staged."""
    (tmp_path / place).touch()
    with empty.sessions(COUNTY) as session:
        before = [count(session, table) for table in (*VERSIONED, t.ImportBatch)]
        session.execute(
            text(
                "update operational.contractor_versions set name = name || '改' where valid_to is null and superseded_at is null"
            )
        )
        session.commit()
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(package), empty.settings.database_url],
        env=os.environ | {"TIANQI_FAILPOINTS": str(tmp_path)}, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    with empty.sessions(COUNTY) as session:
        assert [count(session, table) for table in (*VERSIONED, t.ImportBatch)] == before
        assert parts(session) > 0
        import_package(session, package, actor="tests", now=LATER, replace=True)
        session.commit()
        assert parts(session) == 0
        assert session.scalars(select(PackageIntake.status).order_by(PackageIntake.id.desc()).limit(2)).all() == [
            "taken", "dropped"
        ]  # fmt: skip


KILLED = """
import sys
from datetime import UTC, datetime
from sqlalchemy import create_engine
from engine.exchange.importing import import_package
from engine.store import sealed
from engine.store.scope import session_for
sealed.use_key(bytes(range(32)))
with session_for(create_engine(sys.argv[2]), "990101") as session:
    import_package(session, sys.argv[1], actor="killed", now=datetime(2026, 9, 7, 1, 0, tzinfo=UTC), replace=True)
    session.commit()
"""
