"""不动产单元号 as the registry tells it: 28 characters of this county, each parcel its own."""

import pytest

from engine.domain.unit_codes import fault, read_units

GOOD = "990101001002JD00003W00000000"


@pytest.mark.parametrize(
    ("unit", "says"),
    [
        (GOOD, None),
        (GOOD[:-1], "28位"),
        ("990102" + GOOD[6:], "前6位"),
        (GOOD.replace("001002", "00A002"), "第7至12位"),
        (GOOD.replace("JD", "JB"), "第13、14位"),
        (GOOD.replace("00003W", "0000XW"), "第15至19位"),
        (GOOD.replace("W00000000", "F00010001"), "后9位"),
        (GOOD.replace("1", "１"), "28位"),  # digits of another width
    ],
)
def test_each_part_is_looked_at(unit, says):
    told = fault(unit, "990101")
    assert told is None if says is None else says in told


@pytest.mark.parametrize(
    "said",
    [
        {"a": " 990101 001002 jd00003 w00000000"},
        f"a={GOOD[:12]} {GOOD[12:]}；b=",
        f"a={GOOD}\n",
        {"a": GOOD, "b": None},
    ],
)
def test_codes_come_grouped_typed_or_in_one_line(said):
    assert read_units(said, "990101", ["a", "b"]) == ({"a": GOOD}, {})


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"c": GOOD}, "units-c"),
        ({"a": GOOD, "b": GOOD}, "units-b"),
        (f"a={GOOD};a={GOOD.replace('3W', '4W')}", "units-a"),
        ("nothing", "units"),
        ([GOOD], "units"),
        ({"a": 1}, "units"),
    ],
)
def test_what_cannot_be_is_told_by_parcel(said, field):
    _found, wrong = read_units(said, "990101", ["a", "b"])
    assert list(wrong) == [field]
