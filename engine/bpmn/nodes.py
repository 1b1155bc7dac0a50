"""The elements of a running process: what happens when a token arrives, while it is there, and when it leaves.

`arrive` makes the task ready, waiting or started; a ready task is run in its turn (`work`); `leave` sends the
token on. They stand on SpiffWorkflow's task specifications, whose own prediction and merging are not used.
"""

from typing import Any

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.decisions import Decision
from engine.bpmn.errors import RunFailed
from engine.bpmn.expressions import Expression
from engine.bpmn.instance import CaseTask
from engine.bpmn.model import Element
from engine.domain.said import say

MAX_INSTANCES = 500
"""Instances of one repeated element."""

NAMES_OF_A_REPEAT = ("loopCounter", "nrOfInstances", "nrOfCompletedInstances", "nrOfActiveInstances")


class Node(BpmnSpecMixin):
    """Passes the token on. `boundary` are the events that sit on it, `repeat` what it is an instance of.

    `armed`: its tasks hold no token while they wait. `arms`: its children hold none, it holds theirs.
    `is_end`: an end event.
    """

    armed = False
    arms = False
    is_end = False

    def __init__(self, wf_spec: Any, name: str):
        super().__init__(wf_spec, name, inputs=[], outputs=[], data={}, defines={})
        self.boundary: list[Any] = []
        self.repeat: Repeating | None = None
        self._following: list[Any] | None = None

    @property
    def following(self) -> list[Any]:
        """Where the outgoing flows lead, in the order of the file."""
        if self._following is None:
            self._following = self.outputs
        return self._following

    def arrive(self, task: CaseTask) -> None:
        self.arm(task)
        task._set_state(TaskState.READY)

    def arm(self, task: CaseTask) -> None:
        for event in self.boundary:
            event.wait(CaseTask(task.workflow, event, task))

    def work(self, task: CaseTask) -> bool:
        """True when the token may leave."""
        return True

    def leave(self, task: CaseTask) -> None:
        if self.repeat is not None:
            self.repeat.instance_done(task.parent, task)
        else:
            task.send(*self.following)


class Process(BpmnProcessSpec):
    """A process or subprocess. Its `start` stands for the scope: begun, it arms the listeners and sends a token."""

    def __init__(self, name: str):
        super().__init__(name=name)
        self.task_specs: dict[str, Any] = {}
        self.start = Beginning(self, "#")


class Beginning(Node):
    def __init__(self, wf_spec: Any, name: str):
        super().__init__(wf_spec, name)
        self.bpmn_id = None

    def leave(self, task: CaseTask) -> None:
        self.arm(task)
        super().leave(task)


class UserTask(Node):
    """Waits, ready, until a person completes it."""

    def __init__(self, wf_spec: Any, name: str):
        super().__init__(wf_spec, name)
        self.manual = True


class Operation(Node):
    """Stops until the use case hands in the result."""

    def work(self, task: CaseTask) -> bool:
        return False


class DecisionTask(Node):
    """A business rule task: computes its decision table and stores the result."""

    def __init__(self, wf_spec: Any, name: str, decision: Decision, result: str):
        super().__init__(wf_spec, name)
        self.decision = decision
        self.result = result

    def work(self, task: CaseTask) -> bool:
        task.write(self.result, self.decision.decide(task.data))
        return True


class Subprocess(Node):
    """An embedded or called process. It works on the case's own variables, so nothing is copied in or out."""

    def __init__(self, wf_spec: Any, name: str, process: str):
        super().__init__(wf_spec, name)
        self.process = process

    def arrive(self, task: CaseTask) -> None:
        self.arm(task)
        begin_inside(task, self.process)


def begin_inside(task: CaseTask, process: str) -> None:
    """Start the process whose container the task is; when that is done the task becomes ready."""
    inner = task.workflow.top_workflow.create_subprocess(task, process)
    task._set_state(TaskState.STARTED)
    inner.begin()


class Repeating(Node):
    """An element that is done several times; `instance` is the node of one time."""

    def __init__(self, wf_spec: Any, name: str, instance: Node):
        super().__init__(wf_spec, name)
        self.instance = instance
        instance.repeat = self

    def instance_done(self, task: CaseTask, instance: CaseTask) -> None:
        raise NotImplementedError


class Repeated(Repeating):
    """A multi-instance element.

    Each instance has its own variables: the item, and `loopCounter` from 0. What the instances bring is
    gathered, in their order, as a list in the variable `gather` (of the case, or of the repeat around).
    """

    def __init__(
        self,
        wf_spec: Any,
        name: str,
        element: Element,
        instance: Node,
        gather: str,
        cardinality: Expression | None,
        collection: Expression | None,
        until: Expression | None,
    ):
        super().__init__(wf_spec, name, instance)
        assert element.repeat is not None
        self.sequential = element.repeat.sequential
        self.item = element.repeat.item
        self.whole = element.type in ("subProcess", "callActivity")  # an instance brings several variables
        self.gather = gather
        self.cardinality, self.collection, self.until = cardinality, collection, until

    def arrive(self, task: CaseTask) -> None:
        self.arm(task)
        items = self._items(task)
        task.internal_data.update(total=len(items), brought=[])
        task.write(self.gather, [])
        if not items:
            task._set_state(TaskState.READY)
            return
        task._set_state(TaskState.STARTED)
        if self.sequential:
            task.internal_data["items"] = items[1:]
            self._begin(task, (0, items[0]))
        else:
            self._begin(task, *enumerate(items))

    def _items(self, task: CaseTask) -> list[Any]:
        if self.collection is not None:
            found = self.collection.value(task.data)
            items = found if isinstance(found, list) else None
        else:
            assert self.cardinality is not None
            found = self.cardinality.value(task.data)
            items = [None] * min(found, MAX_INSTANCES + 1) if type(found) is int and found >= 0 else None
        if items is None:
            message = say("多实例的次数或列表无效：应为非负整数，或一个列表。")
            raise RunFailed(message, element=self.bpmn_id)
        if len(items) > MAX_INSTANCES:
            raise RunFailed("多实例超过 %(limit)s 个。", element=self.bpmn_id, limit=MAX_INSTANCES)
        return items

    def _begin(self, task: CaseTask, *items: tuple[int, Any]) -> None:
        children = []
        for index, item in items:
            local = {"loopCounter": index, self.item: item} if self.item else {"loopCounter": index}
            children.append(CaseTask(task.workflow, self.instance, task, local))
        for child in children:
            self.instance.arrive(child)

    def instance_done(self, task: CaseTask, instance: CaseTask) -> None:
        assert instance.local is not None
        brought = task.internal_data["brought"]
        own = {k: v for k, v in instance.local.items() if k not in (self.item, "loopCounter")}
        brought.append([instance.local["loopCounter"], own if self.whole else own.get(self.gather)])
        brought.sort(key=lambda entry: int(entry[0]))
        task.write(self.gather, [value for _, value in brought])
        done, total = len(brought), task.internal_data["total"]
        if done == total or self._enough(task, instance, done, total):
            task._end_inside("cancelled")
            task._set_state(TaskState.READY)
        elif self.sequential:
            item, *task.internal_data["items"] = task.internal_data["items"]
            self._begin(task, (done, item))

    def _enough(self, task: CaseTask, instance: CaseTask, done: int, total: int) -> bool:
        if self.until is None:
            return False
        counts = {"nrOfInstances": total, "nrOfCompletedInstances": done, "nrOfActiveInstances": total - done}
        gathered = task.data.get(self.gather)
        return self.until.holds({**instance.data, self.gather: gathered, **counts})


class Looped(Repeating):
    """A standard loop: one time after the other, on the case's own variables."""

    def __init__(
        self,
        wf_spec: Any,
        name: str,
        element: Element,
        instance: Node,
        condition: Expression | None,
        maximum: int,
    ):
        super().__init__(wf_spec, name, instance)
        assert element.loop is not None
        self.test_before = element.loop.test_before
        self.condition, self.maximum = condition, maximum

    def arrive(self, task: CaseTask) -> None:
        self.arm(task)
        task.internal_data["times"] = 0
        if self.test_before and not self._again(task):
            task._set_state(TaskState.READY)
            return
        task._set_state(TaskState.STARTED)
        task.send(self.instance)

    def instance_done(self, task: CaseTask, instance: CaseTask) -> None:
        task.internal_data["times"] += 1
        if self._again(task):
            task.send(self.instance)
        else:
            task._set_state(TaskState.READY)

    def _again(self, task: CaseTask) -> bool:
        if task.internal_data["times"] >= self.maximum:
            return False
        return self.condition is None or self.condition.holds(task.data)
