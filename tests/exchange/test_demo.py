"""The demonstration county: believable, the same for the same seed, never over something else."""

import hashlib
from collections import Counter
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from stdnum.iso7064 import mod_11_2

from engine.exchange.check_package import check_package, read_and_check
from engine.exchange.demo import write_demo_county
from engine.exchange.demo.county import make_county
from engine.exchange.demo.settings import size_for
from tests.exchange.conftest import STEM


def digests(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_gives_the_same_bytes(clean, tmp_path):
    again = write_demo_county(tmp_path, households=60).path
    assert digests(again) == digests(clean)


def test_another_seed_gives_another_county(clean, tmp_path):
    other = write_demo_county(tmp_path, seed=2, households=60).path
    name = f"权属数据/{STEM}.sqlite"
    assert digests(other)[name] != digests(clean)[name]


def test_default_size():
    size = size_for(1500)
    assert (size.townships, size.villages, size.groups) == (2, 8, 30)
    with pytest.raises(ValueError, match="at least"):
        size_for(3)


@pytest.mark.parametrize("seed", [1, 7])
def test_the_checker_finds_nothing(seed, tmp_path):
    written = write_demo_county(tmp_path, seed=seed, households=90)
    result = check_package(tmp_path)
    assert result.findings == ()
    assert {name: count for name, count in result.counts.items() if name in written.counts} == {
        name: count for name, count in written.counts.items() if name in result.counts
    }


def test_parcels_are_strips_of_believable_size():
    county = make_county(3, 400)
    parcels = [parcel for group in county.groups for parcel in group.parcels]
    outlines = np.array([parcel.outline for parcel in parcels])
    areas = shapely.area(outlines)
    assert 4.7 < len(parcels) / 400 < 6
    assert 700 < areas.mean() < 1200
    boxes = shapely.minimum_rotated_rectangle(outlines)
    sides = np.sort([[shapely.Point(r[0]).distance(shapely.Point(r[1])), shapely.Point(r[1]).distance(shapely.Point(r[2]))]
                     for r in (list(b.exterior.coords) for b in boxes)])  # fmt: skip
    assert np.median(sides[:, 1] / sides[:, 0]) > 3, "narrow strips"


def test_neighbours_share_points_exactly_and_name_each_other(clean):
    path = clean / "矢量数据" / f"DK{STEM}.shp"
    meta, _, wkb, columns = pyogrio.raw.read(path)
    assert meta["crs"] == "EPSG:4525"
    row = dict(zip(meta["fields"], columns, strict=True))
    outlines = shapely.from_wkb(wkb)
    points = Counter(point for outline in outlines for point in list(outline.exterior.coords)[:-1])
    shared = sum(count > 1 for count in points.values())
    assert shared > len(points) / 2
    assert all(east and west for east, west in zip(row["DKDZ"], row["DKXZ"], strict=True))
    holders = set(row["ZJRXM"])
    assert sum(name in holders for name in row["DKDZ"]) > len(outlines) / 2
    road_or_ditch = {"田间道", "农渠"}
    assert any(name in road_or_ditch for name in row["DKNZ"])


def test_people_have_numbers_that_check_and_relations_that_fit(clean):
    with read_and_check(clean) as (package, _):
        members = package.tables["CBF_JTCY"]
        numbers = members["CYZJHM"]
        assert len(set(numbers)) == len(numbers)
        for number, sex in zip(numbers, members["CYXB"], strict=True):
            assert mod_11_2.is_valid(number)
            assert (int(number[16]) % 2 == 1) == (sex == "1")
            assert number.startswith("990")
        relations = Counter(members["YHZGX"])
        assert relations["02"] == 60
        assert relations["12"] > 30
        contracts = package.tables["CBHT"]
        assert set(contracts["CBQXZ"]) == {"20261231", "20271231", "20331231"}


def test_zip_and_root_folder(tmp_path):
    zipped = write_demo_county(tmp_path / "county.zip", households=20)
    assert zipped.path.is_file()
    assert check_package(zipped.path).findings == ()
    own = write_demo_county(tmp_path / "990101某县", households=20)
    assert own.path == tmp_path / "990101某县"
    assert (own.path / "矢量数据").is_dir()


def test_it_replaces_its_own_package_but_nothing_else(tmp_path):
    write_demo_county(tmp_path, households=20)
    write_demo_county(tmp_path, households=20)
    other = tmp_path / "990101田溪县"
    (other / "重要文件.txt").write_text("x")
    with pytest.raises(FileExistsError):
        write_demo_county(tmp_path, households=20)
    assert (other / "重要文件.txt").exists()
