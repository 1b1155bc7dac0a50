"""A running case in memory: SpiffWorkflow's task tree, made deterministic.

What differs from the library, and why:

- Task ids are serials (as `UUID(int=n)`), so equal inputs give equal states; nothing reads a clock.
- Process variables are one set for the whole case, as in BPMN: the library copies them down each branch
  and merges them back at joins, where the branch that arrives last overwrites newer values with its old ones.
  Only the instances of a repeated element have variables of their own.
- Every change of a task's state is written into a journal as it happens, which yields the trace.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.script_engine.python_environment import BasePythonScriptEngineEnvironment
from SpiffWorkflow.bpmn.specs.defaults import BoundaryEvent
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.errors import RunFailed

MAX_LEVELS = 600
"""Tasks on one path. The library's own searches stop unnoticed at 1000, and recurse once per level."""

ENTERED = TaskState.WAITING | TaskState.READY | TaskState.STARTED | TaskState.COMPLETED


class NoCode(BasePythonScriptEngineEnvironment):
    """Stands where the library would evaluate Python. Conditions never come this way."""

    def evaluate(self, expression: str, context: Any, external_context: Any = None) -> Any:
        raise RunFailed("流程试图执行代码，已拒绝。", element=None)

    def execute(self, script: str, context: Any, external_context: Any = None) -> Any:
        raise RunFailed("流程试图执行代码，已拒绝。", element=None)

    def call_service(self, context: Any, **kwargs: Any) -> Any:
        raise RunFailed("流程试图调用服务，已拒绝。", element=None)


NO_CODE = PythonScriptEngine(environment=NoCode())


@dataclass
class Journal:
    """The counters of a case, and what happened since it was loaded.

    `made` counts tasks of the tree (gateways, predictions and all), `numbered` those a person can see.
    """

    made: int = 0
    numbered: int = 0
    ready: deque["CaseTask"] = field(default_factory=deque)
    moves: list[tuple["CaseTask", int]] = field(default_factory=list)

    def moved(self, task: "CaseTask", state: int) -> None:
        if state == TaskState.READY and not task.task_spec.manual:
            self.ready.append(task)
        if task.task_spec.bpmn_id is None:
            return
        if task.number == 0 and state & ENTERED:
            self.numbered += 1
            task.number = self.numbered
        if task.number and not task.entered and not (task.is_armed and state != TaskState.READY):
            task.entered = True
            self.moves.append((task, TaskState.READY))
        if task.entered and state & TaskState.FINISHED_MASK:
            self.moves.append((task, state))


class CaseTask(Task):
    """`number` is 0 until the task is entered, or armed if it is a boundary event (those are `entered` when
    they fire); `local` holds the variables of one instance of a repeat.
    """

    def __init__(self, workflow: Any, task_spec: Any, parent: Any = None, state: int = TaskState.MAYBE):
        journal = workflow.top_workflow.journal
        journal.made += 1
        self.number = 0
        self.entered = False
        self.local: dict[str, Any] | None = None
        self.level = parent.level + 1 if parent is not None else workflow.level
        self._state: int = state
        super().__init__(workflow, task_spec, parent, state, id=UUID(int=journal.made))
        self.last_state_change = 0
        if self.level > MAX_LEVELS:
            message = "案件走过的步骤过多（同一路径超过 %(limit)s 步），已暂停，请管理员处理。"
            raise RunFailed(message, element=self.task_spec.bpmn_id, limit=MAX_LEVELS)

    @property
    def data(self) -> dict[str, Any]:
        """The variables this task sees; a copy where an instance's own ones lie over the case's."""
        own = self.own
        variables = self.workflow.top_workflow.variables
        return {**variables, **own} if own else variables

    @data.setter
    def data(self, value: Any) -> None:
        """The library's own copying has no effect: variables are written by `write` alone."""

    @property
    def own(self) -> dict[str, Any]:
        """The variables of the repeat instances this task lies in; inner ones hide outer ones."""
        merged: dict[str, Any] = {}
        for layer in reversed(self._scopes()):
            merged.update(layer)
        return merged

    def write(self, name: str, value: Any) -> None:
        """Sets a variable where this task's writing belongs: its repeat instance, else the whole case."""
        scope = next(iter(self._scopes()), None)
        (self.workflow.top_workflow.variables if scope is None else scope)[name] = value

    def _scopes(self) -> list[dict[str, Any]]:
        """The variables of the repeat instances this task lies in, innermost first."""
        found = []
        task: CaseTask | None = self
        while task is not None:
            if task.local is not None:
                found.append(task.local)
            task = task.container
        return found

    @property
    def container(self) -> "CaseTask | None":
        """The subprocess or call this task runs inside."""
        workflow = self.workflow
        return None if workflow.parent_task_id is None else workflow.container

    @property
    def is_armed(self) -> bool:
        """A boundary event: it waits beside its task without holding a token."""
        return isinstance(self.task_spec, BoundaryEvent)

    @property
    def element_before(self) -> "CaseTask | None":
        """The task of the drawn element the token came from; the library puts splits and joins between."""
        task = self.parent
        while task is not None and task.task_spec.bpmn_id is None:
            task = task.parent
        return task

    def cancel(self) -> None:
        """As the library's, which drops what is open below (instances of a repeat) without ending it."""
        if not self.has_state(TaskState.FINISHED_MASK):
            for child in self.children:
                if child.has_state(ENTERED) and not child.has_state(TaskState.FINISHED_MASK):
                    child.cancel()
        super().cancel()

    def is_descendant_of(self, task: Any) -> bool:
        current = self.parent
        while current is not None and current is not task:
            current = current.parent
        return current is task

    def _add_child(self, task_spec: Any, state: int = TaskState.MAYBE) -> "CaseTask":
        child = CaseTask(self.workflow, task_spec, self, state=state)
        if state & ENTERED:
            self.workflow.top_workflow.journal.moved(child, state)
        if state == TaskState.READY:
            child._ready()
        return child

    def _set_state(self, value: int) -> None:
        """Without the library's clock and log."""
        if value != self._state:
            self._state = value
            self.workflow.top_workflow.journal.moved(self, value)

    def _inherit_data(self) -> None:
        """Nothing to copy: variables belong to the case."""


class _CaseBase:
    """What the case and its subprocesses share."""

    tasks: dict[UUID, CaseTask]

    def plant(self) -> None:
        """Makes the root task, as the library's constructor would, of our kind."""
        root = CaseTask(self, self.spec.start, state=TaskState.FUTURE)  # type: ignore[attr-defined]
        self.task_tree = root
        root.task_spec._predict(root, mask=TaskState.NOT_FINISHED_MASK)
        root._ready()

    def update_waiting_tasks(self) -> None:
        """As the library's, but over the flat table: its tree search stops at depth 1000."""
        for task in list(self.tasks.values()):
            if task._state == TaskState.WAITING and task.id in self.tasks:
                task.task_spec._update(task)


class Case(_CaseBase, BpmnWorkflow):
    """One case. `end` is the id of the end event reached last; `variables` the process variables."""

    level = 0

    def __init__(self, spec: Any, subprocess_specs: dict[str, Any], journal: Journal):
        self.journal = journal
        self.variables: dict[str, Any] = {}
        self.end: str | None = None
        super().__init__(spec, subprocess_specs, script_engine=NO_CODE, deserializing=True)

    def create_subprocess(self, my_task: CaseTask, spec_name: str) -> "Inner":
        inner = Inner(self.subprocess_specs[spec_name], my_task, self)
        self.subprocesses[my_task.id] = inner
        inner.plant()
        return inner

    def levels(self) -> list[Any]:
        """The case and its subprocesses, in the order they were begun."""
        return [self, *self.subprocesses.values()]

    def find(self, wanted: Callable[[CaseTask], bool]) -> list[CaseTask]:
        """Tasks in the order they were made, wherever they are. Finished subprocesses hold none that is open."""
        found = [task for workflow in self.levels() for task in workflow.tasks.values() if wanted(task)]
        return sorted(found, key=lambda task: task.id.int)


class Inner(_CaseBase, BpmnSubWorkflow):
    """A subprocess or called process while it runs inside a case."""

    def __init__(self, spec: Any, container: CaseTask, case: Case):
        self.container = container
        self.level = container.level + 1
        super().__init__(spec, container.id, case, deserializing=True)
