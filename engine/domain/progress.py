"""Where a case stands, in the words of its case type: the named steps, whose turn it is, and until when. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from engine.domain.calendar import WorkCalendar
from engine.domain.case_type import CaseType
from engine.domain.deadline import Deadline, Kind, Unit
from engine.domain.proposing import holds

NOON = time(4, 0, tzinfo=UTC)  # 12:00 in China: an instant that lies safely within its day


TASK, PERIOD, MOMENT, EVENT = "task", "period", "moment", "event"
"""What can be waited for: a person; a period of the law; a time of the model's own; a message or signal."""

# said of the step in which a case ended without what was asked for
ENDED = {
    "rejected": {"zh": "不予办理", "en": "Rejected"},
    "withdrawn": {"zh": "已撤回", "en": "Withdrawn"},
    "lapsed": {"zh": "终止办理", "en": "Closed"},
}

# said to the household where its case type has no words of its own for what is waited for
MEANWHILE = {
    TASK: {"zh": "正在办理", "en": "It is being handled"},
    PERIOD: {"zh": "正在等规定的期限满", "en": "Waiting for the prescribed period to pass"},
    MOMENT: {"zh": "正在等约定的时间到", "en": "Waiting for the set time"},
    EVENT: {
        "zh": "正在等有关单位的答复，收到后自动接着办",
        "en": "Waiting for an answer from the office concerned; then it goes on by itself",
    },
}


@dataclass(frozen=True)
class Waiting:
    """What the case waits for now."""

    element: str
    number: int
    role: str | None = None  # of a task
    office: str | None = None  # division code
    form: str | None = None
    due_on: date | None = None  # last day of a limit or of the period; the day of a moment
    kind: str = TASK


@dataclass(frozen=True)
class Progress:
    status: str  # open, completed, rejected, withdrawn, lapsed
    outcome: str | None  # the end event
    now: tuple[Waiting, ...]
    done_on: Mapping[str, date]  # element -> the day it was last finished
    asked_by: str | None  # element of the last finished task
    asked_form: str | None
    left: tuple[str, ...] = ()  # elements that were open when the case was withdrawn
    origin: str | None = None  # in whose name it was started
    data: Mapping[str, Any] = field(
        default_factory=dict
    )  # the case's variables, which say what it goes through


def current_step(case_type: CaseType, progress: Progress) -> int:
    """Index of the step the case is in; a task outside all steps (a supplement) stays where it was asked for."""
    place = {name: index for index, step in enumerate(case_type.steps) for name in step["elements"]}
    stopped = next((at for at, step in enumerate(case_type.steps) if _stop(step, progress)), None)
    if stopped is not None:
        return stopped
    for element in (*(waiting.element for waiting in progress.now), *progress.left):
        if element in place:
            return place[element]
    return place.get(progress.asked_by or "", 0)


def steps(
    case_type: CaseType, progress: Progress, calendar: WorkCalendar, today: date
) -> list[dict[str, Any]]:
    """[{name, title, office, state, on, expected, said}], dates ISO. state: done, now, next; ended where it was rejected, or
    stopped at an end that the step names (``stops``), in its words. Without those that this case does not go through."""
    at = current_step(case_type, progress)
    latest = _latest_days(case_type, progress, at, calendar, today)
    told = []
    for index, step in enumerate(case_type.steps):
        if index != at and not goes_through(step, progress):
            continue
        stop = _stop(case_type.steps[at], progress)
        state = _state("stopped" if stop else progress.status, index, at)
        if state is None:
            break
        days = [progress.done_on[name] for name in step["elements"] if name in progress.done_on]
        on = max(days) if days and state in ("done", "ended") else None
        expected = latest.get(index) if state in ("now", "next") else None
        told.append(
            {
                "name": step["name"],
                **named_for(step, progress.origin),
                "state": state,
                "on": on.isoformat() if on else None,
                "expected": expected.isoformat() if expected else None,
                "said": (stop or ENDED.get(progress.status)) if state == "ended" else None,
            }
        )
    return told


def goes_through(step: Mapping[str, Any], progress: Progress) -> bool:
    """Whether one of the step's ``when`` holds, as in changes.yaml; while nothing is decided yet, any step may come."""
    asked = step.get("when") or []
    decided = all(path.partition(".")[0] in progress.data for one in asked for path in one)
    return not asked or not decided or any(holds(one, progress.data) for one in asked)


def named_for(step: Mapping[str, Any], origin: str | None) -> dict[str, Any]:
    """{title, office}: a step may be called otherwise where a case was started in another's name (``by_origin``)."""
    named = step | (step.get("by_origin") or {}).get(origin, {})
    return {"title": named["title"], "office": named["office"]}


def _stop(step: Mapping[str, Any], progress: Progress) -> dict[str, str] | None:
    return (step.get("stops") or {}).get(progress.outcome) if progress.status != "open" else None


def _state(status: str, index: int, at: int) -> str | None:
    if status == "completed" or index < at:
        return "done"
    if status != "open":
        return "ended" if index == at else None
    return "now" if index == at else "next"


def _latest_days(
    case_type: CaseType, progress: Progress, at: int, calendar: WorkCalendar, today: date
) -> dict[int, date]:
    """Latest day of the step that runs and of those to come, if every office takes the time it has."""
    if not progress.now:
        return {}
    waiting = progress.now[0]
    day = max(waiting.due_on or today, today)
    found: dict[int, date] = {}
    for index in range(at, len(case_type.steps)):
        if index != at and not goes_through(case_type.steps[index], progress):
            continue
        names = usual(case_type, index)
        if index == at and waiting.element in names:
            names = names[names.index(waiting.element) + 1 :]
        for name in names:
            day = _after(case_type, name, day, calendar, today)
        found[index] = day
    return found


def usual(case_type: CaseType, index: int) -> list[str]:
    """Elements of a step that have a period and are gone through in an ordinary case."""
    step = case_type.steps[index]
    return [name for name in step.get("usual") or step["elements"] if name in case_type.deadlines]


def _after(case_type: CaseType, name: str, day: date, calendar: WorkCalendar, today: date) -> date:
    rule = case_type.deadline(name, today)
    running = Deadline(Kind.LIMIT, Unit(rule.unit), rule.length, datetime.combine(day, NOON))
    return running.last_day(calendar) or day


def turn(
    case_type: CaseType,
    progress: Progress,
    phone: str | None,
    place: str | None,
    statuses: Mapping[str, dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """{office, text, todo, due_on, due_kind, until, phone, place}: whose turn, until when, what must I do.

    ``statuses``: the words for somebody else than the applicant.
    """
    said = case_type.statuses if statuses is None else statuses
    waiting = next((w for w in progress.now if w.element in said), None)
    waiting = waiting or next(iter(progress.now), None)
    words = said.get(waiting.element if waiting else progress.outcome or "", {})
    due_on = waiting.due_on if waiting else None
    kind = waiting.kind if waiting else None
    if waiting and kind == TASK and due_on is None:  # a period that runs beside the task ends it
        ending = min((w.due_on for w in progress.now if w.kind == PERIOD and w.due_on), default=None)
        due_on, kind = ending, MOMENT if ending else TASK
    return {
        "office": words.get("office") or case_type.title,
        "text": words.get("text") or (MEANWHILE[waiting.kind] if waiting else case_type.title),
        "todo": words.get("todo"),
        "yours": bool(waiting and waiting.role == "applicant"),
        "due_on": due_on.isoformat() if due_on else None,
        "due_kind": kind,
        "until": words.get("until"),
        "phone": phone,
        "place": place,
    }


def last_day(due_at: datetime, is_wait: bool, local: Any) -> date:
    """A wait fires as the day after its last day begins; a limit ends with its last day."""
    return local(due_at) - timedelta(days=1) if is_wait else local(due_at)
