"""Turns a read model into SpiffWorkflow's runnable specifications.

Built from our own reading rather than by the library's parser: that one drops flows without an id, tries
gateway conditions in the order of the drawing, ignores conditions outside gateways, and takes an element
called `End` for its own. Names here carry a prefix no XML id can have, so they never meet the library's.

Anything unknown is refused: the publish check explains it in full, this is the net under it.
"""

from collections.abc import Callable, Mapping
from typing import Any

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin, BoundaryEventSplit
from SpiffWorkflow.bpmn.specs.defaults import (
    BoundaryEvent,
    EndEvent,
    IntermediateCatchEvent,
    IntermediateThrowEvent,
    ServiceTask,
    StartEvent,
    SubWorkflowTask,
    UserTask,
)
from SpiffWorkflow.bpmn.specs.event_definitions.simple import NoneEventDefinition, TerminateEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.decisions import Decision
from engine.bpmn.errors import ModelRefused, RunFailed
from engine.bpmn.expressions import Expression, parse
from engine.bpmn.gateways import Choosing, Condition, InclusiveJoin, ParallelJoin
from engine.bpmn.instance import CaseTask
from engine.bpmn.model import Element, Model, Scope

MAX_INSTANCES = 500
"""Instances of one repeated element."""

NAMES_OF_A_REPEAT = ("loopCounter", "nrOfInstances", "nrOfCompletedInstances", "nrOfActiveInstances")


class Timer(TimerEventDefinition):
    """Fires by command only. Its deadline is the domain's; nothing here reads a clock."""

    def __init__(self) -> None:
        super().__init__("timer", None)

    def has_fired(self, my_task: CaseTask) -> bool:
        return bool(my_task.internal_data.get("event_fired"))

    def reset(self, my_task: CaseTask) -> None:
        my_task.internal_data.pop("event_fired", None)


class Operation(ServiceTask):
    """Stops in STARTED until the use case hands in the result."""

    def _run_hook(self, my_task: CaseTask) -> None:
        return None


class DecisionTask(BpmnSpecMixin):
    """A business rule task: computes its decision table and stores the result."""

    def __init__(self, wf_spec: Any, name: str, decision: Decision, result: str):
        super().__init__(wf_spec, name)
        self.decision = decision
        self.result = result

    def _run_hook(self, my_task: CaseTask) -> bool:
        my_task.write(self.result, self.decision.decide(my_task.data))
        return True


class Subprocess(SubWorkflowTask):
    """An embedded or called process. It works on the case's own variables, so nothing is copied in or out."""

    def copy_data(self, my_task: CaseTask, subworkflow: Any) -> None:
        pass

    def update_data(self, my_task: CaseTask, subworkflow: Any) -> None:
        pass

    def start_workflow(self, my_task: CaseTask) -> None:
        inner = my_task.workflow.top_workflow.create_subprocess(my_task, self.spec)
        inner.completed_event.connect(self._on_subworkflow_completed, my_task)


class Repeated(BpmnSpecMixin):
    """A multi-instance element; `instance` names the specification of one instance.

    Each instance has its own variables: the item, and `loopCounter` from 0. What the instances bring is
    gathered, in their order, as a list in the variable `gather` (of the case, or of the repeat around).
    """

    def __init__(
        self,
        wf_spec: Any,
        name: str,
        element: Element,
        instance: Any,
        gather: str,
        cardinality: Expression | None,
        collection: Expression | None,
        until: Expression | None,
    ):
        super().__init__(wf_spec, name)
        assert element.repeat is not None
        self.sequential = element.repeat.sequential
        self.item = element.repeat.item
        self.whole = element.type in ("subProcess", "callActivity")  # an instance brings several variables
        self.instance, self.gather = instance.name, gather
        self.cardinality, self.collection, self.until = cardinality, collection, until
        instance._inputs.append(name)
        instance.completed_event.connect(self.instance_done)

    def _update_hook(self, my_task: CaseTask) -> bool:
        super()._update_hook(my_task)
        items = self._items(my_task)
        my_task.internal_data.update(total=len(items), done=0)
        my_task.write(self.gather, [])
        if not items:
            return True
        my_task._set_state(TaskState.STARTED)
        if self.sequential:
            my_task.internal_data["items"] = items[1:]
            self._begin(my_task, 0, items[0])
        else:
            for index, item in enumerate(items):
                self._begin(my_task, index, item)
        return False

    def _items(self, my_task: CaseTask) -> list[Any]:
        if self.collection is not None:
            found = self.collection.value(my_task.data)
            items = found if isinstance(found, list) else None
        else:
            assert self.cardinality is not None
            found = self.cardinality.value(my_task.data)
            items = [None] * min(found, MAX_INSTANCES + 1) if type(found) is int and found >= 0 else None
        if items is None:
            message = "多实例的次数或列表无效：应为非负整数，或一个列表。"
            raise RunFailed(message, element=self.bpmn_id)
        if len(items) > MAX_INSTANCES:
            raise RunFailed("多实例超过 %(limit)s 个。", element=self.bpmn_id, limit=MAX_INSTANCES)
        return items

    def _begin(self, my_task: CaseTask, index: int, item: Any) -> None:
        child = my_task._add_child(self._wf_spec.task_specs[self.instance], TaskState.FUTURE)
        child.triggered = True
        child.local = {"loopCounter": index}
        if self.item:
            child.local[self.item] = item
        child.task_spec._update(child)

    def instance_done(self, workflow: Any, child: CaseTask) -> None:
        my_task = child.parent
        progress = my_task.internal_data
        progress["done"] += 1
        self._gather(my_task)
        if self._enough(my_task, child):
            for other in my_task.children:
                if other.local is not None:
                    other.cancel()
            my_task._set_state(TaskState.READY)
        elif progress["done"] == progress["total"]:
            my_task._set_state(TaskState.READY)
        elif self.sequential:
            item, *progress["items"] = progress["items"]
            self._begin(my_task, progress["done"], item)

    def _gather(self, my_task: CaseTask) -> None:
        gathered = []
        for child in my_task.children:
            if child.local is not None and child._state == TaskState.COMPLETED:
                own = {k: v for k, v in child.local.items() if k not in (self.item, "loopCounter")}
                gathered.append(own if self.whole else own.get(self.gather))
        my_task.write(self.gather, gathered)

    def _enough(self, my_task: CaseTask, child: CaseTask) -> bool:
        if self.until is None:
            return False
        total, done = my_task.internal_data["total"], my_task.internal_data["done"]
        counts = {"nrOfInstances": total, "nrOfCompletedInstances": done, "nrOfActiveInstances": total - done}
        outer = my_task.data.get(self.gather)
        return self.until.holds({**child.data, self.gather: outer, **counts})


def build(model: Model, decisions: Mapping[str, Decision]) -> dict[str, BpmnProcessSpec]:
    """A specification for each process and subprocess, by id. Raises ModelRefused at the first obstacle."""
    return {scope.id: _Builder(model, scope, decisions).build() for scope in model.scopes.values()}


class _Builder:
    def __init__(self, model: Model, scope: Scope, decisions: Mapping[str, Decision]):
        self.model, self.scope, self.decisions = model, scope, decisions
        self.spec = BpmnProcessSpec(name=scope.id)
        self.made: dict[str, Any] = {}  # element id -> its specification, where flows start
        self.entries: dict[str, Any] = {}  # element id -> where flows arrive (before its boundary events)

    def build(self) -> BpmnProcessSpec:
        for element in self.scope.elements.values():
            self.made[element.id] = self.entries[element.id] = self.element(element)
        for element in self.scope.elements.values():
            if boundary := self.scope.boundary(element.id):
                self.guard(element, boundary)
        for element in self.scope.elements.values():
            self.connect(element)
        return self.spec

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
        if make is None:
            raise self.refuse(
                element, "不支持这种元素：%(type)s", type=f"{element.type} {element.event}".strip()
            )
        name = f"#{element.id}"
        if element.repeat is None:
            return self.labelled(make(self, element, name), element)
        instance = self.labelled(make(self, element, f"{name} instance"), element)
        return self.labelled(self.repeated(element, name, instance), element)

    def labelled(self, spec: Any, element: Element) -> Any:
        spec.bpmn_id, spec.bpmn_name, spec.lane = (element.id, element.name, self.model.lane(element))
        return spec

    def repeated(self, element: Element, name: str, instance: Any) -> Repeated:
        repeat = element.repeat
        assert repeat is not None
        if (repeat.cardinality is None) == (repeat.collection is None):
            raise self.refuse(element, "多实例应给出次数或列表之一。")
        gather = element.id if element.type in ("subProcess", "callActivity") else element.namespace
        texts = (repeat.cardinality, repeat.collection, repeat.until)
        expressions = [None if text is None else self.parse(element, text) for text in texts]
        return Repeated(self.spec, name, element, instance, gather, *expressions)

    def guard(self, element: Element, boundary: tuple[Element, ...]) -> None:
        """Boundary events, the library's way: a split before the element and a cancelling join after."""
        split = BoundaryEventSplit(self.spec, f"#{element.id} split")
        join = BoundaryEventJoin(self.spec, f"#{element.id} join", split_task=split.name, cancel=True)
        for branch in (self.made[element.id], *(self.made[event.id] for event in boundary)):
            split.connect(branch)
            branch.connect(join)
        self.entries[element.id] = split

    def connect(self, element: Element) -> None:
        spec = self.made[element.id]
        choosing = element.type in ("exclusiveGateway", "inclusiveGateway")
        flows = self.scope.outgoing(element.id)
        if len(flows) > 1 and not choosing and element.type != "parallelGateway":
            raise self.refuse(element, "一个元素有多条流出的顺序流，应改用网关。")
        for flow in flows:
            target = self.entries.get(flow.target)
            if target is None:
                raise self.refuse(element, "顺序流 %(flow)s 没有指向本流程内的元素。", flow=flow.id)
            if flow.condition is None or flow.id == element.default:
                spec.connect(target)
            elif choosing:
                spec.connect_if(Condition(self.parse(element, flow.condition)), target)
            else:
                raise self.refuse(element, "顺序流 %(flow)s 的条件不起作用，应改用网关。", flow=flow.id)

    # one maker per kind of element

    def start(self, element: Element, name: str) -> Any:
        spec = StartEvent(self.spec, name, event_definition=NoneEventDefinition())
        self.spec.start.connect(spec)
        return spec

    def end(self, element: Element, name: str) -> Any:
        definition = TerminateEventDefinition() if element.event == "terminate" else NoneEventDefinition()
        spec = EndEvent(self.spec, name, event_definition=definition)
        spec.connect(self.spec.end)
        return spec

    def operation(self, element: Element, name: str) -> Any:
        if not element.topic:
            raise self.refuse(element, '服务任务应为 camunda:type="external" 并有 topic。')
        return Operation(self.spec, name)

    def decision(self, element: Element, name: str) -> Any:
        decision = self.decisions.get(element.decision or "")
        if decision is None:
            raise self.refuse(element, "没有名为 %(name)s 的决策表。", name=element.decision)
        return DecisionTask(self.spec, name, decision, element.namespace)

    def called(self, element: Element, name: str) -> Any:
        inner = self.model.scopes.get(element.called or "")
        if inner is None or inner.parent is not None:
            raise self.refuse(element, "没有名为 %(name)s 的流程可调用。", name=element.called)
        return Subprocess(self.spec, name, subworkflow_spec=element.called)

    def embedded(self, element: Element, name: str) -> Any:
        return Subprocess(self.spec, name, subworkflow_spec=element.id)

    def simple(spec_class: type) -> Callable[..., Any]:  # type: ignore[misc]
        def make(self: "_Builder", element: Element, name: str) -> Any:
            return spec_class(self.spec, name)

        return make

    def throwing(self, element: Element, name: str) -> Any:
        return IntermediateThrowEvent(self.spec, name, event_definition=NoneEventDefinition())

    def timer(self, element: Element, name: str) -> Any:
        return IntermediateCatchEvent(self.spec, name, event_definition=Timer())

    def boundary_timer(self, element: Element, name: str) -> Any:
        return BoundaryEvent(self.spec, name, event_definition=Timer(), cancel_activity=element.interrupting)


_MAKERS: dict[tuple[str, str], Callable[[_Builder, Element, str], Any]] = {
    ("startEvent", ""): _Builder.start,
    ("endEvent", ""): _Builder.end,
    ("endEvent", "terminate"): _Builder.end,
    ("intermediateThrowEvent", ""): _Builder.throwing,
    ("intermediateCatchEvent", "timer"): _Builder.timer,
    ("boundaryEvent", "timer"): _Builder.boundary_timer,
    ("userTask", ""): _Builder.simple(UserTask),
    ("serviceTask", ""): _Builder.operation,
    ("businessRuleTask", ""): _Builder.decision,
    ("subProcess", ""): _Builder.embedded,
    ("callActivity", ""): _Builder.called,
    ("exclusiveGateway", ""): _Builder.simple(Choosing),
    ("inclusiveGateway", ""): _Builder.simple(InclusiveJoin),
    ("parallelGateway", ""): _Builder.simple(ParallelJoin),
}
SUPPORTED = frozenset(_MAKERS)
"""(element type, kind of event) that runs."""
