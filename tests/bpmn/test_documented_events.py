"""The examples of docs/adding_a_case_type.md pass the publish check as they stand there."""

import itertools
import re

import pytest

from engine.bpmn import check_model
from engine.settings import ROOT
from tests.bpmn.support import document

TEXT = (ROOT / "docs" / "adding_a_case_type.md").read_text("utf-8")
EXAMPLES = dict(re.findall(r"^### ([^\n]+)\n.*?```xml\n(.*?)```", TEXT, re.M | re.S))
NAMES = """
<message id="M" name="bank_answer"/><signal id="G" name="flood"/>
<error id="X" errorCode="NOT_REGISTERED"/><escalation id="E" escalationCode="DISPUTE"/>"""
TASKS = """
<userTask id="review" name="审核" camunda:formKey="form" camunda:candidateGroups="clerk"/>
<serviceTask id="register" camunda:type="external" camunda:topic="work"/>"""
ALREADY_LEFT = re.compile(r'sourceRef="([^"]+)"')


def whole(example: str) -> bytes:
    """A process: start, every task and every loose part of the example in a row, end."""
    inside = re.sub(r"<subProcess.*?</subProcess>", "", example, flags=re.S)
    entered = set(re.findall(r'targetRef="([^"]+)"', inside))
    made = re.findall(
        r'<(?:intermediateCatchEvent|userTask|subProcess|eventBasedGateway) id="([^"]+)"', example
    )
    row = [name for name in made if name not in entered and f'id="{name}" triggeredByEvent' not in example]
    ends = [name for name in made if name in entered and name not in ALREADY_LEFT.findall(inside)]
    path = ["start", "review", "register", *row, "end"]
    flows = [
        (one, other) for one, other in itertools.pairwise(path) if one not in ALREADY_LEFT.findall(inside)
    ]
    flows += [(name, "end") for name in ends]
    drawn = "".join(
        f'<sequenceFlow id="x{n}" sourceRef="{one}" targetRef="{other}"/>'
        for n, (one, other) in enumerate(flows)
    )
    body = f'<startEvent id="start"/>{TASKS}{example}<endEvent id="end"/>{drawn}'
    return document(f'{NAMES}<process id="p" isExecutable="true">{body}</process>')


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_runs(name):
    problems = check_model({"process.bpmn": whole(EXAMPLES[name])}, variables=None)
    assert [problem for problem in problems if problem.severity == "error"] == []


def test_there_is_one_for_every_kind():
    assert len(EXAMPLES) == 8
