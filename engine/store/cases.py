"""Loading a case under its lock, and saving what a command made of it, by plain rows on the hot path."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import orjson
from psycopg.types.json import Jsonb
from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from engine.domain.actor import Actor
from engine.domain.errors import NotFound
from engine.store.found import TaskRow, of
from engine.store.tables.cases import Case, CaseState, Changeset, Deadline, Draft, Task
from engine.store.together import Writes, read

_BY_NUMBER = select(Case).where(Case.county == bindparam("county"), Case.number == bindparam("number"))
_BY_ID = select(Case).where(Case.county == bindparam("county"), Case.id == bindparam("id"))


def find_case(session: Session, county: str, number: str, lock: bool = False) -> Case:
    """The case with that number; NotFound if there is none in scope. ``lock`` holds its row until the commit."""
    return _one(session, _BY_NUMBER, {"county": county, "number": number}, number, lock)


def case_by_id(session: Session, county: str, case_id: UUID, lock: bool = False) -> Case:
    return _one(session, _BY_ID, {"county": county, "id": case_id}, str(case_id), lock)


def held_case(session: Session, county: str, number: str) -> Case:
    """The case that this transaction has locked already, without asking again."""
    held = (case for case in session.identity_map.values() if isinstance(case, Case))
    found = next((case for case in held if (case.county, case.number) == (county, number)), None)
    return found or find_case(session, county, number)


def _one(session: Session, query: Any, values: dict[str, Any], name: str, lock: bool) -> Case:
    case = session.scalar(_locking(query) if lock else query, values)
    if case is None:
        raise NotFound("case", "没有找到办件 %(number)s，请核对编号", number=name)
    return case


@cache
def _locking(query: Any) -> Any:
    return query.with_for_update().execution_options(populate_existing=True)


def read_state(session: Session, case: Case) -> tuple[str, dict[str, Any]]:
    """(the engine's state, the variables in it) of a case."""
    state = session.scalars(
        select(CaseState.state).where(CaseState.county == case.county, CaseState.case_id == case.id)
    ).one()
    return state, orjson.loads(state)["d"]


def insert_state(writes: Writes, case: Case, state: str) -> None:
    writes.insert(CaseState, [{"county": case.county, "case_id": case.id, "state": state}])


def write_state(writes: Writes, case: Case, state: str) -> None:
    writes.add(
        """update operational.case_states set state = %(state)s
           where county = %(county)s and case_id = %(case_id)s""",
        of(case) | {"state": state},
    )


def change_case(writes: Writes, case: Case, changes: dict[str, Any]) -> None:
    """The object says so at once, its row with the command's other writes."""
    for name, value in changes.items():
        set_committed_value(case, name, value)
    settings = ", ".join(f"{name} = %({name})s" for name in changes)
    writes.add(
        f"update operational.cases set {settings} where county = %(county)s and id = %(case_id)s",  # noqa: S608
        of(case) | changes,
    )


def asked_by(session: Session, case: Case) -> list[str]:
    """Numbers of the open cases that this one asked for."""
    query = select(Case.number).where(
        Case.county == case.county, Case.asked_by == case.number, Case.status == "open"
    )
    return list(session.scalars(query.order_by(Case.number)))


def handled(session: Session, case: Case) -> dict[str, tuple[str, datetime]]:
    """Form -> who completed a task with it last, and when: under the form's name its answers are kept."""
    rows = session.execute(
        select(Task.form, Task.ended_by, Task.ended_at)
        .where(Task.county == case.county, Task.case_id == case.id, Task.status == "done")
        .order_by(Task.number)
    )
    return {row.form: (row.ended_by, row.ended_at) for row in rows}


def open_tasks(session: Session, case: Case) -> list[Task]:
    return list(
        session.scalars(
            select(Task)
            .where(Task.county == case.county, Task.case_id == case.id, Task.status == "open")
            .order_by(Task.number)
            .execution_options(populate_existing=True)
        )
    )


def find_task(session: Session, case: Case, number: int) -> Task:
    task = session.get(Task, (case.county, case.id, number), populate_existing=True)
    if task is None:
        raise _no_task(case, number)
    return task


def _no_task(case: Case, number: int) -> NotFound:
    return NotFound("task", "办件 %(case)s 没有第 %(number)s 号任务", case=case.number, number=number)


def task_among(tasks: Mapping[int, TaskRow], case: Case, number: int) -> TaskRow:
    task = tasks.get(number)
    if task is None:
        raise _no_task(case, number)
    return task


def finish_task(
    writes: Writes, case: Case, number: int, actor: Actor, decision: str | None, at: datetime
) -> None:
    """Done by that person, whose draft goes."""
    values = {"number": number, "person": actor.person_id, "name": actor.name, "at": at, "decision": decision}
    writes.add(
        """with typed as (
               delete from operational.drafts
               where county = %(county)s and case_id = %(case_id)s and task_number = %(number)s
                 and person_id = %(person)s)
           update operational.tasks
           set status = 'done', ended_at = %(at)s, ended_by = %(name)s, assignee = %(person)s,
               decision = %(decision)s
           where county = %(county)s and case_id = %(case_id)s and number = %(number)s""",
        of(case) | values,
    )


def cancel_tasks(writes: Writes, case: Case, numbers: Sequence[int], by: str, at: datetime) -> None:
    if numbers:
        writes.add(
            """update operational.tasks set status = 'cancelled', ended_at = %(at)s, ended_by = %(by)s
                where county = %(county)s and case_id = %(case_id)s and number = any(%(numbers)s)""",
            of(case) | {"numbers": list(numbers), "by": by, "at": at},
        )


def hand_tasks_to(session: Session, case: Case, role: str, to: str, office: str) -> None:
    """The case's open tasks of that role are another's from now on."""
    session.execute(
        update(Task)
        .where(Task.county == case.county, Task.case_id == case.id, Task.status == "open", Task.role == role)
        .values(role=to, office=office, assignee=None)
    )


def change_task(writes: Writes, case: Case, number: int, changes: dict[str, Any]) -> None:
    settings = ", ".join(f"{name} = %({name})s" for name in changes)
    writes.add(
        f"""update operational.tasks set {settings}
            where county = %(county)s and case_id = %(case_id)s and number = %(number)s""",  # noqa: S608
        of(case) | {"number": number} | changes,
    )


def save_deadlines(writes: Writes, rows: Iterable[Deadline]) -> None:
    """What can change of a deadline that was there."""
    for row in rows:
        writes.add(
            """update operational.deadlines
               set status = %(status)s, due_at = %(due_at)s, stops = %(stops)s, provisional = %(provisional)s,
                   length = %(length)s
               where county = %(county)s and id = %(id)s""",
            {
                "county": row.county,
                "id": row.id,
                "status": row.status,
                "length": row.length,
                "due_at": row.due_at,
                "stops": Jsonb(row.stops),
                "provisional": row.provisional,
            },
        )
        _tell_task(writes, row)


def _tell_task(writes: Writes, row: Deadline) -> None:
    """A task knows when its limit is, so that a list of tasks is in that order by an index."""
    if row.kind == "limit" and row.task_number is not None:
        writes.add(
            """update operational.tasks set due_at = %(due_at)s
               where county = %(county)s and case_id = %(case_id)s and number = %(number)s""",
            {"county": row.county, "case_id": row.case_id, "number": row.task_number, "due_at": row.due_at},
        )


def insert_deadlines(writes: Writes, rows: Iterable[Deadline]) -> None:
    names, rows = [column.name for column in Deadline.__table__.columns], list(rows)
    writes.insert(Deadline, [{n: vars(row)[n] for n in names if n in vars(row)} for row in rows])
    for row in rows:
        _tell_task(writes, row)


def delete_deadlines(writes: Writes, rows: Iterable[Deadline]) -> None:
    """Only for what a move to another version began and its undoing takes back."""
    for row in rows:
        writes.add(
            "delete from operational.deadlines where county = %(county)s and id = %(id)s",
            {"county": row.county, "id": row.id},
        )


def deadlines_by_id(session: Session, case: Case, ids: Sequence[UUID]) -> list[Deadline]:
    """Apart from the session, as a command has them (``found.Found``)."""
    query = select(Deadline).where(
        Deadline.county == case.county, Deadline.case_id == case.id, Deadline.id.in_(ids)
    )
    rows = list(session.scalars(query.order_by(Deadline.started_at, Deadline.id)))
    for row in rows:
        session.expunge(row)
    return rows


def active_deadlines(session: Session, case: Case) -> list[Deadline]:
    """Running and stopped ones, and those that came and could not fire."""
    return list(
        session.scalars(
            select(Deadline)
            .where(
                Deadline.county == case.county,
                Deadline.case_id == case.id,
                Deadline.status.in_(("running", "stopped", "failed")),
            )
            .order_by(Deadline.started_at, Deadline.length, Deadline.element, Deadline.id)
            .execution_options(populate_existing=True)
        )
    )


def is_done(session: Session, case: Case, elements: Collection[str]) -> bool:
    """Whether a task at one of these elements was completed."""
    done = select(Task.number).where(
        Task.county == case.county, Task.case_id == case.id, Task.status == "done", Task.element.in_(elements)
    )
    return session.scalar(done.limit(1)) is not None


def limits_begun(session: Session, case: Case) -> set[str]:
    """Names of the limits of the whole case that run, or ran."""
    begun = select(Deadline.name).where(
        Deadline.county == case.county, Deadline.case_id == case.id, Deadline.task_number.is_(None)
    )
    return set(session.scalars(begun))


def timed_numbers(session: Session, case: Case) -> set[int | None]:
    """Numbers of all tasks and timers of the case that have, or had, a deadline."""
    query = (
        "select task_number from operational.deadlines where county = %(county)s and case_id = %(case_id)s"
    )
    [rows] = read(session, [(query, of(case))])
    return {row["task_number"] for row in rows}


def save_draft(
    session: Session, case: Case, task: int, person_id: UUID, data: dict[str, Any], at: datetime
) -> None:
    draft = session.get(Draft, (case.county, case.id, task, person_id))
    if draft is None:
        draft = Draft(county=case.county, case_id=case.id, task_number=task, person_id=person_id)
        session.add(draft)
    draft.data, draft.saved_at = data, at
    session.flush()


def read_draft(session: Session, case: Case, task: int, person_id: UUID) -> Draft | None:
    return session.get(Draft, (case.county, case.id, task, person_id))


def filed_last(session: Session, case: Case) -> Case | None:
    """The case that changed the register last for the same contractor, locked; other than this one."""
    return session.scalar(
        select(Case)
        .join(Changeset, (Changeset.county == Case.county) & (Changeset.case_id == Case.id))
        .where(
            Case.county == case.county,
            Case.contractor_code == case.contractor_code,
            Case.id != case.id,
            Changeset.applied_at.is_not(None),
        )
        .order_by(Changeset.applied_at.desc())
        .limit(1)
        .with_for_update(of=Case)
        .execution_options(populate_existing=True)
    )


def case_numbers(session: Session, county: str) -> dict[UUID, str]:
    """Id -> number of every case of the county that is in scope."""
    return {
        row.id: row.number
        for row in session.execute(select(Case.id, Case.number).where(Case.county == county))
    }
