"""One form that has every kind of question, as a case type might write it."""

import pytest

import forms

LISTS = {"rejection_reasons": [{"value": "r01", "label": {"zh": "权属有争议", "en": "Disputed rights"}}]}


def both(zh, en="x"):
    return {"zh": zh, "en": en}


EVERY_KIND = {
    "form": "every_kind",
    "title": both("各种栏目", "Every kind"),
    "fields": [
        {
            "name": "decision",
            "kind": "choice",
            "label": both("意见", "Decision"),
            "required": True,
            "options": [
                {"value": "pass", "label": both("通过", "Pass")},
                {"value": "reject", "label": both("不予通过", "Reject")},
            ],
        },
        {
            "name": "reasons",
            "kind": "choices",
            "label": both("理由", "Reasons"),
            "options_from": "rejection_reasons",
            "show_if": {"decision": ["reject"]},
            "required_if": {"decision": ["reject"]},
        },
        {"name": "title", "kind": "text", "label": both("标题", "Title"), "max_length": 10},
        {"name": "opinion", "kind": "textarea", "label": both("说明", "Opinion"), "max_length": 50},
        {"name": "copies", "kind": "integer", "label": both("份数", "Copies"), "min": 1, "max": 9},
        {"name": "ratio", "kind": "decimal", "label": both("比例", "Ratio"), "decimals": 3, "min": -1},
        {"name": "rent", "kind": "money", "label": both("租金", "Rent")},
        {"name": "mu", "kind": "area_mu", "label": both("面积", "Area")},
        {"name": "signed_on", "kind": "date", "label": both("签订日期", "Signed on"), "max": "2026-12-31"},
        {"name": "objection", "kind": "yes_no", "label": both("有无异议", "Objection")},
        {
            "name": "objection_text",
            "kind": "text",
            "label": both("异议内容", "Objection text"),
            "show_if": {"objection": True},
            "required_if": {"objection": True},
        },
        {"name": "id_number", "kind": "id_number", "label": both("身份证号", "ID number")},
        {"name": "phone", "kind": "phone", "label": both("电话", "Phone")},
        {
            "name": "papers",
            "kind": "files",
            "label": both("材料", "Papers"),
            "papers": [
                {"kind": "id_card", "label": both("身份证", "Identity card")},
                {"kind": "consent", "label": both("同意书", "Consent")},
            ],
        },
        {"name": "photos", "kind": "files", "label": both("照片", "Photos"), "max": 2},
        {"name": "parcels", "kind": "parcels", "label": both("地块", "Parcels"), "default": "all"},
        {"name": "members", "kind": "members", "label": both("家庭成员", "Members"), "max": 3},
        {"name": "survey", "kind": "survey_parcels", "label": both("实测", "Survey")},
        {
            "name": "agent",
            "kind": "group",
            "label": both("代理人", "Agent"),
            "fields": [
                {"name": "name", "kind": "text", "label": both("姓名", "Name"), "required": True},
                {"name": "phone", "kind": "phone", "label": both("电话", "Phone")},
            ],
        },
        {"name": "hint", "kind": "note", "text": both("请如实填写", "Tell the truth")},
    ],
}


@pytest.fixture
def form():
    return forms.load(EVERY_KIND, LISTS)
