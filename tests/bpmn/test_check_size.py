"""The publish check's work grows with the drawing, not with its square: counted in calls, not in seconds.

Twice the drawing may cost a little more than twice the calls. A check that compares everything with everything
would cost four times as many.
"""

import sys
from collections.abc import Callable, Iterator

import pytest

from engine.bpmn import check_model
from engine.bpmn.check import tokens
from tests.bpmn.support import END, START, boundary, document, flow, flows, process, user

MOST = 2.6
ERROR = '<error id="er" errorCode="E"/>'
VARIABLES = {"a": {"kind": ["x", "y"]}}


def chain(steps: Iterator[tuple[str, str, str]]) -> str:
    """Parts one behind the other, each (its XML, where flows come in, where they go out)."""
    parts, before = [START, END], "s"
    for part, entry, way_out in steps:
        parts += [part, flow(before, entry)]
        before = way_out
    return "".join([*parts, flow(before, "e")])


def choices(n: int) -> str:
    def steps() -> Iterator[tuple[str, str, str]]:
        for i in range(n):
            gates = f'<exclusiveGateway id="g{i}" default="g{i}-h{i}"/><exclusiveGateway id="h{i}"/>'
            ways = flow(f"g{i}", f"t{i}", "${a.kind == 'x'}") + flows(f"t{i} h{i}; g{i} h{i}")
            yield gates + user(f"t{i}") + ways, f"g{i}", f"h{i}"

    return chain(steps())


def parallel(n: int) -> str:
    def steps() -> Iterator[tuple[str, str, str]]:
        for i in range(n):
            gates = f'<parallelGateway id="g{i}"/><parallelGateway id="h{i}"/>'
            ways = flows(f"g{i} t{i} h{i}; g{i} u{i} h{i}")
            yield gates + user(f"t{i}") + user(f"u{i}") + ways, f"g{i}", f"h{i}"

    return chain(steps())


def links(n: int) -> str:
    def steps() -> Iterator[tuple[str, str, str]]:
        for i in range(n):
            event = f'<linkEventDefinition name="l{i}"/>'
            throw = f'<intermediateThrowEvent id="x{i}">{event}</intermediateThrowEvent>'
            catch = f'<intermediateCatchEvent id="y{i}">{event}</intermediateCatchEvent>'
            yield throw + catch, f"x{i}", f"y{i}"

    return chain(steps())


def errors(n: int) -> str:
    def steps() -> Iterator[tuple[str, str, str]]:
        for i in range(n):
            thrown = (
                f'<startEvent id="s{i}"/><endEvent id="e{i}"><errorEventDefinition errorRef="er"/></endEvent>'
            )
            inner = f'<subProcess id="p{i}">{thrown}{flows(f"s{i} e{i}")}</subProcess>'
            event = f'<boundaryEvent id="b{i}" attachedToRef="p{i}"><errorEventDefinition errorRef="er"/></boundaryEvent>'
            yield inner + event + flow(f"p{i}", "e"), f"p{i}", f"b{i}"

    return chain(steps())


def busy(n: int) -> str:
    gates = "".join(f'<exclusiveGateway id="g{i}"/>' for i in range(n))
    return START + END + gates + flow("s", "g0") + flows(" ".join(f"g{i}" for i in range(n)) + " g0")


def reminders(n: int) -> str:
    events = "".join(boundary(f"b{i}", "a", interrupting=bool(i % 2)) + flow(f"b{i}", "e") for i in range(n))
    return START + user("a") + END + events + flows("s a e")


def same_way(n: int) -> str:
    return START + END + '<sequenceFlow sourceRef="s" targetRef="e"/>' * n


def callers(n: int) -> list[str]:
    """Each process calls the next, and the last the first."""
    found = []
    for i in range(n):
        call = f'<startEvent id="s{i}"/><callActivity id="c{i}" calledElement="p{(i + 1) % n}"/><endEvent id="e{i}"/>'
        found.append(process(call + flows(f"s{i} c{i} e{i}"), f"p{i}"))
    return found


SHAPES: dict[str, Callable[[int], list[str]]] = {
    **{shape.__name__: (lambda n, shape=shape: [process(shape(n))]) for shape in
       (choices, parallel, links, errors, busy, reminders, same_way)},
    "callers": callers,
}  # fmt: skip


def calls(files: dict[str, bytes]) -> int:
    """Calls of Python functions, counted by the interpreter: the same on every machine."""
    count = 0

    def watch(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(watch)
    try:
        check_model(files, variables=VARIABLES)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("shape", SHAPES)
def test_twice_the_drawing_costs_about_twice(shape):
    small, large = ({"process.bpmn": document(ERROR, *SHAPES[shape](n))} for n in (60, 120))
    calls(small)  # what is read once for all: expressions, patterns
    assert calls(large) < MOST * calls(small)


def test_a_drawing_with_too_many_markings_is_said_to_be_unplayed(monkeypatch):
    monkeypatch.setattr(tokens, "MOST_WORK", 50)
    found = check_model({"process.bpmn": document(process(parallel(20)))})
    assert [(p.rule, p.severity) for p in found] == [("not-played", "warning")]


def test_expressions_are_bounded_in_sum():
    conditions = "".join(
        flow("g", f"t{i}", "a.kind == 'x' || " + " || ".join([f"a.kind == '{i}'"] * 40)) + user(f"t{i}") + flow(f"t{i}", "e")
        for i in range(700)
    )  # fmt: skip
    body = START + '<exclusiveGateway id="g" default="g-e"/>' + END + flows("s g e") + conditions
    found = check_model({"process.bpmn": document(process(body))})
    assert [problem.rule for problem in found if problem.severity == "error"] == ["expression"]


def test_calls_that_meet_again_are_followed_once():
    """Each process is called twice by the next: a thousand million ways from the error to the start."""
    thrown = '<endEvent id="e"><errorEventDefinition errorRef="er"/></endEvent>'
    parts = [process(START + thrown + flows("s e"), "p0")]
    for i in range(1, 30):
        twice = "".join(f'<callActivity id="c{i}{side}" calledElement="p{i - 1}"/>' for side in "ab")
        body = f'<startEvent id="s{i}"/>{twice}<endEvent id="e{i}"/>' + flows(f"s{i} c{i}a c{i}b e{i}")
        parts.append(process(body, f"p{i}"))
    found = check_model({"process.bpmn": document(ERROR, *parts)})
    assert ("uncaught-error", "e") in {(p.rule, p.element) for p in found}
