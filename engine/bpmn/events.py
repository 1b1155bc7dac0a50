"""Events: what waits to happen, what is thrown, and who catches it (BPMN 2.0 chapters 10.5 and 13.5).

Timers, messages and signals come in by commands; errors and escalations go from inside outwards to the nearest
that catches them; signals also reach every other wait of the same case; conditions are looked at after each step.
"""

from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.bpmn.commands import Thrown
from engine.bpmn.data import plain_value
from engine.bpmn.errors import RunFailed
from engine.bpmn.expressions import Expression
from engine.bpmn.instance import CaseTask
from engine.bpmn.model import Element
from engine.bpmn.nodes import Node, Repeating, begin_inside
from engine.bpmn.times import is_time
from engine.domain.said import say

FROM_OUTSIDE = ("timer", "message", "signal")
"""Kinds of events that a command brings."""


class Catch(Node):
    """An event that is waited for. `element` says of what kind it is and what it refers to.

    `expressions` are computed when the wait begins: `time` of a timer, `key` of a message.
    """

    def __init__(
        self,
        wf_spec: Any,
        name: str,
        element: Element,
        expressions: Mapping[str, Expression],
        condition: Expression | None = None,
    ):
        super().__init__(wf_spec, name)
        self.element, self.kind, self.reference = element, element.event, element.reference
        self.expressions, self.condition = expressions, condition

    def arrive(self, task: CaseTask) -> None:
        self.arm(task)
        self.wait(task)

    def wait(self, task: CaseTask) -> None:
        for name, expression in self.expressions.items():
            value = _text(expression.value(task.data), self.element.id, name)
            if name == "time" and not is_time(self.element.timer_kind, value or ""):
                message = say("“%(time)s”不是可用的时间，应写作 P15D、2027-03-01 或 R3/P7D。")
                raise RunFailed(message, element=self.element.id, time=value)
            task.internal_data[name] = value
        task._set_state(TaskState.WAITING)

    def look(self, task: CaseTask) -> bool:
        """Of a conditional event: fire it if its condition has become true. True if it did."""
        assert self.condition is not None
        holds = self.condition.holds(task.data)
        if not holds:
            task.internal_data.pop("held", None)
        if not holds or task.internal_data.get("held"):
            return False
        self.fire(task)
        return True

    def fire(self, task: CaseTask, payload: Any = None) -> None:
        """It has happened: the waiting task gets the token it waited for."""
        result = self.element.properties.get("result")
        if result:
            task.write(result, payload)
        self.take_token(task)

    def take_token(self, task: CaseTask) -> None:
        gateway = task.parent if task.parent.task_spec.arms else None
        task._set_state(TaskState.READY)
        if gateway is not None:
            gateway.complete()

    @property
    def recurs(self) -> bool:
        """A non-interrupting event may happen again; a timer only where it is a cycle."""
        return not self.element.interrupting and (self.kind != "timer" or self.element.timer_kind == "cycle")

    def wait_again(self, task: CaseTask) -> None:
        rest = next_cycle(str(task.internal_data["time"])) if self.kind == "timer" and self.recurs else None
        if not self.recurs or (self.kind == "timer" and rest is None):
            return
        again = CaseTask(task.workflow, self, task.parent)
        self.wait(again)
        if rest is not None:
            again.internal_data["time"] = rest
        if self.kind == "conditional":
            again.internal_data["held"] = True


class Boundary(Catch):
    """An event on the border of an activity."""

    armed = True

    def take_token(self, task: CaseTask) -> None:
        host = task.parent
        task._set_state(TaskState.READY)
        if self.element.interrupting:
            host.cancel()
        else:
            self.wait_again(task)


class Listener(Catch):
    """An event subprocess, waiting for its start event as long as its scope runs."""

    armed = True

    def __init__(
        self,
        wf_spec: Any,
        name: str,
        process: str,
        start: Element,
        expressions: Mapping[str, Expression],
        condition: Expression | None = None,
    ):
        super().__init__(wf_spec, name, start, expressions, condition)
        self.process = process

    def take_token(self, task: CaseTask) -> None:
        if self.element.interrupting:
            task.workflow.interrupt(task)
        else:
            self.wait_again(task)
        begin_inside(task, self.process)


class Throw(Node):
    """Makes an event happen, in the middle or at the end. `expressions`: `to`, `key` and `payload`."""

    def __init__(self, wf_spec: Any, name: str, element: Element, expressions: Mapping[str, Expression]):
        super().__init__(wf_spec, name)
        self.element, self.kind, self.reference = element, element.event, element.reference
        self.expressions = expressions

    def leave(self, task: CaseTask) -> None:
        scope = task.workflow
        before = scope.interruptions
        self.throw(task)
        if not scope.completed and scope.interruptions == before:  # else what it threw has ended its own path
            super().leave(task)

    def throw(self, task: CaseTask) -> None:
        found = {name: expression.value(task.data) for name, expression in self.expressions.items()}
        payload = plain_value(found.get("payload"))
        if self.kind == "error":
            raise_error(task, self.reference, payload)
        elif self.kind == "escalation":
            catcher = nearest(task, "escalation", self.reference)
            if catcher is not None:
                catcher.task_spec.fire(catcher, payload)
        elif self.kind in ("message", "signal"):
            to, key = (_text(found.get(name), self.bpmn_id, name) for name in ("to", "key"))
            thrown = Thrown(self.kind, self.bpmn_id, task.number, self.reference or "", to, key, payload)
            task.workflow.top_workflow.journal.thrown.append(thrown)
            if self.kind == "signal":
                broadcast(task, self.reference, payload)


class Terminate(Node):
    """Ends its process or subprocess at once, with every token in it."""

    def leave(self, task: CaseTask) -> None:
        task.workflow.stop()
        task.workflow.done()


def raise_error(task: CaseTask, code: str | None, payload: Any = None) -> None:
    """Interrupts the nearest scope or activity around that catches the error. Raises RunFailed if none does."""
    catcher = nearest(task, "error", code)
    if catcher is None:
        element = task.task_spec.bpmn_id
        raise RunFailed("没有人接住错误“%(code)s”。", element=element, code=code or "")
    catcher.task_spec.fire(catcher, payload)


def broadcast(task: CaseTask, name: str | None, payload: Any) -> None:
    """A signal reaches every wait for it in the same case; the other cases hear of it by `Step.thrown`."""
    for waiting in task.workflow.top_workflow.find(lambda other: waits_for(other, "signal", name)):
        if waiting._state == TaskState.WAITING:  # an earlier one may have ended it
            waiting.task_spec.fire(waiting, payload)


def nearest(task: CaseTask, kind: str, code: str | None) -> CaseTask | None:
    """From inside outwards: on the activity itself, then in its scope; one for this code before one for any."""
    place: CaseTask | None = task
    while place is not None:
        for candidates in (place.children, place.workflow.task_tree.children):
            if is_instance(place) and candidates is not place.children:
                continue  # its repeat comes first
            waiting = [t for t in candidates if t._state == TaskState.WAITING and t.task_spec.armed]
            for wanted in (code, None):
                for other in waiting:
                    if waits_for(other, kind, wanted):
                        return other
        place = place.parent if is_instance(place) else place.container
    return None


def waits_for(task: CaseTask, kind: str, reference: str | None) -> bool:
    spec = task.task_spec
    return (
        task._state == TaskState.WAITING
        and isinstance(spec, Catch)
        and spec.kind == kind
        and spec.reference == reference
    )


def is_instance(task: CaseTask) -> bool:
    return (
        task.parent is not None and isinstance(task.parent.task_spec, Repeating) and not task.task_spec.armed
    )


def next_cycle(text: str) -> str | None:
    """`R3/P1D` -> `R2/P1D`, endless `R/P1D` -> itself, after the last None."""
    count, _, rest = text.partition("/")
    if count == "R":
        return text
    left = int(count[1:]) - 1
    return f"R{left}/{rest}" if left > 0 else None


def _text(value: Any, element: str | None, name: str) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if type(value) is int:
        return str(value)
    raise RunFailed("“%(name)s”应为文本。", element=element, name=name)
