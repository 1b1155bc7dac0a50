"""Views and summaries: everything a template needs, in one language, whatever was typed."""

import pytest
from werkzeug.datastructures import MultiDict

import forms

CONTEXT = {
    "parcels": [{"code": "P1", "name": "门前田", "area_mu": "1.20"}, {"code": "P2", "name": "后坡"}],
    "files": {"f1": {"id": "f1", "name": "身份证.jpg", "size": 12, "url": "/files/f1"}},
    "members": [{"name": "王大", "relation": "02"}],
}


def by_name(views):
    return {view.name: view for view in views}


def test_first_view_is_filled_with_what_is_known(form):
    view = by_name(form.view(context=CONTEXT))
    assert [o.checked for o in view["parcels"].options] == [True, True]
    assert view["parcels"].options[0].facts["area_mu"] == "1.20"
    assert by_name(view["members"].rows[0])["members-0-name"].value == "王大"
    assert by_name(view["members"].blank)["members-__row__-name"].value == ""


def test_values_errors_and_language(form):
    view = by_name(form.view({"decision": "reject", "rent": "x"}, {"rent": ["不对"]}, "en", CONTEXT))
    assert view["decision"].label == "Decision"
    assert [o.checked for o in view["decision"].options] == [False, True]
    assert view["rent"].value == "x"
    assert view["rent"].errors == ["不对"]
    assert view["rent"].unit == "yuan"
    assert view["reasons"].show_if == '{"decision": ["reject"]}'


def test_things_of_the_register_are_picked_by_name_where_the_page_knows_them():
    """A household's code is typed where none are listed; what was typed before stays to be picked."""
    named = {"zh": "甲", "en": "A"}
    fields = [{"name": "to", "kind": "household", "label": named}, {"name": "land", "kind": "parcel", "label": named},
              {"name": "theirs", "kind": "parcel_codes", "label": named, "of": "to"}]  # fmt: skip
    made = forms.load({"form": "f", "title": named, "fields": fields})
    code = "990101001001010001"
    facts = {"households": [{"code": code, "name": "王大"}], "parcels": [{"code": "1" * 19, "name": "坡", "area_mu": "1.20"}], "other_parcels": [{"code": "2" * 19}]}  # fmt: skip
    bare, known = by_name(made.view()), by_name(made.view({"to": "9" * 18}, {}, "zh", facts))
    assert (bare["to"].options, bare["theirs"].of, known["theirs"].of) == ([], None, "to")
    assert [(o.label, o.checked) for o in known["to"].options] == [(f"王大 {code}", False), ("9" * 18, True)]
    assert [o.label for o in known["land"].options] == ["坡（1.20亩）" + "1" * 19]
    assert [o.value for o in known["theirs"].options] == ["2" * 19]
    told = made.summary({"to": code, "theirs": ["2" * 19]}, "zh", {"names": {code: "王大"}})
    assert [line.value for line in told] == [f"王大 {code}", "2" * 19]


def test_land_beside_ones_own_is_offered_and_other_land_typed():
    named = {"zh": "甲", "en": "A"}
    fields = [{"name": "against", "kind": "text", "label": named}, {"name": "land", "kind": "parcel_codes", "label": named, "of": "against"}]  # fmt: skip
    made = forms.load({"form": "f", "title": named, "fields": fields})
    near, other = "1" * 19, "2" * 19
    facts = {"adjoining": [{"code": near, "name": "坡", "beside": ["田"]}]}
    posted = MultiDict([("against", "王大"), ("land", near), ("land", f"{other}\n")])
    answers, errors = made.read(posted, lang="zh", context=facts)
    assert (answers["land"], errors) == ([near, other], {})
    for data in (answers, {"land": f"{near} {other}"}):
        [land] = [view for view in made.view(data, {}, "zh", facts) if view.name == "land"]
        assert [(o.value, o.checked) for o in land.options] == [(near, True)]
        assert (land.typed_too, land.typed) == (True, [other])
    assert not by_name(made.view())["land"].typed_too
    listing = facts | {"adjoining": [], "households": []}
    assert by_name(made.view({}, {}, "zh", listing))["land"].typed_too, (
        "where nothing is listed yet, codes are typed"
    )


def test_papers_show_their_files(form):
    view = by_name(form.view({"papers": {"id_card": ["f1", "lost"]}}, {}, "zh", CONTEXT))
    card, consent = view["papers"].papers
    assert [f["name"] for f in card.files] == ["身份证.jpg", "lost"]
    assert consent.files == []
    assert card.name == "papers-id_card"


@pytest.mark.parametrize(
    "junk", [None, 7, "x", [1], {"a": [{}]}, True, {"coordinates": 3}, {"coordinates": [[1]]}]
)
def test_drawing_survives_any_typed_value(form, junk):
    everything = {f.name: junk for f in form.fields}
    assert form.view(everything)
    assert form.view(junk)
    form.view({"survey": [{"geometry": junk}], "members": junk})


def test_summary_reads_answers_back(form):
    data = {"decision": "reject", "reasons": ["r01"], "objection": False, "rent": "3.00", "reason": "x"}
    data |= {
        "members": [{"name": "王大", "relation": "02"}],
        "papers": {"id_card": ["f1"]},
        "agent": {"name": "张"},
    }
    lines = {line.name: line for line in form.summary(data, "zh", CONTEXT)}
    assert lines["decision"].value == "不予通过"
    assert lines["reasons"].value == "权属有争议"
    assert lines["objection"].value == "否"
    assert lines["rent"].value == "3.00 元"
    assert [cell.value for cell in lines["members"].rows[0]] == ["王大", "户主"]
    assert lines["papers"].files[0]["name"] == "身份证.jpg"
    assert lines["papers"].files[0]["paper"] == "身份证"
    assert lines["name"].value == "张"


@pytest.mark.parametrize(("lang", "said"), [("zh", "2026年3月5日"), ("en", "5 March 2026")])
def test_summary_says_dates_in_words(form, lang, said):
    data = {"decision": "pass", "signed_on": "2026-03-05"}
    assert {line.name: line.value for line in form.summary(data, lang, CONTEXT)}["signed_on"] == said
