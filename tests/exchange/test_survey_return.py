"""The file that surveyors bring back: every kind of change, both formats, and every fault named with its parcel."""

import io
import zipfile

import numpy as np
import pyogrio
import pytest
import shapely

from engine.domain.errors import Refused
from engine.domain.uploads import type_of
from engine.exchange.field_package import FIELDS, write_layer
from engine.exchange.survey_return import read_return

ZONE = 4526  # CGCS2000, 3 degrees, zone 38
GPKG, ZIP = "application/geopackage+sqlite3", "application/zip"
CODE, OTHER, NEW = "9901011002010100001", "9901011002010100002", "9901011002010100090"
SQUARE = shapely.to_wkb(shapely.box(500000, 2700000, 500030, 2700040))
BOW = shapely.to_wkb(shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)]))


def row(**values):
    return {"BGLX": "图形变更", "BGYY": "水毁", "DKBM": CODE, "outline": SQUARE} | values


def as_gpkg(folder, rows, epsg=ZONE):
    path = folder / "r.gpkg"
    path.unlink(missing_ok=True)
    write_layer(path, "DK", rows, FIELDS, epsg)
    return path.read_bytes()


def as_zip(folder, rows, epsg=ZONE):
    write_layer(folder / "r.shp", "DK", rows, FIELDS, epsg)
    return packed(folder)


def packed(folder):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path in folder.glob("r.*"):
            archive.write(path, path.name)
    return out.getvalue()


@pytest.mark.parametrize(
    ("make", "media_type"), [(as_gpkg, GPKG), (as_zip, ZIP)], ids=["GeoPackage", "shapefile"]
)
def test_both_formats_say_the_same(tmp_path, make, media_type):
    rows = [
        row(DKMC="河湾"),
        row(BGLX="合并", DKBM=NEW, YDKBM=f"{CODE}，{OTHER}"),
        row(BGLX="修改其它面积", DKBM=OTHER, SCMJ="1200.5"),
        row(BGLX="一般变更", DKBM=OTHER[:-1] + "3", BGYY="", DKDZ="水渠"),
        row(SCBZ="1", BGLX="瞎写"),
    ]
    body = make(tmp_path, rows)
    assert type_of(body) == media_type
    reshaped, merged, area, facts = read_return(body, media_type, ZONE)
    assert (reshaped["code"], reshaped["facts"]["name"], reshaped["from"]) == (CODE, "河湾", [])
    assert shapely.from_wkt(reshaped["outline"]).area == pytest.approx(1200)
    assert merged["from"] == [CODE, OTHER]
    assert (area["area"], area["outline"]) == ("1200.50", None)
    assert facts["facts"] == {"east": "水渠"}


FAULTS = {
    "no reason": (row(BGYY=""), "BGYY"),
    "no kind": (row(BGLX=""), "BGLX"),
    "a code of letters": (row(DKBM="甲"), "DKBM"),
    "a split of nothing": (row(BGLX="分割", DKBM=NEW), "YDKBM"),
    "a merge of one": (row(BGLX="合并", DKBM=NEW, YDKBM=CODE), "YDKBM"),
    "a bow": (row(outline=BOW), "自相交"),
    "no area": (row(BGLX="修改其它面积", SCMJ="0"), "SCMJ"),
    "another case's kind": (row(BGLX="移除承包方"), "交回"),
    "new land without a name": (row(BGLX="新增", DKBM="", BGYY=""), "DKMC"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named_with_its_parcel(tmp_path, name):
    wrong, says = FAULTS[name]
    with pytest.raises(Refused) as refused:
        read_return(as_gpkg(tmp_path, [wrong]), GPKG, ZONE)
    assert says in str(refused.value.said)
    assert wrong["DKBM"] in str(refused.value.said) or "第1行" in str(refused.value.said)


def test_what_is_no_file_is_refused(tmp_path):
    good = as_gpkg(tmp_path, [row(), row()])
    for body, media_type, says in (
        (good, GPKG, "重复"),
        (good[:3000], GPKG, "读不出来"),
        (as_gpkg(tmp_path, [row(SCBZ="1")]), GPKG, "没有地块"),
    ):
        with pytest.raises(Refused) as refused:
            read_return(body, media_type, ZONE)
        assert says in str(refused.value.said)


@pytest.mark.parametrize(
    ("make", "media_type"), [(as_gpkg, GPKG), (as_zip, ZIP)], ids=["GeoPackage", "shapefile"]
)
def test_another_reference_system_is_named_beside_the_countys(tmp_path, make, media_type):
    for epsg, name in ((4326, "WGS 84"), (4527, "zone 39"), (4547, "CM 114E")):
        with pytest.raises(Refused) as refused:
            read_return(make(tmp_path, [row()], epsg), media_type, ZONE)
        assert name in str(refused.value.said)
        assert "zone 38" in str(refused.value.said)


def test_a_shapefiles_text_is_read_as_its_cpg_says_or_as_it_is(tmp_path):
    for told, encoding in (("GBK", "GBK"), (None, "GBK"), ("65001", "UTF-8"), (None, "UTF-8")):
        fields = {"BGLX": "一般变更", "DKBM": CODE, "DKMC": "河湾"}
        columns = [np.array([value], object) for value in fields.values()]
        shapes = np.array([SQUARE], object)
        layer = {"geometry": shapes, "field_data": columns, "fields": list(fields), "crs": f"EPSG:{ZONE}"}
        kind = {"geometry_type": "Polygon", "driver": "ESRI Shapefile", "encoding": encoding}
        pyogrio.raw.write(tmp_path / "r.shp", **layer, **kind)
        (tmp_path / "r.prj").unlink()  # says nothing of its system: taken
        (tmp_path / "r.cpg").write_text(told) if told else (tmp_path / "r.cpg").unlink(missing_ok=True)
        assert read_return(packed(tmp_path), ZIP, ZONE)[0]["facts"] == {"name": "河湾"}, (told, encoding)
    table = tmp_path / "r.dbf"
    table.write_bytes(table.read_bytes().replace("河湾".encode(), b"\xff\xff\xff   "))
    with pytest.raises(Refused) as refused:
        read_return(packed(tmp_path), ZIP, ZONE)
    assert "GBK" in str(refused.value.said)
