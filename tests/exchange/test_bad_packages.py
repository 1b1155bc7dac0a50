"""Packages that are broken, hostile or half there: findings with a clear message, never an exception."""

import os
import random
import shutil
import sqlite3
import stat
import zipfile
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely

from engine.exchange.check_package import CheckResult, check_package, read_and_check
from engine.exchange.checks.settings import CheckSettings
from engine.exchange.package.opening import Limits
from tests.exchange.conftest import STEM

VECTORS = "矢量数据"


def rules_of(result: CheckResult) -> set[str]:
    return {f.rule for f in result.findings}


def only(result: CheckResult, rule: str) -> list:
    return [f for f in result.findings if f.rule == rule]


def layer(package: Path, name: str, suffix: str) -> Path:
    return package / VECTORS / f"{name}{STEM}{suffix}"


def zipped(package: Path, target: Path, prefix: str = "") -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(package.rglob("*")):
            if path.is_file():
                archive.write(path, f"{prefix}{path.relative_to(package.parent).as_posix()}")
    return target


def test_missing_layer(package):
    for path in (package / VECTORS).glob("JZD*"):
        path.unlink()
    result = check_package(package)
    assert [f.table for f in only(result, "F05")] == ["JZD"]
    assert "R10" not in rules_of(result), "no follow-up findings for what is not there"


def test_wrong_county(package, tmp_path):
    renamed = package.rename(tmp_path / "990102邻县")
    result = check_package(renamed)
    assert len(only(result, "F03")) >= 14
    assert only(result, "F08")[0].field == "geoID"


def test_overlapping_parcels(package):
    path = layer(package, "DK", ".shp")
    meta, _, wkb, columns = pyogrio.raw.read(path)
    outlines = shapely.from_wkb(wkb)
    moved = shapely.transform(outlines, lambda xy: xy + [5.0, 0.0])
    outlines[10] = moved[10]
    keep = {suffix: layer(package, "DK", suffix).read_bytes() for suffix in (".dbf", ".prj", ".cpg")}
    pyogrio.raw.write(
        path,
        shapely.to_wkb(outlines),
        [np.arange(len(outlines))],
        ["BSM"],
        geometry_type="Polygon",
        crs=meta["crs"],
    )
    for suffix, content in keep.items():
        layer(package, "DK", suffix).write_bytes(content)
    codes = dict(zip(meta["fields"], columns, strict=True))["DKBM"]
    found = only(check_package(package), "T03")
    assert codes[10] in {f.record for f in found}
    assert all("重叠" in f.message for f in found)


def test_overlap_of_less_than_a_millimetre_is_none(package):
    path = layer(package, "DK", ".shp")
    meta, _, wkb, _ = pyogrio.raw.read(path)
    shifts = np.random.default_rng(1).uniform(0, 6e-4, (len(wkb), 2))
    outlines = shapely.from_wkb(wkb)
    moved = [shapely.transform(o, lambda xy, by=by: xy + by) for o, by in zip(outlines, shifts, strict=True)]
    dbf = layer(package, "DK", ".dbf").read_bytes()
    pyogrio.raw.write(
        path,
        shapely.to_wkb(moved),
        [np.arange(len(moved))],
        ["BSM"],
        geometry_type="Polygon",
        crs=meta["crs"],
    )
    layer(package, "DK", ".dbf").write_bytes(dbf)
    assert only(check_package(package), "T03") == []


@pytest.mark.parametrize("cpg", [None, "GBK", "936"])
def test_gbk_is_read_with_and_without_cpg(package, cpg):
    path = layer(package, "DK", ".cpg")
    path.unlink() if cpg is None else path.write_text(cpg)
    assert check_package(package).findings == ()


def test_utf8_without_saying_so(package):
    path = layer(package, "CJQY", ".dbf")
    path.write_bytes(recoded(path.read_bytes(), "utf-8"))
    layer(package, "CJQY", ".cpg").unlink()
    (found,) = only(check_package(package), "S02")
    assert (found.table, found.record) == ("CJQY", f"{VECTORS}/CJQY{STEM}.dbf")
    assert "UTF-8" in found.message
    layer(package, "CJQY", ".cpg").write_text("UTF-8")
    assert check_package(package).findings == ()


def test_gbk_said_to_be_utf8(package):
    layer(package, "XJQY", ".cpg").write_text("UTF-8")
    (found,) = only(check_package(package), "S02")
    assert "不是 UTF-8" in found.message


def recoded(data: bytes, encoding: str) -> bytes:
    """A dbf with its Chinese texts in another encoding, within the same widths."""
    head = int.from_bytes(data[8:10], "little")
    text = data[head:].decode("gbk")
    out, pending = bytearray(), 0
    for char in text:
        raw = char.encode(encoding)
        if char == " " and pending:
            pending -= 1
            continue
        pending += len(raw) - len(char.encode("gbk"))
        out += raw
    assert len(out) == len(data) - head
    return data[:head] + bytes(out)


def test_truncated_shapefile(package):
    path = layer(package, "DK", ".shp")
    path.write_bytes(path.read_bytes()[:-500])
    (found,) = only(check_package(package), "F04")
    assert found.record == f"{VECTORS}/DK{STEM}.shp"
    assert "不完整" in found.message


def test_truncated_dbf(package):
    path = layer(package, "DK", ".dbf")
    path.write_bytes(path.read_bytes()[:-5000])
    (found,) = only(check_package(package), "F04")
    assert "dbf" in found.message


def test_missing_dbf(package):
    layer(package, "DK", ".dbf").unlink()
    assert [f.field for f in only(check_package(package), "F04")] == [".dbf"]


def test_missing_index_does_not_hide_the_rest(package):
    layer(package, "DK", ".shx").unlink()
    result = check_package(package)
    assert rules_of(result) == {"F04"}
    assert result.counts["DK"] > 300


@pytest.mark.parametrize("suffix", [".shp", ".shx", ".dbf", ".prj", ".cpg"])
def test_garbage_for_a_shapefile_part(package, suffix):
    layer(package, "DK", suffix).write_bytes(random.Random(1).randbytes(3000))
    check_package(package)


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0" + b"\xff" * 5000, b"no database at all" * 50])
def test_garbage_for_the_database(package, content):
    (package / "权属数据" / f"{STEM}.sqlite").write_bytes(content)
    assert only(check_package(package), "F06")


def test_a_view_is_not_a_table(package):
    with sqlite3.connect(package / "权属数据" / f"{STEM}.sqlite") as db:
        db.execute("drop table CBF")
        db.execute(
            "create view CBF as with recursive n(i) as (select 1 union all select i + 1 from n) select i from n"
        )
    assert [f.table for f in only(check_package(package), "F06")] == ["CBF"]


def test_garbage_for_an_access_file(package):
    (package / "权属数据" / f"{STEM}.sqlite").unlink()
    (package / "权属数据" / f"{STEM}.mdb").write_bytes(
        b"\x00\x01\x00\x00Standard Jet DB\x00" + b"\x01" * 9000
    )
    (found,) = only(check_package(package), "F06")
    assert found.record == f"权属数据/{STEM}.mdb"


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04" + b"\0" * 200, "姓名,代码".encode(), b"\xd0\xcf\x11\xe0" * 200]
)
def test_garbage_for_spreadsheets(package, content):
    (package / "权属数据" / f"{STEM}权属单位代码表.xlsx").write_bytes(content)
    (package / "汇总表格" / "990101田溪县按承包方汇总表.xlsx").write_bytes(content)
    result = check_package(package)
    assert only(result, "F06")
    assert [f.table for f in only(result, "R12")][:1] == ["按承包方汇总表"]


def test_hostile_metadata(package):
    entities = '<!DOCTYPE x [<!ENTITY a "aaaa">' + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 50}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    text = f'<?xml version="1.0"?>{entities}]><Metadata><geoID>&i;</geoID></Metadata>'
    (package / VECTORS / f"SL{STEM}.xml").write_text(text)
    assert only(check_package(package), "F08")


def test_not_a_zip(tmp_path):
    path = tmp_path / "990101田溪县.zip"
    path.write_text("这不是压缩文件")
    (found,) = check_package(path).findings
    assert found.rule == "F00"
    assert "zip" in found.message


def test_a_zip_is_named_as_it_was_brought(package, tmp_path):
    """An upload lies here under a name of ours: its own is what stands for a root folder, and what findings say."""
    path = tmp_path / "5f3c.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(package.rglob("*")):
            archive.write(file, file.relative_to(package).as_posix())
    with read_and_check(path, name=f"{package.name}.zip") as (_, result):
        assert result.findings == ()


def test_truncated_zip(package, tmp_path):
    path = zipped(package, tmp_path / "county.zip")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    assert rules_of(check_package(path)) == {"F00"}


def test_damaged_member(package, tmp_path):
    path = zipped(package, tmp_path / "county.zip")
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo(f"{package.name}/{VECTORS}/DK{STEM}.dbf")
        start = info.header_offset + 200
    data = bytearray(path.read_bytes())
    data[start : start + 400] = b"\xaa" * 400
    path.write_bytes(bytes(data))
    assert rules_of(check_package(path)) == {"F00"}


def test_zip_bomb_by_ratio(tmp_path):
    path = tmp_path / "990101田溪县.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open(f"990101田溪县/{VECTORS}/DK{STEM}.shp", "w") as member:
            for _ in range(100):
                member.write(bytes(1 << 20))
    (found,) = check_package(path).findings
    assert found.rule == "F00"
    assert "炸弹" in found.message


def test_zip_bomb_by_size_and_number(package, tmp_path):
    path = zipped(package, tmp_path / "county.zip")
    for limits in (Limits(unpacked_bytes=100_000), Limits(members=10)):
        assert rules_of(check_package(path, CheckSettings(limits=limits))) == {"F00"}


@pytest.mark.parametrize(
    "name",
    [
        "../../outside.shp",
        "/etc/outside.shp",
        "C:\\outside.shp",
        "a/../../outside.shp",
        "a\\..\\..\\outside.shp",
    ],
)
def test_zip_members_stay_inside(tmp_path, name):
    path = tmp_path / "990101田溪县.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, b"x")
    (found,) = check_package(path).findings
    assert (found.rule, "路径不合法" in found.message) == ("F00", True)


def test_links_are_refused(package, tmp_path):
    path = zipped(package, tmp_path / "county.zip")
    with zipfile.ZipFile(path, "a") as archive:
        info = zipfile.ZipInfo(f"{package.name}/{VECTORS}/secret.shp")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    assert "链接" in check_package(path).findings[0].message
    os.symlink("/etc/passwd", package / VECTORS / "secret.dbf")
    assert "链接" in check_package(package).findings[0].message


class GbkName(zipfile.ZipInfo):
    def _encodeFilenameFlags(self):
        return self.filename.encode("gbk"), 0


def test_names_of_windows_zips(package, tmp_path):
    """GBK names without the UTF-8 flag, as Chinese Windows tools write them."""
    path = zipped(package, tmp_path / "county.zip")
    target = tmp_path / "windows.zip"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for info in source.infolist():
            out.writestr(GbkName(info.filename), source.read(info), zipfile.ZIP_DEFLATED)
    assert check_package(target).findings == ()


def test_empty_folder_and_absent_path(tmp_path):
    assert {"F01", "F02", "F05", "F06", "F08"} <= rules_of(check_package(tmp_path))
    assert rules_of(check_package(tmp_path / "nothing.zip")) == {"F00"}


def test_layers_in_a_geopackage(package):
    target = package / VECTORS / f"{STEM}.gpkg"
    for path in sorted((package / VECTORS).glob("*.shp")):
        name = path.stem.removesuffix(STEM)
        meta, _, wkb, columns = pyogrio.raw.read(path, encoding="GBK")
        pyogrio.raw.write(
            target, wkb, columns, meta["fields"], layer=name, driver="GPKG",
            geometry_type=meta["geometry_type"], crs=meta["crs"], append=target.exists(),
        )  # fmt: skip
    for path in (package / VECTORS).iterdir():
        if path.suffix not in (".gpkg", ".xml"):
            path.unlink()
    result = check_package(package)
    assert result.findings == ()
    assert result.counts["DK"] > 300
    target.write_bytes(target.read_bytes()[:20_000])
    assert not check_package(package).ok


def test_split_layers(package):
    """Large layers come in several files: DK...-1, DK...-2."""
    for part in ("-1", "-2"):
        for suffix in (".shp", ".shx", ".dbf", ".prj", ".cpg"):
            shutil.copy(layer(package, "DK", suffix), layer(package, "DK", f"{part}{suffix}"))
    for path in (package / VECTORS).glob(f"DK{STEM}.*"):
        path.unlink()
    result = check_package(package)
    assert result.counts["DK"] > 600
    assert rules_of(result) >= {"U01", "T03"}, "both halves are the same parcels here"
    assert not only(result, "F03")


@pytest.mark.parametrize("seed", range(12))
def test_random_damage_never_raises(package, seed):
    """Flip bytes in any file that is read."""
    rng = random.Random(seed)
    files = [
        p for p in sorted(package.rglob("*")) if p.is_file() and p.suffix not in (".pdf", ".jpg", ".txt")
    ]
    for path in rng.sample(files, 12):
        data = bytearray(path.read_bytes())
        for _ in range(rng.randint(1, 40)):
            if data:
                data[rng.randrange(len(data))] = rng.randrange(256)
        path.write_bytes(bytes(data[: rng.randrange(len(data) + 1)] if rng.random() < 0.3 else data))
    check_package(package).as_dict()
