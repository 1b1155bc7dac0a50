"""Gateways after BPMN 2.0 chapter 13.4, on token counts.

The library's joins look at which predecessors ever completed, and drop the open work behind an earlier pass
when a second token comes through. Here a task of the gateway that is WAITING is one token on one incoming flow.
"""

from typing import Any

from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.specs.MultiChoice import MultiChoice
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.errors import RunFailed
from engine.bpmn.expressions import Expression
from engine.bpmn.instance import CaseTask

HOLDS_TOKEN = TaskState.WAITING | TaskState.READY | TaskState.STARTED


class Condition:
    """A flow's condition, parsed once for all cases."""

    def __init__(self, expression: Expression):
        self.expression = expression

    def _matches(self, task: CaseTask) -> bool:
        return self.expression.holds(task.data)


class _Conditional(MultiChoice, BpmnSpecMixin):
    """Conditions are tried in the order of the file; the flow without one is the default."""

    def chosen(self, my_task: CaseTask) -> list[Any]:
        raise NotImplementedError

    def _run_hook(self, my_task: CaseTask) -> bool:
        outputs = self.chosen(my_task)
        if not outputs:
            message = "网关“%(name)s”没有一个条件成立，也没有默认流向。"
            raise RunFailed(message, element=self.bpmn_id, name=self.bpmn_name or self.bpmn_id)
        my_task._sync_children(outputs, TaskState.FUTURE)
        for child in my_task.children:
            child.task_spec._predict(child, mask=TaskState.FUTURE | TaskState.PREDICTED_MASK)
        return True


class Choosing(_Conditional):
    """Exclusive gateway: the first condition that holds, else the default. Tokens pass one by one."""

    def chosen(self, my_task: CaseTask) -> list[Any]:
        for condition, target in self.cond_task_specs:
            if condition is not None and condition._matches(my_task):
                return [self._wf_spec.task_specs[target]]
        return [self._wf_spec.task_specs[t] for condition, t in self.cond_task_specs if condition is None][:1]


class _Joining(BpmnSpecMixin):
    """Waits until `may_fire`; then takes one token from each incoming flow that has one."""

    def may_fire(self, my_task: CaseTask, filled: set[str]) -> bool:
        raise NotImplementedError

    def _update_hook(self, my_task: CaseTask) -> bool:
        super()._update_hook(my_task)
        waiting = [t for t in self.tokens(my_task) if t is not my_task]
        mine = my_task.parent.task_spec.name
        first: dict[str, CaseTask] = {}
        for task in waiting:
            first.setdefault(task.parent.task_spec.name, task)
        if not self.may_fire(my_task, {mine, *first}):
            my_task._set_state(TaskState.WAITING)
            return False
        for source, task in first.items():
            if source != mine:
                task.cancel()
        return True

    def tokens(self, my_task: CaseTask) -> list[CaseTask]:
        tasks = my_task.workflow.tasks.values()
        return [t for t in tasks if t.task_spec is self and t._state == TaskState.WAITING]


class ParallelJoin(_Joining):
    """Parallel gateway: a token on every incoming flow, then one on every outgoing flow."""

    def may_fire(self, my_task: CaseTask, filled: set[str]) -> bool:
        return filled >= set(self._inputs)


class InclusiveJoin(_Joining, _Conditional):
    """Inclusive gateway: waits while some token elsewhere could still reach an incoming flow that has none,
    unless that token could as well reach one that has (BPMN 2.0, table 13.3). All conditions that hold are taken.
    """

    def chosen(self, my_task: CaseTask) -> list[Any]:
        matches, defaults = self._get_matching_outputs(my_task)
        return matches or defaults

    def may_fire(self, my_task: CaseTask, filled: set[str]) -> bool:
        missing = set(self._inputs) - filled
        if not missing:
            return True
        for task in list(my_task.workflow.tasks.values()):
            if task.task_spec is not self and _holds_token(task):
                reached = self._arrivals(task.task_spec)
                if reached & missing and not reached & filled:
                    return False
        return True

    def _arrivals(self, start: Any) -> set[str]:
        """The incoming flows (by their sources) that a token at `start` could come by, not passing here."""
        found, seen, todo = set(), {start.name}, [start]
        while todo:
            spec = todo.pop()
            for name in self._wf_spec.task_specs[spec.name]._outputs:
                if name == self.name:
                    found.add(spec.name)
                elif name not in seen:
                    seen.add(name)
                    todo.append(self._wf_spec.task_specs[name])
            todo.extend(self._beside(spec, seen))
        return found

    def _beside(self, spec: Any, seen: set[str]) -> list[Any]:
        """The boundary events of an element: its token may leave by them. They share its split."""
        found = []
        for source in spec._inputs:
            if source.endswith(" split") and source in self._wf_spec.task_specs:
                for name in self._wf_spec.task_specs[source]._outputs:
                    if name not in seen:
                        seen.add(name)
                        found.append(self._wf_spec.task_specs[name])
        return found


def _holds_token(task: CaseTask) -> bool:
    """The task has a token, or is about to get it from a predecessor that just completed."""
    if task.is_armed and task._state == TaskState.WAITING:
        return False
    if task.has_state(HOLDS_TOKEN):
        return True
    return (
        task._state == TaskState.FUTURE
        and task.parent is not None
        and task.parent._state == TaskState.COMPLETED
    )
