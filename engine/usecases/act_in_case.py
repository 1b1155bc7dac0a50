"""Something that a case type lets people do at any time beside the tasks: challenge an arbitrator, ask for another day.

``acts`` of case_type.yaml name them: ``{message, form, group, title, after}``. The form's answers go into the case as that
message's payload, and so into the variable that the model names. What may be done now is what the case listens for, once one
of the tasks of ``after``, if any are named, was completed.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from engine.bpmn import Receive
from engine.domain import events
from engine.domain.actor import Actor
from engine.domain.clock import Clock, local_date
from engine.domain.errors import Invalid, NotAllowed, NotFound, Refused
from engine.domain.roles import does
from engine.operations.materials import adopt_materials
from engine.operations.work import Work
from engine.queries.scoped import visible_case
from engine.store import event_waits
from engine.store.cases import is_done
from engine.store.tables.cases import Case
from engine.usecases.carry_on import CommandEvent, carry_on
from engine.usecases.procedures import Procedure, procedure_of


@dataclass(frozen=True)
class Act:
    """``may``: whether this position does such things."""

    name: str
    title: dict[str, str]
    form: str
    message: str
    may: bool


def acts_open(session: Session, actor: Actor, case: Case, procedure: Procedure) -> list[Act]:
    """What the case listens for now, of what its case type lets people do."""
    heard = event_waits.heard(session, case) if procedure.case_type.acts and case.status == "open" else set()
    return [
        act
        for act in acts_of(procedure, actor, case)
        if act.message in heard and _its_time(session, case, procedure, act.name)
    ]


def acts_of(procedure: Procedure, actor: Actor, case: Case) -> list[Act]:
    found = []
    for name, row in procedure.case_type.acts.items():
        role = procedure.case_type.role_of(row["group"], case.origin).role
        found.append(Act(name, row["title"], row["form"], row["message"], does(actor.role, role)))
    return found


def act_in_case(
    session: Session,
    clock: Clock,
    actor: Actor,
    case_number: str,
    name: str,
    answers: Any,
    *,
    context: dict[str, Any] | None = None,
    files: Any = None,
    store: Any = None,
) -> Case:
    """Raises NotFound for a case or an act that there is not, NotAllowed for another position, Invalid by field, Refused
    where the case does not stand so that it could be done. Commits nothing.
    """
    case = visible_case(session, actor, case_number, lock=True)
    procedure = procedure_of(session, case)
    act = next((one for one in acts_of(procedure, actor, case) if one.name == name), None)
    if act is None:
        raise NotFound("act", "这类业务没有“%(name)s”这一项", name=name[:40])
    if not act.may:
        raise NotAllowed("may_not_act", "您的岗位不能办理“%(title)s”", title=act.title["zh"])
    send_act(session, clock, actor, case, procedure, name, answers, context=context, files=files, store=store)
    return case


def send_act(
    session: Session,
    clock: Clock,
    actor: Actor,
    case: Case,
    procedure: Procedure,
    name: str,
    answers: Any,
    *,
    context: dict[str, Any] | None = None,
    files: Any = None,
    store: Any = None,
) -> None:
    """The case is locked, and the actor may. Invalid by field, Refused where the case does not wait for it."""
    row = procedure.case_type.acts[name]
    waits = event_waits.waiting(session, actor.county, "message", row["message"], case_id=case.id)
    if case.status != "open" or not waits or not _its_time(session, case, procedure, name):
        raise Refused("not_now", "此件现在不能办理“%(title)s”", title=row["title"]["zh"])
    form = procedure.form(row["form"])
    known = {"today": local_date(clock.now()).isoformat()} | (context or {})
    data, errors = form.read(answers, context=known, files=files, store=store)
    if errors:
        raise Invalid(errors)
    work = Work(session=session, case=case, case_type=procedure.case_type, actor=actor, at=clock.now())
    work.last_form = row["form"]
    adopt_materials(work, form, data, None)
    told = {"kind": "message", "name": row["message"], "payload": data}
    event = CommandEvent(events.EVENT_RECEIVED, told, waits[0].element, waits[0].number)
    carry_on(work, procedure, Receive(waits[0].number, data), event)


def _its_time(session: Session, case: Case, procedure: Procedure, name: str) -> bool:
    after = procedure.case_type.acts[name].get("after", ())
    return not after or is_done(session, case, after)
