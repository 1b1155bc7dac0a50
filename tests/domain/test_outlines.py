"""Generalised outlines give the survey away no more, and neighbours still fit; rounded ones keep shared corners."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.outlines import generalised, rounded

GRID = 5.0
LEFT = shapely.from_wkt("POLYGON((0.113 0.271, 18.334 1.718, 21.917 30.442, 2.381 33.619, 0.113 0.271))")
RIGHT = shapely.from_wkt("POLYGON((18.334 1.718, 44.209 0.337, 46.151 31.777, 21.917 30.442, 18.334 1.718))")


def test_corners_lie_on_the_grid():
    corners = shapely.get_coordinates(generalised(LEFT, GRID))
    assert np.all(corners % GRID == 0)


def test_neighbours_still_share_their_corners():
    left, right = generalised(LEFT, GRID), generalised(RIGHT, GRID)
    assert left.intersection(right).area == 0
    assert left.distance(right) == 0


def test_land_narrower_than_the_grid_is_one_cell_where_it_lies():
    strip = shapely.box(100.2, 200.1, 101.4, 260.3)
    drawn = generalised(strip, GRID)
    assert drawn.area > 0
    assert drawn.distance(strip) < GRID


def test_many_points_on_an_edge_are_left_out_so_that_their_mean_tells_nothing():
    xs = np.linspace(0, 200, 400)
    edge = [(x, 0.37 + x * 0.0181) for x in xs]
    drawn = generalised(shapely.Polygon([*edge, (200, 60), (0, 60)]), GRID)
    assert len(drawn.exterior.coords) < 12


points = st.tuples(st.floats(0, 80), st.floats(0, 80))


@given(st.lists(points, min_size=3, max_size=9), st.sampled_from([1.0, 5.0, 10.0]))
@settings(max_examples=150, deadline=None)
def test_whatever_the_outline_it_is_valid_and_tells_cells_alone(corners, grid):
    outline = shapely.make_valid(shapely.Polygon(corners)) if len(set(corners)) > 2 else None
    if outline is None or outline.geom_type != "Polygon" or outline.area < 1:
        return
    drawn = generalised(outline, grid)
    assert drawn.is_valid
    assert drawn.area > 0
    assert drawn.geom_type == "Polygon"
    # another survey whose corners lie in the same cells looks the very same
    shaken = shapely.transform(outline, lambda p: np.round(p / grid) * grid)
    if shaken.is_valid and shaken.area > grid * grid:
        assert generalised(shaken, grid).equals_exact(drawn, 1e-9)


@pytest.mark.parametrize("decimals", [0, 1, 2])
def test_rounding_keeps_shared_corners_shared(decimals):
    left, right = rounded(LEFT, decimals), rounded(RIGHT, decimals)
    shared = set(map(tuple, shapely.get_coordinates(left))) & set(map(tuple, shapely.get_coordinates(right)))
    assert len(shared) == 2
    assert rounded(left, decimals).equals(left)


def test_an_outline_that_rounding_would_destroy_stays():
    sliver = shapely.box(0, 0, 0.004, 9)
    assert rounded(sliver, 1).equals(sliver)
