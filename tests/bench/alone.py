"""The engine without a database: `advance` with its state as text, beside the library's workflow kept in memory."""

import random
from typing import Any

from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from engine.bpmn import Complete, FireTimer, Start, Step, advance, load_definition
from engine.domain.case_type import CaseType
from tests.bench.measure import Figure, milliseconds, paired, seconds, times
from tests.bench.model import NO, answers, application, as_case_type, as_stock


class Alone:
    def __init__(self) -> None:
        self.definition = load_definition("bench", CaseType(as_case_type()).model_files())
        parser = BpmnParser()
        for body in as_stock().values():
            parser.add_bpmn_str(body)
        self.stock = parser.get_spec("change"), parser.get_subprocess_specs("change")
        self.random, self.count = random.Random(5), 0
        self.waiting: list[str] = []
        self.begin()

    def begin(self) -> None:
        self.step: Step = advance(self.definition, None, Start({"application": application(1)}))
        self.workflow = BpmnWorkflow(*self.stock)
        self.workflow.task_tree.data["application"] = application(1)
        self.workflow.do_engine_steps()

    def ours(self) -> float:
        self._begin("ours")
        number = next(task.number for task in self.step.tasks if task.element == self.element)
        took = seconds(
            lambda: self._keep(advance(self.definition, self.step.state, Complete(number, self.data)))
        )
        self._after()
        return took

    def stocks(self) -> float:
        self._begin("stock")
        [task] = [t for t in self._ready() if t.task_spec.bpmn_id == self.element]
        task.data[self.element] = self.data
        took = seconds(lambda: self._run(task))
        self._after()
        return took

    def _keep(self, step: Step) -> None:
        self.step = step

    def _run(self, task: Any) -> None:
        task.run()
        self.workflow.do_engine_steps()

    def _ready(self) -> list[Any]:
        return list(self.workflow.get_tasks(state=TaskState.READY, manual=True))

    def _begin(self, side: str) -> None:
        if not self.waiting:
            self.element = self.random.choice(sorted(task.element for task in self.step.tasks))
            self.count += 1
            self.data = answers(self.element, self.random.random() < NO.get(self.element, 0), self.count)
        self.waiting.append(side)

    def _after(self) -> None:
        if len(self.waiting) < 2:
            return
        self.waiting.clear()
        if self.step.finished:
            self.begin()
            return
        for wait in self.step.waits:
            if wait.element == "publicity":
                self.step = advance(self.definition, self.step.state, FireTimer(wait.number))
                self.workflow.refresh_waiting_tasks()
                self.workflow.do_engine_steps()
        mine = sorted(task.element for task in self.step.tasks)
        assert mine == sorted(task.task_spec.bpmn_id for task in self._ready())


def figures() -> list[Figure]:
    both = Alone()
    result = paired(both.ours, both.stocks, 10, 40)
    return [
        Figure(
            "advance alone (state read and written as text), beside the library in memory",
            milliseconds(result.ours),
            milliseconds(result.baseline),
            times(1 / result.ratio),
            "",
            None,
        )
    ]
