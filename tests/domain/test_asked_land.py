"""Which land an application is about, read out of whatever its form asks."""

from engine.domain.asked_land import asked_codes, beside_asked, to_divide

ONE, TWO = "9901011002010100010", "9901011002010100021"


def test_parcels_are_found_wherever_a_form_keeps_them():
    answers = {
        "kind": "split",
        "own_parcels": [TWO],
        "split_parcels": [{"code": ONE, "to": "1"}, {"code": TWO}],
    }
    assert asked_codes(answers) == [TWO, ONE]


def test_a_household_or_a_case_number_is_no_parcel():
    assert asked_codes({"recipient": ONE[:18], "ruling": ONE + "0", "price": "12000", "agreed": True}) == []


def test_what_is_divided_first_is_told_by_a_split_as_by_a_swap():
    split = {"split_parcels": [{"code": ONE, "to": "divide"}, {"code": TWO, "to": "1"}]}
    assert to_divide(split) == [ONE]
    assert to_divide({"divided": [TWO], "own_parcels": [ONE, TWO]}) == [TWO]
    assert to_divide({}) == []


def test_what_adjoins_is_narrowed_to_the_parcels_that_are_named():
    own, other, near, far = ("1" * 19, "2" * 19, "3" * 19, "4" * 19)
    rows = [{"code": near, "own": [own]}, {"code": far, "own": [other]}]
    assert beside_asked(rows, {"parcels": []}) == rows
    assert beside_asked(rows, None, {"parcels": [own]}) == rows[:1]
    assert beside_asked(rows, {"parcels": [own], "other_parcels": [far]}) == rows, "what was picked stays"
