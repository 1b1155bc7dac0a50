"""Gateways after BPMN 2.0 chapter 13.4, on token counts.

The library's joins look at which predecessors ever completed, and drop the open work behind an earlier pass
when a second token comes through. Here a task of the gateway that is WAITING is one token on one incoming flow.
"""

from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.bpmn.errors import RunFailed
from engine.bpmn.expressions import Expression
from engine.bpmn.instance import CaseTask
from engine.bpmn.nodes import Node
from engine.domain.said import say


class _Conditional(Node):
    """Conditions are tried in the order of the file; the flow without one is the default."""

    def __init__(self, wf_spec: Any, name: str):
        super().__init__(wf_spec, name)
        self.choices: list[tuple[Expression, Any]] = []
        self.default: list[Any] = []

    def connect_if(self, condition: Expression, target: Node) -> None:
        self.connect(target)
        self.choices.append((condition, target))

    def connect_default(self, target: Node) -> None:
        self.connect(target)
        self.default.append(target)

    def chosen(self, task: CaseTask) -> list[Any]:
        raise NotImplementedError

    def leave(self, task: CaseTask) -> None:
        targets = self.chosen(task)
        if not targets:
            message = say("网关“%(name)s”没有一个条件成立，也没有默认流向。")
            raise RunFailed(message, element=self.bpmn_id, name=self.bpmn_name or self.bpmn_id)
        task.send(*targets)


class Choosing(_Conditional):
    """Exclusive gateway: the first condition that holds, else the default. Tokens pass one by one."""

    def chosen(self, task: CaseTask) -> list[Any]:
        for condition, target in self.choices:
            if condition.holds(task.data):
                return [target]
        return self.default[:1]


class _Joining(Node):
    """Waits until `may_fire`; then takes one token from each incoming flow that has one."""

    def may_fire(self, task: CaseTask, filled: set[str]) -> bool:
        raise NotImplementedError

    def arrive(self, task: CaseTask) -> None:
        task.internal_data["from"] = task.parent.task_spec.name
        self.try_to_fire(task)

    def try_to_fire(self, task: CaseTask) -> None:
        """`task` is the token that stays if the gateway fires."""
        first: dict[str, CaseTask] = {task.internal_data["from"]: task}
        for other in self.waiting(task):
            first.setdefault(other.internal_data["from"], other)
        if not self.may_fire(task, set(first)):
            task._set_state(TaskState.WAITING)
            return
        for other in first.values():
            if other is not task:
                other.cancel("merged")
        task._set_state(TaskState.READY)

    def waiting(self, task: CaseTask) -> list[CaseTask]:
        tasks = task.workflow.tasks.values()
        return [t for t in tasks if t.task_spec is self and t._state == TaskState.WAITING]


class ParallelJoin(_Joining):
    """Parallel gateway: a token on every incoming flow, then one on every outgoing flow."""

    def may_fire(self, task: CaseTask, filled: set[str]) -> bool:
        return filled >= set(self._inputs)


class InclusiveJoin(_Joining, _Conditional):
    """Inclusive gateway: waits while some token elsewhere could still reach an incoming flow that has none,
    unless that token could as well reach one that has (BPMN 2.0, table 13.3). All conditions that hold are taken.

    What it waits for may go another way, so waiting ones are tried again when nothing else runs.
    """

    def __init__(self, wf_spec: Any, name: str):
        super().__init__(wf_spec, name)
        self._reached: dict[str, set[str]] = {}

    def chosen(self, task: CaseTask) -> list[Any]:
        return [target for condition, target in self.choices if condition.holds(task.data)] or self.default

    def may_fire(self, task: CaseTask, filled: set[str]) -> bool:
        missing = set(self._inputs) - filled
        if not missing:
            return True
        for other in task.workflow.tasks.values():
            if other.task_spec is not self and other.is_live:
                reached = self._arrivals(other.task_spec)
                if reached & missing and not reached & filled:
                    return False
        return True

    def _arrivals(self, start: Node) -> set[str]:
        """The incoming flows (by their sources) that a token at `start` could come by, not passing here."""
        if start.name not in self._reached:
            found, seen, todo = set(), {start.name}, [start]
            while todo:
                node = todo.pop()
                for following in node.following:
                    if following is self:
                        found.add(node.name)
                    elif following.name not in seen:
                        seen.add(following.name)
                        todo.append(following)
                todo.extend(event for event in node.boundary if event.name not in seen)
                seen.update(event.name for event in node.boundary)
            self._reached[start.name] = found
        return self._reached[start.name]


class EventGateway(Node):
    """Event-based gateway: the first of the events behind it takes the token, the others are given up."""

    arms = True

    def arrive(self, task: CaseTask) -> None:
        task._set_state(TaskState.STARTED)
        for event in self.following:
            event.wait(CaseTask(task.workflow, event, task))

    def leave(self, task: CaseTask) -> None:
        """The event that fired has the token already."""
