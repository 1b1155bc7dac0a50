"""Each construct by a drawing of its own: what is waited for after each command, as BPMN 2.0 says.

A script is read from left to right: `a` completes user task a, `a=ok` with that decision, `!t` fires timer t, `?m` brings the
message or signal that m waits for, `x!o` lets operation o fail with error x; after `>` stands what is waited for then, `.` for a
case that has ended.
"""

import pytest

from engine.bpmn import (
    Complete,
    FireTimer,
    OperationFailed,
    Receive,
    Start,
    Step,
    advance,
    check_model,
    load_definition,
)
from tests.bpmn.support import (  # fmt: skip
    END,
    HEAD,
    NAMES,
    START,
    boundary,
    elements,
    event,
    flow,
    flows,
    number,
    process,
    service,
    sub,
    timer,
    user,
)
from tests.bpmn.test_places import _versions

S1, E1 = '<startEvent id="s1"/>', '<endEvent id="e1"/>'
GATE = '<{}Gateway id="{}" {}/>'
A, B, C = user("a"), user("b"), user("c")


def gate(kind: str, identity: str, default: str = "") -> str:
    return GATE.format(kind, identity, f'default="{default}"' if default else "")


def repeat(inside: str = "<loopCardinality>2</loopCardinality>", sequential: bool = False) -> str:
    return f'<multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">{inside}</multiInstanceLoopCharacteristics>'


def loop(attributes: str, condition: str) -> str:
    return f"<standardLoopCharacteristics {attributes}><loopCondition>{condition}</loopCondition></standardLoopCharacteristics>"


def at(kind: str, host: str = "a", interrupting: bool = True, reference: str = "") -> str:
    letter = reference or {"message": "m", "signal": "g", "error": "x", "escalation": "u"}[kind]
    return event(
        "boundaryEvent", "at", kind, letter, attachedToRef=host, cancelActivity=str(interrupting).lower()
    )


def conditional(interrupting: bool) -> str:
    when = (
        "<conditionalEventDefinition><condition>b.decision == 'ok'</condition></conditionalEventDefinition>"
    )
    return f'<boundaryEvent id="at" attachedToRef="a" cancelActivity="{str(interrupting).lower()}">{when}</boundaryEvent>'


BESIDE = START + gate("parallel", "p") + A + B + C + END + '<endEvent id="f"/><endEvent id="h"/>'
INNER = sub("i", S1, A, E1, flows("s1 a e1"))
THROWN = sub("i", S1, A, event("endEvent", "e1", "error", "x"), flows("s1 a e1"))
RAISED = sub("i", S1, A, event("intermediateThrowEvent", "t", "escalation", "u"), B, E1, flows("s1 a t b e1"))


def beside(kind: str, interrupting: bool) -> str:
    start = event("startEvent", "s2", kind, "m", isInterrupting=str(interrupting).lower())
    inner = sub("o", start, B, '<endEvent id="e2"/>', flows("s2 b e2"), attributes='triggeredByEvent="true"')
    return START + A + END + flows("s a e") + inner


CASES = {
    "sequence": (START + A + B + END + flows("s a b e"), "> a a > b b > ."),
    "exclusive: first that holds": (
        START + A + gate("exclusive", "g", "g-e") + B + C + END + flows("s a g e; b e; c e")
        + flow("g", "b", "a.decision == 'b'") + flow("g", "c", "a.decision != 'x'"), "> a a=b > b b > ."),
    "exclusive: default": (
        START + A + gate("exclusive", "g", "g-e") + B + END + flows("s a g e; b e") + flow("g", "b", "a.decision == 'b'"), "> a a=x > ."),
    "exclusive: does not join": (
        START + gate("parallel", "p") + A + B + gate("exclusive", "g") + C + END + flows("s p a g c e; p b g"), "> a b a > b c c > b b > c c > ."),
    "parallel: joins": (START + gate("parallel", "p") + A + B + gate("parallel", "j") + C + END + flows("s p a j c e; p b j"), "> a b a > b b > c c > ."),
    "inclusive: those that hold, and waits for them": (
        START + user("d") + gate("inclusive", "g", "g-c") + A + B + C + gate("inclusive", "j") + END + flows("s d g c j e; a j; b j")
        + flow("g", "a", "'a' in d.decision") + flow("g", "b", "'b' in d.decision"), "> d d=ab > a b b > a a > ."),
    "inclusive: default alone": (
        START + user("d") + gate("inclusive", "g", "g-c") + A + C + gate("inclusive", "j") + END + flows("s d g c j e; a j")
        + flow("g", "a", "'a' in d.decision"), "> d d=x > c c > ."),
    "event-based: the first": (
        START + gate("eventBased", "g") + event("intermediateCatchEvent", "m1", "message", "m") + timer("t1") + A + B + END
        + flows("s g m1 a e; g t1 b e"), "> m1 t1 ?m1 > a a > ."),
    "event-based: the timer": (
        START + gate("eventBased", "g") + event("intermediateCatchEvent", "m1", "message", "m") + timer("t1") + A + B + END
        + flows("s g m1 a e; g t1 b e"), "> m1 t1 !t1 > b b > ."),
    "subprocess": (START + INNER + B + END + flows("s i b e"), "> a a > b b > ."),
    "terminate ends all": (BESIDE.replace('<endEvent id="f"/>', '<endEvent id="f"><terminateEventDefinition/></endEvent>') + flows("s p a e; p b f; p c h"), "> a b c b > ."),
    "terminate inside ends the inside": (
        START + sub("i", S1, gate("parallel", "p"), A, B, '<endEvent id="e1"><terminateEventDefinition/></endEvent>', '<endEvent id="e2"/>', flows("s1 p a e1; p b e2")) + C + END
        + flows("s i c e"), "> a b a > c c > ."),
    "repeat at once": (START + user("a", inside=repeat()) + B + END + flows("s a b e"), "> a a a > a a > b b > ."),
    "repeat in turn": (START + user("a", inside=repeat(sequential=True)) + B + END + flows("s a b e"), "> a a > a a > b b > ."),
    "repeat ends early": (
        START + user("a", inside=repeat("<loopCardinality>3</loopCardinality><completionCondition>nrOfCompletedInstances == 1</completionCondition>")) + B + END + flows("s a b e"), "> a a a a > b b > ."),
    "repeat of none": (START + user("a", inside=repeat("<loopCardinality>0</loopCardinality>")) + B + END + flows("s a b e"), "> b b > ."),
    "loop, tested after": (START + user("a", inside=loop("", "a.decision == 'again'")) + B + END + flows("s a b e"), "> a a=again > a a=ok > b b > ."),
    "loop, tested before": (START + user("a", inside=loop('testBefore="true"', "a.decision == 'again'")) + B + END + flows("s a b e"), "> b b > ."),
    "loop, at most": (START + user("a", inside=loop('loopMaximum="2"', "true")) + B + END + flows("s a b e"), "> a a > a a > b b > ."),
    "timer on a task, interrupting": (START + A + boundary("at", "a") + B + END + flows("s a e; at b e"), "> a at !at > b b > ."),
    "timer on a task, beside": (START + A + boundary("at", "a", False) + B + END + '<endEvent id="f"/>' + flows("s a e; at b f"), "> a at !at > a b a > b b > ."),
    "timer gone with its task": (START + A + boundary("at", "a") + B + END + flows("s a e; at b e"), "> a at a > ."),
    "message on a task, interrupting": (START + A + at("message") + B + END + flows("s a e; at b e"), "> a at ?at > b b > ."),
    "message on a task, beside, again": (START + A + at("message", interrupting=False) + B + END + '<endEvent id="f"/>' + flows("s a e; at b f"), "> a at ?at > a at b ?at > a at b b a > b b b > b b > ."),
    "signal on a subprocess": (START + INNER + at("signal", "i") + B + END + flows("s i e; at b e"), "> a at ?at > b b > ."),
    "error out of a subprocess": (START + THROWN + at("error", "i") + B + C + END + flows("s i c e; at b e"), "> a a > b b > ."),
    "error of an operation": (START + service("o") + at("error", "o") + B + C + END + flows("s o c e; at b e"), "> o E1!o > b b > ."),
    "escalation, interrupting": (START + RAISED + at("escalation", "i") + C + END + flows("s i e; at c e"), "> a a > c c > ."),
    "escalation, beside": (START + RAISED + at("escalation", "i", False) + C + END + '<endEvent id="f"/>' + flows("s i e; at c f"), "> a a > b c b > c c > ."),
    "condition on a task": (START + gate("parallel", "p") + A + conditional(True) + B + C + END + '<endEvent id="f"/>' + flows("s p a e; p b f; at c e"), "> a b b=ok > c c > ."),
    "event subprocess, interrupting": (beside("message", True), "> a s2 ?s2 > b b > ."),
    "event subprocess, beside, again": (beside("message", False), "> a s2 ?s2 > a b s2 ?s2 > a b b s2 a > b b s2 b > b s2 b > ."),
    "message awaited": (START + event("intermediateCatchEvent", "m1", "message", "m") + A + END + flows("s m1 a e"), "> m1 ?m1 > a a > ."),
    "receive task": (START + '<receiveTask id="r" messageRef="m"/>' + A + END + flows("s r a e"), "> r ?r > a a > ."),
    "signal within the case": (
        BESIDE + event("intermediateThrowEvent", "t", "signal", "g") + event("intermediateCatchEvent", "w", "signal", "g")
        + flows("s p a t e; p w b f; p c h"), "> a c w a > b c c > b b > ."),
    "link": (
        START + A + '<intermediateThrowEvent id="to"><linkEventDefinition name="on"/></intermediateThrowEvent>'
        '<intermediateCatchEvent id="from"><linkEventDefinition name="on"/></intermediateCatchEvent>' + B + END + flows("s a to; from b e"), "> a a > b b > ."),
}  # fmt: skip


def played(step: Step, word: str) -> object:
    if word.startswith("?"):
        return Receive(number(step, word[1:]))
    if word.startswith("!"):
        return FireTimer(number(step, word[1:]))
    if "!" in word:
        code, element = word.split("!")
        return OperationFailed(number(step, element), code)
    element, _, decision = word.partition("=")
    return Complete(number(step, element), {"decision": decision})


@pytest.mark.parametrize("name", CASES)
def test_it_runs_as_bpmn_says(name):
    body, script = CASES[name]
    files = {"process.bpmn": (HEAD + NAMES + process(body, "main") + "</definitions>").encode()}
    assert [p for p in check_model(files) if p.severity == "error"] == []
    definition = load_definition(f"conformance-{next(_versions)}", files)
    step = advance(definition, None, Start({}))
    command, *rest = [part.split() for part in script.split(">")]
    assert command == []
    for waits in rest:
        last = waits is rest[-1]
        told, played_word = (waits, None) if last else (waits[:-1], waits[-1])
        assert sorted(elements(step)) == sorted([] if told == ["."] else told)
        assert step.finished is (told == ["."])
        if played_word:
            step = advance(definition, step.state, played(step, played_word))
