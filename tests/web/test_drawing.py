"""What the editor asks, what a program may ask, the page without JavaScript, files of outlines, and the sketch."""

import contextlib
import io
import json
import sqlite3
import zipfile

import pyogrio
import pytest
import shapely

from engine.exchange import outlines
from tests.usecases.acting import COUNTY, played
from tests.web.api_support import sign_in

ZONE = "EPSG:4525"


@pytest.fixture(scope="module")
def play(running, web):
    """A case whose survey is to be done."""
    return played(running, until="survey", scenario="with_survey")


@pytest.fixture
def surveyor(client_for):
    return client_for("surveyor")


def ground(client, play):
    return client.get(f"/cases/{play.number}/ground.geojson").json["features"]


def own(client, play):
    return next(f for f in ground(client, play) if f["properties"]["own"])


def ask(client, play, what, **body):
    return client.post(f"/cases/{play.number}/changes/{what}", json=body)


def across(feature):
    west, south, east, north = shapely.geometry.shape(feature["geometry"]).bounds
    return [[(west + east) / 2, south - 2], [(west + east) / 2, north + 2]]


def test_the_ground_is_exact_and_says_whose_land_is_whose(surveyor, play, running):
    found = ground(surveyor, play)
    with running.sessions(COUNTY) as session:
        from engine.store.register import read_household

        household = read_household(session, COUNTY, play.code)
    mine = {f["properties"]["code"]: f for f in found if f["properties"]["own"]}
    assert set(mine) == {parcel.code for parcel in household.parcels}
    for parcel in household.parcels:
        assert shapely.geometry.shape(mine[parcel.code]["geometry"]).equals_exact(
            shapely.from_wkb(parcel.outline), 0
        )
    assert len(found) > len(mine)


def test_a_gesture_is_answered_and_checked(surveyor, play):
    feature = own(surveyor, play)
    code = feature["properties"]["code"]
    change = ask(surveyor, play, "draw", tool="split", parcel=code, line=across(feature), changes=[]).json[
        "change"
    ]
    told = ask(surveyor, play, "check", changes=[change]).json
    assert told["findings"] == []
    assert {f["properties"]["layer"] for f in told["features"]["features"]} == {"before", "after"}
    assert {area["code"] for area in told["areas"]} == {code, *(piece["code"] for piece in change["pieces"])}


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("draw", {"tool": "split", "parcel": "9901011002010100001", "line": [[1, 2], [3, 4]]}),
        ("draw", {"tool": "split", "parcel": "x", "line": []}),
        ("draw", {"tool": "split", "parcel": "1101051002010100001", "line": [[37519000, 3431000], [37519001, 3431001]]}),
        ("draw", {"tool": "merge", "parcels": "all"}),
        ("draw", {"tool": "merge", "parcels": ["9901011002010199999"] * 2}),
        ("draw", {"tool": "cut", "parcel": "9901011002010100001", "red_line": "POLYGON EMPTY", "approval": "1"}),
        ("draw", {"tool": "cut", "parcel": "9901011002010100001", "approval": ""}),
        ("draw", {"tool": "erase"}),
        ("check", {"changes": [{"type": "end_household"}]}),
        ("check", {"changes": {"a": 1}}),
    ],
)  # fmt: skip
def test_what_does_not_go_is_said_in_words(surveyor, play, what, body):
    answer = ask(surveyor, play, what, **body)
    assert answer.status_code == 200
    assert any("\u4e00" <= char <= "\u9fff" for char in answer.json["refused"])
    assert surveyor.post(f"/cases/{play.number}/changes/{what}", data="[").status_code == 400


def test_overlaps_are_told_in_the_readers_language(surveyor, play):
    feature = own(surveyor, play)
    grown = shapely.geometry.shape(feature["geometry"]).buffer(6, join_style="mitre")
    row = {
        "type": "remeasure_parcel",
        "parcel_code": feature["properties"]["code"],
        "area": "1",
        "outline": grown.wkt,
    }
    told = ask(surveyor, play, "check", changes=[row]).json
    assert {one["rule"] for one in told["findings"]} == {"T03"}
    assert "overlap" in {f["properties"]["layer"] for f in told["features"]["features"]}
    english = surveyor.post(f"/cases/{play.number}/changes/check?lang=en", json={"changes": [row]}).json
    assert "Overlaps parcel" in english["findings"][0]["message"]


def test_another_villages_case_is_not_there(client_for, web, play):
    stranger = next(
        client for name in ("village2", "village1")
        if (client := client_for(name)).get(f"/cases/{play.number}").status_code == 404
    )  # fmt: skip
    assert stranger.get(f"/cases/{play.number}/ground.geojson").status_code == 404
    assert stranger.get(f"/cases/{play.number}/sketch.pdf").status_code == 404
    for what in ("check", "draw", "outlines"):
        assert ask(stranger, play, what, changes=[]).status_code == 404


def test_programs_ask_the_same(web, play, surveyor):
    program = sign_in(web, "surveyor")
    feature = own(surveyor, play)
    asked = {
        "case": play.number,
        "tool": "split",
        "parcel": feature["properties"]["code"],
        "line": across(feature),
    }
    change = program.post("/changes/draw", asked).json["change"]
    told = program.post("/changes/check", {"case": play.number, "changes": [change]})
    assert (told.status_code, told.json["findings"]) == (200, [])
    wrong = program.post("/changes/check", {"case": play.number, "changes": [{"type": "x"}]})
    assert (wrong.status_code, list(wrong.json["errors"])) == (422, ["changes"])
    assert program.post("/changes/check", {"case": "1" * 20, "changes": []}).status_code == 404


def packed(folder, driver, name, polygon):
    path = folder / name
    pyogrio.raw.write(
        path, geometry=[shapely.to_wkb(polygon)], field_data=[], fields=[], geometry_type="Polygon", crs=ZONE,
        driver=driver,
    )  # fmt: skip
    return path


def sent(client, play, name, body):
    return client.post(f"/cases/{play.number}/changes/outlines", data={"file": (io.BytesIO(body), name)})


def test_outlines_come_from_files_and_pasted_text(surveyor, play, tmp_path):
    square = shapely.box(37519000, 3431000, 37519020, 3431030)
    geopackage = packed(tmp_path, "GPKG", "地块.gpkg", square).read_bytes()
    packed(tmp_path, "ESRI Shapefile", "dk.shp", square)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        for part in tmp_path.glob("dk.*"):
            files.write(part, f"地块/{part.name}")
        files.writestr("../../evil.txt", "x")
    geojson = json.dumps(shapely.geometry.mapping(square)).encode()
    lines = "\n".join(
        f"J{n}: {y:.3f},{x:.3f}" for n, (x, y) in enumerate(square.exterior.coords[:-1], 1)
    ).encode("gb18030")
    for name, body in (
        ("a.gpkg", geopackage),
        ("a.zip", archive.getvalue()),
        ("a.geojson", geojson),
        ("a.txt", lines),
    ):
        [outline] = sent(surveyor, play, name, body).json["outlines"]
        assert shapely.Polygon(outline[0]).equals(square), name


def endless_geopackage(path):
    """Its one layer is a view whose recursion never ends."""
    with contextlib.closing(sqlite3.connect(path)) as file:
        file.executescript("""
            create table gpkg_geometry_columns (table_name, column_name);
            insert into gpkg_geometry_columns values ('dk', 'geom');
            create view dk as with recursive n(x) as (select 1 union all select x + 1 from n)
                select cast(max(x) as blob) as geom from n;
        """)
    return path.read_bytes()


def test_a_geopackage_that_computes_for_ever_is_given_up(surveyor, play, tmp_path, monkeypatch):
    monkeypatch.setattr(outlines, "SECONDS", 0.2)
    answer = sent(surveyor, play, "a.gpkg", endless_geopackage(tmp_path / "a.gpkg"))
    assert "坐标文件读不出来" in answer.json["refused"]


def bomb():
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr("a.shp", b"\0" * 30_000_000)
    return archive.getvalue()


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("a.gpkg", b"SQLite format 3\0" + b"x" * 100),
        ("a.zip", b"PK\3\4 no zip"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": []}'),
        ("a.exe", b"MZ"),
        ("a.txt", b"\xff\xfe\xfd"),
        ("../../etc/passwd", b"root"),
        ("a.shp", b"alone"),
        ("a.geojson", b'{"type": "Polygon", "coordinates": [[[110, 28], [111, 28], [111, 29], [110, 28]]]}'),
    ],
)
def test_files_that_hold_no_outline_are_refused_in_words(surveyor, play, name, body):
    answer = sent(surveyor, play, name, body)
    assert answer.status_code == 200
    assert any("\u4e00" <= char <= "\u9fff" for char in answer.json["refused"])


def test_a_zip_that_unpacks_to_more_is_refused(surveyor, play):
    assert "MB" in sent(surveyor, play, "a.zip", bomb()).json["refused"]


def test_without_javascript_the_table_is_there_and_what_was_drawn_stays(surveyor, play):
    number = play.number
    href = f"/cases/{number}/tasks/"
    listed = surveyor.get(f"/cases/{number}").text
    path = href + listed.split(href)[1].split('"')[0]
    surveyor.post(f"{path}/claim")
    page = surveyor.get(path).text
    assert "在图上画需要启用 JavaScript" in page
    assert 'name="parcels-0-geometry"' in page
    drawing = '[{"type": "remeasure_parcel", "parcel_code": "' + "9" * 19 + '", "area": "1", "outline": "x"}]'
    answer = surveyor.post(
        path, data={"action": "send", "entered": "drawn", "drawing": drawing, "revision": "1"}
    )
    assert answer.status_code == 422
    assert "&#34;remeasure_parcel&#34;" in answer.text  # kept
    assert "&#34;remeasure_parcel&#34;" in surveyor.get(path).text  # and drafted


def test_the_sketch_is_a_pdf_of_a_sheet_for_each_parcel(client_for, play, running):
    from pypdf import PdfReader

    county = client_for("county")
    answer = county.get(f"/cases/{play.number}/sketch.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    sheets = PdfReader(io.BytesIO(answer.data)).pages
    told = "".join(page.extract_text() for page in sheets)
    assert f"拟变更，办件 {play.number}" in told.replace("\n", "")
    for parcel in play.before.household.parcels:
        assert parcel.code in told
    one = play.before.household.parcels[0].code
    alone = county.get(f"/map/parcels/{one}/sketch.pdf")
    assert len(PdfReader(io.BytesIO(alone.data)).pages) == 1
    assert county.get(f"/register/{play.code}/sketch.pdf?parcel={one}").status_code == 200
    assert county.get(f"/register/{play.code}/sketch.pdf?parcel=1").status_code == 404
    assert county.get("/map/parcels/1/sketch.pdf").status_code == 404
