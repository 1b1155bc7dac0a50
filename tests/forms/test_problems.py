"""The publish check of forms: each fault in the YAML is said in words."""

import copy
import re

import pytest

import forms
from tests.forms.conftest import EVERY_KIND, both

BASE = {"form": "f", "title": both("表"), "fields": [{"name": "a", "kind": "text", "label": both("甲")}]}


def changed(**field):
    return {**BASE, "fields": [{**BASE["fields"][0], **field}]}


def test_a_good_form_has_no_problems():
    assert forms.check(EVERY_KIND, {"rejection_reasons"}) == []


@pytest.mark.parametrize(
    ("source", "word"),
    [
        ([], "YAML 对象"),
        ({**BASE, "extra": 1}, "extra"),
        ({**BASE, "form": "Bad Name"}, "form"),
        ({**BASE, "title": {"zh": "表"}}, "英文"),
        ({**BASE, "fields": []}, "没有 fields"),
        ({**BASE, "fields": ["x"]}, "应为对象"),
        ({**BASE, "fields": BASE["fields"] * 2}, "重复"),
        (changed(kind="colour"), "不认识的种类"),
        (changed(kind=["text"]), "不认识的种类"),
        (changed(name="csrf_token"), "name"),
        (changed(papers=[]), "没有设置"),
        (changed(label="甲"), "英文"),
        (changed(max_length="long"), "max_length"),
        (changed(pattern="("), "正则"),
        (changed(show_if={"later": ["x"]}), "不是它上面的栏目"),
        (changed(kind="choice"), "必须且只能有一个"),
        (changed(kind="choice", options=[{"value": "x", "label": both("一")}] * 2), "重复"),
        (changed(kind="choice", options_from="unknown"), "没有名为"),
        (changed(kind="files", papers=[{"kind": "ID"}]), "材料种类"),
        (changed(kind="group"), "没有 fields"),
        (changed(kind="note"), "没有 text"),
        (changed(kind="decimal", min="five"), "应为数字"),
        (changed(kind="decimal", min=5, max=4), "min 大于 max"),
    ],
)
def test_faults_are_named(source, word):
    found = forms.check(source, set())
    assert any(word in fault for fault in found), found
    for fault in found:
        assert not re.search("[\u4e00-\u9fff，：]", re.sub("“[^”]*”", "", fault.en)), fault.en


def test_conditions_must_name_real_options():
    source = copy.deepcopy(EVERY_KIND)
    source["fields"][1]["show_if"] = {"decision": ["refuse"]}
    assert any("没有选项“refuse”" in fault for fault in forms.check(source))


def test_loading_a_faulty_form_raises_all_faults(tmp_path):
    with pytest.raises(forms.FormFault) as caught:
        forms.load({**BASE, "form": "X", "fields": []})
    assert len(caught.value.problems) == 2
    (tmp_path / "f.yaml").write_text("a: [", "utf-8")
    with pytest.raises(forms.FormFault, match="YAML"):
        forms.load(tmp_path / "f.yaml")
