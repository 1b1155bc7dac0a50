"""What is known inside about where a case stands, read for publishing it to the applicant."""

from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.domain.calendar import WorkCalendar
from engine.domain.case_type import CaseType
from engine.domain.clock import local_date
from engine.domain.events import CASE_REMINDED, COMMANDS
from engine.domain.moments import EXACT
from engine.domain.portal_rules import reminder_from
from engine.domain.progress import EVENT, MOMENT, PERIOD, TASK, Progress, Waiting, last_day
from engine.queries.case_file import awaited
from engine.store import cases
from engine.store.tables.cases import Case, Deadline, Paper, Task
from engine.store.tables.history import Event
from engine.store.tables.reference import Division

APPLICANT = "applicant"


def read_progress(session: Session, case: Case) -> Progress:
    finished = session.execute(
        select(Task.element, Task.form)
        .where(Task.county == case.county, Task.case_id == case.id, Task.status == "done")
        .order_by(Task.ended_at.desc(), Task.number.desc())
        .limit(1)
    ).first()
    return Progress(
        status=case.status,
        outcome=case.outcome,
        now=_waiting(session, case),
        done_on=_done_on(session, case),
        asked_by=finished.element if finished else None,
        asked_form=finished.form if finished else None,
        left=_left(session, case) if case.status == "withdrawn" else (),
        origin=case.origin,
        data=cases.read_state(session, case)[1],
    )


def _left(session: Session, case: Case) -> tuple[str, ...]:
    """What the withdrawal found open: tasks, and a period of the law that was running."""
    tasks = session.scalars(
        select(Task.element).where(
            Task.county == case.county,
            Task.case_id == case.id,
            Task.status == "cancelled",
            Task.ended_at == case.ended_at,
        )
    )
    waits = session.scalars(
        select(Deadline.element)
        .where(
            Deadline.county == case.county,
            Deadline.case_id == case.id,
            Deadline.kind == "wait",
            Deadline.status == "cancelled",
            Deadline.element.is_not(None),
        )
        .order_by(Deadline.started_at.desc())
        .limit(1)
    )
    return (*tasks, *(element for element in waits if element))


def _waiting(session: Session, case: Case) -> tuple[Waiting, ...]:
    deadlines = cases.active_deadlines(session, case)
    due = {
        row.task_number: last_day(row.due_at, row.kind == "wait" and row.unit != EXACT, local_date)
        for row in deadlines
        if row.task_number is not None and row.due_at is not None
    }
    people = [
        Waiting(task.element, task.number, task.role, task.office, task.form, due.get(task.number), TASK)
        for task in cases.open_tasks(session, case)
    ]
    events = [
        Waiting(one.element, one.number, due_on=due.get(one.number), kind=EVENT)
        for one in awaited(session, case)
    ]
    numbers = {waiting.number for waiting in (*people, *events)}
    periods = [
        Waiting(
            row.element,
            row.task_number,
            due_on=due.get(row.task_number),
            kind=MOMENT if row.unit == EXACT else PERIOD,
        )
        for row in deadlines
        if row.element and row.task_number is not None and row.task_number not in numbers
    ]
    return tuple(people + periods + events)


def _done_on(session: Session, case: Case) -> dict[str, Any]:
    rows = session.execute(
        select(Event.element, func.max(Event.at).label("at"))
        .where(
            Event.county == case.county,
            Event.case_id == case.id,
            Event.kind.in_(COMMANDS),
            Event.element.is_not(None),
        )
        .group_by(Event.element)
    )
    return {row.element: local_date(row.at) for row in rows}


def issued_papers(session: Session, case: Case) -> list[Paper]:
    """Papers of the case that are printed."""
    return list(
        session.scalars(
            select(Paper)
            .where(
                Paper.county == case.county,
                Paper.case_id == case.id,
                Paper.source == "issued",
                Paper.status == "ready",
                Paper.verify_code.is_not(None),
            )
            .order_by(Paper.created_at)
        )
    )


def village_offices(session: Session, county: str) -> list[dict[str, Any]]:
    """[{code, name, phone}] of the county's villages, with the township before the name; by code."""
    rows = session.scalars(
        select(Division).where(
            Division.code.startswith(county, autoescape=True), func.length(Division.code).in_((6, 9, 12))
        )
    ).all()
    known = {row.code: row for row in rows}
    found = []
    for code, row in sorted(known.items()):
        if len(code) == 12:
            above = [known[code[:n]].phone for n in (9, 6) if code[:n] in known]
            phone = row.phone or next((p for p in above if p), None)
            town = known[code[:9]].name if code[:9] in known else ""
            found.append({"code": code, "name": town + row.name, "phone": phone})
    return found


def whom_to_ask(
    session: Session, case: Case, case_type: CaseType, progress: Progress
) -> tuple[str | None, str | None]:
    """(name, telephone) of the office whose turn it is; while it is nobody's, of the commission that an arbitration is
    before, which sits at the county, and of other cases the village's.
    """
    office = next((w.office for w in progress.now if w.office and w.role != APPLICANT), None)
    arbitrated = case_type.about.get("dispute", {}).get("kind") == "arbitration"
    return office_of(session, office or (case.county if arbitrated else case.division[:12]))


def office_of(session: Session, code: str) -> tuple[str | None, str | None]:
    """(name, telephone) of a division; one without a telephone is reached by the office above it."""
    rows = session.scalars(
        select(Division).where(Division.code.in_([code[:n] for n in (6, 9, 12, 14) if n <= len(code)]))
    )
    upwards = sorted(rows, key=lambda row: len(row.code), reverse=True)
    name = upwards[0].name if upwards and upwards[0].code == code else None
    return name, next((row.phone for row in upwards if row.phone), None)


def reminder_day(session: Session, case: Case, calendar: WorkCalendar) -> date | None:
    """First day on which an office may be reminded of the case; None where no office has a task in it."""
    opened = [task.opened_at for task in cases.open_tasks(session, case) if task.role != "applicant"]
    if not opened:
        return None
    last = session.scalar(
        select(func.max(Event.at)).where(
            Event.county == case.county, Event.case_id == case.id, Event.kind == CASE_REMINDED
        )
    )
    return reminder_from(local_date(min(opened)), local_date(last) if last else None, calendar)
