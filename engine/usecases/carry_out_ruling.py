"""An award or agreement that changes the register: the village finds the contract change begun, and the land waits for it.

Nobody else changes the disputed land meanwhile: its blocks end in the transaction that begins the change which names the
dispute, and with it ends the village's task in the dispute.
"""

from typing import Any

from sqlalchemy.orm import Session

from engine.domain.actor import Actor, system
from engine.domain.clock import Clock, local_date
from engine.domain.errors import Invalid, NotFound
from engine.domain.said import say
from engine.operations.disputes.opening import free_land
from engine.queries.counter import find_draft
from engine.queries.reassigning import holders
from engine.store import cases, disputes, notices
from engine.store.register import read_household
from engine.store.tables.cases import Case
from engine.usecases.complete_task import complete_for_party
from engine.usecases.counter import keep_draft
from engine.usecases.procedures import Procedure

CHANGES, TASK = "contract_change", "begin_change"
DUE = "change"  # what close_dispute keeps of an outcome that changes the register


def draft_change(session: Session, clock: Clock, county: str, case_number: str) -> None:
    """An effect of the outbox: each clerk of the village has the application begun, with what the dispute tells.

    A draft that a clerk has for this household already stays as it is, but for the number of the dispute.
    """
    case = cases.find_case(session, county, case_number)
    row = disputes.of_case(session, case)
    household = read_household(session, county, case.contractor_code)
    if row is None or household is None or row.change_case is not None:
        return
    own = {parcel.code for parcel in household.parcels}
    told = {
        "ruling": case.number,
        "own_parcels": [code for code in row.parcels if code in own],
        "grounds": f"按{row.number}生效文书办理",
    }
    clerks = holders(session, county, "village_clerk", case.division[:12], local_date(clock.now()))
    for clerk in clerks:
        actor = Actor(str(clerk.id), clerk.name, "village_clerk", case.division[:12], county)
        known = find_draft(session, actor, CHANGES, household.code)
        keep_draft(
            session,
            clock,
            actor,
            CHANGES,
            household,
            (told | known.data if known else told) | {"ruling": case.number},
        )
    notices.tell(session, case, [one.id for one in clerks], "ruling", row.number, system(county), clock.now())


def ruling_named(session: Session, procedure: Procedure, answers: dict[str, Any], party: str) -> Case | None:
    """The dispute that such an application carries out, under its lock; Invalid where there is none that waits for it."""
    field = procedure.case_type.carries_out
    number = str(answers.get(field or "") or "")
    if not number or field is None:
        return None
    try:
        case = cases.find_case(session, party[:6], number, lock=True)
    except NotFound:
        case = None
    row = disputes.of_case(session, case) if case else None
    if case is None or row is None or case.issuing_party_code != party:
        raise Invalid({field: [say("没有找到本发包方的这件纠纷，请核对办件编号")]})
    if row.change != DUE or row.change_case is not None or row.outcome is None:
        raise Invalid({field: [say("这件纠纷没有等待办理的变更")]})
    return case


def free_for(session: Session, clock: Clock, dispute: Case) -> None:
    """Before the change is examined: what the dispute held is its own to change."""
    free_land(session, dispute, clock.now())


def carry_out(session: Session, clock: Clock, actor: Actor, dispute: Case, number: str) -> None:
    """The change has begun: its number stands with the dispute, whose task in the village is done by it."""
    complete_for_party(session, clock, actor, dispute, TASK, {"case_number": number})
