"""The publish check: every rule finds its fault, names the element, and leaves sound models alone."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.bpmn import check_model
from engine.bpmn.model import model_of
from engine.bpmn.xml import read_xml
from tests.bpmn.support import (
    END,
    START,
    boundary,
    document,
    flow,
    flows,
    process,
    properties,
    service,
    shipped,
    timer,
    user,
)

KNOWN = {"operations": {"work"}, "forms": {"a", "b", "c"}, "deadlines": {"days"}, "groups": {"clerk"}}
SUB_START, SUB_END = '<startEvent id="s1"/>', '<endEvent id="e1"/>'


def problems(*bodies: str, known=KNOWN, **options) -> list:
    return check_model({"process.bpmn": document(process("".join(bodies)))}, **{**known, **options})


def found(*bodies: str, **options) -> set[tuple[str, str | None]]:
    return {(problem.rule, problem.element) for problem in problems(*bodies, **options)}


def test_a_sound_model_has_no_problems():
    assert found(
        START, user("a", inside=properties(deadline="days")), boundary("late", "a"), service("o"), timer("t"),
        '<exclusiveGateway id="g" default="g-e"/>', END, flows("s a o t g e; late e"), flow("g", "a", "${a.decision == 'x'}"),
        variables={"a": {"decision": ["x", "y"]}},
    ) == set()  # fmt: skip


@pytest.mark.parametrize("name", shipped())
def test_shipped_models_have_no_errors(name):
    assert [p for p in check_model(shipped()[name]) if p.severity == "error"] == []


U = user("a")
GATE = '<exclusiveGateway id="g" default="g-e"/>'


def between(middle: str, at: str = "x") -> tuple[str, ...]:
    """start -> x -> end with this x."""
    return START, middle, END, flows(f"s {at} e")


CASES = {
    # parts
    "signal leftovers are no problem": ((START, U, END, flows("s a e"), "<textAnnotation id='t'><text>x</text></textAnnotation>"), set()),
    "standard loop": ((START, user("a", inside="<standardLoopCharacteristics/>"), END, flows("s a e")), {("loop-without-end", "a")}),
    "input associations": (
        (START, user("a", inside="<dataInputAssociation><sourceRef>d</sourceRef></dataInputAssociation>"), END, flows("s a e")),
        {("unsupported-element", "a")},
    ),
    "potential owner": ((START, user("a", inside="<potentialOwner/>"), END, flows("s a e")), {("unsupported-element", "a")}),
    "unknown element": ((START, U, END, flows("s a e"), "<globalTask id='gt'/>"), {("unsupported-element", "gt")}),
    "startQuantity": ((START, user("a", 'startQuantity="2"'), END, flows("s a e")), {("unsupported-attribute", "a")}),
    "completionQuantity": ((START, user("a", 'completionQuantity="3"'), END, flows("s a e")), {("unsupported-attribute", "a")}),
    "compensation": ((START, user("a", 'isForCompensation="true"'), END, flows("s a e")), {("unsupported-attribute", "a")}),
    "attribute nobody knows": ((START, user("a", 'mystery="1"'), END, flows("s a e")), {("unsupported-attribute", "a")}),
    "assignee": ((START, user("a", 'camunda:assignee="${x}"'), END, flows("s a e")), {("ignored-attribute", "a")}),
    "dueDate": ((START, user("a", 'camunda:dueDate="${x}"'), END, flows("s a e")), {("ignored-attribute", "a")}),
    "candidateUsers": ((START, user("a", 'camunda:candidateUsers="u"'), END, flows("s a e")), {("ignored-attribute", "a")}),
    "async": ((START, user("a", 'camunda:asyncBefore="true"'), END, flows("s a e")), {("ignored-attribute", "a")}),
    "element template": ((START, user("a", 'camunda:modelerTemplate="t"'), END, flows("s a e")), set()),
    "another engine's attribute": (
        (START, user("a", 'xmlns:f="http://flowable.org/bpmn" f:assignee="x"'), END, flows("s a e")),
        {("ignored-attribute", "a")},
    ),
    "a drawing tool's attribute": (
        (START, user("a", 'xmlns:bioc="http://bpmn.io/schema/bpmn/biocolor/1.0" bioc:stroke="#fff"'), END, flows("s a e")),
        set(),
    ),
    "input mapping": (
        (START, user("a", inside="<extensionElements><camunda:inputOutput/></extensionElements>"), END, flows("s a e")),
        {("ignored-extension", "a")},
    ),
    "task listener": (
        (START, user("a", inside='<extensionElements><camunda:taskListener class="x"/></extensionElements>'), END, flows("s a e")),
        {("ignored-extension", "a")},
    ),
    "another engine's extension": (
        (START, user("a", inside='<extensionElements><z:taskDefinition xmlns:z="http://camunda.org/schema/zeebe/1.0"/></extensionElements>'), END, flows("s a e")),
        {("ignored-extension", "a")},
    ),
    "property twice": (
        (START, user("a", inside='<extensionElements><camunda:properties><camunda:property name="x" value="1"/><camunda:property name="x" value="2"/></camunda:properties></extensionElements>'), END, flows("s a e")),
        {("bad-property", "a")},
    ),
    "expression language": (
        (START, GATE, U, END, flows("s g e; a e"), '<sequenceFlow id="g-a" sourceRef="g" targetRef="a"><conditionExpression language="javascript">x</conditionExpression></sequenceFlow>'),
        {("expression-language", "g-a")},
    ),
    # kinds
    "script task": (between('<scriptTask id="x" scriptFormat="python"><script>import os</script></scriptTask>'), {("unsupported-element", "x")}),
    "plain task": (between('<task id="x"/>'), {("unsupported-element", "x")}),
    "manual task": (between('<manualTask id="x"/>'), {("unsupported-element", "x")}),
    "send task": (between('<sendTask id="x"/>'), {("no-reference", "x"), ("no-address", "x")}),
    "receive task": (between('<receiveTask id="x" messageRef="m"/>'), {("dangling-reference", "x")}),
    "complex gateway": (between('<complexGateway id="x"/>'), {("unsupported-element", "x")}),
    "transaction": (between(f'<transaction id="x">{SUB_START}{SUB_END}{flows("s1 e1")}</transaction>'), {("unsupported-element", "x")}),
    "ad hoc": (between(f'<adHocSubProcess id="x">{SUB_START}{SUB_END}{flows("s1 e1")}</adHocSubProcess>'), {("unsupported-element", "x")}),
    "event subprocess": (
        (START, U, END, flows("s a e"), f'<subProcess id="x" triggeredByEvent="true">{SUB_START}{SUB_END}{flows("s1 e1")}</subProcess>'),
        {("event-subprocess", "s1")},
    ),
    "message catch": (between('<intermediateCatchEvent id="x"><messageEventDefinition/></intermediateCatchEvent>'), {("no-reference", "x")}),
    "link events": (
        (START, '<intermediateThrowEvent id="x"><linkEventDefinition name="l"/></intermediateThrowEvent>',
         '<intermediateCatchEvent id="y"><linkEventDefinition name="l"/></intermediateCatchEvent>', END, flows("s x; y e")),
        set(),
    ),
    "escalation boundary": (
        (START, U, '<boundaryEvent id="x" attachedToRef="a"><escalationEventDefinition/></boundaryEvent>', END, flows("s a e; x e")),
        {("never-happens", "x")},
    ),
    "signal boundary": (
        (START, U, '<boundaryEvent id="x" attachedToRef="a"><signalEventDefinition/></boundaryEvent>', END, flows("s a e; x e")),
        {("no-reference", "x")},
    ),
    "two definitions": (
        between('<intermediateCatchEvent id="x"><timerEventDefinition/><messageEventDefinition/></intermediateCatchEvent>'),
        {("unsupported-event", "x")},
    ),
    "timer start": (('<startEvent id="s"><timerEventDefinition/></startEvent>', U, END, flows("s a e")), {("start-event", "s"), ("no-deadline", "s")}),
    "error end": ((START, U, '<endEvent id="e"><errorEventDefinition/></endEvent>', flows("s a e")), {("no-reference", "e")}),
    "terminate end": ((START, U, '<endEvent id="e"><terminateEventDefinition/></endEvent>', flows("s a e")), set()),
    "milestone": (between('<intermediateThrowEvent id="x"/>'), set()),
    # references
    "no group": (between('<userTask id="x" name="x" camunda:formKey="a"/>'), {("no-group", "x")}),
    "no form": (between('<userTask id="x" name="x" camunda:candidateGroups="clerk"/>'), {("no-form", "x")}),
    "unknown group": (between('<userTask id="x" name="x" camunda:formKey="a" camunda:candidateGroups="clerk,boss"/>'), {("unknown-group", "x")}),
    "unknown form": (between(user("x")), {("unknown-form", "x")}),
    "unknown start form": ((START.replace("/>", ' camunda:formKey="zz"/>'), U, END, flows("s a e")), {("unknown-form", "s")}),
    "no name": (between('<userTask id="x" camunda:formKey="a" camunda:candidateGroups="clerk"/>'), {("no-name", "x")}),
    "unknown operation": (between(service("x", "fly")), {("unknown-operation", "x")}),
    "service without operation": (between('<serviceTask id="x" camunda:class="a.B"/>'), {("no-operation", "x"), ("ignored-attribute", "x")}),
    "unknown deadline": (between(timer("x", "weeks")), {("unknown-deadline", "x")}),
    "unknown deadline of a task": ((START, user("a", inside=properties(deadline="weeks")), END, flows("s a e")), {("unknown-deadline", "a")}),
    "timer without deadline": (between('<intermediateCatchEvent id="x"><timerEventDefinition/></intermediateCatchEvent>'), {("no-deadline", "x")}),
    "bare duration": (
        between(f'<intermediateCatchEvent id="x">{properties(deadline="days")}<timerEventDefinition><timeDuration>P15D</timeDuration></timerEventDefinition></intermediateCatchEvent>'),
        {("timer-text", "x")},
    ),
    "duration that repeats the deadline": (
        between(f'<intermediateCatchEvent id="x">{properties(deadline="days")}<timerEventDefinition><timeDuration>${{days}}</timeDuration></timerEventDefinition></intermediateCatchEvent>'),
        set(),
    ),
    "unknown decision": (between('<businessRuleTask id="x" camunda:decisionRef="d9"/>'), {("unknown-decision", "x")}),
    "unknown process": (between('<callActivity id="x" calledElement="other"/>'), {("unknown-process", "x")}),
    "a process that calls itself": ((START, U, '<callActivity id="x" calledElement="p"/>', END, flows("s a x e")), {("recursive-call", "x")}),
    "bad variable name": (between('<userTask id="x" name="x" camunda:formKey="my-form" camunda:candidateGroups="clerk"/>'), {("bad-name", "x"), ("unknown-form", "x")}),
    "operation and form of one name": ((START, U, service("x", "work", properties(result="a")), END, flows("s a x e")), {("name-clash", "x")}),
    # shape
    "no end": ((START, U, GATE.replace("g-e", "g-b"), user("b"), flows("s a g b g"), flow("g", "a", "x")), {("no-end", "p")}),
    "no start": ((U, END, flows("a e")), {("start-events", "p")}),
    "two starts": ((START, '<startEvent id="s2"/>', U, END, flows("s a e; s2 a")), {("start-events", "p")}),
    "unreachable": ((START, U, user("b"), END, flows("s a e; b e")), {("unreachable", "b")}),
    "dead end": (
        (START, '<exclusiveGateway id="g" default="g-e"/>', U, END, flows("s g e"), flow("g", "a", "x")),
        {("dead-end", "a")},
    ),
    "no way out": (
        (START, '<exclusiveGateway id="g" default="g-e"/>', U, user("b"), END, flows("s g e; a b a"), flow("g", "a", "x")),
        {("no-way-out", "a"), ("no-way-out", "b")},
    ),
    "implicit split": ((START, U, user("b"), END, flows("s a e; a b e")), {("implicit-split", "a")}),
    "condition on a task's flow": ((START, U, END, flow("s", "a"), flow("a", "e", "x")), {("condition-ignored", "a-e")}),
    "condition behind a parallel gateway": (
        (START, '<parallelGateway id="g"/>', U, user("b"), '<parallelGateway id="j"/>', END, flows("s g a j e; b j"), flow("g", "b", "x")),
        {("condition-ignored", "g-b")},
    ),
    "condition on a gateway's only exit": ((START, '<exclusiveGateway id="g"/>', END, flow("s", "g"), flow("g", "e", "x")), {("condition-ignored", "g-e")}),
    "condition on the default": ((START, GATE, U, END, flow("s", "g"), flow("g", "e", "x"), flow("g", "a", "y"), flows("a e")), {("condition-ignored", "g-e")}),
    "no default": ((START, '<exclusiveGateway id="g"/>', U, END, flow("s", "g"), flow("g", "e", "x"), flow("g", "a", "y"), flows("a e")), {("no-default", "g")}),
    "no default on an inclusive gateway": (
        (START, '<inclusiveGateway id="g"/>', U, END, flow("s", "g"), flow("g", "e", "x"), flow("g", "a", "y"), flows("a e")),
        {("no-default", "g")},
    ),
    "an exit without condition": ((START, GATE, U, user("b"), END, flows("s g e; g a e; b e"), flow("g", "b", "x")), {("no-condition", "g-a")}),
    "default of another gateway": (
        (START, '<exclusiveGateway id="g" default="s-g"/>', U, END, flow("s", "g"), flow("g", "e", "x"), flow("g", "a", "y"), flows("a e")),
        {("bad-default", "g")},
    ),
    "default of a task": ((START, user("a", 'default="a-e"'), END, flows("s a e")), {("default-ignored", "a")}),
    "two flows side by side": (
        (START, GATE, U, END, flows("s g e; a e"), flow("g", "a", "x"), flow("g", "a", "y").replace('id="g-a"', 'id="second"')),
        {("flow-twice", "second")},
    ),
    "a flow to nowhere": ((START, U, END, flows("s a e"), flow("a", "zz").replace("a-zz", "f")), {("flow-end", "f"), ("implicit-split", "a")}),
    "a flow into a subprocess": (
        (START, U, f'<subProcess id="x">{SUB_START}{user("b")}{SUB_END}{flows("s1 b e1")}</subProcess>', END, flows("s x a e"), flow("x", "b").replace("x-b", "f")),
        {("flow-end", "f"), ("implicit-split", "x")},
    ),
    "into a start": ((START, U, GATE, END, flows("s a g e"), flow("g", "s", "x")), {("flow-into-start", "s")}),
    "out of an end": ((START, U, END, user("b"), '<endEvent id="e2"/>', flows("s a e b e2")), {("flow-out-of-end", "e")}),
    "boundary on a gateway": ((START, GATE, U, END, flows("s g e; a e"), flow("g", "a", "x"), boundary("b", "g"), flows("b e")), {("boundary-host", "b")}),
    "one id twice": ((START, U, user("b").replace('id="b"', 'id="a"'), END, flows("s a e")), {("duplicate-id", "a")}),
    "no id": ((START, U, "<userTask/>", END, flows("s a e")), {("no-id", None)}),
    "flows without ids": ((START, U, END, '<sequenceFlow sourceRef="s" targetRef="a"/><sequenceFlow sourceRef="a" targetRef="e"/>'), set()),
    "the library's names": (('<startEvent id="Start"/>', U, '<endEvent id="End"/>', flows("Start a End")), set()),
    "exclusive split, parallel join": (
        (START, GATE.replace("g-e", "g-b"), U, user("b"), '<parallelGateway id="j"/>', END, flows("s g b j e; a j"), flow("g", "a", "x")),
        {("deadlock", "j")},
    ),
    "interrupted task, parallel join": (
        (START, U, boundary("b", "a"), '<parallelGateway id="j"/>', END, flows("s a j e; b j")),
        {("deadlock", "j")},
    ),
    "a branch that may leave": (
        (START, '<parallelGateway id="g"/>', U, user("b"), '<exclusiveGateway id="x" default="x-j"/>', '<parallelGateway id="j"/>', END, '<endEvent id="away"/>',
         flows("s g a j e; g b x j"), flow("x", "away", "y")),
        {("may-deadlock", "j")},
    ),
    "parallel branches that meet in a task": (
        (START, '<parallelGateway id="g"/>', U, user("b"), user("c"), END, flows("s g a c e; g b c")),
        {("runs-twice", "c")},
    ),
    "a loop without wait": (
        (START, GATE, service("o"), U, END, flows("s g e; o a g"), flow("g", "o", "x"), '<exclusiveGateway id="h" default="h-g"/>').__class__(
            (START, '<exclusiveGateway id="g" default="g-o"/>', service("o"), END, flows("s g o g"), flow("g", "e", "x"))
        ),
        {("busy-loop", "g")},
    ),
    # expressions and repeats
    "bad expression": ((START, GATE, U, END, flows("s g e; a e"), flow("g", "a", "a = 1")), {("expression", "g-a")}),
    "attack": ((START, GATE, U, END, flows("s g e; a e"), flow("g", "a", "__import__('os')")), {("expression", "g-a")}),
    "bomb": ((START, GATE, U, END, flows("s g e; a e"), flow("g", "a", "'a' * 1000000000 == 'b'")), {("expression", "g-a")}),
    "empty condition": ((START, GATE, U, END, flows("s g e; a e"), flow("g", "a", "")), {("expression", "g-a")}),
    "repeat over nothing": ((START, user("a", inside="<multiInstanceLoopCharacteristics/>"), END, flows("s a e")), {("repeat-over", "a")}),
    "repeat with a bad expression": (
        (START, user("a", inside="<multiInstanceLoopCharacteristics><loopCardinality>3 +</loopCardinality></multiInstanceLoopCharacteristics>"), END, flows("s a e")),
        {("expression", "a")},
    ),
    "repeat with a bad name": (
        (START, user("a", inside='<multiInstanceLoopCharacteristics camunda:collection="x" camunda:elementVariable="true"/>'), END, flows("s a e")),
        {("bad-name", "a")},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_each_fault_is_found_and_nothing_else(case):
    bodies, expected = CASES[case]
    assert found(*bodies) == expected


def test_problems_are_complete_chinese_sentences_with_a_fix():
    for bodies, _ in CASES.values():
        for problem in problems(*bodies):
            assert problem.message.endswith("。"), problem
            assert problem.fix.endswith("。"), problem
            assert problem.file == "process.bpmn" or problem.rule == "main-process"
            assert problem.severity in ("error", "warning")
            assert set(problem.as_dict()) == {"element", "rule", "severity", "message", "fix", "file"}


def choosing(condition: str) -> tuple[str, ...]:
    return START, U, GATE, user("b"), END, flows("s a g e; b e"), flow("g", "b", condition)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("${a.decision == 'yes'}", set()),
        ("${a.decision == 'yse'}", {"unknown-value"}),
        ("${'yse' != a.decision}", {"unknown-value"}),
        ("${a.decision in ['yes', 'maybe']}", {"unknown-value"}),
        ("${a.decison == 'yes'}", {"unknown-field"}),
        ("${check.decision == 'yes'}", {"unknown-variable"}),
        ("${b.anything}", set()),
        ("${origin == 'self'}", set()),
        ("${loopCounter == 1}", {"unknown-variable"}),
    ],
)
def test_what_conditions_read_must_be_provided(condition, expected):
    variables = {"a": {"decision": ["yes", "no"], "note": None}, "origin": None}
    assert {rule for rule, _ in found(*choosing(condition), variables=variables)} == expected


def test_names_of_a_repeat_are_known_inside_it():
    inner = (
        SUB_START
        + GATE.replace("g-e", "g-e1")
        + U
        + SUB_END
        + flows("s1 g e1; a e1")
        + flow("g", "a", "${parcel.big and loopCounter == 0}")
    )
    loop = '<multiInstanceLoopCharacteristics camunda:collection="list" camunda:elementVariable="parcel"><completionCondition>nrOfCompletedInstances == 1</completionCondition></multiInstanceLoopCharacteristics>'
    assert (
        found(*between(f'<subProcess id="x">{loop}{inner}</subProcess>'), variables={"list": None}) == set()
    )


def test_a_process_that_is_not_executable_is_named():
    content = document(process(START + U + END + flows("s a e"), attributes=""))
    assert [p.rule for p in check_model({"process.bpmn": content})] == ["not-executable"]


def test_called_processes_are_found_in_the_other_files():
    main = document(process("".join(between('<callActivity id="x" calledElement="q"/>'))))
    other = document(process(SUB_START + user("a") + SUB_END + flows("s1 a e1"), "q"))
    assert check_model({"process.bpmn": main, "other.bpmn": other}) == []
    assert [p.rule for p in check_model({"one.bpmn": main, "other.bpmn": other})] == []
    clash = document(process(START + user("a") + SUB_END + flows("s a e1"), "q"))
    assert "duplicate-id" in [p.rule for p in check_model({"process.bpmn": main, "other.bpmn": clash})]


def test_catalogues_that_are_not_given_are_not_checked_against():
    assert check_model({"process.bpmn": document(process("".join(between(user("x")))))}) == []


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "xml-syntax"),
        (b"hello", "xml-syntax"),
        (b"<a", "xml-syntax"),
        (b"<a/>", "not-a-model"),
        (b"\x00\x01\x02", "xml-syntax"),
        (b"<a/>" + b" " * 2_000_001, "xml-size"),
        (b"<a>" + b"<b/>" * 20_001 + b"</a>", "xml-size"),
        (b"<a>" * 500 + b"</a>" * 500, "xml-size"),
        (b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "xml-dtd"),
        (b'<?xml version="1.0"?><!-- c --><!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "xml-dtd"),
        (b'<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><a>&b;</a>', "xml-dtd"),
        ("<a/>".encode("utf-16"), "xml-encoding"),
        ("<a/>".encode("utf-16-le"), "xml-encoding"),
        ("<a/>".encode("utf-32"), "xml-encoding"),
        (b'<?xml version="1.0" encoding="UTF-7"?><a/>', "xml-encoding"),
        (b'<?xml version="1.0" encoding="EBCDIC-CP-US"?><a/>', "xml-encoding"),
        (b'<?xml version="1.0" encoding="UTF-8"?><a>\xff</a>', "xml-encoding"),
        (b"<a>&unknown;</a>", "xml-syntax"),
    ],
)
def test_files_that_are_not_read(content, rule):
    [problem] = check_model({"process.bpmn": content})
    assert (problem.rule, problem.severity, problem.file) == (rule, "error", "process.bpmn")


@pytest.mark.parametrize("encoding", ["UTF-8", "GB18030", "gbk"])
def test_declared_encodings_are_read(encoding):
    text = document(process("".join(between(user("x").replace('name="x"', 'name="核查"'))))).decode()
    content = text.replace("UTF-8", encoding).encode(encoding)
    assert check_model({"process.bpmn": content}) == []
    assert check_model({"process.bpmn": b"\xef\xbb\xbf" + text.encode()}) == []


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_make_it_raise(content):
    assert check_model({"process.bpmn": content, "x.dmn": content})


SAMPLE = shipped()["walk"]["walk.bpmn"]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_mutilated_model_makes_it_raise(data):
    text = bytearray(SAMPLE)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(text) - 1))
        if data.draw(st.booleans()):
            del text[at : at + data.draw(st.integers(1, 40))]
        else:
            text[at : at + 1] = data.draw(st.binary(min_size=1, max_size=4))
    found = check_model({**shipped()["walk"], "walk.bpmn": bytes(text)})
    assert [p for p in found if p.rule == "check-failed"] == []


TAGS = ["userTask", "serviceTask", "exclusiveGateway", "parallelGateway", "inclusiveGateway", "subProcess", "boundaryEvent",
        "startEvent", "endEvent", "callActivity", "businessRuleTask", "intermediateCatchEvent", "lane", "process", "text"]  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(TAGS), st.sampled_from("abcdefg"), st.sampled_from("abcdefg")), max_size=9
    ),
    st.lists(st.tuples(st.sampled_from("abcdefg"), st.sampled_from("abcdefg")), max_size=14),
)
def test_no_drawing_makes_it_raise(nodes, arrows):
    body = "".join(
        f'<{tag} id="{name}" attachedToRef="{other}" default="{name}-{other}" calledElement="{other}"/>'
        for tag, name, other in nodes
    )
    content = document(process(body + "".join(flow(a, b, "x" if a < b else None) for a, b in arrows)))
    found = check_model({"process.bpmn": content})
    assert found
    assert [p for p in found if p.rule == "check-failed"] == []


def test_many_parallel_branches_are_judged_too():
    """More interleavings than can be played; a starving join is found all the same."""
    names = [f"u{branch}x{step}" for branch in range(9) for step in range(5)]
    chains = ";".join(f"g {' '.join(names[start : start + 5])} j" for start in range(0, 45, 5))
    body = START + "".join(map(user, names)) + '<parallelGateway id="g"/><parallelGateway id="j"/>' + END
    known = {**KNOWN, "forms": None}
    assert found(body, flows(f"s g; {chains}; j e"), known=known) == set()
    exclusive = '<exclusiveGateway id="x" default="x-j"/>' + flow("x", "u0x0", "y") + flows("g x j")
    unsound = chains.replace("g u0x0", "u0x0")
    assert found(body, exclusive, flows(f"s g; {unsound}; j e"), known=known) == {("deadlock", "j")}


@pytest.mark.parametrize(
    ("written", "interrupts"), [("true", True), ("1", True), ("false", False), ("0", False)]
)
def test_booleans_are_those_of_xml_schema(written, interrupts):
    event = boundary("late", "a").replace('cancelActivity="true"', f'cancelActivity="{written}"')
    model = model_of(
        {"process.bpmn": read_xml(document(process(START + U + event + END + flows("s a e; late e"))))}
    )
    assert model.scopes["p"].elements["late"].interrupting is interrupts


@pytest.mark.parametrize("written", ["TRUE", "yes", "", "2"])
def test_other_words_are_no_booleans(written):
    event = boundary("late", "a").replace('cancelActivity="true"', f'cancelActivity="{written}"')
    assert ("unsupported-attribute", "late") in found(START, U, event, END, flows("s a e; late e"))
