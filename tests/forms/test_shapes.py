"""Boundaries that a surveyor gives: coordinate lines, GeoJSON, WKT, in either order of axes."""

import io
import json
import time

import pytest
import shapely
from werkzeug.datastructures import FileStorage, MultiDict

SQUARE = [[500000.0, 3400000.0], [500010.0, 3400000.0], [500010.0, 3400010.0], [500000.0, 3400010.0]]
GEOJSON = {"type": "Polygon", "coordinates": [[*SQUARE, SQUARE[0]]]}


def read(form, geometry, lang="zh"):
    row = {"code": "9901012010100001", "area_m2": "100", "geometry": geometry}
    data, errors = form.read({"decision": "pass", "survey": [row]}, lang=lang)
    return (data["survey"][0]["geometry"], None) if not errors else (None, errors["survey-0-geometry"][0])


@pytest.mark.parametrize(
    "given",
    [
        "\n".join(f"{x},{y}" for x, y in SQUARE),
        "\n".join(f"J{n}: {y}，{x}" for n, (x, y) in enumerate(SQUARE, 1)),
        json.dumps(GEOJSON),
        GEOJSON,
        {"type": "Feature", "geometry": GEOJSON},
        {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": GEOJSON}]},
        {"type": "MultiPolygon", "coordinates": [GEOJSON["coordinates"]]},
        shapely.Polygon(SQUARE).wkt,
    ],
)
def test_all_ways_of_giving_a_boundary_agree(form, given):
    shape, error = read(form, given)
    assert error is None
    assert shapely.geometry.shape(shape).equals(shapely.Polygon(SQUARE))


def test_zone_numbers_stay(form):
    shape, _ = read(form, "\n".join(f"{y},{x + 38e6}" for x, y in SQUARE))
    assert shape["coordinates"][0][0][0] > 38e6


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ("110.1,30.2\n110.2,30.2\n110.2,30.3", "经纬度"),
        ("3400000,500000\n3400000,500010", "3 个"),
        ("3400000,500000\n北头的大树\n3400010,500010", "第 2 行"),
        (
            "3400000,500000\n3400010,500010\n3400000,500010\n3400010,500000",
            "相交，或者空洞不在界线之内，在 X 3400005.000, Y 500005.000",
        ),
        ("1,2\n900000,5\n7,8", "经纬度"),
        ("900000,500\n900001,5\n700,800", "范围"),
        ('{"type": "Point", "coordinates": [1, 2]}', "Polygon"),
        ('{"type": "Polygon", "coordinates": [[["a", "b"]]]}', "无法读取"),
        ('{"type": ', "无法读取"),
        ("POLYGON ((1 2", "无法读取"),
        ("[" * 100_000, "行"),
        ('{"a":' * 50_000, "无法读取"),
        ({"type": "Polygon", "coordinates": [[[float("nan"), 1.0]] * 4]}, "点"),
        ({"type": "Polygon", "coordinates": [[[500000.0 + n, 3400000.0] for n in range(9000)]]}, "过大"),
    ],
)
def test_bad_boundaries_are_refused_in_words(form, given, word):
    assert word in read(form, given)[1]


def test_a_malicious_line_costs_no_time(form):
    started = time.monotonic()
    assert read(form, "1" + " " * 200_000 + "x")[1]
    assert time.monotonic() - started < 2


def test_a_boundary_file_wins_over_typing_and_must_be_text(form):
    posted = MultiDict(
        [
            ("decision", "pass"),
            ("survey-0-code", "9901012010100001"),
            ("survey-0-area_m2", "1"),
            ("survey-0-geometry", "x"),
        ]
    )
    name = "survey-0-geometry-upload"
    good = MultiDict([(name, FileStorage(io.BytesIO(json.dumps(GEOJSON).encode()), "a.geojson"))])
    assert form.read(posted, files=good)[1] == {}
    bad = MultiDict([(name, FileStorage(io.BytesIO(b"\xff\xfe\x00"), "a.shp"))])
    assert "无法读取" in form.read(posted, files=bad)[1]["survey-0-geometry"][0]
    huge = MultiDict([(name, FileStorage(io.BytesIO(b"1" * 300_000), "a.txt"))])
    assert "过大" in form.read(posted, files=huge)[1]["survey-0-geometry"][0]
