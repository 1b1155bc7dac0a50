"""A sheet of the map: a round scale that takes the view in, and letters only where they have room."""

import re

import pytest
from shapely import box

from engine.documents.map_sheet import (
    HEIGHT,
    SCALES,
    WIDTH,
    SheetParcel,
    frame_of,
    scale_for,
    sheet_svg,
)


@pytest.mark.parametrize(
    ("width", "height"), [(10, 10), (277, 100), (278, 100), (100, 158.5), (40_000, 90_000)]
)
def test_the_view_lies_within_the_frame_and_no_smaller_scale_would_do(width, height):
    view = (37_500_000, 3_400_000, 37_500_000 + width, 3_400_000 + height)
    scale = scale_for(*view)
    west, south, east, north = frame_of(*view)
    assert west <= view[0] and south <= view[1] and east >= view[2] and north >= view[3]
    assert (east - west) * 1000 / scale == pytest.approx(WIDTH)
    assert (north - south) * 1000 / scale == pytest.approx(HEIGHT)
    smaller = [one for one in SCALES if one < scale]
    assert not smaller or smaller[-1] * WIDTH / 1000 < width or smaller[-1] * HEIGHT / 1000 < height


def test_letters_stand_where_there_is_room_and_words_cannot_break_the_sheet():
    frame = frame_of(0, 0, 277, 158)  # 1:1000, a metre is a millimetre
    roomy = SheetParcel("1", "<b>&东大田", "1.20 亩", "10", box(10, 10, 60, 40))
    narrow = SheetParcel("2", "西大田", "0.10 亩", "21", box(70, 10, 75, 40))
    above = SheetParcel("3", "东大田", "1.20 亩", "10", box(10, 10, 60, 40))
    svg = sheet_svg([roomy, narrow, above], frame, {"10": "承包地块"}, chosen="2", label='"x')
    assert "&lt;b&gt;&amp;东大田" in svg and "<b>" not in svg and 'label="&quot;x"' in svg
    assert "西大田" not in svg and svg.count("1.20 亩") == 1
    assert svg.count("<path") == 3 + 2  # parcels and the arrow's halves
    assert not re.search(r"style=|\bon\w+=", svg)
