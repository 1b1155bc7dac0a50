"""Small models written in a line or two, and the shipped ones."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from engine.bpmn import (
    Complete,
    Definition,
    FireTimer,
    OperationDone,
    OperationFailed,
    Receive,
    Step,
    load_definition,
)
from engine.bpmn.expressions import Expression, _children, _path
from engine.bpmn.syntax import Binary, ListOf, Literal, Node

MODELS = Path(__file__).parent / "models"
PROCESSES = Path(__file__).parents[2] / "processes"

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="d" targetNamespace="t">'
)


def process(body: str, identity: str = "p", attributes: str = 'isExecutable="true"') -> str:
    return f'<process id="{identity}" {attributes}>{body}</process>'


def document(*processes: str) -> bytes:
    return (HEAD + "".join(processes) + "</definitions>").encode()


def user(identity: str, extra: str = "", inside: str = "") -> str:
    return (
        f'<userTask id="{identity}" name="{identity}" camunda:formKey="{identity}"'
        f' camunda:candidateGroups="clerk" {extra}>{inside}</userTask>'
    )


def service(identity: str, topic: str = "work", inside: str = "") -> str:
    return (
        f'<serviceTask id="{identity}" camunda:type="external" camunda:topic="{topic}">{inside}</serviceTask>'
    )


def properties(**values: str) -> str:
    entries = "".join(f'<camunda:property name="{name}" value="{value}"/>' for name, value in values.items())
    return f"<extensionElements><camunda:properties>{entries}</camunda:properties></extensionElements>"


def timer(identity: str, deadline: str = "days") -> str:
    return f'<intermediateCatchEvent id="{identity}">{properties(deadline=deadline)}<timerEventDefinition/></intermediateCatchEvent>'


def boundary(identity: str, host: str, interrupting: bool = True, deadline: str = "days") -> str:
    return (
        f'<boundaryEvent id="{identity}" attachedToRef="{host}" cancelActivity="{str(interrupting).lower()}">'
        f"{properties(deadline=deadline)}<timerEventDefinition/></boundaryEvent>"
    )


def flow(source: str, target: str, condition: str | None = None) -> str:
    body = "" if condition is None else f"<conditionExpression>{condition}</conditionExpression>"
    return f'<sequenceFlow id="{source}-{target}" sourceRef="{source}" targetRef="{target}">{body}</sequenceFlow>'


def flows(text: str) -> str:
    """`"s a g b e; g c e"`: chains of flows."""
    found = []
    for part in text.split(";"):
        steps = part.split()
        found += [flow(source, target) for source, target in pairwise(steps)]
    return "".join(found)


START = '<startEvent id="s"/>'
END = '<endEvent id="e"/>'

_versions = iter(range(1_000_000))


def define(*bodies: str, **files: bytes) -> Definition:
    """A definition of its own of a process with this body."""
    return load_definition(
        f"test-{next(_versions)}", {"process.bpmn": document(process("".join(bodies))), **files}
    )


def eventful() -> bytes:
    """Every kind of event at once, in loops, subprocesses and repeats, for random walks."""
    many = '<multiInstanceLoopCharacteristics camunda:collection="list" camunda:elementVariable="item"/>'
    again = '<standardLoopCharacteristics loopMaximum="3"><loopCondition>work.decision != "ok"</loopCondition></standardLoopCharacteristics>'
    condition = "<conditionalEventDefinition><condition>talk.decision == 'ok'</condition></conditionalEventDefinition>"
    cycle = "<timerEventDefinition><timeCycle>R3/P7D</timeCycle></timerEventDefinition>"
    inner = sub(
        "inner", '<startEvent id="s1"/>', user("look"), '<exclusiveGateway id="how" default="how-fine"/>',
        event("intermediateThrowEvent", "fine", "escalation", "u"), user("work", inside=again),
        event("endEvent", "bad", "error", "x"), '<endEvent id="e1"/>', many,
        flows("s1 look how fine work e1"), flow("how", "bad", "look.decision == 'send_back'"),
    )  # fmt: skip
    beside = sub(
        "beside", event("startEvent", "called", "signal", "g", isInterrupting="false"), user("note"),
        '<endEvent id="noted"/>', flows("called note noted"), attributes='triggeredByEvent="true"',
    )  # fmt: skip
    over = sub(
        "over", event("startEvent", "withdrawn", "message", "m"), user("close"), '<endEvent id="closed"/>',
        flows("withdrawn close closed"), attributes='triggeredByEvent="true"',
    )  # fmt: skip
    body = (
        START, '<parallelGateway id="par"/>', inner, beside, over, user("talk"), user("fix"), user("more"), user("late"),
        event("boundaryEvent", "caught", "error", "x", attachedToRef="inner"),
        event("boundaryEvent", "raised", "escalation", "u", attachedToRef="inner", cancelActivity="false"),
        f'<boundaryEvent id="remind" attachedToRef="talk" cancelActivity="false">{cycle}</boundaryEvent>',
        f'<boundaryEvent id="seen" attachedToRef="inner" cancelActivity="false">{condition}</boundaryEvent>',
        '<eventBasedGateway id="race"/>', event("intermediateCatchEvent", "paid", "message", "m"), timer("month"),
        event("intermediateThrowEvent", "shout", "signal", "g"), '<exclusiveGateway id="x"/>', '<inclusiveGateway id="j"/>',
        '<intermediateThrowEvent id="to"><linkEventDefinition name="on"/></intermediateThrowEvent>',
        '<intermediateCatchEvent id="at"><linkEventDefinition name="on"/></intermediateCatchEvent>',
        '<endEvent id="f1"/>', '<endEvent id="f2"/>', END,
        flows("s par inner x; caught fix x j; raised more f1; par talk race; remind late f2; seen shout f2"),
        flows("race paid y; race month y; y to; at j e"), '<exclusiveGateway id="y"/>',
    )  # fmt: skip
    return (HEAD + NAMES + process("".join(body)) + "</definitions>").encode()


def shipped() -> dict[str, dict[str, bytes]]:
    """The test model and every process of the product: name -> files."""
    found: dict[str, dict[str, bytes]] = {
        "walk": {
            name: (MODELS / name).read_bytes() for name in ("walk.bpmn", "delivery.bpmn", "urgency.dmn")
        },
        "events": {"process.bpmn": eventful()},
    }
    for folder in sorted(PROCESSES.glob("*")):
        files = {f.name: f.read_bytes() for f in folder.glob("*") if f.suffix in (".bpmn", ".dmn")}
        if "process.bpmn" in files:
            found[folder.name] = files
    return found


def elements(step: Step) -> list[str]:
    """What is waited for, by element."""
    return [entry.element for entry in _entries(step)]


def number(step: Step, element: str) -> int:
    return next(entry.number for entry in _entries(step) if entry.element == element)


def _entries(step: Step) -> tuple[Any, ...]:
    return (*step.tasks, *step.waits, *step.events, *step.operations)


Advance = Callable[..., Step]


def complete(step: Step, element: str, **data: object) -> Complete:
    return Complete(number(step, element), data)


def done(step: Step, element: str, **result: object) -> OperationDone:
    return OperationDone(number(step, element), result)


def fire(step: Step, element: str) -> FireTimer:
    return FireTimer(number(step, element))


def fail(step: Step, element: str, code: str) -> OperationFailed:
    return OperationFailed(number(step, element), code, "why")


def receive(step: Step, element: str, payload: Any = None) -> Receive:
    return Receive(number(step, element), payload)


NAMES = (
    '<message id="m" name="paid"/><signal id="g" name="flood"/>'
    '<error id="x" errorCode="E1"/><error id="y" errorCode="E2"/><escalation id="u" escalationCode="U1"/>'
)


def define_with_names(*bodies: str, **files: bytes) -> Definition:
    """As `define`; the message m, the signal g, the errors x and y and the escalation u may be referred to."""
    content = (HEAD + NAMES + process("".join(bodies)) + "</definitions>").encode()
    return load_definition(f"test-{next(_versions)}", {"process.bpmn": content, **files})


def event(
    tag: str, identity: str, kind: str, reference: str = "", inside: str = "", **attributes: str
) -> str:
    """`event("boundaryEvent", "b", "message", "m", attachedToRef="a")`."""
    given = "".join(f' {name}="{value}"' for name, value in attributes.items())
    refers = f' {kind}Ref="{reference}"' if reference else ""
    return f'<{tag} id="{identity}"{given}>{inside}<{kind}EventDefinition{refers}/></{tag}>'


def sub(identity: str, *bodies: str, attributes: str = "") -> str:
    return f'<subProcess id="{identity}" {attributes}>{"".join(bodies)}</subProcess>'


def comparisons(expression: Expression) -> Iterator[tuple[tuple[str, ...], str]]:
    """Where a variable is compared with a fixed text: its path and the text."""
    todo: list[Node] = [expression.tree]
    while todo:
        node = todo.pop()
        todo.extend(_children(node, inside_path=False))
        if not isinstance(node, Binary) or node.op not in ("==", "!=", "in", "not in"):
            continue
        for here, there in ((node.left, node.right), (node.right, node.left)):
            texts = there.items if isinstance(there, ListOf) and node.op in ("in", "not in") else (there,)
            for text in texts:
                if _path(here) and isinstance(text, Literal) and isinstance(text.value, str):
                    yield _path(here), text.value


def thresholds(expression: Expression) -> Iterator[tuple[tuple[str, ...], int]]:
    """Where a variable is compared with a fixed number: its path and the number."""
    todo: list[Node] = [expression.tree]
    while todo:
        node = todo.pop()
        todo.extend(_children(node, inside_path=False))
        if isinstance(node, Binary) and node.op in ("<", "<=", ">", ">=", "==", "!="):
            for here, there in ((node.left, node.right), (node.right, node.left)):
                number = isinstance(there, Literal) and not isinstance(there.value, str | bool | None)
                if _path(here) and number:
                    yield _path(here), int(there.value)
