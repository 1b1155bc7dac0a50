"""A deadline has come: the process goes on if it waited for it; a limit is noted as passed. Once, never early."""

from uuid import UUID

from sqlalchemy.orm import Session

from engine.bpmn import FireTimer
from engine.domain import events
from engine.domain.actor import system
from engine.domain.clock import Clock
from engine.domain.events import Happened
from engine.operations.work import Work
from engine.store import cases, history
from engine.store.tables.cases import Deadline
from engine.usecases.carry_on import CommandEvent, carry_on
from engine.usecases.procedures import procedure_of


def fire_deadline(session: Session, clock: Clock, county: str, case_id: UUID, deadline_id: UUID) -> bool:
    """Gives False when it was no longer running or not yet due once the case was locked."""
    case = cases.case_by_id(session, county, case_id, lock=True)
    deadline = session.get_one(Deadline, (county, deadline_id), populate_existing=True)
    at = clock.now()
    if deadline.status != "running" or deadline.due_at is None or deadline.due_at > at:
        return False
    deadline.status = "fired"
    actor = system(county)
    told = {"name": deadline.name, "due_at": deadline.due_at.isoformat()}
    if deadline.kind == "limit" or deadline.task_number is None:
        fact = Happened(events.DEADLINE_PASSED, told, deadline.element, deadline.task_number)
        history.append(session, county, case.id, [fact], actor, at)
        session.flush()
        return True
    procedure = procedure_of(session, case)
    work = Work(session=session, case=case, case_type=procedure.case_type, actor=actor, at=at)
    session.flush()
    command = CommandEvent(events.TIMER_FIRED, told, deadline.element, deadline.task_number)
    carry_on(work, procedure, FireTimer(deadline.task_number), command)
    return True
