"""Who may sit: panels (art 27) and the commission (art 13) of the 调解仲裁法."""

import pytest

from engine.domain.dispute import composition_faults, panel_faults, who_decides

WHOLE = [("chair", "office"), ("vice_chair", "law"), ("member", "farmer"), ("member", "other")]


@pytest.mark.parametrize(
    ("kind", "names", "agreed", "wrong"),
    [
        ("three", ["甲", "乙", "丙"], False, None),
        ("three", ["甲", "乙"], True, "三名"),
        ("three", ["甲", "乙", "甲"], True, "重复"),
        ("sole", ["甲"], True, None),
        ("sole", ["甲"], False, "都同意"),
        ("sole", ["甲", "乙"], True, "一名"),
    ],
)
def test_a_panel(kind, names, agreed, wrong):
    found = panel_faults(kind, names, agreed)
    assert (found is None) if wrong is None else (wrong in found)


def test_a_commission_with_all_that_it_needs_lacks_nothing():
    assert composition_faults(WHOLE) == []


@pytest.mark.parametrize(
    ("sitting", "wrong"),
    [
        (WHOLE[1:], "主任一人"),
        ([*WHOLE, ("chair", "law")], "主任一人"),
        ([WHOLE[0], *WHOLE[2:], ("member", "law")], "副主任"),
        ([*WHOLE, ("vice_chair", "law"), ("vice_chair", "law")], "副主任"),
        ([*WHOLE, ("member", "office")], "二分之一"),
    ],
)
def test_a_commission_that_lacks_something_is_told_what(sitting, wrong):
    [found] = composition_faults(sitting)
    assert wrong in found


def test_nobody_decides_on_a_challenge_in_a_case_where_they_sit():
    assert who_decides(["02", "03", "04"], ["01"]) == "chair"
    assert who_decides(["01"], ["01"]) == "commission"
