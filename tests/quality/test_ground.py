"""Where parcels lie: each rule on a drawn flaw, and on what lies just inside the tolerance and must stay silent."""

import numpy as np
import pytest
import shapely
from shapely import LineString, Point, Polygon, box

from engine.exchange.checks.ground import apart as apart_from_this
from engine.exchange.checks.ground.judge import judge
from engine.exchange.checks.ground.parallel import judge_all
from engine.exchange.checks.ground.plots import Cut, Marks, Plot, moved, plots
from engine.exchange.checks.ground.small import check_small
from engine.exchange.checks.settings import CheckSettings, settings_of
from engine.exchange.checks.shapes import check_areas, check_single, check_slivers, check_valid
from engine.exchange.package.columns import geometries, line_ends
from engine.exchange.package.model import PackageData, make_table

HERE = (37_519_000.0, 3_431_000.0)  # where national coordinates lie: millimetres must count there too
P, Q = box(0, 0, 20, 50), box(20, 0, 40, 50)
ALL = CheckSettings()


def plot(*shapes, basic=None, zones=None, area=None, points=None, lines=None, judged=None):
    """Of outlines in metres from HERE, taken there and back as a package's are."""
    placed = shapely.transform(np.array(shapes, object), lambda xy: xy + HERE)
    count = len(shapes)
    return Plot(
        HERE, [f"P{n}" for n in range(count)], moved(placed, HERE),
        np.ones(count, bool) if judged is None else np.array(judged),
        basic or [None] * count, np.full(count, 0 if area else -1),
        np.array([area, None], object)[:-1] if area else np.array([], object), ["GROUP"] if area else [],
        None if zones is None else np.array([*zones, None], object)[:-1], points, lines,
    )  # fmt: skip


def marks(kind, *entries):
    """Points or lines: (shape, numbers of the parcels that it names)."""
    flat = [(n, parcel) for n, (_, parcels) in enumerate(entries) for parcel in parcels]
    shapes = np.array([*(shape for shape, _ in entries), None], object)[:-1]
    return Marks(
        [f"{kind}:{n}" for n in range(len(entries))], shapes, np.ones(len(entries), bool),
        np.array([mark for mark, _ in flat]), np.array([parcel for _, parcel in flat]),
        np.zeros(len(entries), bool), [len(parcels) for _, parcels in entries],
    )  # fmt: skip


def rules_of(*shapes, settings=ALL, **more):
    return sorted({found.rule for found in judge(plot(*shapes, **more), settings)})


def wedge(degrees):
    return Polygon([(0, 0), (30, 0), (30, 30 * np.tan(np.radians(degrees)))])


def near_corner(metres):
    return Polygon([(0, 0), (metres, 0), (20, 0), (20, 50), (0, 50)])


def stopping_short(metres):
    """Q without the corner that it shares with P: it begins a little further up their common edge."""
    return Polygon([(20, metres), (20, 50), (40, 50), (40, 0)])


def arrow(metres):
    """Pointing at the middle of P's edge."""
    return Polygon([(20 + metres, 25), (30, 35), (30, 15)])


def slit(metres):
    half = metres / 2
    return Polygon(
        [
            (0, 0),
            (20, 0),
            (20, 50),
            (10 + half, 50),
            (10 + half, 20),
            (10 - half, 20),
            (10 - half, 50),
            (0, 50),
        ]
    )


def apart(metres, length=50):
    return box(20 + metres, 0, 40, length)


FLAWS_AND_NEAR_MISSES = [
    ("T03", (P, box(19.998, 0, 40, 50)), (P, box(19.9992, 0, 40, 50))),  # 2 mm deep, and 0.8
    ("T03", (P, box(-1, -1, 21, 51)), (P, Q)),  # one over all of the other; side by side
    ("T05", (wedge(4.9),), (wedge(5.1),)),
    ("T06", (near_corner(0.049),), (near_corner(0.051),)),
    ("T06", (Polygon([(0, 0), (5, 0), (5, 0), (20, 0), (20, 50)]),), (Polygon([(0, 0), (5, 0), (20, 0), (20, 50)]),)),
    ("T07", (P, stopping_short(0.049)), (P, stopping_short(0.051))),
    ("T07", (P, stopping_short(0.0012)), (P, stopping_short(0.0009))),  # closer than 1 mm is the same place
    ("T08", (P, arrow(0.049)), (P, arrow(0.051))),
    ("T08", (P, arrow(0.0012)), (P, arrow(0.0009))),  # on the edge
    ("T09", (slit(0.098),), (slit(0.102),)),
    ("T09", (Polygon([(0, 0), (20, 0), (20, 50), (10, 50), (10.0004, 55), (9.9996, 50), (0, 50)]),),
     (Polygon([(0, 0), (20, 0), (20, 50), (0, 50)]),)),
    ("T15", (P, apart(0.099)), (P, apart(0.101))),
    ("T15", (P, apart(0.099)), (P, apart(0.0009))),
    ("T15", (P, apart(0.06, 1.1)), (P, apart(0.06, 0.9))),  # shorter than a metre is no gap
]  # fmt: skip


@pytest.mark.parametrize(("rule", "flaw", "near_miss"), FLAWS_AND_NEAR_MISSES)
def test_a_flaw_is_found_and_a_near_miss_is_not(rule, flaw, near_miss):
    assert rule in rules_of(*flaw)
    assert rules_of(*near_miss) == []


def test_only_what_was_drawn_is_found():
    alone = {"T05": (wedge(4.9),), "T06": (near_corner(0.049),), "T07": (P, stopping_short(0.03)), "T08": (P, arrow(0.03)),
             "T09": (slit(0.08),), "T15": (P, apart(0.08))}  # fmt: skip
    for rule, shapes in alone.items():
        assert rules_of(*shapes) == [rule]


def test_each_side_is_told_of_the_other_and_where():
    found = judge(plot(P, apart(0.08)), ALL)
    assert [(f.record, f.other) for f in found] == [("P0", "P1"), ("P1", "P0")]
    assert all(abs(f.x - HERE[0] - 20.04) < 0.01 and abs(f.y - HERE[1] - 25) < 0.01 for f in found)


def test_only_judged_parcels_are_reported():
    assert [f.record for f in judge(plot(P, apart(0.08), judged=[False, True]), ALL)] == ["P1"]


def test_a_third_parcel_in_between_is_no_gap():
    assert rules_of(P, box(20, 0, 20.09, 50), apart(0.09), settings=CheckSettings(self_distance=0.01)) == []


def test_a_neighbour_that_has_a_vertex_on_a_longer_edge_is_no_flaw():
    assert rules_of(P, box(20, 0, 40, 20), box(20, 20, 40, 50)) == []


def test_islands_and_holes_are_boundaries_too():
    around = Polygon([(0, 0), (20, 0), (20, 50), (0, 50)], [[(5, 5), (5, 10), (10, 10), (10, 5)]])
    assert rules_of(around, box(5, 5, 10, 10)) == []
    assert rules_of(around, box(5.03, 5, 10, 10)) == ["T07", "T15"]
    assert rules_of(around, box(4.9, 5, 10, 10)) == ["T03"]


def test_t10_parcels_in_their_division():
    group = box(-5, -5, 20, 60)
    assert rules_of(box(0, 0, 21, 50), area=group) == ["T10"]
    assert rules_of(box(0, 0, 20.0001, 50), area=group) == []
    assert rules_of(P, area=group) == []


def test_t14_more_than_half():
    assert rules_of(P, basic=["2"], zones=[box(0, 0, 20, 25.5)]) == ["T14"]
    assert rules_of(P, basic=["2"], zones=[box(0, 0, 20, 24.5)]) == []
    assert rules_of(P, basic=["1"], zones=[box(0, 0, 20, 24.5)]) == ["T14"]
    assert rules_of(P, basic=["1"], zones=[box(0, 0, 20, 25.5)]) == []
    assert rules_of(P, basic=["1"], zones=[box(0, 0, 20, 13), box(0, 13, 20, 26)]) == []
    assert rules_of(P, basic=["1"], zones=[]) == ["T14"]
    assert rules_of(P, basic=["1"], zones=None) == [], "nothing is said where there is no layer"


CORNERS = marks("JZD", (Point(0, 0), [0]), (Point(20, 0), [0, 1]), (Point(20, 50), [0, 1]), (Point(0, 50), [0]),
                (Point(40, 0), [1]), (Point(40, 50), [1]))  # fmt: skip


@pytest.mark.parametrize(
    ("points", "lines", "records"),
    [
        (CORNERS, marks("JZX", (LineString([(20, 0), (20, 50)]), [0, 1])), []),
        (marks("JZD", (Point(20.0008, 0), [0, 1])), None, []),
        (marks("JZD", (Point(20.0012, 0), [0, 1])), None, ["JZD:0"]),
        (marks("JZD", (Point(0, 0), [1])), None, ["JZD:0"]),  # a vertex, but not of the parcel that it names
        (CORNERS, marks("JZX", (LineString([(20, 0), (20.0008, 25), (20, 50)]), [0, 1])), []),
        (CORNERS, marks("JZX", (LineString([(20, 0), (20.0015, 25), (20, 50)]), [0, 1])), ["JZX:0"]),
        (CORNERS, marks("JZX", (LineString([(0, 0), (20, 50)]), [0])), ["JZX:0"]),  # from corner to corner, across
        (CORNERS, marks("JZX", (LineString([(20, 0), (20, 25)]), [0, 1])), ["JZX:0"]),  # ends where no point is
        (CORNERS, marks("JZX", (LineString([(20, 0), (20, 50)]), [0, 1, 1])), ["JZX:0"]),  # three parcels
    ],
)  # fmt: skip
def test_t11_points_and_lines_on_boundaries(points, lines, records):
    found = [f for f in judge(plot(P, Q, points=points, lines=lines), ALL) if f.rule == "T11"]
    assert [f.record for f in found] == records


def layer(name, shapes, **columns):
    placed = shapely.transform(np.array([*shapes, None], object)[:-1], lambda xy: xy + HERE)
    count = len(shapes)
    table = make_table(name, {"BSM": list(range(1, count + 1)), **columns})
    table.geometry = placed
    return table


def package(**layers):
    return PackageData("", "990101", "2025", layers, {}, {}, {}, None, {})


@pytest.mark.parametrize(
    ("name", "shapes", "records"),
    [
        ("JZD", [Point(0, 0), Point(0.0009, 0)], ["JZD:2"]),
        ("JZD", [Point(0, 0), Point(0.0011, 0)], []),
        ("KZD", [Point(0, 5), Point(0, 0), Point(0, 5.0004), Point(0, 5)], ["KZD:3", "KZD:4"]),
        ("XZDW", [LineString([(0, 0), (0.049, 0)])], ["XZDW:1"]),
        ("XZDW", [LineString([(0, 0), (0.051, 0)])], []),
        ("XZDW", [LineString([(0, 0), (0.049, 0)]), LineString([(0, 0), (-9, 0)]), LineString([(0.049, 0), (9, 0)])], []),
        ("XZDW", [LineString([(0, 0), (0.049, 0)]), LineString([(0, 0), (-9, 0)])], ["XZDW:1"]),
    ],
)  # fmt: skip
def test_t12_points_in_one_place_and_dangling_slivers(name, shapes, records):
    assert [f.record for f in check_small(package(**{name: layer(name, shapes)}), ALL)] == records


def parcels(*shapes, area=None):
    stated = [area if area is not None else float(shape.area) for shape in shapes]
    return package(DK=layer("DK", shapes, DKBM=[f"P{n}" for n in range(len(shapes))], SCMJ=stated))


def test_t01_t02_t04_t13_and_what_is_just_right():
    bow = Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    touching = Polygon(
        [(0, 0), (20, 0), (20, 50), (0, 50)], [[(0, 5), (5, 6), (5, 4)]]
    )  # a hole that meets the shell
    assert [f.rule for f in check_valid(parcels(bow), ALL)] == ["T01"]
    assert list(check_valid(parcels(touching), ALL)) == []
    two = shapely.MultiPolygon([P, box(30, 0, 40, 9)])
    assert [f.rule for f in check_single(parcels(two), ALL)] == ["T02"]
    assert list(check_single(parcels(shapely.MultiPolygon([P])), ALL)) == []
    assert [f.rule for f in check_slivers(parcels(box(0, 0, 0.99, 1)), ALL)] == ["T04"]
    assert list(check_slivers(parcels(box(0, 0, 1.01, 1)), ALL)) == []
    assert [f.rule for f in check_areas(parcels(P, area=1000.02), ALL)] == ["T13"]
    assert list(check_areas(parcels(P, area=1000.01), ALL)) == []


def test_tolerances_and_switches_are_the_county_s():
    tight = settings_of({"tolerances": {"gap_width": 0.05}})
    assert rules_of(P, apart(0.08), settings=tight) == []
    assert rules_of(P, apart(0.08), settings=settings_of({"rules": {"T15": {"on": False}}})) == []


def test_absurd_outlines_do_no_harm():
    """What is no polygon, empty, invalid or at the end of the world is T01's, and stops nobody else's rules."""
    bow = Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    assert rules_of(bow) == []
    wild = plot(P, apart(0.08))
    wild.shapes = np.array([*wild.shapes, None, Polygon()], object)
    wild.judged = np.ones(4, bool)
    wild.names += ["P2", "P3"]
    wild.basic += [None, None]
    wild.area = np.full(4, -1)
    assert {f.rule for f in judge(wild, ALL)} == {"T15"}


def villages(count):
    """A package of so many villages with two parcels each, between which lies a narrow gap; cut into plots."""
    shapes = [shape for n in range(1, count + 1) for shape in (P, apart(0.02 * n))]
    codes = [f"520123101{n // 2:03d}010000{n % 2}" for n in range(len(shapes))]
    outlines = shapely.transform(np.array(shapes, object), lambda xy: xy + HERE)
    table = make_table("DK", {"DKBM": codes, "SFJBNT": ["2"] * len(codes)}, outlines)
    package = PackageData("", "520123", "2026", {"DK": table}, {}, {}, {}, None, {})
    return plots(Cut(package, ALL))


def test_plots_in_processes_give_the_same_in_the_same_order():
    alone = list(judge_all(villages(12), CheckSettings(processes=1), 10**6))
    together = list(judge_all(villages(12), CheckSettings(processes=3), 10**6))
    assert alone == together and sum(len(found) for _, found in alone) > 12


def test_plots_of_a_process_that_died_are_judged_here(monkeypatch):
    alone = list(judge_all(villages(6), CheckSettings(processes=1), 10**6))
    monkeypatch.setattr(apart_from_this, "_PROGRAM", "this_is_no_module")
    assert list(judge_all(villages(6), CheckSettings(processes=2), 10**6)) == alone


def test_ends_of_lines_and_points_are_read_off_their_bytes():
    """As shapely reads them, whichever way they are written: heights, other byte orders, none, no line."""
    made = [
        LineString([(0, 0), (1, 2), (5, 6)]),
        Point(3, 4),
        LineString([(0, 0, 9), (7, 8, 9)]),
        Point(5, 6, 7),
        P,
    ]
    wkb = [
        *shapely.to_wkb(made),
        shapely.to_wkb(made[0], byte_order=0),
        None,
        b"",
        shapely.to_wkb(LineString()),
    ]
    ends = line_ends(geometries(wkb), np.arange(len(wkb)))
    told = [tuple(map(complex, row)) for row in ends[[0, 1, 2, 3, 5]]]
    assert told == [(0, 5 + 6j), (3 + 4j, 3 + 4j), (0, 7 + 8j), (5 + 6j, 5 + 6j), (0, 5 + 6j)]
    assert np.isnan(ends[[4, 6, 7, 8]]).all()
