"""Our engine in the naive pattern's place: the same plain rows by the same plain statements, engine against engine.

What differs from `naive` is what the engine is: a definition kept in memory, a state of open tokens alone.
Nothing else of ours is here: no forms, no checks, no row security, no hash chain.
"""

from typing import Any
from uuid import UUID

import psycopg

from engine.bpmn import Command, Complete, FireTimer, Start, Step, advance, load_definition
from tests.bench.model import as_case_type
from tests.bench.naive import Beside, Open, write_beside


class Plain:
    """Numbers of tasks are stored as ids, as the naive side stores the library's."""

    def __init__(self, connection: psycopg.Connection):
        self.connection = connection
        files = {name: body for name, body in as_case_type().items() if name.endswith(".bpmn")}
        self.definition = load_definition("bench-plain", files)
        self.publicity: dict[int, int] = {}  # case -> number of the wait for the publicity's end

    def start(self, case: int, application: dict[str, Any]) -> Open:
        with self.connection.transaction():
            step = advance(self.definition, None, Start({"application": application}))
            self.connection.execute("insert into naive.cases values (%s, %s, 1, 'open')", (case, step.state))
            return self._beside(case, step, set(), ("case_started", None, {"application": application}))

    def complete(self, case: int, element: str, number: UUID, answers: dict[str, Any]) -> Open:
        with self.connection.transaction():
            before = self._known(case)
            step = self._carry_on(case, Complete(_number(number), answers))
            self.connection.execute(
                "update naive.tasks set ended_at = now(), ended_by = %s where id = %s", ("u1", number)
            )
            return self._beside(case, step, before, ("task_completed", element, answers))

    def fire(self, case: int) -> Open:
        with self.connection.transaction():
            before = self._known(case)
            step = self._carry_on(case, FireTimer(self.publicity[case]))
            return self._beside(case, step, before, ("timer_fired", "publicity", {}))

    def _carry_on(self, case: int, command: Command) -> Step:
        query = "select state from naive.cases where id = %s for update"
        row = self.connection.execute(query, (case,)).fetchone()
        assert row is not None
        step = advance(self.definition, row[0], command)
        self.connection.execute(
            "update naive.cases set state = %s, revision = revision + 1, status = %s where id = %s",
            (step.state, "done" if step.finished else "open", case),
        )
        return step

    def _known(self, case: int) -> set[int]:
        """Numbers of the tasks and timers that have rows: read, as the naive side reads them out of its state."""
        found = self.connection.execute(
            "select id from naive.tasks where case_id = %s and ended_at is null"
            " union all select task from naive.deadlines where case_id = %s",
            (case, case),
        )
        return {_number(row[0]) for row in found}

    def _beside(
        self, case: int, step: Step, before: set[int], fact: tuple[str, str | None, dict[str, Any]]
    ) -> Open:
        timers = {wait.number for wait in step.waits}
        self.publicity.pop(case, None)
        for wait in step.waits:
            if wait.element == "publicity":
                self.publicity[case] = wait.number
        numbers = {task.number for task in step.tasks}
        write_beside(
            self.connection,
            case,
            Beside(
                tasks=[
                    (_id(case, task.number), task.element, task.name, task.lane)
                    for task in step.tasks
                    if task.number not in before
                ],
                fact=fact,
                timers=[_id(case, number) for number in timers - before],
                over=[_id(case, number) for number in before - timers - numbers],
            ),
        )
        return Open({task.element: _id(case, task.number) for task in step.tasks}, step.finished)


def _id(case: int, number: int) -> UUID:
    return UUID(int=case << 32 | number)


def _number(identity: UUID) -> int:
    return identity.int & 0xFFFFFFFF
