"""Joins on token counts, also where the library goes wrong."""

from engine.bpmn import Start, advance
from tests.bpmn.support import END, START, complete, define, elements, flow, flows, user

JOIN = '<parallelGateway id="j"/>'


def test_a_parallel_join_waits_for_every_branch():
    model = define(
        START,
        '<parallelGateway id="g"/>',
        user("a"),
        user("b"),
        JOIN,
        user("c"),
        END,
        flows("s g a j c e; g b j"),
    )
    step = advance(model, None, Start())
    assert elements(step) == ["a", "b"]
    step = advance(model, step.state, complete(step, "a"))
    assert elements(step) == ["b"]
    step = advance(model, step.state, complete(step, "b"))
    assert elements(step) == ["c"]
    assert [trace.outcome for trace in step.left if trace.element == "j"] == ["merged", "completed"]


def test_a_parallel_block_can_be_walked_through_again():
    model = define(
        START, user("again"), '<parallelGateway id="g"/>', user("a"), user("b"), JOIN,
        '<exclusiveGateway id="x" default="x-e"/>', END,
        flows("s again g a j x e; g b j"), flow("x", "again", "again.loop"),
    )  # fmt: skip
    step = advance(model, None, Start())
    for loop in (True, True, False):
        step = advance(model, step.state, complete(step, "again", loop=loop))
        assert elements(step) == ["a", "b"]
        step = advance(model, step.state, complete(step, "b"))
        step = advance(model, step.state, complete(step, "a"))
    assert step.finished


def test_a_second_token_through_a_split_leaves_the_first_ones_work_open():
    """The library drops the open tasks behind the earlier pass."""
    model = define(
        START, '<parallelGateway id="g"/>', user("a"), user("b"), '<exclusiveGateway id="m"/>',
        '<parallelGateway id="g2"/>', user("c"), user("d"), END, flows("s g a m g2 c e; g b m; g2 d e"),
    )  # fmt: skip
    step = advance(model, None, Start())
    step = advance(model, step.state, complete(step, "a"))
    assert sorted(elements(step)) == ["b", "c", "d"]
    step = advance(model, step.state, complete(step, "b"))
    assert sorted(elements(step)) == ["c", "c", "d", "d"]


def test_newer_values_of_a_variable_survive_a_join():
    """The library lets the branch that arrives last overwrite what the other changed."""
    model = define(
        START, user("a"), '<parallelGateway id="g"/>', user("b"), user("a2", 'camunda:assignee=""').replace('formKey="a2"', 'formKey="a"'),
        JOIN, user("c"), END, flows("s a g b j c e; g a2 j"),
    )  # fmt: skip
    step = advance(model, None, Start())
    step = advance(model, step.state, complete(step, "a", v="old"))
    step = advance(model, step.state, complete(step, "a2", v="new"))
    step = advance(model, step.state, complete(step, "b"))
    assert step.data["a"] == {"v": "new"}


def inclusive():
    return define(
        START, '<inclusiveGateway id="g" default="g-c"/>', user("a"), user("b"), user("c"), '<inclusiveGateway id="j"/>', user("d"), END,
        flow("s", "g"), flow("g", "a", "x"), flow("g", "b", "y"), flows("g c j d e; a j; b j"),
    )  # fmt: skip


def test_an_inclusive_gateway_takes_all_that_hold_and_its_join_waits_for_these_only():
    step = advance(inclusive(), None, Start({"x": True, "y": True}))
    assert elements(step) == ["a", "b"]
    model = inclusive()
    step = advance(model, None, Start({"x": True, "y": True}))
    step = advance(model, step.state, complete(step, "b"))
    assert elements(step) == ["a"]
    assert elements(advance(model, step.state, complete(step, "a"))) == ["d"]


def test_an_inclusive_join_does_not_wait_for_branches_not_taken():
    model = inclusive()
    for data, first in (({"x": True}, "a"), ({}, "c")):
        step = advance(model, None, Start(data))
        assert elements(step) == [first]
        assert elements(advance(model, step.state, complete(step, first))) == ["d"]


def test_an_inclusive_join_goes_on_when_the_token_it_waited_for_goes_elsewhere():
    model = define(
        START, '<inclusiveGateway id="g" default="g-b"/>', user("a"), user("b"), '<exclusiveGateway id="x" default="x-j"/>',
        '<inclusiveGateway id="j"/>', user("d"), END, '<endEvent id="away"/>',
        flow("s", "g"), flow("g", "a", "both"), flow("g", "b2", "both"), user("b2"),
        flows("a j d e; g b x j; b2 x"), flow("x", "away", "gone"),
    )  # fmt: skip
    step = advance(model, None, Start({"both": True, "gone": True}))
    step = advance(model, step.state, complete(step, "a"))
    assert elements(step) == ["b2"]
    step = advance(model, step.state, complete(step, "b2"))
    assert elements(step) == ["d"]
