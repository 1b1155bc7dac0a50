"""Keep what was typed into a task: on every pause, and whenever sending it did not work."""

from typing import Any

from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.clock import Clock
from engine.queries.scoped import visible_case
from engine.store import cases
from engine.usecases.claim_task import check_position
from engine.usecases.procedures import procedure_of


def save_draft(
    session: Session, clock: Clock, actor: Actor, case_number: str, number: int, data: dict[str, Any]
) -> None:
    """Also for a task that is closed by now, so that a lost race loses no words."""
    case = visible_case(session, actor, case_number)
    task = cases.find_task(session, case, number)
    check_position(actor, task)
    kept = procedure_of(session, case).form(task.form).kept(data)
    cases.save_draft(session, case, number, actor.person_id, kept, clock.now())
