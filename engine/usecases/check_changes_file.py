"""Check a version's ``changes.yaml`` before it is published: changes that there are, with the fields that they have."""

from engine.bpmn.check import Problem
from engine.bpmn.model import Model
from engine.domain.case_type import CaseType
from engine.domain.from_yaml import read_yaml
from engine.domain.proposing import problems
from engine.domain.said import say

FILE = "changes.yaml"


def change_problems(case_type: CaseType, model: Model) -> list[Problem]:
    """``model`` says what messages and signals bring in."""
    source = case_type.files.get(FILE)
    if source is None:
        return []
    known = {*case_type.form_names, case_type.start_variable, "origin"}
    caught = (element for element in model.elements() if element.event)
    known |= {element.properties["result"] for element in caught if "result" in element.properties}
    fix = say("请照 docs/changes.md 的写法更正")
    return [
        Problem(None, "changes", "error", message, fix, FILE)
        for message in problems(read_yaml(source), known)
    ]
