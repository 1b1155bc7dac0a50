"""Incidents in the history of their case: raised by the system, retried by an administrator."""

from uuid import UUID

from sqlalchemy.orm import Session

from engine.domain import events
from engine.domain.actor import Actor, system
from engine.domain.clock import Clock
from engine.domain.errors import NotFound
from engine.domain.events import Happened
from engine.store import cases, history, incidents
from engine.store.tables.cases import Deadline
from engine.store.tables.work import OutboxRow


def raise_incident(session: Session, clock: Clock, row: OutboxRow | Deadline) -> None:
    """In the transaction that makes the row an incident. What hangs on no case (a sign-in code) has no history."""
    _tell(session, clock, row, events.INCIDENT_RAISED, system(row.county))


def retry_incident(session: Session, clock: Clock, actor: Actor, mark: str) -> None:
    """``mark`` is what the list of incidents gives: effect-17, deadline-<uuid>. The caller commits.

    Raises NotFound when there is no such incident in the county, or somebody retried it already.
    """
    row = _taken(session, actor.county, mark)
    if row is None:
        raise NotFound("incident", "没有这项待处理的失败，可能已有人再试")
    incidents.allow_more(row)
    _tell(session, clock, row, events.INCIDENT_RETRIED, actor)
    session.flush()


def _taken(session: Session, county: str, mark: str) -> OutboxRow | Deadline | None:
    kind, _, name = mark.partition("-")
    if kind == "effect" and name.isascii() and name.isdigit() and len(name) < 19:
        return incidents.take_effect(session, county, int(name))
    if kind == "deadline":
        try:
            return incidents.take_deadline(session, county, UUID(name))
        except ValueError:
            return None
    return None


def _tell(session: Session, clock: Clock, row: OutboxRow | Deadline, kind: str, actor: Actor) -> None:
    if row.case_id is None:
        return
    case = cases.case_by_id(session, row.county, row.case_id, lock=True)
    error = (row.error or "")[:500]
    if isinstance(row, Deadline):
        fact = Happened(kind, {"of": row.name, "error": error}, row.element, row.task_number)
    else:
        fact = Happened(kind, {"of": row.kind, "error": error})
    history.append(session, row.county, case.id, [fact], actor, clock.now())
