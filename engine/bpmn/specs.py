"""Turns a read model into runnable nodes.

Built from our own reading rather than by the library's parser: that one drops flows without an id, tries
gateway conditions in the order of the drawing, ignores conditions outside gateways, and takes an element
called `End` for its own. Names here carry a prefix no XML id can have, so they never meet the library's.

Anything unknown is refused: the publish check explains it in full, this is the net under it.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from engine.bpmn.decisions import Decision
from engine.bpmn.errors import ModelRefused
from engine.bpmn.events import FROM_OUTSIDE, Boundary, Catch, Listener, Terminate, Throw
from engine.bpmn.expressions import Expression, constant, parse
from engine.bpmn.gateways import Choosing, EventGateway, InclusiveJoin, ParallelJoin
from engine.bpmn.model import Element, Model, Scope
from engine.bpmn.nodes import (
    MAX_INSTANCES,
    NAMES_OF_A_REPEAT,
    DecisionTask,
    Looped,
    Node,
    Operation,
    Process,
    Repeated,
    Subprocess,
    UserTask,
)
from engine.bpmn.times import is_expression

__all__ = ["MAX_INSTANCES", "NAMES_OF_A_REPEAT", "SUPPORTED", "SUPPORTED_STARTS", "build", "is_maximum"]

CHOOSING = ("exclusiveGateway", "inclusiveGateway")
SPLITTING = (*CHOOSING, "parallelGateway", "eventBasedGateway")
WAITED = (*FROM_OUTSIDE, "conditional")


def is_maximum(text: str) -> bool:
    """A number of passes that a loop may state."""
    return bool(re.fullmatch("[1-9][0-9]{0,3}", text)) and int(text) <= MAX_INSTANCES


def build(model: Model, decisions: Mapping[str, Decision]) -> dict[str, Process]:
    """The nodes of each process and subprocess, by its id. Raises ModelRefused at the first obstacle."""
    return {scope.id: _Builder(model, scope, decisions).build() for scope in model.scopes.values()}


class _Builder:
    def __init__(self, model: Model, scope: Scope, decisions: Mapping[str, Decision]):
        self.model, self.scope, self.decisions = model, scope, decisions
        self.process = Process(scope.id)
        self.made: dict[str, Any] = {}  # element id -> its node

    def build(self) -> Process:
        elements = self.scope.elements.values()
        for element in elements:
            self.made[element.id] = self.element(element)
        for element in elements:
            if element.attached_to is not None:
                self.made[element.attached_to].boundary.append(self.made[element.id])
            elif element.event_subprocess:
                self.process.start.boundary.append(self.made[element.id])
        for element in elements:
            self.connect(element)
        for throwing, catching in self.scope.links():
            self.made[throwing.id].connect(self.made[catching.id])
        return self.process

    def refuse(self, element: Element | None, message: str, **facts: object) -> ModelRefused:
        where = element.id if element else self.scope.id
        return ModelRefused(
            message, element=where, rule="not-runnable", fix="", file=self.scope.file, **facts
        )

    def parse(self, element: Element, text: str) -> Expression:
        try:
            return parse(text)
        except Exception as fault:
            raise self.refuse(element, "表达式有误：%(fault)s", fault=str(fault)) from fault

    def element(self, element: Element) -> Any:
        make = _MAKERS.get((element.type, element.event))
        if make is None or (element.event_subprocess and element.type != "subProcess"):
            raise self.refuse(
                element, "不支持这种元素：%(type)s", type=f"{element.type} {element.event}".strip()
            )
        if element.unresolved is not None:
            raise self.refuse(element, "引用的 %(id)s 没有定义。", id=element.unresolved)
        name = f"#{element.id}"
        if element.event_subprocess:
            return self.labelled(self.listener(element, name), element)
        if element.repeat is None and element.loop is None:
            return self.labelled(make(self, element, name), element)
        instance = self.labelled(make(self, element, f"{name} instance"), element)
        again = self.repeated if element.repeat is not None else self.looped
        return self.labelled(again(element, name, instance), element)

    def labelled(self, node: Any, element: Element) -> Any:
        node.bpmn_id, node.bpmn_name, node.lane = (element.id, element.name, self.model.lane(element))
        node.is_end = element.type == "endEvent"
        return node

    def repeated(self, element: Element, name: str, instance: Any) -> Repeated:
        repeat = element.repeat
        assert repeat is not None
        if (repeat.cardinality is None) == (repeat.collection is None):
            raise self.refuse(element, "多实例应给出次数或列表之一。")
        gather = element.id if element.type in ("subProcess", "callActivity") else element.namespace
        texts = (repeat.cardinality, repeat.collection, repeat.until)
        expressions = [None if text is None else self.parse(element, text) for text in texts]
        return Repeated(self.process, name, element, instance, gather, *expressions)

    def looped(self, element: Element, name: str, instance: Any) -> Looped:
        loop = element.loop
        assert loop is not None
        maximum = loop.maximum or str(MAX_INSTANCES)
        if not is_maximum(maximum):
            raise self.refuse(element, "循环的最多次数应为 1 到 %(most)s。", most=MAX_INSTANCES)
        if loop.condition is None and loop.maximum is None:
            raise self.refuse(element, "循环应给出条件或最多次数。")
        condition = None if loop.condition is None else self.parse(element, loop.condition)
        return Looped(self.process, name, element, instance, condition, int(maximum))

    def connect(self, element: Element) -> None:
        node = self.made[element.id]
        flows = self.scope.outgoing(element.id)
        if len(flows) > 1 and element.type not in SPLITTING:
            raise self.refuse(element, "一个元素有多条流出的顺序流，应改用网关。")
        for flow in flows:
            target = self.made.get(flow.target)
            if target is None:
                raise self.refuse(element, "顺序流 %(flow)s 没有指向本流程内的元素。", flow=flow.id)
            if element.type == "eventBasedGateway" and not may_be_raced(self.scope.elements[flow.target]):
                raise self.refuse(element, "事件网关之后应是定时、消息、信号或条件事件。")
            if element.type in CHOOSING and flow.condition is not None and flow.id != element.default:
                node.connect_if(self.parse(element, flow.condition), target)
            elif element.type in CHOOSING:
                node.connect_default(target)
            elif flow.condition is None:
                node.connect(target)
            else:
                raise self.refuse(element, "顺序流 %(flow)s 的条件不起作用，应改用网关。", flow=flow.id)

    # one maker per kind of element

    def start(self, element: Element, name: str) -> Any:
        node = Node(self.process, name)
        outer = self.model.scopes.get(self.scope.parent or "")
        inside_event = outer is not None and outer.elements[self.scope.id].event_subprocess
        if bool(element.event) != inside_event:
            raise self.refuse(element, "案件由人发起：只有事件子流程的开始事件能等待事件。")
        self.process.start.connect(node)
        return node

    def terminate(self, element: Element, name: str) -> Any:
        return Terminate(self.process, name)

    def operation(self, element: Element, name: str) -> Any:
        if not element.topic:
            raise self.refuse(element, '服务任务应为 camunda:type="external" 并有 topic。')
        return Operation(self.process, name)

    def decision(self, element: Element, name: str) -> Any:
        decision = self.decisions.get(element.decision or "")
        if decision is None:
            raise self.refuse(element, "没有名为 %(name)s 的决策表。", name=element.decision)
        return DecisionTask(self.process, name, decision, element.namespace)

    def called(self, element: Element, name: str) -> Any:
        inner = self.model.scopes.get(element.called or "")
        if inner is None or inner.parent is not None:
            raise self.refuse(element, "没有名为 %(name)s 的流程可调用。", name=element.called)
        return Subprocess(self.process, name, str(element.called))

    def embedded(self, element: Element, name: str) -> Any:
        return Subprocess(self.process, name, element.id)

    def listener(self, element: Element, name: str) -> Listener:
        inner = self.model.scopes[element.id]
        starts = [e for e in inner.elements.values() if e.type == "startEvent"]
        if len(starts) != 1 or (element.type, starts[0].event) not in _LISTENERS:
            raise self.refuse(element, "事件子流程应有一个带事件的开始事件。")
        if element.repeat is not None or element.loop is not None:
            raise self.refuse(element, "事件子流程不能重复。")
        return Listener(self.process, name, element.id, starts[0], *self.waiting(starts[0]))

    def waiting(self, element: Element) -> tuple[dict[str, Expression], Expression | None]:
        """What an event computes when its wait begins, and the condition that it waits for."""
        expressions = {}
        if element.event in ("message", "signal") and not element.reference:
            raise self.refuse(element, "消息或信号没有名称。")
        if element.event == "message" and "key" in element.properties:
            expressions["key"] = self.parse(element, element.properties["key"])
        if element.event == "timer" and not element.properties.get("deadline"):
            text = element.timer_text
            if not element.timer_kind or not text:
                raise self.refuse(element, "定时事件没有指明期限。")
            expressions["time"] = self.parse(element, text) if is_expression(text) else constant(text)
        condition = None
        if element.event == "conditional":
            condition = self.parse(element, element.condition or "")
        return expressions, condition

    def catching(self, element: Element, name: str) -> Any:
        return Catch(self.process, name, element, *self.waiting(element))

    def boundary(self, element: Element, name: str) -> Any:
        return Boundary(self.process, name, element, *self.waiting(element))

    def throwing(self, element: Element, name: str) -> Any:
        if element.event in ("message", "signal") and not element.reference:
            raise self.refuse(element, "消息或信号没有名称。")
        if element.event in ("error", "escalation") and not element.reference:
            raise self.refuse(element, "抛出的错误或升级没有代码。")
        texts = {
            key: element.properties[key] for key in ("to", "key", "payload") if key in element.properties
        }
        return Throw(
            self.process, name, element, {key: self.parse(element, text) for key, text in texts.items()}
        )

    def passing(self, element: Element, name: str) -> Any:
        return Node(self.process, name)

    def simple(kind: type) -> Callable[..., Any]:  # type: ignore[misc]
        def make(self: "_Builder", element: Element, name: str) -> Any:
            return kind(self.process, name)

        return make


def may_be_raced(element: Element) -> bool:
    """What may stand behind an event-based gateway."""
    return (element.type, element.event) in (
        *(("intermediateCatchEvent", event) for event in WAITED),
        ("receiveTask", "message"),
    )


_LISTENERS = {("subProcess", event) for event in (*WAITED, "error", "escalation")}
_MAKERS: dict[tuple[str, str], Callable[[_Builder, Element, str], Any]] = {
    ("startEvent", ""): _Builder.start,
    **{("startEvent", event): _Builder.start for event in (*WAITED, "error", "escalation")},
    ("endEvent", ""): _Builder.passing,
    ("endEvent", "terminate"): _Builder.terminate,
    **{("endEvent", event): _Builder.throwing for event in ("message", "signal", "error", "escalation")},
    ("intermediateThrowEvent", ""): _Builder.passing,
    ("intermediateThrowEvent", "link"): _Builder.passing,
    **{("intermediateThrowEvent", event): _Builder.throwing for event in ("message", "signal", "escalation")},
    ("intermediateCatchEvent", "link"): _Builder.passing,
    **{("intermediateCatchEvent", event): _Builder.catching for event in WAITED},
    **{("boundaryEvent", event): _Builder.boundary for event in (*WAITED, "error", "escalation")},
    ("userTask", ""): _Builder.simple(UserTask),
    ("serviceTask", ""): _Builder.operation,
    ("sendTask", ""): _Builder.operation,
    ("sendTask", "message"): _Builder.throwing,
    ("receiveTask", "message"): _Builder.catching,
    ("businessRuleTask", ""): _Builder.decision,
    ("subProcess", ""): _Builder.embedded,
    ("callActivity", ""): _Builder.called,
    ("exclusiveGateway", ""): _Builder.simple(Choosing),
    ("inclusiveGateway", ""): _Builder.simple(InclusiveJoin),
    ("parallelGateway", ""): _Builder.simple(ParallelJoin),
    ("eventBasedGateway", ""): _Builder.simple(EventGateway),
}
SUPPORTED = frozenset(_MAKERS)
"""(element type, kind of event) that runs."""
SUPPORTED_STARTS = frozenset(event for _, event in _LISTENERS)
"""Kinds of events that begin an event subprocess."""
