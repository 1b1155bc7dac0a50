"""The field kind `drawing`: what can be read as typed changes, and what is refused in words."""

import json

import pytest
from werkzeug.datastructures import MultiDict

import forms
from engine.domain.from_yaml import read_yaml
from forms.kinds.drawing import CHANGES, LONGEST

CODE, OTHER, NEW = "9901011002010100001", "9901011002010100002", "9901011002010100099"
SQUARE = "POLYGON ((500000.1234567 3000000, 500010 3000000, 500010 3000010, 500000.1234567 3000000))"
PIECE = {"code": NEW, "name": "塘边田", "outline": SQUARE}
GOOD = {
    "new_parcel": {"code": NEW, "name": "岭上新地", "outline": SQUARE, "north": "水渠", "land_use": "013"},
    "remeasure_parcel": {"parcel_code": CODE, "area": "50", "outline": SQUARE},
    "move_boundary": {"parcels": [{"parcel_code": code, "outline": SQUARE} for code in (CODE, OTHER)]},
    "split_parcel": {"parcel_code": CODE, "pieces": [PIECE, PIECE | {"code": OTHER, "contract_area": "1.5"}]},
    "merge_parcels": {"parcel_codes": [CODE, OTHER], "piece": PIECE},
    "expropriate_land": {"parcel_code": CODE, "red_line": SQUARE, "approval": "省征1号", "kept": []},
}


def form(**more):
    field = {"name": "drawing", "kind": "drawing", "label": {"zh": "图", "en": "Map"}, **more}
    return forms.load({"form": "survey", "title": {"zh": "测", "en": "S"}, "fields": [field]})


def of(kind, **more):
    return {"type": kind, **GOOD[kind], **more}


@pytest.mark.parametrize("kind", CHANGES)
def test_every_kind_of_change_is_read_from_json_and_from_the_page_alike(kind):
    data, errors = form().read({"drawing": [of(kind)]})
    assert errors == {}
    typed, _ = form().read(MultiDict({"drawing": json.dumps([of(kind)])}))
    assert typed == data
    assert "500000.1234567" in json.dumps(data)  # to the last digit that was given
    assert form().read(data)[0] == data


def test_an_empty_drawing_is_no_answer():
    for posted in (MultiDict({"drawing": "[]"}), MultiDict({"drawing": ""}), {"drawing": []}):
        assert form().read(posted) == ({}, {})
        assert "drawing" in form(required=True).read(posted)[1]


WRONG = {
    "no JSON": ("[", "读不出来"),
    "no list": ('{"type": 1}', "读不出来"),
    "no change": ("[1]", "不能办理"),
    "another kind": ('[{"type": "end_household"}]', "不能办理"),
    "too long": ("[" + " " * LONGEST + "]", "过多"),
    "too many": (json.dumps([of("remeasure_parcel")] * 51), "最多 50 项"),
    "deep": ("[" * 5000, "读不出来"),
    "a code of letters": (json.dumps([of("remeasure_parcel", parcel_code="x" * 19)]), "19 位数字"),
    "no area": (json.dumps([of("remeasure_parcel", area="NaN")]), "应为数字"),
    "something more": (json.dumps([of("remeasure_parcel", holder="x")]), "没有“holder”"),
    "something less": (json.dumps([{"type": "merge_parcels", "parcel_codes": [CODE, OTHER]}]), "缺少“piece”"),
    "one piece": (json.dumps([of("split_parcel", pieces=[PIECE])]), "2 至 50"),
    "an open outline": (json.dumps([of("remeasure_parcel", outline="POLYGON ((1 1, 2 2))")]), "界线"),
}


@pytest.mark.parametrize("how", WRONG)
def test_what_cannot_be_read_is_told_in_words_and_kept(how):
    text, words = WRONG[how]
    data, errors = form().read(MultiDict({"drawing": text}))
    assert words in errors["drawing"][0]
    assert data["drawing"] == text[:300_000]
    [view] = form().view(data)
    assert view.value == data["drawing"]


def test_a_form_says_which_changes_it_takes():
    narrow = form(changes=["remeasure_parcel"])
    assert narrow.read({"drawing": [of("remeasure_parcel")]})[1] == {}
    assert "合并" not in narrow.view({})[0].changes
    assert "不能办理" in narrow.read({"drawing": [of("merge_parcels")]})[1]["drawing"][0]
    source = read_yaml(
        "{form: f, title: {zh: 测, en: S}, fields: [{name: d, kind: drawing, label: {zh: 图, en: M}, changes: [x]}]}"
    )
    assert any("x" in fault for fault in forms.check(source))


def test_a_summary_counts_the_changes():
    [line] = form().summary({"drawing": [of("split_parcel"), of("merge_parcels"), of("split_parcel")]}, "en")
    assert line.value == "split 2; merged 1"
