"""Gestures become typed changes on exact coordinates; what a case may draw."""

from dataclasses import replace
from decimal import Decimal

import pytest
import shapely

from engine.domain.changes import MoveBoundary, RemeasureParcel, Reshaped, apply_what_fits, check, errors
from engine.domain.changes.drawn import (
    beyond_case,
    corners_of,
    cut_by_red_line,
    merge,
    settle,
    settled,
    split_by_line,
)
from engine.domain.changes.register import Contract
from engine.domain.changeset import ContractedArea, SignContract, as_drawn, surveyed
from engine.domain.errors import Refused
from tests.domain.test_changeset import HOUSEHOLD, parcel

from .village import A1, A2, B1, COMMON, EAST, NORTH, PARTY, Z1, A, B, field, rules, square, village

HERE = village()
NEW = [field(n) for n in range(70, 90)]


def line(*points):
    return [(EAST + x, NORTH + y) for x, y in points]


def test_a_line_from_outside_to_outside_parts_a_parcel():
    change = split_by_line(HERE, A1, line((30, -5), (30, 70)), NEW)
    west, east = change.pieces
    assert [piece.code for piece in change.pieces] == NEW[:2]
    assert (west.contract_area, east.contract_area) == (Decimal("1800.00"), Decimal("4200.00"))
    assert (west.east, east.west) == ("本户地块", "本户地块")
    assert check([change], HERE) == []


@pytest.mark.parametrize(
    "points", [[(30, 10), (30, 50)], [(-10, -10), (-20, -20)], [(0, 0), (100, 0)], [(30, -5), (30, 30)]]
)
def test_a_line_that_parts_nothing_is_refused_in_words(points):
    with pytest.raises(Refused, match="没有把地块分成两部分"):
        split_by_line(HERE, A1, line(*points), NEW)


def test_a_slanting_line_leaves_no_gap_and_no_sliver():
    change = split_by_line(HERE, A1, line((17.3, -5), (91.7, 68)), NEW)
    assert check([change], HERE) == []
    corners = [set(shapely.get_coordinates(piece.polygon).round(9).flatten()) for piece in change.pieces]
    assert corners[0] & corners[1]
    for piece in change.pieces:
        for x, y in piece.polygon.exterior.coords:
            assert (round(x, 3), round(y, 3)) == (x, y)


def test_a_line_that_cuts_too_often_is_refused():
    zigzag = [(x, -5 if n % 2 else 65) for n, x in enumerate(range(2, 98, 4))]
    with pytest.raises(Refused, match="分次分割"):
        split_by_line(HERE, A1, line(*zigzag), NEW[:3])


def test_adjoining_parcels_become_one_and_others_do_not():
    change = merge(HERE, [A1, A2], NEW[0])
    assert change.piece.contract_area == Decimal("12000.00")
    assert check([change], HERE) == []
    with pytest.raises(Refused, match="不相连"):
        merge(HERE, [A1, B1], NEW[0])
    with pytest.raises(Refused, match="两块以上"):
        merge(HERE, [A1], NEW[0])
    with pytest.raises(Refused, match="没有地块"):
        merge(HERE, [A1, "9" * 19], NEW[0])


@pytest.mark.parametrize(
    ("red", "codes", "left"),
    [
        (square(70, -5, 110, 70), [A1], "4200.00"),  # one side goes: the rest keeps its code
        (square(40, -5, 60, 70), NEW[:2], "4800.00"),  # a road through it: two pieces with new codes
        (square(-5, -5, 105, 70), [], None),  # all of it
    ],
)
def test_a_red_line_leaves_what_lies_outside(red, codes, left):
    change = cut_by_red_line(HERE, A1, red, "省征〔2026〕1号", NEW)
    assert [piece.code for piece in change.kept] == codes
    assert sum((piece.contract_area for piece in change.kept), Decimal(0)) == Decimal(left or 0)
    assert check([change], HERE) == []


def test_corners_are_the_registers_own_to_the_last_bit():
    odd = replace(
        HERE.parcels[A1],
        outline=shapely.Polygon([(EAST + 0.1234567, NORTH), (EAST + 9, NORTH), (EAST, NORTH + 9)]),
    )
    known = corners_of([odd])
    drawn = shapely.Polygon([(EAST + 0.1238, NORTH + 0.0004), (EAST + 5.00049, NORTH), (EAST + 5, NORTH + 5)])
    corners = list(settled(drawn, known).exterior.coords)
    assert (EAST + 0.1234567, NORTH) in corners
    assert (round(EAST + 5.0, 3), NORTH) in corners
    register = HERE.put(odd)
    [change] = settle([RemeasureParcel(A1, Decimal(1), drawn.wkt, None)], register)
    assert (EAST + 0.1234567, NORTH) in list(shapely.from_wkt(change.outline).exterior.coords)
    assert change.area == Decimal(repr(shapely.from_wkt(change.outline).area)).quantize(Decimal("0.01"))


def reshaped(code, outline):
    return Reshaped(code, outline.wkt)


BOUNDARY = MoveBoundary((reshaped(A2, square(100, 0, 190, 60)), reshaped(B1, square(190, 0, 300, 60))))
LAWFUL = {
    "the own parcel": (RemeasureParcel(A1, Decimal(1), None, None), None, set()),
    "a boundary, not asked yet": (BOUNDARY, None, set()),
    "a boundary, pointed out": (BOUNDARY, {B1}, set()),
    "a boundary, pointed out by another": (BOUNDARY, {A1}, {"C40"}),
    "a neighbour's parcel": (RemeasureParcel(B1, Decimal(1), None, None), {B1}, {"C40"}),
    "another group's parcel": (RemeasureParcel(Z1, Decimal(1), None, None), None, {"C40"}),
    "another county's code": (RemeasureParcel("1" * 19, Decimal(1), None, None), None, {"C40"}),
    "common land": (RemeasureParcel(COMMON, Decimal(1), None, None), None, set()),
}  # fmt: skip


@pytest.mark.parametrize("what", LAWFUL)
def test_a_case_draws_its_own_land_and_shared_boundaries(what):
    change, agreed, expected = LAWFUL[what]
    assert rules(beyond_case([change], HERE, A, PARTY, agreed)) == expected


def test_an_outline_far_from_the_parcel_is_a_wrong_digit():
    far = shapely.affinity.translate(HERE.parcels[A1].outline, 100_000, 0)
    assert rules(errors(check([RemeasureParcel(A1, Decimal("6000"), far.wkt, None)], HERE))) == {"C41"}


def asked(*areas):
    return tuple(ContractedArea(code, Decimal(area)) for code, area in areas)


def test_a_contract_is_signed_on_the_land_that_the_survey_leaves():
    old: Contract = HERE.contracts[A]
    contract = SignContract(A, "110", old.term_end, old.term_end.replace(year=2057), (), old.contractor + "J")
    apart = split_by_line(HERE, A1, line((30, -5), (30, 70)), NEW)
    smaller = RemeasureParcel(NEW[0], Decimal("1500.00"), square(0, 0, 25, 60).wkt, None)
    changes = surveyed(contract, asked((A1, "5900.00"), (A2, "6000.00")), (apart, smaller), HERE)
    assert changes[:2] == (apart, smaller)
    assert {p.parcel_code: str(p.area) for p in changes[2].parcels} == {
        NEW[0]: "1500.00", NEW[1]: "4200.00", A2: "6000.00"
    }  # fmt: skip
    assert {found.rule for found in check(changes, HERE)} <= {"T13"}
    after = apply_what_fits(changes, HERE)
    assert after.contracts[A].codes == (A2, NEW[0], NEW[1])
    assert B in after.contracts


def test_the_household_is_shown_as_drawn():
    before = replace(HOUSEHOLD, code=A, parcels=(parcel(A1, "6000.00"), parcel(A2, "6000.00")))
    together = merge(HERE, [A1, A2], NEW[0])
    [one] = as_drawn(before, [together], HERE).parcels
    assert (one.code, one.measured_area, one.contract_area) == (
        NEW[0],
        Decimal("12000.00"),
        Decimal("12000.00"),
    )
    assert as_drawn(before, [], HERE).parcels == before.parcels
