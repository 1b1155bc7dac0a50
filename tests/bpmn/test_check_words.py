"""The publish check speaks English too: whatever it says has its English, and nothing of it stays Chinese."""

import ast
import re
from pathlib import Path

import pytest

import engine
from engine.commands.english import english
from engine.domain.said import Said
from tests.bpmn.test_check import CASES, problems

CHINESE = re.compile(r"[\u4e00-\u9fff\u3001\u3002\uff00-\uffef]")
QUOTED = re.compile(r"“[^”]*”")  # names from the drawing
ENGINE = Path(engine.__file__).parent
SPEAKING = [
    *sorted((ENGINE / "bpmn" / "check").glob("*.py")),
    *(ENGINE / "bpmn" / f"{name}.py" for name in ("decisions", "xml")),
    *sorted((ENGINE / "usecases").glob("check_[cpy]*.py")),
]
TRANSLATABLE = {"say", "N_", "ExpressionRefused", "ExpressionFailed", "Refused", "NotFound", "Conflict"}


@pytest.fixture(scope="module")
def translate():
    return english()


@pytest.mark.parametrize("case", CASES)
def test_each_problem_is_said_in_english(case, translate):
    for problem in problems(*CASES[case][0]):
        told = problem.in_words_of(translate)
        assert told.message != problem.message
        for text in (told.message, told.fix):
            assert not CHINESE.search(QUOTED.sub("", text)), text
            assert "%(" not in text
        assert (told.element, told.rule, told.severity) == (problem.element, problem.rule, problem.severity)
        assert isinstance(problem.as_dict()["message"], Said)  # the page may still translate it


@pytest.mark.parametrize("path", SPEAKING, ids=lambda path: path.stem)
def test_nothing_is_said_that_cannot_be_translated(path):
    tree = ast.parse(path.read_text())
    inside = {id(node): parent for parent in ast.walk(tree) for node in ast.iter_child_nodes(parent)}
    silent = [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and CHINESE.search(node.value)
        and not isinstance(inside[id(node)], ast.Expr) and not _is_said(node, inside)
    ]  # fmt: skip
    assert silent == []


def _is_said(node, inside) -> bool:
    while id(node) in inside:
        node = inside[id(node)]
        if isinstance(node, ast.Call) and getattr(node.func, "id", None) in TRANSLATABLE:
            return True
        if isinstance(node, ast.JoinedStr):
            return False
    return False
