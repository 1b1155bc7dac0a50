"""A checked package becomes identity and version rows, in one transaction; a bad one changes nothing."""

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
from engine.exchange.importing import PackageRefused, import_package
from engine.store.tables import register as t
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


def test_replacing_keeps_what_stood_before(empty, package):
    with empty.sessions(COUNTY) as session:
        before = count(session, t.ParcelVersion)
        done = import_package(session, package, actor="tests", now=LATER, replace=True)
        session.commit()
        assert done.replaced
        assert count(session, t.Parcel) == before
        assert count(session, t.ParcelVersion) == 3 * before
        rows = session.execute(
            text("""select valid_from, valid_to, superseded_at is null as known, restates is not null as said_again
                    from operational.parcel_versions where parcel_id = (select min(id) from operational.parcels)
                    order by id""")
        ).all()
        assert [(r.valid_to, r.known, r.said_again) for r in rows[:1]] == [(None, False, False)]
        ended = next(r for r in rows if r.said_again)
        current = next(r for r in rows if r.known and r.valid_to is None)
        assert ended.valid_to == current.valid_from == LATER.date()
        assert count(session, t.SourceDocument) == done.counts["QSLYZLFJ"]
