"""Every place of a model where a text might be computed: hostile text is named by the check, and runs nowhere.

The interpreter's own audit events watch: nothing may be compiled, executed, opened for writing or started.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from engine.bpmn import BpmnError, Start, advance, check_model, load_definition
from engine.bpmn.check.conditions import places
from engine.bpmn.model import read_model
from tests.bpmn.support import END, HEAD, NAMES, START, flows, process, properties, shipped, sub, user

MARK = "hostile_mark"
HOSTILE = [
    f"__import__('os').system('{MARK}')",
    f"${{__import__('os').system('{MARK}')}}",
    f"#{{''.getClass().forName('{MARK}')}}",
    f"${{().__class__.__base__.__subclasses__()[0]('{MARK}')}}",
    f"${{execution.setVariable('{MARK}', 1)}}",
    f"${{'{MARK}' * 1000000000}}",
    f"${{'%099999999d{MARK}' % 1}}",
    f"{{{{ self.__init__.__globals__['{MARK}'] }}}}",
    f"{{% include '{MARK}' %}}",
    "${" + "(" * 400 + f"'{MARK}'" + ")" * 400 + "}",
    f"$(touch {MARK}); `touch {MARK}`",
]
GATE = '<exclusiveGateway id="g" default="g-e"/>'
BRANCH = START + GATE + user("a") + END + flows("s g e; a e")
LINE = START + "{}" + END + flows("s x e")


def condition(text: str) -> str:
    return f"<conditionExpression>{text}</conditionExpression>"


def repeat(inside: str, attributes: str = "") -> str:
    return f"<multiInstanceLoopCharacteristics {attributes}>{inside}</multiInstanceLoopCharacteristics>"


def line(element: str) -> str:
    return LINE.replace("{}", element)


def beside(start: str) -> str:
    return START + user("a") + END + flows("s a e") + sub(
        "o", start, '<endEvent id="e1"/>', flows("x e1"), attributes='triggeredByEvent="true"'
    )  # fmt: skip


def watch(inside: str) -> str:
    event = f'<boundaryEvent id="x" attachedToRef="a" cancelActivity="false">{inside}</boundaryEvent>'
    return START + user("a") + event + END + flows("s a e; x e")


CARD = "<loopCardinality>2</loopCardinality>"
PLACES = {
    "condition of a flow": lambda t: BRANCH + f'<sequenceFlow id="x" sourceRef="g" targetRef="a">{condition(t)}</sequenceFlow>',
    "condition of an inclusive gateway": lambda t: (BRANCH + f'<sequenceFlow id="x" sourceRef="g" targetRef="a">{condition(t)}</sequenceFlow>').replace("exclusive", "inclusive"),
    "condition with a language": lambda t: BRANCH + f'<sequenceFlow id="x" sourceRef="g" targetRef="a"><conditionExpression language="python">{t}</conditionExpression></sequenceFlow>',
    "condition outside a gateway": lambda t: START + user("a") + END + flows("s a") + f'<sequenceFlow id="x" sourceRef="a" targetRef="e">{condition(t)}</sequenceFlow>',
    "cardinality": lambda t: line(user("x", inside=repeat(f"<loopCardinality>{t}</loopCardinality>"))),
    "collection": lambda t: line(user("x", inside=repeat("", f'camunda:collection="{t}"'))),
    "item": lambda t: line(user("x", inside=repeat("", f'camunda:collection="a" camunda:elementVariable="{t}"'))),
    "completion condition": lambda t: line(user("x", inside=repeat(f"{CARD}<completionCondition>{t}</completionCondition>"))),
    "loop condition": lambda t: line(user("x", inside=f"<standardLoopCharacteristics><loopCondition>{t}</loopCondition></standardLoopCharacteristics>")),
    "loop maximum": lambda t: line(user("x", inside=f'<standardLoopCharacteristics loopMaximum="{t}"/>')),
    "timer duration": lambda t: line(f'<intermediateCatchEvent id="x"><timerEventDefinition><timeDuration>{t}</timeDuration></timerEventDefinition></intermediateCatchEvent>'),
    "timer date": lambda t: watch(f"<timerEventDefinition><timeDate>{t}</timeDate></timerEventDefinition>"),
    "timer cycle": lambda t: watch(f"<timerEventDefinition><timeCycle>{t}</timeCycle></timerEventDefinition>"),
    "conditional catch": lambda t: line(f'<intermediateCatchEvent id="x"><conditionalEventDefinition><condition>{t}</condition></conditionalEventDefinition></intermediateCatchEvent>'),
    "conditional boundary": lambda t: watch(f"<conditionalEventDefinition><condition>{t}</condition></conditionalEventDefinition>"),
    "conditional start": lambda t: beside(f'<startEvent id="x"><conditionalEventDefinition><condition>{t}</condition></conditionalEventDefinition></startEvent>'),
    "message key": lambda t: line(f'<intermediateCatchEvent id="x">{properties(key=t)}<messageEventDefinition messageRef="m"/></intermediateCatchEvent>'),
    "message payload": lambda t: line(f'<intermediateThrowEvent id="x">{properties(payload=t, to="a.b")}<messageEventDefinition messageRef="m"/></intermediateThrowEvent>'),
    "message receiver": lambda t: line(f'<intermediateThrowEvent id="x">{properties(to=t)}<messageEventDefinition messageRef="m"/></intermediateThrowEvent>'),
    "signal payload": lambda t: line(f'<intermediateThrowEvent id="x">{properties(payload=t)}<signalEventDefinition signalRef="g"/></intermediateThrowEvent>'),
    "error payload": lambda t: START + f'<endEvent id="x">{properties(payload=t)}<errorEventDefinition errorRef="x0"/></endEvent>' + flows("s x"),
    "message expression (Camunda)": lambda t: line(f'<intermediateThrowEvent id="x"><messageEventDefinition messageRef="m" camunda:expression="{t}"/></intermediateThrowEvent>'),
    "called process": lambda t: line(f'<callActivity id="x" calledElement="{t}"/>'),
    "mapping into a call": lambda t: line(f'<callActivity id="x" calledElement="p2"><extensionElements><camunda:in sourceExpression="{t}" target="a"/></extensionElements></callActivity>'),
    "input parameter": lambda t: line(user("x", inside=f'<extensionElements><camunda:inputOutput><camunda:inputParameter name="i">{t}</camunda:inputParameter></camunda:inputOutput></extensionElements>')),
    "script": lambda t: line(f'<scriptTask id="x" scriptFormat="python"><script>{t}</script></scriptTask>'),
    "task listener": lambda t: line(user("x", inside=f'<extensionElements><camunda:taskListener event="create" expression="{t}"/></extensionElements>')),
    "service expression": lambda t: line(f'<serviceTask id="x" camunda:expression="{t}"/>'),
    "service topic": lambda t: line(f'<serviceTask id="x" camunda:type="external" camunda:topic="{t}"/>'),
    "ad hoc": lambda t: line(f'<adHocSubProcess id="x"><startEvent id="s1"/><completionCondition>{t}</completionCondition></adHocSubProcess>'),
    "group": lambda t: line(f'<userTask id="x" name="x" camunda:formKey="a" camunda:candidateGroups="{t}"/>'),
    "assignee": lambda t: line(f'<userTask id="x" name="x" camunda:formKey="a" camunda:candidateGroups="c" camunda:assignee="{t}"/>'),
    "due date": lambda t: line(f'<userTask id="x" name="x" camunda:formKey="a" camunda:candidateGroups="c" camunda:dueDate="{t}"/>'),
    "form": lambda t: line(f'<userTask id="x" name="x" camunda:formKey="{t}" camunda:candidateGroups="c"/>'),
    "decision": lambda t: line(f'<businessRuleTask id="x" camunda:decisionRef="{t}"/>'),
    "result variable": lambda t: line(f'<businessRuleTask id="x" camunda:decisionRef="d1" camunda:resultVariable="{t}"/>'),
}  # fmt: skip
TABLE = {
    "input expression": ("{}", "-", "1", "i1"),
    "input cell": ("kind", "{}", "1", "c1"),
    "output cell": ("kind", "-", "{}", "c2"),
}
KNOWN = {"operations": {"work"}, "forms": {"a", "x"}, "deadlines": {"days"}, "groups": {"c", "clerk"}}

STARTING = (
    "os.system",
    "subprocess.Popen",
    "os.exec",
    "os.spawn",
    "os.fork",
    "socket.connect",
    "ctypes.dlopen",
)

_heard: list[str] | None = None


def _hear(name: str, arguments: tuple[object, ...]) -> None:
    if _heard is None:
        return
    named = name in ("compile", "open", "import") and any(MARK in str(argument) for argument in arguments)
    if named or name in STARTING:
        _heard.append(name)


sys.addaudithook(_hear)


@contextmanager
def nothing_runs() -> Iterator[None]:
    global _heard
    _heard = []
    try:
        yield
        assert _heard == []
    finally:
        _heard = None


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def document(body: str) -> dict[str, bytes]:
    inner = process('<startEvent id="s2"/><endEvent id="e2"/>' + flows("s2 e2"), "p2")
    model = HEAD + NAMES + '<error id="x0" errorCode="X"/>' + process(body) + "</definitions>"
    return {"process.bpmn": model.encode(), "inner.bpmn": (HEAD + inner + "</definitions>").encode()}


_versions = iter(range(10_000))


def run(files: dict[str, bytes]) -> None:
    """As far as it gets."""
    with suppress(BpmnError):
        advance(load_definition(f"places-{next(_versions)}", files), None, Start({"a": {}}))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_named_and_runs_nowhere(place, text):
    files = document(PLACES[place](escaped(text)))
    with nothing_runs():
        found = check_model(files, **KNOWN)
        run(files)
    errors = {problem.element for problem in found if problem.severity == "error"}
    assert "x" in errors, found
    assert "check-failed" not in {problem.rule for problem in found}


@pytest.mark.parametrize("place", TABLE)
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_cells_are_named_and_run_nowhere(place, text):
    expression, test, output, element = (part.replace("{}", escaped(text)) for part in TABLE[place])
    table = (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">'
        '<decision id="d1"><decisionTable id="t" hitPolicy="FIRST">'
        f'<input id="i1"><inputExpression><text>{expression}</text></inputExpression></input><output id="o" name="way"/>'
        f'<rule id="r1"><inputEntry id="c1"><text>{test}</text></inputEntry><outputEntry id="c2"><text>{output}</text></outputEntry></rule>'
        "</decisionTable></decision></definitions>"
    )
    files = document(line('<businessRuleTask id="x" camunda:decisionRef="d1"/>')) | {"t.dmn": table.encode()}
    with nothing_runs():
        found = check_model(files, **KNOWN)
        run(files)
    assert element in {problem.element for problem in found if problem.severity == "error"}, found


@pytest.mark.parametrize("name", shipped())
def test_every_expression_of_the_shipped_models_is_one_of_these_places(name):
    """What `places` finds is all there is: no other text of a model looks like an expression."""
    files = shipped()[name]
    model = read_model(files)
    found = [place.text for place in places(model)]
    texts = [
        text.strip()
        for root in model.roots.values()
        for node in root.iter()
        for text in (node.text or "", *node.attrib.values())
        if "${" in text or "#{" in text
    ]
    assert set(texts) <= set(found)


def test_the_watch_itself_hears():
    with pytest.raises(AssertionError), nothing_runs():
        compile(f"'{MARK}'", "x", "eval")


def test_innocent_text_in_these_places_is_accepted():
    """So that the refusals above are about the text, not about the place."""
    sound = {
        "condition of a flow": "${a.b == 1}", "cardinality": "2", "collection": "${a.rows}", "item": "row",
        "completion condition": "nrOfCompletedInstances > 1", "loop condition": "a.b == 1", "loop maximum": "3",
        "timer duration": "P3D", "timer date": "${a.day}", "timer cycle": "R3/P1D", "conditional catch": "${a.b == 1}",
        "conditional boundary": "a.b == 1", "conditional start": "a.b == 1", "message key": "${a.b}", "message payload": "${a}",
        "message receiver": "${a.b}", "signal payload": "a", "service topic": "work", "group": "c", "form": "a",
    }  # fmt: skip
    for place, text in sound.items():
        found = check_model(document(PLACES[place](text)), **KNOWN)
        assert [p for p in found if p.severity == "error" and p.element == "x"] == [], place
