"""Loading a case under its lock, and saving what a command made of it, by plain rows on the hot path."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from engine.domain.errors import NotFound
from engine.store.tables.cases import Case, CaseState, Deadline, Draft, Task


def find_case(session: Session, county: str, number: str, lock: bool = False) -> Case:
    """The case with that number; NotFound if there is none in scope. ``lock`` holds its row until the commit."""
    query = select(Case).where(Case.county == county, Case.number == number)
    return _one(session, query, number, lock)


def case_by_id(session: Session, county: str, case_id: UUID, lock: bool = False) -> Case:
    return _one(session, select(Case).where(Case.county == county, Case.id == case_id), str(case_id), lock)


def _one(session: Session, query: Any, name: str, lock: bool) -> Case:
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    case = session.scalar(query)
    if case is None:
        raise NotFound("case", "没有找到办件 %(number)s，请核对编号", number=name)
    return case


def read_state(session: Session, case: Case) -> tuple[str, dict[str, Any]]:
    """(the engine's state, the variables) of a case."""
    row = session.execute(
        select(CaseState.state, CaseState.data).where(
            CaseState.county == case.county, CaseState.case_id == case.id
        )
    ).one()
    return row.state, row.data


def insert_state(session: Session, case: Case, state: str, data: dict[str, Any]) -> None:
    session.connection().execute(
        insert(CaseState),
        [{"county": case.county, "case_id": case.id, "state": state, "data": data}],
    )


def write_state(session: Session, case: Case, state: str, data: dict[str, Any]) -> None:
    session.connection().execute(
        update(CaseState)
        .where(CaseState.county == case.county, CaseState.case_id == case.id)
        .values(state=state, data=data)
    )


def open_tasks(session: Session, case: Case) -> list[Task]:
    return list(
        session.scalars(
            select(Task)
            .where(Task.county == case.county, Task.case_id == case.id, Task.status == "open")
            .order_by(Task.number)
        )
    )


def find_task(session: Session, case: Case, number: int) -> Task:
    task = session.get(Task, (case.county, case.id, number), populate_existing=True)
    if task is None:
        raise NotFound("task", "办件 %(case)s 没有第 %(number)s 号任务", case=case.number, number=number)
    return task


def insert_tasks(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        session.connection().execute(insert(Task), rows)


def end_tasks(
    session: Session, case: Case, numbers: Sequence[int], status: str, by: str, at: datetime
) -> None:
    if numbers:
        session.execute(
            update(Task)
            .where(Task.county == case.county, Task.case_id == case.id, Task.number.in_(numbers))
            .values(status=status, ended_at=at, ended_by=by)
            .execution_options(synchronize_session="fetch")
        )


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
            .order_by(Deadline.started_at, Deadline.id)
        )
    )


def timed_numbers(session: Session, case: Case) -> set[int | None]:
    """Numbers of all tasks and timers of the case that have, or had, a deadline."""
    query = select(Deadline.task_number).where(Deadline.county == case.county, Deadline.case_id == case.id)
    return set(session.scalars(query))


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


def delete_draft(session: Session, case: Case, task: int, person_id: UUID) -> None:
    session.execute(
        delete(Draft).where(
            Draft.county == case.county,
            Draft.case_id == case.id,
            Draft.task_number == task,
            Draft.person_id == person_id,
        )
    )


def case_numbers(session: Session, county: str) -> dict[UUID, str]:
    """Id -> number of every case of the county that is in scope."""
    return {
        row.id: row.number
        for row in session.execute(select(Case.id, Case.number).where(Case.county == county))
    }
