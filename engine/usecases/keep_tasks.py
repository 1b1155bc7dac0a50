"""Make the task rows agree with what the runtime waits for."""

from typing import Any

from engine.bpmn import OpenTask, Step
from engine.domain import events
from engine.domain.division import at_level
from engine.operations.publishing import tell
from engine.operations.work import Work
from engine.store import cases
from engine.store.tables.cases import Task


def keep_tasks(work: Work, step: Step) -> None:
    """Open what is new, cancel what the process no longer waits for (a finished one is done already)."""
    done = {fact.task_number for fact in work.happened if fact.kind == events.TASK_COMPLETED}
    known = {n: task for n, task in work.found.tasks.items() if task.status == "open" and n not in done}
    wanted = {task.number: task for task in step.tasks}
    gone = [number for number in known if number not in wanted]
    cases.cancel_tasks(work.writes, work.case, gone, work.actor.name, work.at)
    for number in gone:
        work.say(events.TASK_CANCELLED, {}, known[number].element, number)
    rows = [row_of(work, task) for number, task in wanted.items() if number not in known]
    work.writes.insert(Task, rows)
    for row in rows:
        told = {key: row[key] for key in ("name", "form", "role", "office")}
        told["assignee"] = str(row["assignee"]) if row["assignee"] else None
        work.say(events.TASK_OPENED, told, row["element"], row["number"])
        if row["role"] == "applicant":
            tell(work, "turn", f"轮到您办理“{row['name']}”，请登录网上办理，查看要办什么、最迟哪天。")


def row_of(work: Work, task: OpenTask) -> dict[str, Any]:
    """A task goes to its role at the office of its level."""
    role = work.case_type.role_of(task.groups[0], work.case.origin)
    return {
        "county": work.case.county,
        "case_id": work.case.id,
        "number": task.number,
        "element": task.element,
        "name": task.name,
        "form": task.form,
        "role": role.role,
        "office": office_of(work, role.level),
        "division": work.case.division,
        "status": "open",
        "assignee": None,
        "opened_at": work.at,
        "claimed_at": None,
        "ended_at": None,
        "ended_by": None,
        "decision": None,
    }


def office_of(work: Work, level: str) -> str:
    """The division of that level that the case lies in, or the firm that its survey is given to."""
    if level == "household":
        return work.case.division
    if level == "firm":
        assert work.case.surveyed_by, "a task of a firm follows upon its assignment"
        return work.case.surveyed_by
    return at_level(work.case.division, level)
