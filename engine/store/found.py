"""What a command finds of its case, read in one round trip once the case is locked."""

from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine.domain.chain import GENESIS
from engine.domain.events import CASE_STARTED, TASK_COMPLETED
from engine.store.tables.cases import Case, Deadline
from engine.store.together import read

STATE = "select state from operational.case_states where county = %(county)s and case_id = %(case_id)s"
HEAD = """
    select seq, hash from operational.events
    where county = %(county)s and case_id = %(case_id)s order by seq desc limit 1"""
TASKS = """
    select number, element, name, form, role, office, status, assignee, ended_by from operational.tasks
    where county = %(county)s and case_id = %(case_id)s and (status = 'open' or number = %(task)s)"""
DEADLINES = """
    select * from operational.deadlines
    where county = %(county)s and case_id = %(case_id)s and status in ('running', 'stopped', 'failed')
    order by started_at, id"""
POSITIONS = """
    select distinct position from operational.events
    where county = %(county)s and case_id = %(case_id)s and actor = %(actor)s and kind = any(%(kinds)s)"""


@dataclass(frozen=True)
class TaskRow:
    """What a command needs to know of a task."""

    number: int
    element: str
    name: str
    form: str
    role: str
    office: str
    status: str
    assignee: UUID | None
    ended_by: str | None


@dataclass
class Found:
    """``state`` is None before the start. ``tasks`` are the open ones, and the one that was asked for, by number.

    ``deadlines`` run or stand still; they belong to no session. ``positions`` are those (role@division) in which
    the person asked about started the case or completed tasks of it.
    """

    state: str | None = None
    head: tuple[int, bytes] = (0, GENESIS)
    tasks: dict[int, TaskRow] = field(default_factory=dict)
    deadlines: list[Deadline] = field(default_factory=list)
    positions: list[str] = field(default_factory=list)


def of(case: Case) -> dict[str, Any]:
    """The values that statements about a case want."""
    return {"county": case.county, "case_id": case.id}


def find(session: Session, case: Case, task: int | None = None, actor: str | None = None) -> Found:
    """``actor`` is the id of the person whose positions are asked for."""
    session.flush()
    values = of(case) | {"task": task, "actor": actor, "kinds": [CASE_STARTED, TASK_COMPLETED]}
    statements = [STATE, HEAD, TASKS, DEADLINES] + ([POSITIONS] if actor else [])
    state, head, tasks, deadlines, *positions = read(session, [(sql, values) for sql in statements])
    return Found(
        state=state[0]["state"] if state else None,
        head=(head[0]["seq"], head[0]["hash"]) if head else (0, GENESIS),
        tasks={row["number"]: TaskRow(**row) for row in sorted(tasks, key=itemgetter("number"))},
        deadlines=[Deadline(**row) for row in deadlines],
        positions=[row["position"] for rows in positions for row in rows],
    )
