"""Make the deadline rows agree with what runs: waits of the process, limits of tasks, the limit of the case.

A limit is shown and told, and fires nothing in the model; a wait fires its timer. While the applicant must
supply something, every deadline of the case that is not the applicant's own stands still; while a task is open
that suspends the case (an objection, a death: property ``suspends``), all but that task's own.
"""

from datetime import datetime

from engine.bpmn import Step, TimerWait
from engine.domain import events
from engine.domain.deadline import Deadline as Running
from engine.domain.deadline import Kind
from engine.domain.errors import Refused
from engine.domain.moments import EXACT, moment
from engine.domain.said import say
from engine.operations.work import Work
from engine.queries.periods import as_running
from engine.store import cases
from engine.store.tables.cases import Deadline


def keep_deadlines(work: Work, step: Step) -> None:
    """Those that were there are changed in place; what changed, and what is new, goes with the command's writes."""
    found = work.found.deadlines
    before = [_state(row) for row in found]
    active = list(found)
    _end_what_is_over(work, step, active)
    _start_what_is_new(work, step, active)
    goes_on = still_running(work, step)
    for deadline in active:
        if deadline.unit == EXACT:
            continue  # a time of the model's own runs by the clock
        stands = bool(goes_on) and deadline.task_number not in goes_on
        if deadline.status == "running" and stands:
            stop(work, deadline, suspended=any(task.properties.get("suspends") for task in step.tasks))
        elif deadline.status == "stopped" and not stands:
            resume(work, deadline)
    changed = [row for row, was in zip(found, before, strict=True) if _state(row) != was]
    cases.save_deadlines(work.writes, changed)
    cases.insert_deadlines(work.writes, active[len(found) :])


def still_running(work: Work, step: Step) -> set[int]:
    """Numbers of the tasks, and of the timers on them, that alone run on; empty where nothing stands still."""
    numbers = {task.number for task in step.tasks if task.properties.get("suspends")}
    if not numbers:
        numbers = {task.number for task in step.tasks if work.case_type.is_household(task.groups[0])}
    return numbers | {wait.number for wait in step.waits if wait.task in numbers}


def _state(row: Deadline) -> tuple[str, datetime | None, int]:
    return row.status, row.due_at, len(row.stops)


def _end_what_is_over(work: Work, step: Step, active: list[Deadline]) -> None:
    numbers = {task.number for task in step.tasks} | {wait.number for wait in step.waits}
    numbers |= {event.number for event in step.events}
    for deadline in active:
        of_case = deadline.task_number is None
        if (of_case and step.finished) or (not of_case and deadline.task_number not in numbers):
            deadline.status = "met"


def _start_what_is_new(work: Work, step: Step, active: list[Deadline]) -> None:
    running = {row.task_number for row in active}
    wanted = [wait for wait in step.waits if wait.number not in running]
    asked = [t for t in step.tasks if t.properties.get("deadline") and t.number not in running]
    expected = [event for event in step.events if event.deadline and event.number not in running]
    # one that has passed does not begin again
    known = cases.timed_numbers(work.session, work.case) if wanted or asked or expected else set()
    for wait in wanted:
        if wait.number not in known:
            begin = start_wait if wait.deadline else start_exact
            active.append(begin(work, wait))
    for task in asked:
        if task.number not in known:
            active.append(start(work, task.properties["deadline"], task.element, task.number))
    for event in expected:
        if event.number not in known:
            active.append(start(work, event.deadline, event.element, event.number))
    if work.case.revision == 1 and not step.finished:
        active.extend(start(work, name, None, None) for name in work.case_type.case_limits())


def start_wait(work: Work, wait: TimerWait) -> Deadline:
    return start(work, wait.deadline, wait.element, wait.number)


def start_exact(work: Work, wait: TimerWait) -> Deadline:
    """A time that the model states itself."""
    try:
        due = moment(wait.kind, wait.time, work.at)
    except ValueError as error:
        message = say("时间“%(time)s”无法换算")
        raise Refused("bad_time", message, time=wait.time, element=wait.element) from error
    row = Deadline(
        county=work.case.county,
        id=work.new_id(),
        case_id=work.case.id,
        task_number=wait.number,
        element=wait.element,
        name=wait.time,
        kind=Kind.WAIT.value,
        unit=EXACT,
        length=0,
        started_at=work.at,
        due_at=due,
        stops=[],
        status="running",
        provisional=False,
        division=work.case.division,
    )
    told = {"name": row.name, "due_at": iso(due), "length": 0, "unit": EXACT}
    work.say(events.DEADLINE_STARTED, told, wait.element, wait.number)
    return row


def start(work: Work, name: str, element: str | None, task_number: int | None) -> Deadline:
    rule = work.case_type.deadline(name, work.today)
    running = Running(kind=rule.kind, unit=rule.unit, length=rule.length, started_at=work.at)
    row = Deadline(
        county=work.case.county,
        id=work.new_id(),
        case_id=work.case.id,
        task_number=task_number,
        element=element,
        name=name,
        kind=rule.kind.value,
        unit=rule.unit.value,
        length=rule.length,
        started_at=work.at,
        due_at=running.due(work.calendar),
        stops=[],
        status="running",
        provisional=running.provisional(work.calendar),
        division=work.case.division,
    )
    told = {"name": name, "due_at": iso(row.due_at), "length": rule.length, "unit": rule.unit.value}
    work.say(events.DEADLINE_STARTED, told, element, task_number)
    return row


def stop(work: Work, row: Deadline, suspended: bool = False) -> None:
    stopped = as_running(row).stop(work.at)
    _write(row, stopped, work)
    row.status = "stopped"
    told: dict[str, object] = {"name": row.name} | ({"suspended": True} if suspended else {})
    work.say(events.DEADLINE_STOPPED, told, row.element, row.task_number)


def resume(work: Work, row: Deadline) -> None:
    resumed = as_running(row).resume(work.at)
    _write(row, resumed, work)
    row.status = "running"
    work.say(
        events.DEADLINE_RESUMED, {"name": row.name, "due_at": iso(row.due_at)}, row.element, row.task_number
    )


def _write(row: Deadline, running: Running, work: Work) -> None:
    row.stops = [[iso(s.since), iso(s.until)] for s in running.stops]
    row.due_at = running.due(work.calendar)
    row.provisional = running.provisional(work.calendar)


def iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None
