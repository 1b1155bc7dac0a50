"""Reading: what was posted by a page or as JSON becomes clean data, or errors by field."""

import io
import json

import pytest
from werkzeug.datastructures import FileStorage, MultiDict

import forms
from forms import UploadRefused


def with_check_digit(first17):
    from stdnum.iso7064 import mod_11_2

    return first17 + mod_11_2.calc_check_digit(first17)


def errors_of(form, **answers):
    return form.read({"decision": "pass", **answers})[1]


def value_of(form, name, value):
    data, errors = form.read({"decision": "pass", name: value})
    assert errors == {}
    return data[name]


@pytest.mark.parametrize(
    ("name", "typed", "kept"),
    [
        ("title", "  王 ", "王"),
        ("opinion", "一\r\n二", "一\n二"),
        ("copies", "３", 3),
        ("copies", 3.0, 3),
        ("ratio", "-0.5", "-0.500"),
        ("rent", "1,200.5", "1200.50"),
        ("rent", 1200.5, "1200.50"),
        ("mu", "0.15", "0.15"),
        ("signed_on", "2026年3月5日", "2026-03-05"),
        ("signed_on", "20260305", "2026-03-05"),
        ("signed_on", "2026/3/5", "2026-03-05"),
        ("objection", "no", False),
        ("objection", False, False),
        ("phone", "+86 138 0013 8000", "13800138000"),
        ("phone", "0990-8123456", "0990-8123456"),
        ("photos", ["f1", "f1", "f2"], ["f1", "f2"]),
        ("papers", {"id_card": ["f1"], "consent": []}, {"id_card": ["f1"]}),
        ("parcels", [{"code": "9901012010100001"}, "9901012010100001"], ["9901012010100001"]),
    ],
)
def test_good_values_are_kept_in_one_form(form, name, typed, kept):
    assert value_of(form, name, typed) == kept


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("decision", "perhaps"),
        ("decision", ["pass"]),
        ("decision", {"a": 1}),
        ("title", "一" * 11),
        ("title", "一\n二"),
        ("title", "a\x00b"),
        ("title", "a\u202eb"),
        ("title", "\ud800"),
        ("title", True),
        ("opinion", "长" * 1_000_000),
        ("copies", "3.5"),
        ("copies", 10),
        ("copies", 10**400),
        ("copies", float("inf")),
        ("ratio", "0.1234"),
        ("ratio", "1e5"),
        ("rent", "-1"),
        ("rent", "1.234"),
        ("rent", "NaN"),
        ("mu", "一亩"),
        ("signed_on", "2026-02-30"),
        ("signed_on", "2027-01-01"),
        ("signed_on", "明天"),
        ("objection", "maybe"),
        ("id_number", "99010119900307001"),
        ("phone", "12345"),
        ("papers", {"other": ["f1"]}),
        ("papers", "f1"),
        ("photos", ["f1", "f2", "f3"]),
        ("photos", ["../etc/passwd"]),
        ("photos", [["f1"]]),
        ("parcels", ["<script>"]),
        ("parcels", "x" * 100),
        ("members", "nobody"),
        ("members", [{"name": "甲", "relation": "02"}] * 4),
        ("members", [1]),
        ("agent", {"phone": "13800138000"}),
        ("agent", [1]),
    ],
)
def test_bad_values_are_refused_in_both_languages(form, name, typed):
    zh = form.read({"decision": "pass", name: typed}, lang="zh")[1]
    en = form.read({"decision": "pass", name: typed}, lang="en")[1]
    assert zh
    assert all(key == name or key.startswith(name + "-") for key in zh)
    assert zh.keys() == en.keys()
    assert zh != en


def test_identity_number_needs_a_real_birth_date_and_the_right_check_digit(form):
    good = with_check_digit("99010119900307001")
    assert value_of(form, "id_number", good) == good
    assert value_of(form, "id_number", f" {good.lower()} ") == good
    wrong_digit = good[:-1] + ("1" if good[-1] != "1" else "2")
    assert "校验位" in errors_of(form, id_number=wrong_digit)["id_number"][0]
    unborn = with_check_digit("99010119900230001")
    assert "出生日期" in errors_of(form, id_number=unborn)["id_number"][0]


def test_a_hidden_question_counts_for_nothing(form):
    data, errors = form.read({"decision": "pass", "reasons": ["no such reason"], "objection_text": "x"})
    assert errors == {}
    assert "reasons" not in data
    assert "objection_text" not in data


def test_a_shown_question_may_be_required(form):
    _, errors = form.read({"decision": "reject", "objection": "yes"})
    assert errors == {"reasons": ["请选择“理由”"], "objection_text": ["请填写“异议内容”"]}


def test_required_unknown_and_not_an_object(form):
    assert form.read({})[1] == {"decision": ["请选择“意见”"]}
    assert form.read({"decision": "pass", "evil": 1})[1] == {"evil": ["表单中没有这个栏目"]}
    assert list(form.read([1, 2])[1]) == [""]
    assert list(form.read(None)[1]) == [""]


def test_data_is_json_safe_and_loads_again_to_itself(form):
    square = "3400000,500000\n3400000,500010\n3400010,500010\n3400010,500000"
    answers = {
        "decision": "reject",
        "reasons": ["r01"],
        "rent": "3",
        "signed_on": "20260101",
        "members": [{"name": "王", "relation": "02"}],
        "survey": [{"code": "9901012010100001", "area_m2": "100", "geometry": square}],
    }
    data, errors = form.read(answers)
    assert errors == {}
    assert form.read(json.loads(json.dumps(data))) == (data, {})
    assert form.schema()().load(answers) == data


def test_html_names_of_rows_groups_and_files(form):
    posted = MultiDict(
        [
            ("csrf_token", "belongs to the page"),
            ("decision", "pass"),
            ("members-0-name", ""),
            ("members-0-relation", ""),
            ("members-4-name", "李四"),
            ("members-4-relation", "10"),
            ("agent-name", "张三"),
            ("agent-phone", ""),
            ("papers-id_card", "old"),
            ("papers-id_card", "gone"),
            ("papers-id_card-remove", "gone"),
            ("parcels", "P1"),
            ("parcels", "P2"),
        ]
    )
    uploads = MultiDict([("papers-id_card-upload", FileStorage(io.BytesIO(b"x"), "a.jpg"))])
    data, errors = form.read(posted, files=uploads, store=lambda upload, name, paper: f"new-{paper}")
    assert errors == {}
    assert data["members"] == [{"name": "李四", "relation": "10"}]
    assert data["agent"] == {"name": "张三"}
    assert data["papers"] == {"id_card": ["old", "new-id_card"]}
    assert data["parcels"] == ["P1", "P2"]
    assert form.files_in(data) == [("papers", "id_card", "old"), ("papers", "id_card", "new-id_card")]


def test_errors_in_rows_are_named_like_their_inputs(form):
    posted = MultiDict([("decision", "pass"), ("members-3-name", "王"), ("members-3-id_number", "1")])
    data, errors = form.read(posted)
    assert set(errors) == {"members-0-relation", "members-0-id_number"}
    assert data["members"][0]["id_number"] == "1", "what was typed is kept"


def test_a_new_file_takes_the_place_of_the_only_one():
    """Who mends a file brings it again, and need not take the old one out first."""
    words = {"zh": "成果", "en": "Result"}
    asked = {
        "name": "result",
        "kind": "files",
        "label": words,
        "max": 1,
        "papers": [{"kind": "shp", "label": words}],
    }
    form = forms.load({"form": "result", "title": words, "fields": [asked]})
    brought = ("result-shp-upload", FileStorage(io.BytesIO(b"x"), "b.zip"))

    def store(upload, name, paper):
        return "new"

    posted = MultiDict([("result-shp", "old")])
    assert form.read(posted, files=MultiDict([brought]), store=store)[0] == {"result": {"shp": ["new"]}}
    assert form.read(posted, files=MultiDict([]), store=store)[0] == {"result": {"shp": ["old"]}}


def test_a_refused_upload_is_an_error_at_its_paper(form):
    def refuse(upload, name, paper):
        raise UploadRefused("文件过大", "The file is too large")

    uploads = MultiDict([("papers-consent-upload", FileStorage(io.BytesIO(b"x"), "a.exe"))])
    _, errors = form.read(MultiDict([("decision", "pass")]), files=uploads, store=refuse, lang="en")
    assert errors == {"papers-consent": ["“Consent”: The file is too large"]}


def test_required_papers_are_named_one_by_one():
    import forms

    label = {"zh": "身份证", "en": "Identity card"}
    asked = {"name": "papers", "kind": "files", "label": {"zh": "材料", "en": "Papers"}, "required": True}
    papers = [{"kind": "id_card", "label": label, "required": True}, {"kind": "map", "label": label}]
    form = forms.load({"form": "f", "title": label, "fields": [{**asked, "papers": papers}]})
    assert form.read({})[1] == {"papers-id_card": ["请上传“身份证”"]}
    assert form.read({"papers": {"map": ["f"]}})[1] == {"papers-id_card": ["请上传“身份证”"]}
    assert form.read({"papers": {"id_card": ["f"]}})[1] == {}


def test_a_paper_that_some_answers_need_is_asked_for_with_them():
    """It is never called optional, and only those answers refuse without it."""
    way = {"name": "way", "kind": "choice", "label": {"zh": "方式", "en": "Way"}, "options": ["swap", "end"]}
    book = {"kind": "book", "label": {"zh": "合同", "en": "Book"}, "required_if": {"way": ["swap"]}}
    papers = {"name": "papers", "kind": "files", "label": {"zh": "材料", "en": "Papers"}, "papers": [book, book | {"kind": "more", "required_if": {}}]}  # fmt: skip
    made = forms.load({"form": "f", "title": {"zh": "表", "en": "Form"}, "fields": [way, papers]})
    assert list(made.read({"way": "swap"})[1]) == ["papers-book"]
    assert made.read({"way": "end"})[1] == {}
    assert [paper.required for paper in made.view()[1].papers] == [True, False]


def test_only_known_parcels_files_and_late_options_may_be_chosen(form):
    import forms
    from tests.forms.conftest import EVERY_KIND, LISTS

    context = {"parcels": [{"code": "P1"}], "files": {"f1": {}}}
    assert form.read({"decision": "pass", "parcels": ["P1"], "photos": ["f1"]}, context=context)[1] == {}
    assert set(form.read({"decision": "pass", "parcels": ["P2"], "photos": ["f2"]}, context=context)[1]) == {
        "parcels",
        "photos",
    }
    late = forms.load(EVERY_KIND)
    answers = {"decision": "reject", "reasons": ["r01"]}
    assert late.read(answers, context={"options": LISTS})[1] == {}
    assert "reasons" in late.read(answers)[1]


def test_rows_are_added_and_removed_without_scripts(form):
    posted = [("members-0-name", "甲"), ("members-1-name", "乙")]
    added = form.edit_rows(MultiDict([*posted, ("_rows", "add:members")]))
    assert [row.get("name") for row in added["members"]] == ["甲", "乙", None]
    removed = form.edit_rows(MultiDict([*posted, ("_rows", "remove:members:0")]))
    assert [row.get("name") for row in removed["members"]] == ["乙"]
    assert form.edit_rows(MultiDict(posted)) is None


def test_editing_rows_keeps_the_blank_ones_where_they_stand(form):
    posted = [("members-0-name", ""), ("members-1-name", "乙")]
    added = form.edit_rows(MultiDict([*posted, ("_rows", "add:members")]))
    assert [row.get("name") for row in added["members"]] == ["", "乙", None]
    removed = form.edit_rows(MultiDict([*posted, ("_rows", "remove:members:0")]))
    assert [row.get("name") for row in removed["members"]] == ["乙"], "the row whose button it was"
    assert [row["name"] for row in form.draft(MultiDict(posted))["members"]] == ["乙"]


def test_a_draft_keeps_what_was_typed_but_nothing_a_database_cannot(form):
    draft = form.draft(MultiDict([("opinion", "半句\x00话"), ("rent", "x")]))
    assert draft["opinion"] == "半句话"
    assert draft["rent"] == "x"


def test_a_row_with_nothing_but_its_defaults_was_left_out():
    """A page shows one to begin with; who has nothing to say there leaves it as it came."""
    from forms.gather import Gathered
    from forms.spec import Field
    from forms.text import Text

    inner = (
        Field("code", "text", Text("编码", "Code"), required=True),
        Field("extent", "choice", Text("多少", "How much"), default="whole"),
    )
    land = Field("land", "group", Text("土地", "Land"), repeated=True, fields=inner)

    def rows(**posted):
        return Gathered(MultiDict(posted)).rows(land, "land")

    assert rows(**{"land-0-code": " ", "land-0-extent": "whole"}) == []
    assert len(rows(**{"land-0-code": "", "land-0-extent": "part"})) == 1
    assert len(rows(**{"land-0-code": "1", "land-0-extent": "whole"})) == 1


def test_a_day_of_what_has_happened_cannot_lie_ahead_in_rows_either():
    """The form's field says so once; whoever reads it says which day it is."""

    def told(day):
        label = {"zh": "签订日期", "en": "Signed on"}
        return {"name": "signed_on", "kind": "date", "not_after": day, "label": label}

    rows = {"name": "rows", "kind": "group", "repeated": True, "label": {"zh": "各户", "en": "Rows"}, "fields": [told("today")]}  # fmt: skip
    source = {"form": "f", "title": {"zh": "表", "en": "Form"}, "fields": [told("today"), rows]}
    made, today = forms.load(source), {"today": "2026-03-05"}
    late = {"signed_on": "2026年3月6日", "rows": [{"signed_on": "2026-03-05"}, {"signed_on": "2027-01-01"}]}
    data, errors = made.read(late, context=today)
    assert errors["signed_on"] == ["“签订日期”不能晚于今天（2026年3月5日）"]
    assert list(errors) == ["signed_on", "rows-1-signed_on"]
    assert data["rows"][1]["signed_on"] == "2027-01-01", "what was typed stays"
    english = made.read(late, context=today, lang="en")[1]
    assert english["signed_on"] == ["“Signed on” cannot be later than today (5 March 2026)"]
    assert made.read({"signed_on": "2026-03-05"}, context=today)[1] == {}
    assert made.view({}, context=today)[0].latest == "2026-03-05", "the picker offers no later day"
    with pytest.raises(forms.FormFault, match="not_after 只能写 today"):
        forms.load(source | {"fields": [told("tomorrow")]})


def test_what_is_wrong_is_listed_in_the_order_of_the_questions(form):
    listed = list(form.read({"phone": "1", "copies": "x"})[1])
    assert listed == [field.name for field in form.fields if field.name in listed]


def test_land_of_the_collective_is_picked_from_its_own_list():
    asked = {"name": "granted", "kind": "parcels", "free": True, "label": {"zh": "地块", "en": "Parcels"}}
    made = forms.load({"form": "f", "title": {"zh": "表", "en": "Form"}, "fields": [asked]})
    assert made.picks_free_land and not made.picks_parcels
    facts = {"parcels": [{"code": "P1"}], "free_parcels": [{"code": "P2", "name": "井边"}]}
    assert made.read({"granted": ["P2"]}, context=facts)[1] == {}
    assert "granted" in made.read({"granted": ["P1"]}, context=facts)[1]
    assert [(o.value, o.label) for o in made.view({}, context=facts)[0].options] == [("P2", "井边")]
