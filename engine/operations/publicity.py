"""公示: open one for the period that the parameters name."""

from typing import Any

from engine.domain import events
from engine.domain.calendar import WorkCalendar
from engine.domain.case_type import DeadlineRule
from engine.domain.deadline import Deadline
from engine.operations.work import Work
from engine.store.tables.cases import Publicity


def open_publicity(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Inputs: subject (contract or survey), deadline (a row of the parameters).

    Result: {subject, places, starts_on, ends_on, length, unit}. The own village and its neighbouring collectives.
    """
    rule = work.case_type.deadline(inputs["deadline"], work.today)
    ends_on = last_day(rule, work, work.calendar)
    village, township = work.office("village"), work.office("township")
    places = [f"{village.full_name}村务公开栏", "相邻集体经济组织公开栏", f"{township.name}便民服务中心"]
    row = Publicity(
        county=work.case.county,
        id=work.new_id(),
        case_id=work.case.id,
        subject=inputs["subject"],
        places=places,
        starts_on=work.today,
        ends_on=ends_on,
        division=work.case.division,
    )
    work.session.add(row)
    result = {
        "subject": row.subject,
        "places": places,
        "starts_on": row.starts_on.isoformat(),
        "ends_on": ends_on.isoformat(),
        "length": rule.length,
        "unit": rule.unit.value,
    }
    work.say(events.PUBLICITY_OPENED, result)
    return result


def last_day(rule: DeadlineRule, work: Work, calendar: WorkCalendar):
    running = Deadline(kind=rule.kind, unit=rule.unit, length=rule.length, started_at=work.at)
    return running.last_day(calendar)
