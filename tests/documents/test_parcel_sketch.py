"""The sketch of one parcel: numbers, lengths and names stand where they belong, and no coordinate is told."""

import math
import re

import pytest
import shapely

from engine.documents.parcel_sketch import SketchSheet, numbered, sketch_sheets
from engine.documents.sketch import SketchNeighbour, SketchParcel

EAST, NORTH = 37519000.0, 3431000.0
OWN = shapely.Polygon([(EAST + x, NORTH + y) for x, y in [(0, 0), (12, 2), (20, 60), (5, 95), (-2, 50)]])
BESIDE = shapely.Polygon([(EAST + x, NORTH + y) for x, y in [(12, 2), (60, 8), (60, 70), (20, 60)]])


def sheet(outline=OWN, **more):
    parcel = SketchParcel("9901011002010100022", "牛角弯", outline, "1.19亩")
    neighbours = [SketchNeighbour("杨岩民", BESIDE)]
    return SketchSheet(parcel, neighbours, [("承包方", "王<德>顺")], [("测绘", "马跃")], **more)


def test_corners_are_numbered_clockwise_from_the_north_west():
    for ring in (OWN, shapely.reverse(OWN)):
        corners = numbered(ring)
        assert corners[0] == (EAST + 5, NORTH + 95)
        assert corners[1] == (EAST + 20, NORTH + 60)  # eastwards, so clockwise
        assert sorted(corners) == sorted(OWN.exterior.coords[:-1])


def test_every_corner_and_edge_is_told_and_no_coordinate():
    html = sketch_sheets("承包地块示意图", [sheet(state="（拟变更）")])
    texts = re.findall(r">([^<>]+)</t", html)
    assert {f"J{n}" for n in range(1, 6)} <= set(texts)
    ring = numbered(OWN)
    for n, corner in enumerate(ring):
        assert f"{math.dist(corner, ring[(n + 1) % len(ring)]):.2f}" in texts
    assert "杨岩民" in html
    assert "（拟变更）" in html
    assert "王&lt;德&gt;顺" in html
    assert not re.search(r"37519\d{3}|343[01]\d{3}", html)


@pytest.mark.parametrize(
    "outline",
    [
        shapely.Point(EAST, NORTH).buffer(30, quad_segs=60),  # 240 corners
        shapely.box(EAST, NORTH, EAST + 300, NORTH + 0.8),  # a ridge
        shapely.box(EAST, NORTH, EAST + 0.5, NORTH + 0.5),
        OWN.difference(OWN.centroid.buffer(2)),  # with a pond
    ],
)
def test_odd_parcels_have_a_sketch(outline):
    html = sketch_sheets("承包地块示意图", [sheet(outline), sheet()])
    assert html.count("<section>") == 2
    assert f"J{len(outline.exterior.coords) - 1}—J1" in html
