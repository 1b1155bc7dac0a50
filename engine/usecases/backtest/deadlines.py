"""Which deadlines of a case would have been others under a draft's parameters, and when they would have been due.

Compared by element; the limits of the whole case by name. Both due dates are reckoned on one calendar with the
stops as they were, so that they differ by what the draft changes and by nothing else.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from engine.bpmn import Definition
from engine.bpmn.times import is_expression
from engine.domain.calendar import WorkCalendar
from engine.domain.case_type import CaseType, DeadlineRule
from engine.domain.clock import local_date
from engine.domain.deadline import Deadline as Running
from engine.domain.moments import EXACT
from engine.queries.periods import as_running
from engine.store.tables.cases import Case, Deadline, Task

ADDED, REMOVED, CHANGED, UNKNOWN = "added", "removed", "changed", "unknown"


@dataclass(frozen=True, order=True)
class Period:
    """``kind``: wait or limit; ``length`` in ``unit``, where ``exact`` is a time of the model's own: its name."""

    name: str
    kind: str
    unit: str
    length: int


@dataclass(frozen=True)
class DeadlineChange:
    """``element`` is None for a limit of the whole case. UNKNOWN: the draft names a deadline that its parameters
    do not have on that day.
    """

    what: str
    element: str | None
    before: Period | None
    after: Period | None
    due_before: datetime | None = None
    due_after: datetime | None = None


@dataclass(frozen=True)
class DraftRules:
    """The deadlines a draft has for its elements and for the case."""

    case_type: CaseType
    definition: Definition
    calendar: WorkCalendar

    def name_for(self, element: str | None, name: str) -> str | None:
        """A row of the parameters; None where the draft has no such limit, or the model states a time itself."""
        if element is None:
            return name if name in self.case_type.case_limits() else None
        return self.definition.elements[element].properties.get("deadline")

    def time_for(self, element: str | None) -> str:
        """The time that the model states itself, "" where it does not."""
        return self.definition.elements[element].timer_text if element else ""

    def period(self, name: str, started: datetime) -> Period | None:
        """As in force on that day; None where there is none."""
        try:
            rule: DeadlineRule = self.case_type.deadline(name, local_date(started))
        except (KeyError, ValueError):
            return None
        return Period(name, rule.kind.value, rule.unit.value, rule.length)

    def due(self, name: str, started: datetime) -> datetime | None:
        period = self.period(name, started)
        return None if period is None else self.due_of(period, started)

    def due_of(self, period: Period, started: datetime, like: Running | None = None) -> datetime | None:
        rule = DeadlineRule.parse(period.kind, period.unit, period.length)
        stops = like.stops if like else ()
        return Running(rule.kind, rule.unit, rule.length, started, stops).due(self.calendar)


def changes(
    rules: DraftRules, case: Case, rows: list[Deadline], tasks: list[Task]
) -> Iterator[DeadlineChange]:
    """Of elements that the draft still has; for others the route tells."""
    for row in rows:
        if row.element is None or row.element in rules.definition.elements:
            yield from _changed(rules, row)
    timed = {row.task_number for row in rows}
    for task in tasks:
        element = rules.definition.elements.get(task.element)
        name = element.properties.get("deadline") if element else None
        if name and task.number not in timed:
            yield _added(rules, task.element, name, task.opened_at)
    held = {row.name for row in rows if row.element is None}
    for name in rules.case_type.case_limits():
        if name not in held:
            yield _added(rules, None, name, case.started_at)


def _changed(rules: DraftRules, row: Deadline) -> Iterator[DeadlineChange]:
    before = Period(row.name, row.kind, row.unit, row.length)
    exact = row.unit == EXACT
    ran = None if exact else as_running(row)
    was_due = ran.due(rules.calendar) if ran else row.due_at
    name, time = rules.name_for(row.element, row.name), rules.time_for(row.element)
    if name is None and time:
        if not is_expression(time) and (not exact or time != row.name):
            yield DeadlineChange(CHANGED, row.element, before, Period(time, row.kind, EXACT, 0), was_due)
        return
    if name is None:
        yield DeadlineChange(REMOVED, row.element, before, None, was_due)
        return
    after = rules.period(name, row.started_at)
    if after is None:
        yield DeadlineChange(UNKNOWN, row.element, before, None, was_due)
    elif (before.kind, before.unit, before.length) != (after.kind, after.unit, after.length):
        due = rules.due_of(after, row.started_at, ran)
        yield DeadlineChange(CHANGED, row.element, before, after, was_due, due)


def _added(rules: DraftRules, element: str | None, name: str, started: datetime) -> DeadlineChange:
    after = rules.period(name, started)
    due = rules.due_of(after, started) if after else None
    return DeadlineChange(ADDED if after else UNKNOWN, element, None, after, None, due)
