"""What is said to have changed: by meaning where it has one, line by line elsewhere, and nothing that has not."""

from pathlib import Path

import pytest
from flask import Flask

from web.i18n import init_i18n
from web.studio.compare import MOST_LINES, file_changes, model_changes

FOLDER = Path(__file__).parents[2] / "processes" / "contract_signing"
MODEL = (FOLDER / "process.bpmn").read_text("utf-8")


@pytest.fixture(autouse=True)
def words():
    """Words need a request that says the language."""
    app = Flask(__name__)
    init_i18n(app)
    with app.test_request_context("/"):
        yield


def changes(*replacements, path="process.bpmn", text=MODEL):
    after = text
    for old, new in replacements:
        assert old in after, old
        after = after.replace(old, new)
    return {path: text.encode()}, {path: after.encode()}


def told(before, after):
    return [
        (c.kind, c.what, c.id, [(f.label, f.before, f.after) for f in c.facts])
        for c in model_changes(before, after)
    ]


def test_a_renamed_task():
    assert told(*changes(('name="村级初审"', 'name="初审"'))) == [
        ("relabelled", "人工任务", "village_check", [("名称", "村级初审", "初审")])
    ]


def test_another_condition_and_another_property():
    found = told(*changes(
        ("${village_check.decision == 'pass'}", "${village_check.decision != 'reject'}"),
        ('name="template" value="rejection_notice"', 'name="template" value="filing_notice"'),
    ))  # fmt: skip
    assert ("属性 template", "rejection_notice", "filing_notice") in [f for c in found for f in c[3]]
    assert "条件" in [f[0] for c in found for f in c[3]]


def test_an_added_and_a_removed_element_with_its_flows():
    extra = '<bpmn:userTask id="second" name="再看" camunda:formKey="survey" camunda:candidateGroups="surveyor" />'
    flow = '<bpmn:sequenceFlow id="to_second" sourceRef="village_check" targetRef="second" />'
    before, after = changes(
        ('<bpmn:userTask id="village_check"', f'{extra}{flow}<bpmn:userTask id="village_check"')
    )
    assert [c[:3] for c in told(before, after)] == [
        ("added", "人工任务", "second"),
        ("added", "顺序流", "to_second"),
    ]
    assert [c[:3] for c in told(after, before)] == [
        ("removed", "人工任务", "second"),
        ("removed", "顺序流", "to_second"),
    ]
    assert told(before, after)[1][3] == [("起点", "", "village_check"), ("终点", "", "second")]


def test_a_moved_shape_is_only_layout():
    before, after = changes(('<dc:Bounds x="', '<dc:Bounds x="1'))
    assert told(before, after) == []
    assert [(c.path, c.kind, c.lines) for c in file_changes(before, after)] == [
        ("process.bpmn", "layout", [])
    ]


def test_what_has_no_meaning_for_cases_is_still_shown():
    """A changed explanation runs the same, but must not pass for layout."""
    before, after = changes(("占用承包方", "先占用承包方"))
    assert told(before, after) == []
    [change] = file_changes(before, after)
    assert change.kind == "changed"
    assert [line.mark for line in change.lines if line.mark in "+-"] == ["-", "+"]


def test_files_line_by_line_with_their_numbers():
    text = "".join(f"line {n}\n" for n in range(1, 41))
    [change] = file_changes(*changes(("line 20\n", "line twenty\nand one\n"), path="x.yaml", text=text))
    assert [(line.mark, line.before, line.after) for line in change.lines] == [
        ("…", None, None), (" ", 18, 18), (" ", 19, 19), ("-", 20, None), ("+", None, 20), ("+", None, 21),
        (" ", 21, 22), (" ", 22, 23),
    ]  # fmt: skip


def test_added_and_removed_files():
    found = file_changes({"a.yaml": b"a\n"}, {"b.yaml": b"b\n"})
    assert [(c.path, c.kind, [line.mark for line in c.lines]) for c in found] == [
        ("a.yaml", "removed", ["-"]), ("b.yaml", "added", ["+"]),
    ]  # fmt: skip


def test_an_unreadable_model_is_compared_as_text():
    before, after = {"process.bpmn": MODEL.encode()}, {"process.bpmn": b"<broken\n"}
    assert model_changes(before, after) is None
    assert file_changes(before, after)[0].kind == "changed"


def test_very_long_files_are_not_compared():
    [change] = file_changes({"a.yaml": b"a\n"}, {"a.yaml": b"a\n" * (MOST_LINES + 1)})
    assert change.too_long
