"""The naive engine inside our own command: everything else is the same on both sides.

`advance` is replaced by what SpiffWorkflow's documentation shows: the stock serializer reads the whole case, its
definition included, out of the stored text, the library runs, the stock serializer writes it all again. Locks,
checks, forms, rows, hash chain and round trips are ours on both sides, so the figure tells what the engine is worth.
"""

from typing import Any
from unittest.mock import patch

from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from engine.bpmn import Command, Complete, Definition, OpenTask, Start, Step, TimerWait
from engine.usecases import carry_on
from tests.bench.model import as_stock
from tests.bench.naive import Open
from tests.bench.ours import OpenCase, Ours


class StockEngine:
    """`numbers` of tasks, which the library does not have, are kept in the workflow's own data."""

    def __init__(self) -> None:
        self.serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure())
        parser = BpmnParser()
        for body in as_stock().values():
            parser.add_bpmn_str(body)
        self.spec, self.called = parser.get_spec("change"), parser.get_subprocess_specs("change")

    def advance(self, definition: Definition, state: str | None, command: Command) -> Step:
        if isinstance(command, Start):
            workflow = BpmnWorkflow(self.spec, self.called)
            workflow.task_tree.data.update(command.data)
        else:
            assert state is not None
            workflow = self.serializer.deserialize_json(state)
            if isinstance(command, Complete):
                [task] = [t for t in _ready(workflow) if workflow.data["numbers"][str(t.id)] == command.task]
                task.data[task.task_spec.bpmn_id] = dict(command.data)
                task.run()
            else:
                workflow.refresh_waiting_tasks()
        workflow.do_engine_steps()
        numbers = workflow.data.setdefault("numbers", {})
        tasks = [_open(definition, task, _number(numbers, task)) for task in _ready(workflow)]
        waits = [_wait(definition, task, _number(numbers, task)) for task in _timers(workflow)]
        return Step(
            state=self.serializer.serialize_json(workflow),
            tasks=tuple(tasks),
            waits=tuple(waits),
            events=(),
            operations=(),
            entered=(),
            left=(),
            flows=(),
            thrown=(),
            finished=workflow.completed,
            end="filed" if workflow.completed else None,
            data={},
        )


def _ready(workflow: BpmnWorkflow) -> list[Any]:
    return list(workflow.get_tasks(state=TaskState.READY, manual=True))


def _timers(workflow: BpmnWorkflow) -> list[Any]:
    waiting = workflow.get_tasks(state=TaskState.WAITING)
    return [task for task in waiting if task.task_spec.bpmn_id in ("publicity", "overdue")]


def _number(numbers: dict[str, int], task: Any) -> int:
    return numbers.setdefault(str(task.id), len(numbers) + 1)


def _open(definition: Definition, task: Any, number: int) -> OpenTask:
    drawn = definition.elements[task.task_spec.bpmn_id]
    return OpenTask(number, drawn.id, drawn.name, drawn.form, drawn.groups, drawn.properties, None)


def _wait(definition: Definition, task: Any, number: int) -> TimerWait:
    drawn = definition.elements[task.task_spec.bpmn_id]
    return TimerWait(number, drawn.id, drawn.properties["deadline"])


class Swapped:
    """As `Naive`: the same walk, through our command with the stock engine in it."""

    def __init__(self, ours: Ours):
        self.ours, self.cases = ours, dict[int, OpenCase]()
        self.swap = patch.object(carry_on, "advance", StockEngine().advance)

    def start(self, key: int, application: dict[str, Any]) -> Open:
        with self.swap:
            self.cases[key] = self.ours.start(application)
        return self._opened(key)

    def complete(self, key: int, element: str, answers: dict[str, Any]) -> Open:
        with self.swap:
            self.ours.complete(self.cases[key], element, answers)
        return self._opened(key)

    def fire(self, key: int) -> Open:
        if self.cases[key].waits:  # the stock timer of no length has mostly passed by itself
            with self.swap:
                self.ours.fire(self.cases[key])
        return self._opened(key)

    def claim(self, key: int) -> None:
        self.ours.claim(self.cases[key])

    def size(self, key: int) -> int:
        return self.ours.size(self.cases[key])

    def _opened(self, key: int) -> Open:
        return Open(dict(self.cases[key].tasks), self.cases[key].finished)
