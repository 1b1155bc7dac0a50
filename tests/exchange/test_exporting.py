"""Out of the register and in again: the same layers, tables and files, before and after changes by cases."""

import json
import shutil
import zipfile
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pyogrio
import pytest
import shapely
from click.testing import CliRunner
from shapely import affinity
from sqlalchemy import text

from engine import bootstrap, embedded
from engine.commands import trial
from engine.commands.environment import migrate
from engine.commands.export import export
from engine.documents.lean_sketch import lean_sketch
from engine.domain.actor import Actor
from engine.domain.changes import RemeasureParcel, SplitParcel, geometry
from engine.domain.changes.parcels import as_piece
from engine.domain.clock import local_date
from engine.domain.division import around
from engine.domain.errors import Invalid, Refused
from engine.exchange.check_package import check_package, read_and_check
from engine.exchange.exporting.layer_files import Shapefiles
from engine.exchange.exporting.package import export_package, parts_of
from engine.exchange.exporting.tables import PARCEL_LAYERS, ownership_tables, parcel_layers, register_tables
from engine.exchange.importing import import_package, staging
from engine.exchange.importing.attachments import is_attachment, stage_attachments
from engine.exchange.importing.take_in_standard import take_in_standard
from engine.exchange.package.model import OWNERSHIP, VECTORS
from engine.exchange.package.opening import opened
from engine.exchange.package.reading import read_package
from engine.exchange.standard import layers as standard_layers
from engine.exchange.standard import tables as standard_tables
from engine.store.contracts import record_certificate
from engine.store.register import Cause
from engine.store.tables.packages import PackageIntake
from engine.usecases.long_work import ask_long_work, cancel_long_work, carry_out_long_work, read_long_work
from tests.conftest import COUNTY, START
from tests.exchange.empty_access import make_empty_access
from tests.exchange.test_access_hand_in import _field
from tests.store import test_every_change_stored as every

TODAY = local_date(START)


def stage(session, app, path):
    """The package into staging; gives the batch."""
    with opened(path) as files:
        package, _ = read_package(files, "gb18030")
        intake = PackageIntake(
            county=COUNTY, name="x", source="command", status="waiting", brought_by="tests", brought_by_id="",
            brought_at=START,
        )  # fmt: skip
        session.add(intake)
        session.flush()
        staging.open_batch(session, COUNTY, intake.id)
        staging.stage(session, package, intake.id, 4525, lambda *told: None)
    stage_attachments(session, COUNTY, intake.id, path, app.files)
    return intake.id


def take_in(app, path, replace=False):
    with app.sessions(COUNTY) as session:
        done = import_package(session, path, actor="tests", now=START, replace=replace, files=app.files)
        session.commit()
    return done


@pytest.fixture(scope="module")
def full(running):
    return running


@pytest.fixture
def other(services, slot, tmp_path):
    """An empty installation."""
    name = f"other_{slot}"
    embedded.drop_database(services, name)
    embedded.create_database(services, name)
    migrate(services.settings(name)["OWNER_DATABASE_URL"])
    app = bootstrap.app(trial.settings_for(services, name, tmp_path / "var"), pooled=False)
    yield app
    app.engine.dispose()
    app.portal_engine.dispose()
    embedded.drop_database(services, name)


def out(app, path, **options):
    with app.sessions(COUNTY) as session:
        return export_package(session, COUNTY, path, app.files, lean_sketch, now=START, **options)


def contents(app, prefix=""):
    """All rows of the register in the standard's form, whatever their order and row numbers."""
    with app.sessions(COUNTY) as session:
        return said(*register_tables(session, COUNTY, prefix))


def said(layers, tables):
    found = {}
    for name, table in {**layers, **tables}.items():
        fields = [field for field in table.columns if field != "BSM"]
        rows = list(table.rows(*fields))
        if table.geometry is not None:
            rows = [(*row, shape.normalize().wkb) for row, shape in zip(rows, table.geometry, strict=True)]
        found[name] = Counter(map(repr, rows))
    return found


def files_of(app):
    with app.sessions(COUNTY) as session:
        rows = session.execute(
            text(
                "select path, sha256 from operational.register_files where valid_to is null and superseded_at is null"
            )
        )
        return dict(rows.tuples().all())


def surveyed(case):
    """A parcel found to be smaller, of the same shape."""
    outline = geometry.rounded(affinity.scale(case.now.parcels[case.lands[0]].outline, 0.9, 0.9))
    return [RemeasureParcel(case.lands[0], geometry.area(outline), outline.wkt, "实测")]


def split_across(case):
    """A strip cut across its length."""
    code = case.lands[0]
    outline = case.now.parcels[code].outline
    west, south, east, north = outline.bounds
    parts = [*geometry.cut(outline, shapely.box(west - 1, south - 1, east + 1, (south + north) / 2))]
    pieces = [piece for part in parts for piece in part]
    assert len(pieces) == 2
    areas = geometry.shares(case.now.holder(code).row(code).area, [geometry.area(piece) for piece in pieces])
    like = as_piece(case.now, code)
    rows = zip(case.numbers(), pieces, areas, strict=True)
    return SplitParcel(
        code,
        tuple(
            replace(like, code=f"{case.party}{number:05d}", outline=piece.wkt, contract_area=area)
            for number, piece, area in rows
        ),
    )


def changed(app):
    """Land split, moved, swapped, measured, taken; certificates given anew; a contract renewed with its certificate."""
    made = every.MADE
    names = (
        "split and merged",
        "boundary",
        "swap",
        "expropriation",
        "reissue",
        "replace",
    )
    for number, name in enumerate(names):
        case = every.Case(app, number)
        every.do(app, *made[name](case))
    case = every.Case(app, len(names) + 1)
    every.do(app, *surveyed(case))
    case = every.Case(app, len(names) + 2)
    every.do(app, split_across(case))
    case = every.Case(app, len(names))
    every.do(app, *made["sign"](case))
    with app.sessions(COUNTY) as session:
        facts = {
            "issuer": "田溪县自然资源局", "issued_on": every.DAY, "serial": "新证第1号", "collected_on": every.DAY,
            "collected_by": "某人", "collector_id_number": "990101197001010001", "old_state": "destroyed",
        }  # fmt: skip
        why = Cause("case", "990101202611230001", every.DAY, START)
        record_certificate(session, COUNTY, case.first + "J", case.party, facts, why)
        session.execute(
            text(
                "update operational.register_entry_versions set registrar = '登簿员' where registrar is null and county = :c"
            ),
            {"c": COUNTY},
        )
        session.commit()


def test_the_register_goes_out_and_comes_in_the_same_before_and_after_changes(full, other, tmp_path):
    before = contents(full)
    assert all(before[name] for name in (*standard_layers(), *standard_tables()))  # nothing goes untested
    done = out(full, tmp_path / "first.zip")
    assert (done.drawn, done.lost, done.without_certificate) == (0, [], 0)
    assert check_package(tmp_path / "first.zip").findings == ()
    take_in(other, tmp_path / "first.zip")
    assert contents(other) == before
    assert files_of(other) == files_of(full)

    changed(full)
    after = contents(full)
    assert after != before
    done = out(full, tmp_path / "second.zip")
    assert check_package(tmp_path / "second.zip").findings == ()
    assert done.drawn == 7  # the halves that were merged again are the parcel that is on the sketch
    take_in(other, tmp_path / "second.zip", replace=True)
    assert contents(other) == after
    assert len(files_of(other)) >= len(files_of(full))
    same = take_in(full, tmp_path / "second.zip", replace=True)  # into the register that it came from
    # three certificates were given anew: the package gives their numbers as the entries', which had kept the old ones
    differs = {
        thing: row for thing, row in same.difference.items() if row["added"] or row["changed"] or row["ended"]
    }
    assert {thing: (row["added"], row["changed"], row["ended"]) for thing, row in differs.items()} == {
        "register_entry": (0, 3, 0)
    }
    assert contents(full) == after
    drawn_again = out(other, tmp_path / "third.zip")
    assert drawn_again.drawn == 0  # the sketches came along
    with zipfile.ZipFile(tmp_path / "second.zip") as second, zipfile.ZipFile(tmp_path / "third.zip") as third:
        attached = {
            i.filename: i.CRC for i in second.infolist() if is_attachment(i.filename.split("/", 1)[1])
        }
        assert attached == {
            i.filename: i.CRC for i in third.infolist() if is_attachment(i.filename.split("/", 1)[1])
        }


@pytest.fixture(scope="module")
def as_geopackage(full, tmp_path_factory):
    """A folder with a GeoPackage and, filled from an empty file, the tables as .mdb too."""
    folder = tmp_path_factory.mktemp("gpkg")
    tables = {name: [_field(field) for field in spec.fields] for name, spec in standard_tables().items()}
    template = make_empty_access(folder / "template.mdb", tables)
    done = out(full, folder / "990101田溪县", geopackage=True, template=template)
    return done.path


def test_a_geopackage_says_the_same_and_other_software_reads_it(full, as_geopackage):
    assert check_package(as_geopackage).findings == ()
    path = next(as_geopackage.glob(f"{VECTORS}/*.gpkg"))
    with full.sessions(COUNTY) as session:
        layers, _ = register_tables(session, COUNTY)
    assert {name for name, _ in pyogrio.list_layers(path)} == set(layers)
    for name, table in layers.items():
        info = pyogrio.read_info(path, layer=name)
        assert (info["features"], info["crs"]) == (len(table), "EPSG:4525")
    own = pyogrio.raw.read(path, layer="DK", columns=["DKBM", "SCMJ"])
    assert sorted(own[3][0].tolist()) == layers["DK"]["DKBM"]
    assert sum(own[3][1]) == pytest.approx(sum(layers["DK"]["SCMJ"]))


def test_the_access_file_alone_is_the_same_county(full, as_geopackage, tmp_path):
    root = Path(shutil.copytree(as_geopackage, tmp_path / as_geopackage.name))
    next(root.glob(f"{OWNERSHIP}/*.sqlite")).unlink()
    assert check_package(root).findings == ()
    with full.sessions(COUNTY) as session, read_and_check(root) as (package, _):
        _, tables = register_tables(session, COUNTY)
        for name, table in tables.items():
            read = package.tables[name]
            assert sorted(map(repr, read.rows(*table.columns))) == sorted(
                map(repr, table.rows(*table.columns))
            ), name


def test_a_large_layer_is_split_over_files(full, tmp_path):
    with full.sessions(COUNTY) as session:
        parts = [parcel_layers(session, part)["JZD"] for part in parts_of(session, COUNTY)]
    files = Shapefiles(tmp_path, COUNTY, "2026", 4525, rows=600)
    for table in parts:
        files.add(table)
    files.close()
    names = sorted(path.name for path in tmp_path.glob("*.shp"))
    assert names == ["JZD9901012026-1.shp", "JZD9901012026-2.shp"]
    counts = [pyogrio.read_info(tmp_path / name)["features"] for name in names]
    assert sum(counts) == sum(map(len, parts))


def test_parts_are_the_whole_once(full):
    with full.sessions(COUNTY) as session:
        layers, tables = register_tables(session, COUNTY)
        parts = parts_of(session, COUNTY)
        split = [{**parcel_layers(session, p), **ownership_tables(session, p)} for p in parts]
    for name in (*PARCEL_LAYERS, *tables):
        whole = layers[name] if name in layers else tables[name]
        assert sum(len(part[name]) for part in split) == len(whole), name


def test_a_village_has_its_own_and_the_land_around_it(full):
    with full.sessions(COUNTY) as session:
        village = session.scalar(text("select min(left(division, 12)) from operational.parcels"))
    with full.sessions(village) as session:  # a clerk's sight is enough
        layers, tables = register_tables(session, COUNTY, village)
    assert layers["DK"]["DKBM"] and all(code.startswith(village) for code in layers["DK"]["DKBM"])
    assert layers["CJQY"]["CJQYDM"] == [village]
    assert layers["XJXZQ"]["XZQDM"] == [COUNTY]
    own = set(layers["DK"]["DKBM"])
    assert all(own & set(codes.split("/")) for codes in layers["JZD"]["DKBM"])
    assert all(code.startswith(village) for code in tables["CBF"]["CBFBM"])


def test_what_lies_on_a_border_is_both_villages(full):
    """A point that parcels of two villages share belongs to the township, and each village has it."""
    with full.sessions(COUNTY) as session:
        codes = session.scalars(
            text("select min(code) from operational.parcels group by left(division, 12) order by 1 limit 2")
        ).all()
        session.execute(
            text("""
            update operational.boundary_points set parcels = :codes, division = :above
            where county = :county and id = (select min(id) from operational.boundary_points where :first = any (parcels))"""),
            {"codes": codes, "first": codes[0], "above": around(codes), "county": COUNTY},
        )
        session.flush()
        for code in codes:
            layers, _ = register_tables(session, COUNTY, code[:12])
            assert "/".join(codes) in layers["JZD"]["DKBM"]
        assert (
            sum(
                "/".join(codes) in parcel_layers(session, part)["JZD"]["DKBM"]
                for part in parts_of(session, COUNTY)
            )
            == 1
        )
        session.rollback()


def test_a_village_goes_out_as_a_package_and_comes_into_an_empty_county(full, other, tmp_path):
    with full.sessions(COUNTY) as session:
        codes = session.scalars(
            text("select min(code) from operational.parcels group by left(division, 12) order by 1 limit 2")
        ).all()
        village = codes[0][:12]
        moved = {"codes": codes, "first": codes[0], "above": around(codes), "county": COUNTY}
        session.execute(
            text("""
            update operational.boundary_points set parcels = :codes, division = :above
            where county = :county and id = (select min(id) from operational.boundary_points where :first = any (parcels))"""),
            moved,
        )
        layers, tables = register_tables(session, COUNTY, village)
        path = tmp_path / "village.zip"
        done = export_package(session, COUNTY, path, full.files, lean_sketch, now=START, division=village)
        session.rollback()
    points = layers["JZD"].columns[
        "DKBM"
    ]  # the other village's parcel is not in the package, so nothing names it
    layers["JZD"].columns["DKBM"] = [codes[0] if one == "/".join(codes) else one for one in points]
    assert points != layers["JZD"].columns["DKBM"]
    with read_and_check(path) as (package, result):
        assert result.findings == ()
        assert package.metadata.county == COUNTY and package.root_name == done.name
        assert done.name.startswith("990101田溪县") and done.name.endswith("村")
        assert {unit for unit in package.units if not unit.startswith(village)} == {
            f"{village[:n]:0<14}" for n in (4, 6, 9)
        }
        by_parcel = {row[0]: row[3] for row in package.sheets["按地块汇总表"].rows}
        assert by_parcel[f"{COUNTY:0<14}"] == by_parcel[f"{village:0<14}"] > 0
    take_in(other, path)
    assert contents(other) == said(layers, tables)
    ours = files_of(full)
    theirs = {name: sha for name, sha in files_of(other).items() if not name.startswith("文字报告/")}
    assert theirs.items() <= ours.items() and any(name.startswith("图件/") for name in theirs)
    assert not any(name.startswith("栅格数据/") for name in theirs)
    with pytest.raises(Refused, match="全部终止"):  # it is the county's only as far as it goes
        take_in(full, path, replace=True)


def test_a_division_without_a_register_is_refused_by_name(full, tmp_path):
    for division in ("990101999", "990102100", "99010110", "99010110020101", "x"):
        with pytest.raises(Invalid) as refused:
            out(full, tmp_path / "x.zip", division=division)
        assert refused.value.fields.keys() == {"division"}
    assert not list(tmp_path.iterdir())


def test_the_same_package_again_changes_nothing_and_another_closes_what_differs(full, clean, package):
    names = ("boundary_points", "boundary_lines", "map_features", "transfer_contracts", "register_files")
    (package / "文字报告" / "补充说明.txt").write_text("新增", "utf-8")
    days = [TODAY + timedelta(days=n) for n in range(4)]
    with full.sessions(COUNTY) as session:
        first, second = stage(session, full, clean), stage(session, full, package)
        session.commit()

        def taken(batch, day):
            take_in_standard(session, COUNTY, batch, 4525, "1", START, day)
            return {name: session.scalar(text(f"select count(*) from operational.{name}")) for name in names}  # noqa: S608

        before = taken(first, days[0])
        assert taken(first, days[1]) == before
        assert taken(second, days[2]) == before | {"register_files": before["register_files"] + 1}
        taken(first, days[3])
        rows = session.execute(
            text("""
            select valid_from, valid_to, superseded_at is null as known, cause from operational.register_files
            where path like '%补充说明.txt' order by id""")
        ).all()
        assert rows == [(days[2], None, False, "import"), (days[2], days[3], True, "import")]
        session.rollback()


def test_a_lost_attachment_is_named_and_the_rest_goes_out(full, tmp_path):
    with full.sessions(COUNTY) as session:
        session.execute(
            text(
                "update operational.register_files set sha256 = repeat('0', 64) where path like '%.jpg' and county = :c"
            ),
            {"c": COUNTY},
        )
        done = export_package(session, COUNTY, tmp_path / "990101田溪县", full.files, lean_sketch, now=START)
        session.rollback()
    assert done.lost and all(path.endswith(".jpg") for path in done.lost)
    rules = {finding.rule for finding in check_package(done.path).findings}
    assert rules == {"F07"}


def test_what_cannot_be_done_is_refused_and_leaves_nothing(full, tmp_path):
    (tmp_path / "there.zip").write_bytes(b"x")
    with pytest.raises(Refused, match="已存在"):
        out(full, tmp_path / "there.zip")
    with full.sessions("990102") as session, pytest.raises(Refused, match="990102"):
        export_package(session, "990102", tmp_path / "x.zip", full.files, lean_sketch, now=START)
    (tmp_path / "bad.mdb").write_bytes(b"not an Access file")
    with pytest.raises(Refused, match="Access"):
        out(full, tmp_path / "x.zip", template=tmp_path / "bad.mdb")
    with full.sessions(COUNTY) as session:  # 50 characters are 100 bytes, where a shapefile has 50
        session.execute(
            text("update operational.parcel_versions set name = repeat('田', 50) where county = :c"),
            {"c": COUNTY},
        )
        with pytest.raises(Refused, match=r"DKMC.*田田"):
            export_package(session, COUNTY, tmp_path / "x.zip", full.files, lean_sketch, now=START)
        session.rollback()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.mdb", "there.zip"]
    assert (tmp_path / "there.zip").read_bytes() == b"x"


def test_the_long_work_keeps_the_package_and_can_be_ended(full):
    clerk = Actor(str(uuid4()), "许诺", "data_steward", COUNTY, COUNTY)
    with full.sessions(COUNTY) as session:
        work = ask_long_work(session, full.clock, clerk, "export_package", {"gpkg": True})
        session.commit()
    carry_out_long_work(full, COUNTY, work)
    with full.sessions(COUNTY) as session:
        row = read_long_work(session, COUNTY, work)
    assert row.status == "done", row.error
    with full.files.open(row.result["sha256"]) as file, zipfile.ZipFile(file) as archive:
        assert any(name.endswith(".gpkg") for name in archive.namelist())
        assert archive.testzip() is None
    with full.sessions(COUNTY) as session:
        ended = ask_long_work(session, full.clock, clerk, "export_package", {})
        cancel_long_work(session, COUNTY, ended)
        session.commit()
    carry_out_long_work(full, COUNTY, ended)
    with full.sessions(COUNTY) as session:
        assert read_long_work(session, COUNTY, ended).status == "cancelled"
    assert not list(full.settings.var.glob("export-*"))


def test_the_command_writes_the_package_and_says_what_it_could_not(full, tmp_path, monkeypatch):
    @contextmanager
    def running_one():
        yield full

    monkeypatch.setattr("engine.commands.export.application", running_one)
    run = CliRunner().invoke
    done = run(export, [str(tmp_path / "out.zip"), "--county", COUNTY, "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["counts"]["DK"] > 300 and told["name"] == "990101田溪县"
    again = run(export, [str(tmp_path / "out.zip"), "--county", COUNTY])
    assert again.exit_code == 1 and "已存在" in again.output
    unknown = run(export, [str(tmp_path / "x.zip"), "--county", "990109"])
    assert unknown.exit_code == 1 and "990109" in unknown.output
    nowhere = run(export, [str(tmp_path / "no" / "x.zip"), "--county", COUNTY])
    assert nowhere.exit_code == 1 and isinstance(nowhere.exception, SystemExit)
