"""Conditions are checked against what the forms really give."""

from pathlib import Path

import pytest

from engine.bpmn.check.kinds import BOOLEAN, LIST, NUMBER, TEXT
from engine.domain.case_type import CaseType
from engine.usecases.form_kinds import variable_kinds
from engine.usecases.publish_process import check_files

FOLDER = Path(__file__).parents[2] / "processes" / "contract_signing"
FILES = {p.relative_to(FOLDER).as_posix(): p.read_bytes() for p in FOLDER.rglob("*") if p.is_file()}


def test_every_field_of_the_shipped_forms_has_a_kind():
    kinds = variable_kinds(CaseType(FILES))
    check = kinds["village_check"].fields
    assert check["decision"].type == TEXT and check["decision"].options == {"pass", "supplement", "reject"}
    assert check["checked"].type == LIST and "land" in check["checked"].item.options
    assert check["supplement_items"].item.fields["paper"].type == TEXT
    assert kinds["origin"].type == TEXT and "self" in kinds["origin"].options
    assert "village_check" in kinds and kinds["application"].fields
    found = {field.type for kind in kinds.values() if kind.fields for field in kind.fields.values()}
    assert found >= {TEXT, LIST} and found <= {TEXT, LIST, BOOLEAN, NUMBER, "fields", None}


@pytest.mark.parametrize(
    ("condition", "rule"),
    [
        ("${village_check.decision == 'passed'}", "unknown-value"),
        ("${village_check.decison == 'pass'}", "unknown-field"),
        ("${village_chek.decision == 'pass'}", "unknown-variable"),
        ("${village_check.decision}", "wrong-type"),
        ("${village_check.decision > 3}", "wrong-type"),
        ("${village_check.decision + 1 > 3}", "wrong-type"),
        ("${village_check.checked == 'land'}", "wrong-type"),
        ("${'lend' in village_check.checked}", "unknown-value"),
        ("${origin == 'elsewhere'}", "unknown-value"),
    ],
)
def test_a_condition_that_does_not_fit_its_form_is_not_published(condition, rule):
    model = FILES["process.bpmn"].decode()
    start = model.index(">", model.index("<bpmn:conditionExpression")) + 1
    end = model.index("</bpmn:conditionExpression>", start)
    changed = FILES | {"process.bpmn": (model[:start] + condition + model[end:]).encode()}
    assert check_files(FILES) == []
    assert rule in {problem.rule for problem in check_files(changed)}
