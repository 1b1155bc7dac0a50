"""Every format a case was ever stored in: cases stored in it still finish.

`stored/` holds, for each format, cases half way through a model that never changes, with what they were told.
A new format gets a file of its own; the old ones stay.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from engine.bpmn import Complete, FireTimer, OperationDone, Start, StateMismatch, advance, load_definition
from engine.bpmn.codec import FORMAT

STORED = Path(__file__).parent / "stored"
MODEL = {name: (STORED / name).read_bytes() for name in ("walk.bpmn", "delivery.bpmn", "urgency.dmn")}
VERSION = "stored-walk"


def stored(number: int) -> list[dict[str, Any]]:
    return json.loads((STORED / f"format{number}.json").read_text("utf-8"))["cases"]


def command(kind: str, task: int | None, data: dict[str, Any] | None) -> Any:
    if kind == "Start":
        return Start(data or {})
    kinds = {"Complete": Complete, "OperationDone": OperationDone}
    return FireTimer(task or 0) if kind == "FireTimer" else kinds[kind](task or 0, data or {})


def finish(state: str | None, told: list[Any]) -> Any:
    definition, step = load_definition(VERSION, MODEL), None
    for entry in told:
        step = advance(definition, state, command(*entry))
        state = step.state
    return step


def waits(step: Any) -> list[list[Any]]:
    return [[one.element, one.number] for one in (*step.tasks, *step.waits, *step.operations)]


def test_there_are_stored_cases_of_this_format():
    assert stored(FORMAT)


@pytest.mark.parametrize("case", stored(2), ids=lambda case: str(case["at"]))
def test_a_case_stored_in_this_format_goes_on_where_it_was(case):
    assert finish(case["state"], case["told"][case["at"] :]).finished


@pytest.mark.parametrize("case", stored(1), ids=lambda case: str(case["at"]))
def test_a_case_of_the_first_format_is_rebuilt_from_its_record_and_goes_on(case):
    """Format 1 kept what was finished too; it was never released and is not read (decision 9). What the case was
    told brings it back, with the very numbers that its tasks had.
    """
    with pytest.raises(StateMismatch):
        finish(case["state"], case["told"][case["at"] :])
    rebuilt = finish(None, case["told"][: case["at"]])
    assert waits(rebuilt) == case["waits"]
    assert finish(rebuilt.state, case["told"][case["at"] :]).finished
