"""What must hold of every input: refused in words, or taken and then computed with nothing but words.

Each function gives what became of its input; whatever else is raised is a finding.
"""

from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal
from random import Random
from typing import Any

from engine.bpmn import (  # fmt: skip
    BpmnError,
    Complete,
    Definition,
    ExpressionFailed,
    ExpressionRefused,
    FireTimer,
    OperationDone,
    OperationFailed,
    Receive,
    RunFailed,
    Start,
    Step,
    advance,
    check_model,
)
from engine.bpmn.cells import unary_test
from engine.bpmn.decisions import decisions_of
from engine.bpmn.definition import _define
from engine.bpmn.expressions import Budget, parse
from engine.bpmn.model import read_model
from engine.usecases.publish_process import check_files

STEPS = 20
BIG = [{"id": n, "rows": [n, str(n), None, True]} for n in range(1000)]
DATA: list[dict[str, Any]] = [
    {},
    {
        "a": {"b": 1, "rows": [1, 2]},
        "check": {"decision": "pass", "count": 3},
        "rows": ["a"],
        "text": "x",
        "n": -1.5,
    },
    {
        "a": True,
        "check": [],
        "rows": BIG,
        "big": BIG,
        "deep": {"b": {"b": {"b": BIG}}},
        "text": "y" * 20_000,
        "n": 10**60,
    },
    {
        "a": "1",
        "rows": [[1, [2, [3]]]],
        "n": float("inf"),
        "size": {"b": "x"},
        "items": 0,
        "text": None,
        "deep": 2**62,
    },
]
VALUES = [
    None,
    True,
    False,
    0,
    -1,
    3,
    2.5,
    Decimal("0.1"),
    "",
    "pass",
    "reject",
    "1",
    [],
    [1],
    ["a"],
    {},
    {"b": 1},
]
PLAIN = (type(None), bool, int, str, list, dict, Decimal)


class Finding(Exception):
    """Something that must not happen."""


def of_expression(text: str) -> str:
    try:
        expression = parse(text)
    except ExpressionRefused:
        with suppress(UnicodeEncodeError):
            text.encode()
        return "refused"
    outcome = "taken"
    for data in DATA:
        budget = Budget()
        try:
            found = expression.value(data, budget)
        except ExpressionFailed:
            outcome = "taken, failed on some data"
            continue
        if not isinstance(found, PLAIN) or type(found) is float:
            raise Finding(f"gives a {type(found).__name__}")
        if (
            isinstance(found, int | Decimal)
            and not isinstance(found, bool)
            and abs(Decimal(found)) > Decimal(10) ** 41
        ):
            raise Finding("gives a number without bound")
    return outcome


def of_cell(text: str) -> str:
    try:
        cell = unary_test(text)
    except ExpressionRefused:
        return "refused"
    outcome = "taken"
    for value in VALUES:
        try:
            if type(cell.fits(value)) is not bool:
                raise Finding("fits is neither true nor false")
        except ExpressionFailed:
            outcome = "taken, failed on some data"
    return outcome


def of_model(files: Mapping[str, bytes], dice: Random) -> str:
    problems = check_model(files)
    if any(problem.rule == "check-failed" for problem in problems):
        raise Finding("the check broke: " + next(p.message for p in problems if p.rule == "check-failed"))
    if any(problem.severity == "error" for problem in problems):
        return "refused"
    if not any(name.endswith(".bpmn") for name in files):
        return of_table(files)
    return "taken, " + walk(_define("fuzz", files), dice)


def walk(definition: Definition, dice: Random) -> str:
    """Random steps with random answers. What an accepted model may still run into is told in words."""
    step, state = None, None
    for _ in range(STEPS):
        try:
            step = advance(definition, state, command(step, definition, dice))
        except RunFailed as failure:
            return "stalled" if "停住" in failure.message else "stopped by its data or a loop"
        except BpmnError as failure:
            raise Finding(f"a step refused its own command: {failure}") from failure
        state = step.state
        if step.finished:
            return "finished"
    return f"still open after {STEPS} steps"


def command(step: Step | None, definition: Definition, dice: Random) -> Any:
    if step is None:
        return Start({"origin": "self", "application": answer(dice), "list": [1, 2], "a": answer(dice)})
    waiting = [*step.tasks, *step.operations, *step.waits, *step.events]
    entry = dice.choice(waiting)
    if entry in step.waits:
        return FireTimer(entry.number)
    if entry in step.events:
        return Receive(entry.number, answer(dice))
    if entry in step.operations:
        if dice.random() < 0.05:
            return OperationFailed(entry.number, "x", "")
        return OperationDone(entry.number, answer(dice))
    return Complete(entry.number, answer(dice))


def answer(dice: Random) -> dict[str, Any]:
    decision = dice.choice(("pass", "reject", "supplement", "ok", "send_back", "x"))
    return {
        "decision": decision,
        "kind": dice.choice(("share", "swap")),
        "b": dice.choice((1, "x", True)),
        "parcels": [1],
    }


def of_table(files: Mapping[str, bytes]) -> str:
    outcome = "taken"
    for decision in decisions_of(read_model(files)).values():
        for data in (*DATA, {"application": {"kind": "share", "parcels": [1]}}):
            try:
                decision.decide(data)
            except ExpressionFailed:
                outcome = "taken, failed on some data"
    return outcome


def of_case_type(files: Mapping[str, bytes]) -> str:
    problems = check_files(files)
    if any(problem.rule == "check-failed" for problem in problems):
        return "refused by a check that broke"  # held back in words, though they name no place
    return "refused" if any(problem.severity == "error" for problem in problems) else "taken"
