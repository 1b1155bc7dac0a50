"""Make the deadline rows agree with what runs: waits of the process, limits of tasks, the limit of the case.

A limit is shown and told, and fires nothing in the model; a wait fires its timer. While the applicant must
supply something, every deadline of the case that is not the applicant's own stands still; while a task is open
or a wait that suspends the case (an objection, a death, a notice to be given in advance: property ``suspends``), all
but its own.

A period is counted from the moment its wait begins, or from the day that an answer names (property ``begins``: paths
into the variables, the first that is there): an award was received on the day of the slip, not on that of its entry.
A limit of the whole case may say in its parameters where it begins and ends likewise.
"""

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from engine.bpmn import Step, TimerWait
from engine.domain import events
from engine.domain.clock import SHANGHAI
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
    suspended = bool(suspending(step))
    for deadline in active:
        if deadline.unit == EXACT:
            continue  # a time of the model's own runs by the clock
        stands = bool(goes_on) and deadline.task_number not in goes_on
        if deadline.status == "running" and stands:
            stop(work, deadline, suspended)
        elif deadline.status == "stopped" and not stands:
            resume(work, deadline)
    changed = [row for row, was in zip(found, before, strict=True) if _state(row) != was]
    cases.save_deadlines(work.writes, changed)
    cases.insert_deadlines(work.writes, active[len(found) :])


def still_running(work: Work, step: Step) -> set[int]:
    """Numbers of the tasks and waits, and of the timers on them, that alone run on; empty where nothing stands still."""
    numbers = suspending(step)
    if not numbers:
        numbers = {task.number for task in step.tasks if work.case_type.is_household(task.groups[0])}
    return numbers | {wait.number for wait in step.waits if wait.task in numbers}


def suspending(step: Step) -> set[int]:
    """Numbers of the tasks and waits that suspend the case."""
    tasks = {task.number for task in step.tasks if task.properties.get("suspends")}
    return tasks | {wait.number for wait in step.waits if wait.suspends}


def _state(row: Deadline) -> tuple[str, datetime | None, int]:
    return row.status, row.due_at, len(row.stops)


def _end_what_is_over(work: Work, step: Step, active: list[Deadline]) -> None:
    numbers = {task.number for task in step.tasks} | {wait.number for wait in step.waits}
    numbers |= {event.number for event in step.events}
    for deadline in active:
        if deadline.task_number is None:
            over = step.finished or has_ended(work, deadline.name)
        else:
            over = deadline.task_number not in numbers
        if over:
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
            begins = day_named(work, task.properties.get("begins", ""))
            active.append(start(work, task.properties["deadline"], task.element, task.number, begins))
    for event in expected:
        if event.number not in known:
            active.append(start(work, event.deadline, event.element, event.number))
    if not step.finished:
        active.extend(_of_the_case(work, active))


def _of_the_case(work: Work, active: list[Deadline]) -> Iterator[Deadline]:
    """Limits of the whole case: with it, or on the day that their row names once it is known."""
    for name in work.case_type.case_limits():
        path = work.case_type.deadlines[name].get("begins", "")
        if not path:
            if work.case.revision == 1:
                yield start(work, name, None, None)
            continue
        begins = None if has_ended(work, name) else day_named(work, path)
        if begins is not None and name not in cases.limits_begun(work.session, work.case):
            yield start(work, name, None, None, begins)


def has_ended(work: Work, name: str) -> bool:
    """Whether what a limit of the case is for has been done, as its row says (``ends``: variables, apart by ``|``)."""
    path = work.case_type.deadlines.get(name, {}).get("ends", "")
    return any(found_at(work.data, one) is not None for one in filter(None, path.split("|")))


def day_named(work: Work, paths: str) -> datetime | None:
    """The beginning of the day that the first of the paths (apart by ``|``) names; None: from now on."""
    for path in filter(None, paths.split("|")):
        found = found_at(work.data, path)
        if isinstance(found, str) and found:
            day = min(date.fromisoformat(found), work.today)
            return datetime.combine(day, time.min, SHANGHAI)
    return None


def found_at(data: Any, path: str) -> Any:
    for part in path.split("."):
        data = data.get(part) if isinstance(data, dict) else None
    return data


def start_wait(work: Work, wait: TimerWait) -> Deadline:
    return start(work, wait.deadline, wait.element, wait.number, day_named(work, wait.begins))


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


def start(
    work: Work, name: str, element: str | None, task_number: int | None, begins: datetime | None = None
) -> Deadline:
    """``begins``: a day that has been, from which the period is counted instead of from now."""
    rule, since = work.case_type.deadline(name, work.today), begins or work.at
    running = Running(kind=rule.kind, unit=rule.unit, length=rule.length, started_at=since)
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
        started_at=since,
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
