"""What a command finds of its case, read in one round trip once the case is locked."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine.domain.chain import GENESIS
from engine.domain.events import CASE_STARTED, TASK_COMPLETED
from engine.store.tables.cases import Case, Deadline
from engine.store.together import Row, adopted, read

BY_NUMBER = "(select id from operational.cases where county = %(county)s and number = %(number)s)"
LOCK = "select * from operational.cases where county = %(county)s and number = %(number)s for update"
STATE = """
    select state, last.seq, last.hash from operational.case_states
    cross join lateral (
        select seq, hash from operational.events
        where county = %(county)s and case_id = %(case_id)s order by seq desc limit 1) last
    where county = %(county)s and case_id = %(case_id)s"""
TASKS = """
    select number, element, name, form, role, office, status, assignee, ended_by from operational.tasks
    where county = %(county)s and case_id = %(case_id)s and (status = 'open' or number = %(task)s)
    order by number"""
DEADLINES = """
    select * from operational.deadlines
    where county = %(county)s and case_id = %(case_id)s and status in ('running', 'stopped', 'failed')
    order by started_at, id"""
POSITIONS = """
    select e.position, (e.actor = any(%(people)s) or p.body like any(%(deputies)s)) is true as theirs
    from operational.events e
    left join operational.event_payloads p on p.county = e.county and p.case_id = e.case_id and p.seq = e.seq
    where e.county = %(county)s and e.case_id = %(case_id)s and e.kind = any(%(kinds)s)
    order by e.seq"""


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
    the people asked about, or deputies for them, started the case or completed tasks of it; ``just_before`` is the
    one in which they did the last of these, where they did it.
    """

    state: str | None = None
    head: tuple[int, bytes] = (0, GENESIS)
    tasks: dict[int, TaskRow] = field(default_factory=dict)
    deadlines: list[Deadline] = field(default_factory=list)
    positions: list[str] = field(default_factory=list)
    just_before: str | None = None


def of(case: Case) -> dict[str, Any]:
    """The values that statements about a case want."""
    return {"county": case.county, "case_id": case.id}


def find(session: Session, case: Case) -> Found:
    """The case, which is locked."""
    session.flush()
    values = of(case) | {"task": None}
    return _found(*read(session, [(sql, values) for sql in (STATE, TASKS, DEADLINES)]))


def lock_and_find(
    session: Session, county: str, number: str, task: int, people: Sequence[str]
) -> tuple[Case | None, Found]:
    """The case of that number under its lock, and what people (by id) find who ask for a task of it.

    All in one round trip: PostgreSQL runs the statements in turn, so the others see what the lock waited for.
    """
    session.flush()
    values = {"county": county, "number": number, "task": task, "people": list(people)}
    values |= {"kinds": [CASE_STARTED, TASK_COMPLETED], "deputies": [deputy_of(one) for one in people]}
    rest = [(sql.replace("%(case_id)s", BY_NUMBER), values) for sql in (STATE, TASKS, DEADLINES, POSITIONS)]
    cases, *found = read(session, [(LOCK, values), *rest])
    return adopted(session, Case, cases[0]) if cases else None, _found(*found)


def positions_in(session: Session, case: Case, people: Sequence[str]) -> list[str]:
    """As ``Found.positions``, of others than who acts."""
    session.flush()
    values = of(case) | {"people": list(people), "deputies": [deputy_of(one) for one in people]}
    [rows] = read(session, [(POSITIONS, values | {"kinds": [CASE_STARTED, TASK_COMPLETED]})])
    return sorted({row["position"] for row in rows if row["theirs"]})


def deputy_of(person: str) -> str:
    """Pattern of a payload that was said for the person (``history.said_for``); no text in it reads like this."""
    return f'%"for":{{"id":"{person}"%'


def _found(state: list[Row], tasks: list[Row], deadlines: list[Row], positions: Sequence[Row] = ()) -> Found:
    return Found(
        state=state[0]["state"] if state else None,
        head=(state[0]["seq"], state[0]["hash"]) if state else (0, GENESIS),
        tasks={row["number"]: TaskRow(**row) for row in tasks},
        deadlines=[Deadline(**row) for row in deadlines],
        positions=sorted({row["position"] for row in positions if row["theirs"]}),
        just_before=positions[-1]["position"] if positions and positions[-1]["theirs"] else None,
    )
