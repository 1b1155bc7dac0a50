"""地块示意图: true to scale, complete, legible, and without coordinates."""

import re
from itertools import combinations

import numpy as np
import pytest
from lxml import etree
from shapely import Polygon, affinity, box, unary_union

from engine.documents import (
    SketchLine,
    SketchNeighbour,
    SketchParcel,
    parcel_sketch_svg,
    render_pdf,
    sketch_for,
)
from engine.documents.sketch import OWN_FILL
from engine.documents.sketch_labels import Label, Lettering, labels_beside
from engine.documents.sketch_layout import pages_of_panels
from tests.documents import samples
from tests.documents.pixels import page_image

EAST, NORTH = 39_512_000.0, 3_301_000.0
SVG = {"s": "http://www.w3.org/2000/svg"}


def field(serial: int, x: float, y: float, width: float, height: float, **sides: str) -> SketchParcel:
    shape = box(EAST + x, NORTH + y, EAST + x + width, NORTH + y + height)
    return SketchParcel(samples.parcel_code(serial), f"田{serial}", shape, "1.00亩", **sides)


def own_shapes(svg: str) -> list[Polygon]:
    """The household's parcels as drawn, in mm inside their panels."""
    paths = etree.fromstring(svg.encode()).findall(f".//s:path[@fill='{OWN_FILL}']", SVG)
    return [Polygon(np.array(re.findall(r"[-\d.]+", path.get("d")), float).reshape(-1, 2)) for path in paths]


def texts(svg: str) -> str:
    return "".join(etree.fromstring(svg.encode()).itertext())


@pytest.mark.parametrize(
    ("length", "denominator"), [(20, 200), (60, 500), (110, 1000), (280, 2000), (600, 5000)]
)
def test_the_scale_is_a_usual_one_and_true(length, denominator):
    svg = parcel_sketch_svg([field(1, 0, 0, length, length / 4)])
    assert f"1:{denominator}" in texts(svg)
    (shape,) = own_shapes(svg)
    west, top, east, bottom = shape.bounds
    assert (east - west, bottom - top) == pytest.approx(
        (length * 1000 / denominator, length * 250 / denominator), abs=0.02
    )


def test_the_scale_bar_says_how_many_metres_two_centimetres_are():
    assert "01020米" in texts(parcel_sketch_svg([field(1, 0, 0, 110, 20)]))


def test_the_scale_survives_printing():
    """100 m at 1:1000 are 100 mm on the sheet, measured in its pixels."""
    (svg,) = sketch_for([field(1, 0, 0, 100, 30)])["pages"]
    page = render_pdf(f"<html><body><section>{svg}</section></body></html>")
    image = np.asarray(page_image(page, dpi=254, colour=True)).astype(int)  # 10 px a mm
    colour = np.array([int(OWN_FILL[i : i + 2], 16) for i in (1, 3, 5)])
    filled = np.flatnonzero((abs(image - colour).sum(axis=2) < 6).any(axis=0))
    assert (filled[-1] - filled[0]) / 10 == pytest.approx(100 - 0.45, abs=0.4)


def test_north_is_up_and_east_is_right():
    north_west, south_east = own_shapes(parcel_sketch_svg([field(1, 0, 40, 30, 30), field(2, 35, 0, 30, 30)]))
    assert north_west.centroid.y < south_east.centroid.y
    assert north_west.centroid.x < south_east.centroid.x


def test_neighbouring_parcels_share_a_panel_and_distant_ones_do_not():
    near = [field(1, 0, 0, 10, 60), field(2, 10, 0, 10, 60), field(3, 25, 0, 10, 60)]
    far = field(4, 500, 0, 10, 60)
    ((_, panels),) = pages_of_panels([*near, far])
    assert [[parcel.code[-1] for parcel in panel.parcels] for panel in panels] == [["1", "2", "3"], ["4"]]


def test_forty_parcels_are_drawn_once_each_on_pages_of_six_panels():
    own, neighbours, lines = samples.village(40)
    pages = sketch_for(own, neighbours, lines)["pages"]
    assert len(pages) == 7
    assert sum(len(own_shapes(page)) for page in pages) == 40
    everything = "".join(map(texts, pages))
    assert all(parcel.code[-5:] in everything for parcel in own)


def test_parcels_stay_inside_their_panel():
    own, *_ = samples.village(40)
    for _, panels in pages_of_panels(own):
        for panel in panels:
            west, south, east, north = panel.bounds
            assert (east - west) * 1000 / panel.denominator < panel.width
            assert (north - south) * 1000 / panel.denominator < panel.height - 12


def test_no_coordinate_and_no_precision_of_the_survey_is_given_away():
    own, neighbours, lines = samples.village(3)
    for page in sketch_for(own, neighbours, lines)["pages"]:
        assert "39512" not in page
        assert "33010" not in page
        assert not re.search(r"\d\.\d{3}", page)


def test_the_four_bounds_stand_outside_on_the_side_they_name():
    square = field(1, 0, 0, 40, 40, east="东邻", south="南邻", west="西邻", north="北邻")
    slanting = affinity.rotate(box(0, 0, 12, 60), 20)
    for shape in (affinity.scale(square.geometry, 1, -1), slanting):
        centre = shape.centroid
        free = Lettering(box(*shape.buffer(60).bounds), shape, shape.boundary)
        spots = {
            side: free.best(labels_beside(shape, side, "邻", 2.4))
            for side in ("east", "south", "west", "north")
        }
        assert all(label and not label.area.intersects(shape) for label in spots.values())
        assert spots["east"].x > centre.x > spots["west"].x
        assert spots["south"].y > centre.y > spots["north"].y
        ends = sorted(spots, key=lambda side: -abs(spots[side].y - centre.y))[:2] if shape is slanting else []
        assert set(ends) <= {"north", "south"}


def test_labels_do_not_cover_each_other_or_the_parcels():
    shape = box(30, 30, 60, 60)
    lettering = Lettering(box(0, 0, 90, 90), shape, shape.boundary)
    placed = [
        lettering.best(labels_beside(shape, side, "机耕路", 2.4))
        for side in ("north", "east", "north", "north")
    ]
    areas = [label.area for label in placed if label]
    assert len(areas) == 4
    assert not any(a.intersects(b) for a, b in combinations(areas, 2))
    assert not unary_union(areas).intersects(shape)


def test_steep_chinese_lettering_stays_upright_and_figures_turn():
    assert Label("赵德福", 10, 10, 2, 80).stacked
    assert not Label("00012", 10, 10, 2, 80).stacked
    assert "rotate" not in Label("赵德福", 10, 10, 2, 80).svg()
    assert "rotate" in Label("00012", 10, 10, 2, 80).svg()


def test_a_number_that_does_not_fit_its_parcel_gets_a_leader():
    svg = parcel_sketch_svg([field(7, 0, 0, 1.5, 150)])
    assert "00007" in texts(svg)
    assert svg.count("<line") == 3


def test_a_long_or_hostile_name_is_cut_and_escaped():
    name = "<script>" + "很长的名字" * 20
    own = [field(1, 0, 0, 40, 30, east=name, north=name)]
    svg = parcel_sketch_svg(
        own, [SketchNeighbour(name, box(EAST + 41, NORTH, EAST + 90, NORTH + 30))], title=name
    )
    assert "<script>" not in svg
    etree.fromstring(svg.encode())


def test_lines_and_odd_geometry_are_drawn():
    hole = Polygon([(0, 0), (40, 0), (40, 40), (0, 40)], [[(10, 10), (20, 10), (20, 20), (10, 20)]])
    two = unary_union([hole, box(60, 0, 80, 40)])
    parcel = SketchParcel(samples.parcel_code(1), "两片田", affinity.translate(two, EAST, NORTH))
    ditch = SketchLine("水渠", box(EAST - 50, NORTH - 6, EAST + 120, NORTH - 1), "ditch")
    path = SketchLine("小路", affinity.translate(hole.exterior, EAST, NORTH - 20), "unknown kind")
    svg = parcel_sketch_svg([parcel], [], [ditch, path])
    assert "水渠" in texts(svg) or "渠" in texts(svg)
    assert len(etree.fromstring(svg.encode()).findall(f".//s:path[@fill='{OWN_FILL}']", SVG)) == 1


def test_a_household_without_parcels_gets_no_page():
    assert sketch_for([]) == {"pages": []}


def test_the_same_village_gives_the_same_drawing():
    assert sketch_for(*samples.village(12)) == sketch_for(*samples.village(12))
