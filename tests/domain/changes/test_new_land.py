"""Land that the register does not have yet: what stands against it, what it becomes, and the first contract on it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from engine.domain.changes import ContractedArea, NewParcel, SignContract, SplitParcel, apply, check
from engine.domain.changes.drawn import beyond_case, split_by_line
from engine.domain.changes.new_land import bounded, owner_of, pointed_out
from engine.domain.changeset import surveyed

from .village import A1, COMMON, EAST, HIGH, NORTH, PARTY, WIDE, D, field, square, village

HERE = village()
FREE = square(5 * WIDE, 0, 6 * WIDE, HIGH)  # east of the common
NEW = NewParcel(field(6), "岭上新地", FREE.wkt, north="水渠", land_use="013")
CONTRACT = SignContract(D, "110", date(2026, 12, 1), date(2056, 11, 30), (), None)
FLAWS = {
    "another's code": (replace(NEW, code=A1), "U01"),
    "no code of a parcel": (replace(NEW, code=PARTY), "A05"),
    "no name": (replace(NEW, name=" "), "A02"),
    "crosses itself": (replace(NEW, outline="POLYGON ((0 0, 10 10, 10 0, 0 10, 0 0))"), "T01"),
    "over a neighbour": (replace(NEW, outline=square(4.5 * WIDE, 0, 6 * WIDE, HIGH).wkt), "T03"),
    "a crumb": (replace(NEW, outline=square(5 * WIDE, 0, 5 * WIDE + 0.1, 5).wkt), "T04"),
}


@pytest.mark.parametrize("flaw", FLAWS)
def test_each_flaw_is_found_by_its_rule(flaw):
    change, rule = FLAWS[flaw]
    assert {one.rule for one in check([change], HERE)} == {rule}


def test_it_is_contracted_land_of_its_collective_as_large_as_it_is_drawn():
    assert check([NEW], HERE) == []
    made = apply([NEW], HERE).parcels[NEW.code]
    assert (made.party, made.category, made.ownership) == (PARTY, "10", "31")
    assert (made.measured_area, made.north, made.land_use) == (Decimal("6000.00"), "水渠", "013")
    assert [owner_of(code) for code in ("99010110020100", "99010110000000")] == ["32", "33"]


def test_a_case_brings_in_land_of_its_own_issuing_party_only():
    assert beyond_case([NEW], HERE, D, PARTY) == []
    assert [one.rule for one in beyond_case([NEW], HERE, D, "99010110020102")] == ["C40"]


def test_sides_that_nobody_wrote_are_who_holds_the_land_there():
    beside = {COMMON: ("集体机动地", HERE.parcels[COMMON].outline), A1: ("王德顺", HERE.parcels[A1].outline)}
    assert (bounded(NEW, beside).west, bounded(NEW, beside).north) == ("集体机动地", "水渠")
    assert bounded(replace(NEW, west="道路"), beside).west == "道路"
    assert pointed_out([NEW], ["周小川", "", "周小川"])[0].witnesses == "周小川"


def test_the_first_contract_takes_the_new_land_with_what_it_measures():
    signed = surveyed(CONTRACT, (), (NEW,), HERE)
    assert check(signed, HERE) == []
    after = apply(signed, HERE)
    assert after.contracts[D].parcels[0].area == after.parcels[NEW.code].measured_area == Decimal("6000.00")
    middle = EAST + 5.5 * WIDE
    line = [(middle, NORTH - 5), (middle, NORTH + HIGH + 5)]
    halves = split_by_line(apply([NEW], HERE), NEW.code, line, [field(7), field(8)])
    assert isinstance(halves, SplitParcel)
    signed = surveyed(CONTRACT, (ContractedArea(COMMON, Decimal("6000.00")),), (NEW, halves), HERE)
    assert check(signed, HERE) == []
    rows = {row.parcel: row.area for row in apply(signed, HERE).contracts[D].parcels}
    assert rows == {COMMON: Decimal("6000.00"), field(7): Decimal("3000.00"), field(8): Decimal("3000.00")}
