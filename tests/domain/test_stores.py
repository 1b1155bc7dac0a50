from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
import shapely

from engine.domain.errors import Invalid
from engine.domain.stores import Master, PublicFacts, opened, processed, rules_of

OUTLINE = shapely.to_wkb(shapely.box(500000.1234, 2800000.5678, 500030.4321, 2800040.8765))
CODE = "9901011012030100012"
MASTER = Master("DK", CODE, {"DKBM": CODE, "SCMJ": "1222.33", "ZJRXM": "王一"}, OUTLINE)


def test_what_a_county_does_not_set_is_as_shipped():
    rules = rules_of({})
    assert (rules.decimals, rules.grid_m, rules.mu_decimals) == (None, 5.0, 1)
    assert rules_of({"stores": {"grid_m": 10}}).grid_m == 10


@pytest.mark.parametrize(
    "wrong",
    [{"decimals": 7}, {"grid_m": 0.1}, {"mu_decimals": 4}, {"left_out": ["SCMJ"]}, {"marks": ["secret"]}],
)
def test_a_setting_that_cannot_be_is_named(wrong):
    with pytest.raises(Invalid) as refused:
        rules_of({"stores": wrong})
    assert refused.value.fields.keys() == wrong.keys()


def test_a_parcels_content_is_its_outline_and_area():
    assert replace(MASTER, facts=dict(MASTER.facts) | {"ZJRXM": "李二"}).content == MASTER.content
    assert replace(MASTER, facts=dict(MASTER.facts) | {"SCMJ": "1222.34"}).content != MASTER.content
    moved = shapely.transform(shapely.from_wkb(OUTLINE), lambda p: p + 0.001)
    assert replace(MASTER, outline=shapely.to_wkb(moved)).content != MASTER.content


def test_processing_rounds_corners_and_leaves_fields_out():
    rules = rules_of({"stores": {"decimals": 1, "left_out": ["ZJRXM"]}})
    given = processed(MASTER, rules)
    assert "ZJRXM" not in given.facts
    corners = shapely.get_coordinates(shapely.from_wkb(given.outline))
    assert [round(value, 1) for value in corners.ravel()] == list(corners.ravel())
    assert processed(given, rules) == given


def facts(**more):
    return PublicFacts(
        CODE, "99010110120301", "青石镇柳沟村一组", Decimal("1222.33"), OUTLINE, "110", date(1998, 1, 1),
        date(2027, 12, 31), "王秀英", "1", **more,
    )  # fmt: skip


def test_what_is_opened_is_masked_and_rounded():
    parcel = opened(facts(marks=frozenset({"mortgage", "seizure"})), rules_of({}))
    assert (parcel.area_mu, parcel.state, parcel.holder, parcel.marks) == (
        Decimal("1.8"),
        "contracted",
        "王**",
        ("mortgage",),
    )
    assert opened(replace(facts(), holder="青石合作社", holder_kind="3"), rules_of({})).holder == "青石合作社"


def test_surveys_within_the_same_cells_cannot_be_told_apart():
    shaken = shapely.to_wkb(shapely.box(500000.9, 2800000.9, 500031.1, 2800041.3))
    assert opened(facts(), rules_of({})) == opened(replace(facts(), outline=shaken), rules_of({}))
