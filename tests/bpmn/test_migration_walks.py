"""Moving at any step of random walks changes nothing that can be seen."""

import pytest
from lxml import etree

from engine.bpmn import advance, load_definition
from engine.bpmn.migration import plan
from engine.bpmn.model import FLOW_NODES
from engine.bpmn.xml import bpmn
from tests.bpmn.test_equivalence import MODELS, walks


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
