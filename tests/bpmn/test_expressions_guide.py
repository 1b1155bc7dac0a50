"""Every example of the guide for people who write conditions is computed, and comes to what the guide says."""

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest

from engine.bpmn import ExpressionFailed, ExpressionRefused, evaluate
from engine.bpmn.functions import FUNCTIONS
from forms.kinds import KINDS

GUIDE = (Path(__file__).parents[2] / "docs" / "expressions.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", GUIDE, re.DOTALL)
DATA = json.loads(next(block for kind, block in BLOCKS if kind == "json"))
LINES = [line for kind, block in BLOCKS if not kind for line in block.splitlines() if line.strip()]
RIGHT = [tuple(part.strip() for part in line.split("→")) for line in LINES if "→" in line]
WRONG = [line.removeprefix("✗").strip() for line in LINES if line.startswith("✗")]


def test_every_line_of_an_example_says_what_comes_of_it():
    assert len(LINES) == len(RIGHT) + len(WRONG)
    assert len(RIGHT) > 30 and len(WRONG) > 10


@pytest.mark.parametrize(("text", "value"), RIGHT)
def test_examples_come_to_what_the_guide_says(text, value):
    found = evaluate(text, DATA)
    wanted = json.loads(value, parse_float=Decimal)
    assert found == wanted and (type(found) is type(wanted) or isinstance(found, Decimal))


@pytest.mark.parametrize("text", WRONG)
def test_what_the_guide_calls_wrong_never_comes_to_anything(text):
    with pytest.raises((ExpressionRefused, ExpressionFailed)):
        evaluate(text, DATA)


def test_every_function_and_every_kind_of_field_is_in_the_guide():
    assert {name for name in FUNCTIONS if name != "len" and f"{name}(" not in GUIDE} == set()
    table = GUIDE.split("| 字段种类 |")[1].split("\n\n")[0]
    left_out = {
        "note",
        "members",
        "survey_parcels",
        "new_parcels",
        "signatures",
    }  # a text, and ready-made groups
    assert {kind for kind in KINDS if not re.search(rf"\b{kind}\b", table)} == left_out
