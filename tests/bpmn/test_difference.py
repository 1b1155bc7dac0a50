"""What counts as a change of a model."""

from engine.bpmn import semantic_diff
from tests.bpmn.support import END, START, document, flow, flows, process, service, shipped, user

GATE = '<exclusiveGateway id="g" default="g-e"/>'


def changes(old: tuple[str, ...], new: tuple[str, ...]) -> list[tuple[str, str, str]]:
    files = [{"process.bpmn": document(process("".join(body)))} for body in (old, new)]
    return [(change.kind, change.what, change.id) for change in semantic_diff(*files)]


def model(condition: str = "a.x", task: str = "", extra: str = "") -> tuple[str, ...]:
    return (
        START,
        task or user("a"),
        GATE,
        service("o"),
        END,
        flows("s a g e; o e"),
        flow("g", "o", condition),
        extra,
    )


def test_nothing_changed():
    assert changes(model(), model()) == []
    assert semantic_diff(shipped()["walk"], shipped()["walk"]) == []


def test_layout_notes_and_order_are_no_changes():
    assert (
        changes(model(), (*reversed(model()), '<textAnnotation id="t"><text>x</text></textAnnotation>')) == []
    )


def test_labels_are_told_apart_from_behaviour():
    renamed = user("a").replace('name="a"', 'name="初审"')
    assert changes(model(), model(task=renamed)) == [("relabelled", "element", "a")]
    english = """<extensionElements><camunda:properties><camunda:property name="name_en" value="Check"/></camunda:properties></extensionElements>"""
    assert changes(model(), model(task=user("a", inside=english))) == [("relabelled", "element", "a")]
    regrouped = user("a").replace("clerk", "officer")
    assert changes(model(), model(task=regrouped)) == [("changed", "element", "a")]


def test_conditions_additions_and_removals():
    assert changes(model(), model(condition="a.y")) == [("changed", "flow", "g-o")]
    more = model(extra=user("b") + flows("a b"))
    assert changes(model(), more) == [("added", "element", "b"), ("added", "flow", "a-b")]
    assert changes(more, model()) == [("removed", "element", "b"), ("removed", "flow", "a-b")]


def test_a_cell_of_a_decision_table():
    files = shipped()["walk"]
    other = {**files, "urgency.dmn": files["urgency.dmn"].replace(b"[3..10)", b"[4..10)")}
    [change] = semantic_diff(files, other)
    assert (change.kind, change.what, change.id) == ("changed", "decision", "urgency")
