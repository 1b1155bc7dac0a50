"""The baseline: SpiffWorkflow as its documentation shows it, one transaction per completed task.

Stock parser, stock serializer, the definition inside every case's JSON, that JSON as text in one row. Kept as
fast as that pattern allows: plain psycopg with prepared statements, no ORM, no row security, no forms, no check
of who acts, no hash chain. What it writes beside the state is what our command writes: the finished task, new
tasks, deadlines, one event with payload for each fact, one outbox row. Its loggers are silenced as ours are.
"""

import json
import logging
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.types.json import Jsonb
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from tests.bench.model import as_stock

for _name in ("spiff", "spiff.task", "spiff.workflow"):
    logging.getLogger(_name).setLevel(logging.ERROR)

TABLES = """
    create schema naive;
    create table naive.cases (id bigint primary key, state text not null, revision int not null, status text not null);
    create table naive.tasks (id uuid primary key, case_id bigint not null, element text not null, name text not null,
        lane text, opened_at timestamptz not null default now(), ended_at timestamptz, ended_by text);
    create index on naive.tasks (case_id);
    create index on naive.tasks (lane) where ended_at is null;
    create table naive.events (id bigserial primary key, case_id bigint not null, at timestamptz not null default now(),
        actor text not null, kind text not null, element text, payload jsonb not null);
    create index on naive.events (case_id);
    create table naive.deadlines (task uuid primary key, case_id bigint not null, due_at timestamptz not null);
    create index on naive.deadlines (due_at);
    create index on naive.deadlines (case_id);
    create table naive.outbox (id bigserial primary key, case_id bigint not null, kind text not null,
        payload jsonb not null, created_at timestamptz not null default now(), done_at timestamptz);
"""


@dataclass(frozen=True)
class Open:
    """A case's open tasks, by element."""

    tasks: dict[str, Any]
    finished: bool


class Naive:
    def __init__(self, connection: psycopg.Connection):
        self.connection = connection
        self.serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure())
        parser = BpmnParser()
        for body in as_stock().values():
            parser.add_bpmn_str(body)
        self.spec, self.called = parser.get_spec("change"), parser.get_subprocess_specs("change")

    def start(self, case: int, application: dict[str, Any]) -> Open:
        workflow = BpmnWorkflow(self.spec, self.called)
        workflow.task_tree.data["application"] = application
        workflow.do_engine_steps()
        with self.connection.transaction():
            state = self.serializer.serialize_json(workflow)
            self.connection.execute("insert into naive.cases values (%s, %s, 1, 'open')", (case, state))
            return self._beside(
                case, workflow, set(), set(), "case_started", None, {"application": application}
            )

    def complete(self, case: int, element: str, answers: dict[str, Any]) -> Open:
        with self.connection.transaction():
            workflow = self._load(case)
            before, timers = _open(workflow), _timers(workflow)
            task = before[element]
            task.data[element] = answers
            task.run()
            workflow.do_engine_steps()
            self._save(case, workflow)
            self.connection.execute(
                "update naive.tasks set ended_at = now(), ended_by = %s where id = %s", ("u1", task.id)
            )
            known = {one.id for one in before.values()}
            return self._beside(case, workflow, known, timers, "task_completed", element, answers)

    def fire(self, case: int) -> Open:
        """The timer that is waited for has come."""
        with self.connection.transaction():
            workflow = self._load(case)
            before, timers = _open(workflow), _timers(workflow)
            workflow.refresh_waiting_tasks()
            workflow.do_engine_steps()
            self._save(case, workflow)
            known = {one.id for one in before.values()}
            return self._beside(case, workflow, known, timers, "timer_fired", "publicity", {})

    def size(self, case: int) -> int:
        """Bytes of the state."""
        query = "select octet_length(state) from naive.cases where id = %s"
        row = self.connection.execute(query, (case,)).fetchone()
        assert row is not None
        return row[0]

    def _load(self, case: int) -> BpmnWorkflow:
        query = "select state from naive.cases where id = %s for update"
        row = self.connection.execute(query, (case,)).fetchone()
        assert row is not None
        return self.serializer.deserialize_json(row[0])

    def _save(self, case: int, workflow: BpmnWorkflow) -> None:
        status = "done" if workflow.completed else "open"
        self.connection.execute(
            "update naive.cases set state = %s, revision = revision + 1, status = %s where id = %s",
            (self.serializer.serialize_json(workflow), status, case),
        )

    def _beside(
        self,
        case: int,
        workflow: BpmnWorkflow,
        known: set[Any],
        timers: set[Any],
        kind: str,
        element: str | None,
        payload: dict[str, Any],
    ) -> Open:
        now = _open(workflow)
        waiting = _timers(workflow)
        write_beside(
            self.connection,
            case,
            Beside(
                tasks=[
                    (task.id, task.task_spec.bpmn_id, task.task_spec.bpmn_name, task.task_spec.lane)
                    for task in now.values()
                    if task.id not in known
                ],
                fact=(kind, element, payload),
                timers=list(waiting - timers),
                over=list(timers - waiting),
            ),
        )
        return Open({name: task.id for name, task in now.items()}, workflow.completed)


@dataclass(frozen=True)
class Beside:
    """What a step writes beside the state. ``tasks``: (id, element, name, lane); ``fact``: (kind, element, payload)."""

    tasks: list[tuple[Any, ...]]
    fact: tuple[str, str | None, dict[str, Any]]
    timers: list[Any]
    over: list[Any]


def write_beside(connection: psycopg.Connection, case: int, beside: Beside) -> None:
    """New tasks and deadlines, one event with payload for each fact, one outbox row."""
    facts = [beside.fact]
    facts += [("task_opened", element, {"name": name}) for _, element, name, _ in beside.tasks]
    facts += [("deadline_started", None, {"task": str(timer)}) for timer in beside.timers]
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into naive.tasks (id, case_id, element, name, lane) values (%s, %s, %s, %s, %s)",
            [(task[0], case, *task[1:]) for task in beside.tasks],
        )
        cursor.executemany(
            "insert into naive.events (case_id, actor, kind, element, payload) values (%s, %s, %s, %s, %s)",
            [(case, "u1", kind, element, Jsonb(payload)) for kind, element, payload in facts],
        )
        cursor.executemany(
            "insert into naive.deadlines values (%s, %s, now() + interval '15 days')",
            [(timer, case) for timer in beside.timers],
        )
        cursor.executemany("delete from naive.deadlines where task = %s", [(timer,) for timer in beside.over])
        cursor.execute(
            "insert into naive.outbox (case_id, kind, payload) values (%s, 'publish_case', %s)",
            (case, json.dumps({"case": case})),
        )


def _open(workflow: BpmnWorkflow) -> dict[str, Any]:
    return {task.task_spec.bpmn_id: task for task in workflow.get_tasks(state=TaskState.READY, manual=True)}


def _timers(workflow: BpmnWorkflow) -> set[Any]:
    """Ids of the timer events that wait."""
    waiting = workflow.get_tasks(state=TaskState.WAITING)
    return {task.id for task in waiting if task.task_spec.bpmn_id in ("publicity", "overdue")}
