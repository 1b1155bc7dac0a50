"""Act inside on what an applicant asks for beside forms: facts right or wrong, a reminder."""

from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from engine.domain import events
from engine.domain.actor import applicant
from engine.domain.calendar import shipped_calendar
from engine.domain.clock import Clock, local_date
from engine.domain.errors import NotAllowed, NotFound, Refused
from engine.domain.events import Happened
from engine.queries.case_progress import reminder_day
from engine.store import cases, history, notices, outbox
from engine.store.register import read_household
from engine.store.tables.cases import Case, FactCheck
from engine.store.tables.portal import Applicant, Submission
from engine.usecases.answer_once import earlier_answer, remember_answer
from engine.usecases.correct_filed import report_error
from engine.usecases.remind_task import who_have


def confirm(session: Session, clock: Clock, person: Applicant, row: Submission) -> dict[str, Any]:
    """Kept with the household: the staff read it beside every task of its cases."""
    household = read_household(session, person.county, person.contractor_code)
    if household is None:
        raise NotFound("contractor", "没有找到承包方 %(code)s，请核对编码", code=person.contractor_code)
    actor = applicant(person.id, person.name, person.county, household.division)
    before = earlier_answer(session, actor, str(row.id), row.data)
    if before is not None:
        return before
    said = FactCheck(
        county=person.county,
        id=uuid4(),
        division=household.division,
        contractor_code=household.code,
        facts_mark=row.data["mark"],
        answer=row.data["answer"],
        categories=row.data["categories"],
        text=row.data["text"],
        said_by=person.name,
        applicant=person.id,
        said_at=row.submitted_at,
    )
    session.add(said)
    session.flush()
    answer = {"said": row.data["answer"]}
    remember_answer(session, clock, actor, str(row.id), row.data, answer)
    return answer


def remind(session: Session, clock: Clock, person: Applicant, row: Submission) -> dict[str, Any]:
    """A fact of the case's history, and a notice to whoever has the task. Refused when the last time was not long ago."""
    case, actor, before = _own_case(session, person, row)
    if before is not None:
        return before
    at = clock.now()
    first = reminder_day(session, case, shipped_calendar())
    if first is None or first > local_date(at):
        raise Refused("too_soon", "现在还不到可以催办的时候")
    task = next(task for task in cases.open_tasks(session, case) if task.role != "applicant")
    fact = Happened(events.CASE_REMINDED, {"form": task.form}, task.element, task.number)
    history.append(session, case.county, case.id, [fact], actor, at)
    told = who_have(session, task, local_date(at))
    notices.tell(session, case, told, "reminded", task.name, actor, at, task.number)
    outbox.put(session, case.county, "publish_case", {"case": case.number}, at, case.id)
    answer = {"case": case.number}
    remember_answer(session, clock, actor, str(row.id), row.data, answer)
    return answer


CATEGORIES = {"head": "户主", "members": "成员", "parcels": "地块", "other": "其他"}


def correct(session: Session, clock: Clock, person: Applicant, row: Submission) -> dict[str, Any]:
    """An error that the household found in what was filed: told to the village, which corrects it or says why not."""
    assert row.case_number is not None
    case = cases.find_case(session, person.county, row.case_number)
    actor = applicant(person.id, person.name, person.county, case.division)
    before = earlier_answer(session, actor, str(row.id), row.data)
    if before is not None:
        return before
    said = f"{CATEGORIES[row.data['category']]}：{row.data['text']}"
    report_error(session, clock, actor, case.number, said, household=person.contractor_code)
    answer = {"case": case.number}
    remember_answer(session, clock, actor, str(row.id), row.data, answer)
    return answer


def _own_case(
    session: Session, person: Applicant, row: Submission
) -> tuple[Case, Any, dict[str, Any] | None]:
    """(the case under its lock, who acts, the answer given before). NotAllowed for whoever did not apply."""
    assert row.case_number is not None
    case = cases.find_case(session, person.county, row.case_number, lock=True)
    if case.applicant != person.id:
        raise NotAllowed("not_applicant", "这件事由提出申请的家人登录后办理")
    actor = applicant(person.id, person.name, person.county, case.division)
    return case, actor, earlier_answer(session, actor, str(row.id), row.data)
