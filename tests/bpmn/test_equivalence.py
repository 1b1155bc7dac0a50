"""Random walks over every shipped process: saving and loading after each step changes nothing, and the same
commands give the same bytes. The codec uses the library's private attributes; this is its gate. And moving the case
to another version at any step of them changes nothing that can be seen.
"""

import json
import random
from collections import Counter
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from lxml import etree

from engine.bpmn import Complete, FireTimer, OperationDone, Receive, Start, Step, advance, load_definition
from engine.bpmn.decisions import decisions_of
from engine.bpmn.definition import _define
from engine.bpmn.expressions import parse
from engine.bpmn.instance import Case, Journal
from engine.bpmn.migration import plan
from engine.bpmn.model import FLOW_NODES
from engine.bpmn.runtime import carry_out
from engine.bpmn.xml import bpmn
from tests.bpmn.support import comparisons, shipped, thresholds

MODELS = shipped()
WALKS, TRIES, STEPS, BACK = 25, 1500, 15, 8
VAIN = 100  # tries without a new flow after which nearly every flow is enough


def choices(definition: Any) -> dict[str, dict[str, list[Any]]]:
    """What each form could say so that every condition comes out both ways, and every rule of a table applies:
    read from the conditions and the tables.
    """
    found: dict[str, dict[str, list[Any]]] = {}
    holders = [*definition.model.flows(), *definition.model.elements()]
    for condition in [one.condition for one in holders if one.condition is not None]:
        expression = parse(condition)
        for path in sorted(expression.paths()):
            if len(path) == 2:
                either = [[], ["x"]] if f"size({'.'.join(path)})" in condition else [True, False, None]
                found.setdefault(path[0], {}).setdefault(path[1], either)
        for path, value in comparisons(expression):
            fields = found.setdefault(path[0], {})
            texts = [v for v in fields.get(path[-1], []) if isinstance(v, str)]
            fields[path[-1]] = list(dict.fromkeys([*texts, value, "other"]))
        for path, number in thresholds(expression):
            found.setdefault(path[0], {})[path[-1]] = [number - 1, number, number + 1]
    for decision in decisions_of(definition.model).values():
        for place, (asked, _) in enumerate(decision.inputs):
            for path in (path for path in sorted(asked.paths()) if len(path) == 2):
                told = [value for rule in decision.rules for _, value in rule.tests[place].constants()]
                found.setdefault(path[0], {}).setdefault(path[1], [None]).extend(told)
    return found


def command(step: Step, definition: Any, possible: Any, dice: random.Random) -> Any:
    outside = [*step.waits, *step.events] if dice.random() < 0.25 or not step.tasks else []
    entry = dice.choice([*step.tasks, *step.operations, *outside])
    if entry in step.waits:
        return FireTimer(entry.number)
    name = definition.elements[entry.element].namespace
    data = {field: dice.choice(values) for field, values in sorted(possible.get(name, {}).items())}
    if entry in step.events:
        return Receive(entry.number, {"n": dice.random(), **data})
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


def start(possible: Any, dice: random.Random) -> Start:
    parcels = [f"9901010010010000{n}" for n in range(dice.randrange(4))]
    asked = {field: dice.choice(values) for field, values in possible.get("application", {}).items()}
    application = {"kind": dice.choice(["lease", "swap"]), **asked, "parcels": parcels}
    origin = dice.choice(["self", "village", *possible.get("origin", {}).get("origin", [])])
    return Start({"application": application, "origin": origin, "list": parcels})


Walk = tuple[list[Any], list[Step]]


def before(model: Any) -> dict[str, set[str]]:
    """Element -> those from which a walk comes to it; a part of the drawing is entered at its start, left at its ends."""
    found: dict[str, set[str]] = {}
    for scope in model.scopes.values():
        for flow in scope.flows:
            inner = model.scopes.get(flow.source)
            ends = [e.id for e in inner.elements.values() if e.type == "endEvent"] if inner else []
            found.setdefault(flow.target, set()).update([flow.source, *ends])
        for element in scope.elements.values():
            if element.attached_to:
                inner = model.scopes.get(element.attached_to)
                ends = [e.id for e in inner.elements.values() if e.type == "endEvent"] if inner else []
                found.setdefault(element.id, set()).update([element.attached_to, *ends])
            elif element.type == "startEvent" and scope.parent is not None:
                found.setdefault(element.id, set()).add(scope.id)
    return found


def decided(definition: Any, step: Step) -> str:
    """What the tables said in this case: by that its further way differs from others that came to the same flow."""
    names = [e.result for e in definition.model.elements() if e.decision and e.result]
    return json.dumps([step.data.get(name) for name in names], sort_keys=True)


def nearly_every(taken: set[str], definition: Any) -> bool:
    return len(set(definition.flows) - taken) * 10 <= len(definition.flows)


@cache
def walks(name: str) -> tuple[list[Walk], Any]:
    """WALKS of them, and those that first took a flow, until all are taken, or nearly all and more tries are in vain. Most go on from where an earlier one took a flow: from the
    start, hardly any comes to the end of a long model. Half of these begin just before a flow that none took yet, the
    others before each flow in its turn; of the ways there, each that the tables tell apart has its turn.
    """
    definition = load_definition(f"walk-{name}", MODELS[name])
    possible, dice = choices(definition), random.Random(name)
    flows = {flow.id: flow for flow in definition.model.flows()}
    leading = before(definition.model)
    found: list[Walk] = []
    reached: dict[tuple[str, str], Walk] = {}
    turns: Counter[tuple[str, str]] = Counter()
    taken: set[str] = set()
    last = 0
    for tried in range(TRIES):
        vain = nearly_every(taken, definition) and tried - last > VAIN
        if tried >= WALKS and (vain or taken.issuperset(definition.flows)):
            break
        commands: list[Any] = []
        steps: list[Step] = []
        if reached and dice.random() < 0.7:
            near = {flows[flow].source for flow in set(flows) - taken}
            for _ in range(dice.randrange(BACK)):
                near = {earlier for element in near for earlier in leading.get(element, ())} or near
            needed = [way for way in reached if flows[way[0]].target in near] if dice.random() < 0.5 else []
            way = min(needed or reached, key=lambda way: (turns[way], dice.random()))
            turns[way] += 1
            commands, steps = list(reached[way][0]), list(reached[way][1])
        most = len(steps) + STEPS
        while not steps or (not steps[-1].finished and len(steps) < most):
            commands.append(
                command(steps[-1], definition, possible, dice) if steps else start(possible, dice)
            )
            steps.append(advance(definition, steps[-1].state if steps else None, commands[-1]))
            for flow in () if steps[-1].finished else steps[-1].flows:
                way = (flow, decided(definition, steps[-1]))
                if way not in reached or dice.random() < 0.4:
                    reached[way] = (list(commands), list(steps))
        new = {flow for step in steps for flow in step.flows} - taken
        taken |= new
        last = tried if new else last
        if new or tried < WALKS:
            found.append((commands, steps))
    return found, definition


@pytest.mark.parametrize("name", MODELS)
def test_reloading_after_every_step_equals_memory(name):
    found, definition = walks(name)
    for commands, steps in found:
        case = Case(definition.specs[definition.main], dict(definition.specs), Journal())
        for given, reloaded in zip(commands, steps, strict=True):
            assert carry_out(case, definition, given) == reloaded


@pytest.mark.parametrize("name", MODELS)
def test_forgetting_what_is_finished_changes_nothing_that_can_be_seen(name, monkeypatch):
    found, definition = walks(name)
    monkeypatch.setattr(Case, "prune", lambda case: None)
    for commands, steps in found:
        case = Case(definition.specs[definition.main], dict(definition.specs), Journal())
        for given, pruned in zip(commands, steps, strict=True):
            assert replace(carry_out(case, definition, given), state=pruned.state) == pruned


@pytest.mark.parametrize("name", MODELS)
def test_the_same_commands_give_the_same_bytes_from_a_fresh_definition(name):
    found, definition = walks(name)
    for seed, (commands, steps) in enumerate(found[-5:]):
        again = load_definition(f"walk-{name}-again-{seed}", MODELS[name])
        state = None
        for given, step in zip(commands, steps, strict=True):
            other = advance(again, state, given)
            state = other.state
            assert state.replace(again.version, definition.version) == step.state
            assert (other.entered, other.left, other.flows) == (step.entered, step.left, step.flows)


@pytest.mark.parametrize("name", MODELS)
def test_the_walks_take_nearly_every_flow(name):
    """So that the tests above say something of the whole model; the scenarios take those few that chance misses."""
    found, definition = walks(name)
    taken = {flow for _, steps in found for step in steps for flow in step.flows}
    assert nearly_every(taken, definition), sorted(set(definition.flows) - taken)


@pytest.mark.parametrize("name", MODELS)
def test_traces_balance(name):
    """Whatever was left had been entered, once each; a finished case has nothing entered and not left."""
    found, _ = walks(name)
    for _, steps in found:
        entered = [(t.element, t.number) for step in steps for t in step.entered]
        left = [(t.element, t.number) for step in steps for t in step.left]
        assert len(set(entered)) == len(entered)
        assert len(set(left)) == len(left)
        assert set(left) <= set(entered)
        if steps[-1].finished:
            assert set(entered) == set(left)


@pytest.mark.parametrize("name", MODELS)
def test_states_hold_no_times_and_no_random_ids(name):
    found, _ = walks(name)
    for step in found[-1][1]:
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


def relabelled(files):
    """Other names for every element and other ids for every flow: nothing that a case could notice."""
    changed = {}
    for file, body in files.items():
        if file.endswith(".bpmn"):
            root = etree.fromstring(body)
            ids = {node.get("id"): f"renamed_{node.get('id')}" for node in root.iter(bpmn("sequenceFlow"))}
            for node in root.iter(*(bpmn(kind) for kind in FLOW_NODES)):
                node.set("name", f"{node.get('name', '')}·新")
                if node.get("default") in ids:
                    node.set("default", ids[node.get("default")])
            for node in root.iter(bpmn("sequenceFlow")):
                node.set("id", ids[node.get("id")])
            body = etree.tostring(root)
        changed[file] = body
    return changed


@pytest.mark.parametrize("name", MODELS)
def test_moving_at_any_step_to_a_version_with_other_names_changes_nothing_that_can_be_seen(name):
    new = load_definition(f"relabelled-{name}", relabelled(MODELS[name]))
    ends = {flow.id: (flow.source, flow.target) for flow in new.model.flows()}
    found_walks, old = walks(name)
    before = {flow.id: (flow.source, flow.target) for flow in old.model.flows()}
    for commands, steps in found_walks[:12]:
        over = set()
        for place, step in enumerate(steps[:-1]):
            over |= {trace.element for trace in step.left if trace.outcome == "completed"}
            found = plan(old, new, step.state, over)
            if step.operations:
                assert found.step is None, "not at rest"
                continue
            assert found.reasons == ()
            state = found.step.state
            for given, expected in zip(commands[place + 1 :], steps[place + 1 :], strict=True):
                gone_on = advance(new, state, given)
                state = gone_on.state
                assert (gone_on.entered, gone_on.left, gone_on.data) == (
                    expected.entered,
                    expected.left,
                    expected.data,
                )
                assert [ends[flow] for flow in gone_on.flows] == [before[flow] for flow in expected.flows]
                assert [w.number for w in (*gone_on.tasks, *gone_on.waits, *gone_on.events)] == [
                    w.number for w in (*expected.tasks, *expected.waits, *expected.events)
                ]
            assert (gone_on.finished, gone_on.end) == (expected.finished, expected.end)


@pytest.mark.parametrize("name", MODELS)
def test_moving_there_and_back_gives_the_same_bytes(name):
    new = load_definition(f"relabelled-{name}", relabelled(MODELS[name]))
    found_walks, old = walks(name)
    _, steps = max(found_walks, key=lambda found: len(found[1]))
    for step in steps[:-1]:
        if not step.operations:
            there = plan(old, new, step.state, ())
            assert plan(new, old, there.step.state, ()).step.state == step.state
