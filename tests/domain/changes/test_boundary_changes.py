"""Boundary points and lines follow the outlines of parcels, keep their numbers, and are shared by neighbours."""

from decimal import Decimal

import shapely

from engine.domain.changes.boundaries import Boundaries, Side, follow
from engine.domain.changes.register import Parcel

PARTY = "99010110020101"
A, B, C, D = (f"{PARTY}0000{n}" for n in range(1, 5))
X, Y = 37_519_000, 3_431_000  # metres: where coordinates of a zone with its number lie
COLLECTIVE = {PARTY: Side("一组", "组长")}


def land(code, *corners):
    outline = shapely.Polygon([(X + x, Y + y) for x, y in corners])
    return Parcel(code, PARTY, code[-1], outline, Decimal(str(outline.area)))


def box(code, west, south, east, north):
    return land(code, (west, north), (east, north), (east, south), (west, south))


def sides(*codes):
    return {code: Side(f"户{code[-1]}", f"指{code[-1]}") for code in codes}


def surveyed(*parcels):
    """The boundaries as a survey of these parcels would have them."""
    return stored(
        follow(
            Boundaries([], []), {p.code: p for p in parcels}, sides(*(p.code for p in parcels)), COLLECTIVE
        )
    )


def stored(found):
    """With the row numbers that a database gives."""
    from dataclasses import replace

    points = [replace(p, id=n) for n, p in enumerate(found.points, 1)]
    lines = [replace(line, id=n) for n, line in enumerate(found.lines, 1)]
    return Boundaries(points, lines, found.last_point, found.last_line, found.corners)


def numbers(found, code):
    return {
        p.number: ((p.place[0] - X * 1000) / 1000, (p.place[1] - Y * 1000) / 1000)
        for p in found.points
        if code in p.parcels
    }


def whole(found, *parcels):
    """Every corner of every parcel has just one point of it, every edge lines all along, and KJZB names its points."""
    for parcel in parcels:
        places = [p.place for p in found.points if parcel.code in p.parcels]
        corners = {(round(x * 1000), round(y * 1000)) for x, y in parcel.outline.exterior.coords}
        assert corners <= set(places)
        assert len(places) == len(set(places))
        names = [p.number for p in found.points if parcel.code in p.parcels]
        assert len(names) == len(set(names))
        length = sum(
            shapely.LineString(line.places).length / 1000
            for line in found.lines
            if parcel.code in line.parcels
        )
        assert abs(length - parcel.outline.length) < 0.01
        if parcel.code in found.corners:
            assert set(found.corners[parcel.code].split("/")) <= set(names)
    for line in found.lines:
        assert 1 <= len(line.parcels) <= 2
        assert len(line.neighbours) == len(line.witnesses) == len(line.parcels)


LEFT, RIGHT = box(A, 0, 0, 10, 20), box(B, 10, 0, 20, 20)


def test_neighbours_share_points_and_the_line_between_them():
    found = surveyed(LEFT, RIGHT)
    whole(found, LEFT, RIGHT)
    assert len(found.points) == 6
    assert len(found.lines) == 7
    between = [line for line in found.lines if len(line.parcels) == 2]
    assert [(line.parcels, line.neighbours, line.position) for line in between] == [
        ((A, B), ("户2", "户1"), "2")
    ]
    assert found.corners[A].split("/")[0] == next(n for n, at in numbers(found, A).items() if at == (0, 20))


def test_a_split_keeps_the_old_numbers_and_cuts_the_neighbour_s_line_too():
    before = surveyed(LEFT, RIGHT)
    top, bottom = box(C, 0, 8, 10, 20), box(D, 0, 0, 10, 8)
    found = follow(before, {A: None, C: top, D: bottom}, sides(A, C, D), COLLECTIVE)
    whole(found, top, bottom, RIGHT)
    kept = numbers(before, A)
    assert {**numbers(found, C), **numbers(found, D)}.items() >= kept.items()
    new = {p.number for p in found.points} - {p.number for p in before.points}
    assert new == {"J7", "J8"}  # numbers go on
    shared = sorted(
        (line.parcels, line.neighbours)
        for line in found.lines
        if B in line.parcels and len(line.parcels) == 2
    )
    assert shared == [((C, B), ("户2", "户3")), ((D, B), ("户2", "户4"))]
    assert not any(A in p.parcels for p in found.points) and not any(
        A in line.parcels for line in found.lines
    )


def test_a_merge_gives_up_the_points_that_nobody_has_any_more():
    before = surveyed(LEFT, RIGHT)
    one = box(C, 0, 0, 20, 20)
    found = follow(before, {A: None, B: None, C: one}, sides(A, B, C), COLLECTIVE)
    whole(found, one)
    assert len(found.points) == 4
    assert all(point.parcels == (C,) for point in found.points)
    assert len(found.lines) == 4  # the edges are longer than the lines that were there


def test_a_moved_boundary_moves_the_points_of_both():
    before = surveyed(LEFT, RIGHT)
    left, right = box(A, 0, 0, 12, 20), box(B, 12, 0, 20, 20)
    found = follow(before, {A: left, B: right}, sides(A, B), COLLECTIVE)
    whole(found, left, right)
    assert len(found.points) == 6
    assert sorted(p.number for p in found.points if len(p.parcels) == 2) == ["J7", "J8"]


def test_what_ends_leaves_the_neighbour_its_points_and_the_collective_beside_it():
    before = surveyed(LEFT, RIGHT)
    found = follow(before, {A: None}, sides(A), COLLECTIVE)
    whole(found, RIGHT)
    assert {p.number for p in found.points} == set(numbers(before, B))
    edge = next(line for line in found.lines if line.id and len(before.lines[line.id - 1].parcels) == 2)
    assert (edge.parcels, edge.neighbours, edge.witnesses, edge.position) == ((B,), ("一组",), ("组长",), "1")


def test_what_is_untouched_is_given_back_as_it_was():
    far = box(D, 100, 100, 110, 110)
    before = surveyed(LEFT, RIGHT, far)
    found = follow(before, {A: box(A, 1, 0, 10, 20)}, sides(A), COLLECTIVE)
    whole(found, RIGHT, far)
    assert [p for p in found.points if D in p.parcels] == [p for p in before.points if D in p.parcels]
    assert [x for x in found.lines if D in x.parcels] == [x for x in before.lines if D in x.parcels]
    assert [x for x in found.lines if B in x.parcels] == [x for x in before.lines if B in x.parcels]


def test_a_line_of_several_stretches_stays_whole_where_the_parcel_still_runs_along_it():
    """Surveys draw one line from key point to key point over corners between."""
    before = surveyed(LEFT)
    first, *rest = before.lines
    joined = next(line for line in rest if line.places[0] == first.places[-1])
    one = first.__class__(**{**vars(first), "places": (*first.places, joined.places[-1]), "end": joined.end})
    before.lines = [one, *(line for line in rest if line is not joined)]
    found = follow(before, {A: None, C: box(C, 0, 0, 10, 20)}, sides(A, C), COLLECTIVE)
    whole(found, box(C, 0, 0, 10, 20))
    assert any(line.id == one.id and line.parcels == (C,) for line in found.lines)


def test_numbers_that_repeat_from_parcel_to_parcel_do_not_meet_in_one():
    """Where each parcel was numbered from J1, a corner that a parcel takes over may not bring it a second J1."""
    before = surveyed(LEFT)
    other = surveyed(box(B, 10, 5, 20, 15))
    points = before.points + [p.__class__(**{**vars(p), "id": p.id + 100}) for p in other.points]
    lines = before.lines + [x.__class__(**{**vars(x), "id": x.id + 100}) for x in other.lines]
    new = land(A, (0, 20), (10, 20), (10, 15), (10, 5), (10, 0), (0, 0))
    found = follow(Boundaries(points, lines, 4, 4), {A: new}, sides(A), COLLECTIVE)
    whole(found, new, box(B, 10, 5, 20, 15))


def test_a_hole_has_points_and_lines_but_is_not_in_the_key_corners():
    outline = shapely.box(X, Y, X + 20, Y + 20) - shapely.box(X + 8, Y + 8, X + 12, Y + 12)
    ring = Parcel(A, PARTY, "x", outline, Decimal("384"))
    found = follow(Boundaries([], []), {A: ring}, sides(A), COLLECTIVE)
    assert len(found.points) == len(found.lines) == 8
    assert len(found.corners[A].split("/")) == 4


def test_key_corners_stop_where_the_field_is_full():
    many = shapely.Point(X, Y).buffer(50, quad_segs=40)
    found = follow(Boundaries([], []), {A: Parcel(A, PARTY, "x", many, Decimal("1"))}, sides(A), COLLECTIVE)
    assert len(found.points) == 160
    assert 240 < len(found.corners[A]) <= 254
