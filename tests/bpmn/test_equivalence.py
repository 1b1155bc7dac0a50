"""Random walks over every shipped process: saving and loading after each step changes nothing, and the same
commands give the same bytes. The codec uses the library's private attributes; this is its gate.
"""

import json
import random
from dataclasses import replace
from typing import Any

import pytest

from engine.bpmn import Complete, FireTimer, OperationDone, Receive, Start, Step, advance, load_definition
from engine.bpmn.definition import _define
from engine.bpmn.expressions import parse
from engine.bpmn.instance import Case, Journal
from engine.bpmn.runtime import carry_out
from tests.bpmn.support import comparisons, shipped

MODELS = shipped()
WALKS, STEPS = 25, 60


def choices(definition: Any) -> dict[str, dict[str, list[Any]]]:
    """What each form could say so that every condition comes out both ways: read from the conditions."""
    found: dict[str, dict[str, list[Any]]] = {}
    for flow in definition.model.flows():
        if flow.condition is None:
            continue
        expression = parse(flow.condition)
        for path in expression.paths():
            if len(path) == 2:
                found.setdefault(path[0], {}).setdefault(path[1], [True, False, None])
        for path, value in comparisons(expression):
            fields = found.setdefault(path[0], {})
            fields[path[-1]] = [v for v in fields.get(path[-1], []) if isinstance(v, str)] + [value, "other"]
    return found


def command(step: Step, definition: Any, possible: Any, dice: random.Random) -> Any:
    outside = [*step.waits, *step.events] if dice.random() < 0.3 or not step.tasks else []
    entry = dice.choice([*step.tasks, *step.operations, *outside])
    if entry in step.waits:
        return FireTimer(entry.number)
    if entry in step.events:
        return Receive(entry.number, {"n": dice.random()})
    name = definition.elements[entry.element].namespace
    data = {field: dice.choice(values) for field, values in possible.get(name, {}).items()}
    if entry in step.tasks:
        return Complete(
            entry.number,
            {
                "decision": dice.choice(["ok", "send_back"]),
                **data,
                "list": [dice.random()],
                "note": {"n": dice.random()},
            },
        )
    return OperationDone(entry.number, data)


def start(dice: random.Random) -> Start:
    parcels = [f"9901010010010000{n}" for n in range(dice.randrange(4))]
    application = {"parcels": parcels, "kind": dice.choice(["lease", "swap"])}
    origin = dice.choice(["self", "village"])
    return Start({"application": application, "origin": origin, "list": parcels})


def walk(name: str, seed: int) -> tuple[list[Any], list[Step], Any]:
    definition = load_definition(f"walk-{name}", MODELS[name])
    possible, dice = choices(definition), random.Random(seed)
    commands: list[Any] = [start(dice)]
    steps = [advance(definition, None, commands[0])]
    while not steps[-1].finished and len(steps) < STEPS:
        commands.append(command(steps[-1], definition, possible, dice))
        steps.append(advance(definition, steps[-1].state, commands[-1]))
    return commands, steps, definition


@pytest.mark.parametrize("name", MODELS)
def test_reloading_after_every_step_equals_memory(name):
    for seed in range(WALKS):
        commands, steps, definition = walk(name, seed)
        case = Case(definition.specs[definition.main], dict(definition.specs), Journal())
        for given, reloaded in zip(commands, steps, strict=True):
            assert carry_out(case, definition, given) == reloaded


@pytest.mark.parametrize("name", MODELS)
def test_forgetting_what_is_finished_changes_nothing_that_can_be_seen(name, monkeypatch):
    walked = [walk(name, seed) for seed in range(WALKS)]
    monkeypatch.setattr(Case, "prune", lambda case: None)
    for commands, steps, definition in walked:
        case = Case(definition.specs[definition.main], dict(definition.specs), Journal())
        for given, pruned in zip(commands, steps, strict=True):
            assert replace(carry_out(case, definition, given), state=pruned.state) == pruned


@pytest.mark.parametrize("name", MODELS)
def test_the_same_commands_give_the_same_bytes_from_a_fresh_definition(name):
    for seed in range(5):
        commands, steps, definition = walk(name, seed)
        again = load_definition(f"walk-{name}-again-{seed}", MODELS[name])
        state = None
        for given, step in zip(commands, steps, strict=True):
            other = advance(again, state, given)
            state = other.state
            assert state.replace(again.version, definition.version) == step.state
            assert (other.entered, other.left, other.flows) == (step.entered, step.left, step.flows)


@pytest.mark.parametrize("name", MODELS)
def test_the_walks_take_every_flow(name):
    taken: set[str] = set()
    for seed in range(60):
        _, steps, definition = walk(name, seed)
        for step in steps:
            taken.update(step.flows)
    assert set(definition.flows) - taken == set()


@pytest.mark.parametrize("name", MODELS)
def test_traces_balance(name):
    """Whatever was left had been entered, once each; a finished case has nothing entered and not left."""
    for seed in range(10):
        _, steps, _ = walk(name, seed)
        entered = [(t.element, t.number) for step in steps for t in step.entered]
        left = [(t.element, t.number) for step in steps for t in step.left]
        assert len(set(entered)) == len(entered)
        assert len(set(left)) == len(left)
        assert set(left) <= set(entered)
        if steps[-1].finished:
            assert set(entered) == set(left)


@pytest.mark.parametrize("name", MODELS)
def test_states_hold_no_times_and_no_random_ids(name):
    _, steps, _ = walk(name, 0)
    for step in steps:
        assert "-" not in "".join(str(row[0]) for row in json.loads(step.state)["w"])
        assert "last_state_change" not in step.state


def test_repeats_in_flight_merge_under_a_definition_that_never_ran_before():
    """As in a fresh process: the library, given such a definition, never merges the instances and hangs."""
    definition = load_definition("walk-walk", MODELS["walk"])
    step = advance(definition, None, Start({"application": {"parcels": ["x", "y"]}}))
    step = advance(definition, step.state, OperationDone(step.operations[0].number))
    step = advance(definition, step.state, Complete(step.tasks[0].number, {"decision": "pass"}))
    fresh = _define("walk-walk", MODELS["walk"])
    for task in [task for task in step.tasks if task.element == "survey"]:
        step = advance(fresh, step.state, Complete(task.number, {"seen": task.variables["parcel"]}))
    assert step.data["survey"] == [{"seen": "x"}, {"seen": "y"}]
    assert "surveyed" in step.flows
