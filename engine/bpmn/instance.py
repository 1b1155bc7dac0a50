"""A running case in memory: SpiffWorkflow's workflows and tasks, made deterministic and kept small.

What differs from the library, and why:

- A task is a token at an element. The library also grows the tasks that may come, and looks through them at
  every step; here a task sends tokens on when it completes (`Node.leave`), and nothing else exists.
- What is finished is forgotten at the end of each step: the events of the case say what happened, and an
  open task needs none of it. So a case that loops for years stays as small as it was (`Case.prune`).
- Task ids are serials (as `UUID(int=n)`), so equal inputs give equal states; nothing reads a clock.
- Process variables are one set for the whole case, as in BPMN: the library copies them down each branch
  and merges them back at joins, where the branch that arrives last overwrites newer values with its old ones.
  Only the instances of a repeated element have variables of their own.
- Every change of a task's state is written into a journal as it happens, which yields the trace.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.script_engine.python_environment import BasePythonScriptEngineEnvironment
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.commands import Thrown
from engine.bpmn.errors import RunFailed

ENTERED = TaskState.WAITING | TaskState.READY | TaskState.STARTED | TaskState.COMPLETED
ROOT = UUID(int=0)
"""The task that every workflow begins with; it stands for the scope itself and is not stored."""


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
    """The counters of a case, and what happened since the command came.

    `made` counts tasks (start and gateways too), `numbered` those that the trace names.
    """

    made: int = 0
    numbered: int = 0
    ready: deque["CaseTask"] = field(default_factory=deque)
    entered: list["CaseTask"] = field(default_factory=list)
    left: list[tuple["CaseTask", str]] = field(default_factory=list)
    thrown: list[Thrown] = field(default_factory=list)

    def begin(self) -> None:
        self.ready.clear()
        self.entered.clear()
        self.left.clear()
        self.thrown.clear()

    def moved(self, task: "CaseTask", outcome: str) -> None:
        state = task._state
        if state == TaskState.READY and not task.task_spec.manual:
            self.ready.append(task)
        if task.task_spec.bpmn_id is None:
            return
        if task.number == 0 and state & ENTERED:
            self.numbered += 1
            task.number = self.numbered
        if not task.entered and state & ENTERED and not (state == TaskState.WAITING and task.is_armed):
            task.entered = True
            self.entered.append(task)
        if task.entered and state & TaskState.FINISHED_MASK:
            self.left.append((task, outcome))


class CaseTask(Task):
    """A token at an element.

    `number` is 0 until the task is entered or armed; `local` holds the variables of one instance of a repeat.
    Its children, while it is open, are what lives on it: armed events, instances of a repeat.
    """

    def __init__(
        self, workflow: Any, task_spec: Any, parent: Any = None, local: dict[str, Any] | None = None
    ):
        journal = workflow.top_workflow.journal
        journal.made += 1
        self.number = 0
        self.entered = False
        self.local = local
        self._place(workflow, task_spec, parent, UUID(int=journal.made), TaskState.FUTURE)
        self.internal_data: dict[str, Any] = {}

    def _place(self, workflow: Any, task_spec: Any, parent: Any, identity: UUID, state: int) -> None:
        """What the library's constructor does, without its clock."""
        self.id, self.workflow, self.task_spec, self._state = identity, workflow, task_spec, state
        self.triggered, self.thread_id, self.last_state_change = False, 0, 0
        self._children: list[UUID] = []
        self._parent = None if parent is None else parent.id
        workflow.tasks[identity] = self
        if parent is not None:
            parent._children.append(identity)

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
    def is_open(self) -> bool:
        return not self._state & TaskState.FINISHED_MASK

    @property
    def is_armed(self) -> bool:
        """An event that waits beside its task, or for its scope, without holding a token."""
        return bool(self.task_spec.armed) or (self.parent is not None and self.parent.task_spec.arms)

    @property
    def is_live(self) -> bool:
        """It holds a token, or is about to get it."""
        return self.is_open and not (self._state == TaskState.WAITING and self.is_armed)

    @property
    def element_before(self) -> "CaseTask | None":
        """The task of the drawn element the token came from."""
        task = self.parent
        while task is not None and task.task_spec.bpmn_id is None:
            task = task.parent
        return task

    def send(self, *specs: Any) -> None:
        """Tokens to the following elements: all are there before the first one arrives."""
        for child in [CaseTask(self.workflow, spec, self) for spec in specs]:
            child.task_spec.arrive(child)

    def run(self) -> None:
        """Do the element's work; the token goes on, or stays until the work is done."""
        done = self.task_spec.work(self)
        if self.is_open:  # its work may have ended the scope it lies in
            self.complete() if done else self._set_state(TaskState.STARTED)

    def complete(self) -> None:
        self._set_state(TaskState.COMPLETED)
        self._end_inside("cancelled")
        self.task_spec.leave(self)
        self.workflow.settle()

    def cancel(self, outcome: str = "cancelled") -> None:
        """Take the token away, and with it all that lives on the task."""
        if not self.is_open:
            return
        inner = self.workflow.top_workflow.subprocesses.get(self.id)
        if inner is not None:
            inner.stop()
        self._end_inside(outcome)
        self._set_state(TaskState.CANCELLED, outcome)

    def _end_inside(self, outcome: str) -> None:
        """Armed events and instances. An event that has fired goes its own way."""
        for child in self.children:
            if child.is_open and (child._state == TaskState.WAITING or not child.is_armed):
                child.cancel(outcome)

    def _set_state(self, value: int, outcome: str = "completed") -> None:
        if value != self._state:
            self._state = value
            self.workflow.top_workflow.journal.moved(self, outcome)


class _Scope:
    """What the case and its subprocesses share: tokens in one process or subprocess."""

    tasks: dict[UUID, CaseTask]
    completed: bool
    spec: Any

    def plant(self) -> CaseTask:
        """The root, where the scope's own listeners hang."""
        root = CaseTask.__new__(CaseTask)
        root.number, root.entered, root.local, root.internal_data = 0, False, None, {}
        root._place(self, self.spec.start, None, ROOT, TaskState.COMPLETED)
        self.task_tree = root
        return root

    def begin(self) -> None:
        self.interruptions = 0
        self.spec.start.leave(self.plant())

    def open_tasks(self) -> list[CaseTask]:
        return [task for task in self.tasks.values() if task.is_open]

    def settle(self) -> None:
        """The scope is done when no token is left in it."""
        if not self.completed and not any(task.is_live for task in self.tasks.values()):
            self.stop()
            self.done()

    def interrupt(self, by: CaseTask) -> None:
        """An event takes the scope over: all other tokens and listeners end."""
        self.interruptions += 1
        for task in self.open_tasks():
            if task is not by:
                task.cancel()

    def stop(self) -> None:
        """End whatever is still open, without going on."""
        self.completed = True
        for task in self.open_tasks():
            task.cancel()

    def done(self) -> None:
        """Tell what contains this scope."""


class Case(_Scope, BpmnWorkflow):
    """One case. `end` is the id of the end event reached last; `variables` the process variables."""

    def __init__(self, spec: Any, subprocess_specs: dict[str, Any], journal: Journal):
        self.journal = journal
        self.variables: dict[str, Any] = {}
        self.end: str | None = None
        self.interruptions = 0
        super().__init__(spec, subprocess_specs, script_engine=NO_CODE, deserializing=True)

    def create_subprocess(self, my_task: CaseTask, spec_name: str) -> "Inner":
        inner = Inner(self.subprocess_specs[spec_name], my_task, self)
        self.subprocesses[my_task.id] = inner
        return inner

    def levels(self) -> Iterator[Any]:
        """The case and its subprocesses, in the order they were begun."""
        yield self
        yield from self.subprocesses.values()

    def find(self, wanted: Callable[[CaseTask], bool]) -> list[CaseTask]:
        """Tasks in the order they were made, wherever they are."""
        found = [task for workflow in self.levels() for task in workflow.tasks.values() if wanted(task)]
        return sorted(found, key=lambda task: task.id.int)

    def prune(self) -> None:
        """Forget what is finished. An open task hangs on what it lives on, if that is open, else on the root."""
        for container in [identity for identity, inner in self.subprocesses.items() if inner.completed]:
            del self.subprocesses[container]
        for workflow in self.levels():
            root = workflow.task_tree
            kept = workflow.open_tasks()
            workflow.tasks = {ROOT: root, **{task.id: task for task in kept}}
            for task in workflow.tasks.values():
                task._children = []
            for task in kept:
                parent = workflow.tasks.get(task._parent, root)
                task._parent = parent.id
                parent._children.append(task.id)


class Inner(_Scope, BpmnSubWorkflow):
    """A subprocess or called process while it runs inside a case."""

    def __init__(self, spec: Any, container: CaseTask, case: Case):
        self.container = container
        self.interruptions = 0
        super().__init__(spec, container.id, case, deserializing=True)

    def done(self) -> None:
        self.container._set_state(TaskState.READY)
