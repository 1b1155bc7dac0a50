"""Parties of a deal that have not signed are sent their link again, each at most once a day."""

from sqlalchemy.orm import Session

from engine.domain import events
from engine.domain.actor import Actor
from engine.domain.clock import Clock, local_date
from engine.domain.errors import Conflict, NotAllowed, Refused
from engine.domain.events import Happened
from engine.queries.scoped import visible_case
from engine.store import cases, deals, history, outbox
from engine.store.channels import channels_of
from engine.store.tables.cases import Case, Task
from engine.usecases.claim_task import check_position
from engine.usecases.deals import TASK
from engine.usecases.remind_task import may_remind


def remind_parties(session: Session, clock: Clock, actor: Actor, number: str, public_url: str) -> int:
    """Gives how many were reminded. By who collects the signatures, or an office above.

    Refused where nobody is asked to sign now; Conflict where all who are missing were reminded, or asked, today.
    """
    case = visible_case(session, actor, number, lock=True)
    task = collecting(session, case)
    if task is None:
        raise Refused("not_asked", "现在没有等各方签名")
    if not may_remind_parties(actor, task):
        raise NotAllowed("not_above", "提醒由收集签名的村或者上级单位提出")
    at = clock.now()
    missing = [
        row
        for row in deals.parties(session, case)
        if row.signed_at is None
        and not any(when and local_date(when) == local_date(at) for when in (row.invited_at, row.reminded_at))
    ]
    if not missing:
        raise Conflict("reminded", "没有签的各方今天都已经通知过，请明天再提醒")
    channels = channels_of(session, case.county)
    for row in missing:
        said = (
            f"{row.signer}：流转合同（办件{case.number}）还等您签名。打开链接看清合同再签："
            f"{public_url}/portal/deals/{row.id} 。链接只给您本人，请不要转发。签不了的，请告诉村里。"
        )
        told = {"to": row.phone, "text": channels.sign(said)}
        outbox.put(session, case.county, "send_message", told, at, case.id)
        row.reminded_at = at
    fact = Happened(
        events.PARTIES_REMINDED, {"parties": [row.name for row in missing]}, task.element, task.number
    )
    history.append(session, case.county, case.id, [fact], actor, at)
    session.flush()
    return len(missing)


def collecting(session: Session, case: Case) -> Task | None:
    """The open task that waits for the parties' signatures."""
    return next((task for task in cases.open_tasks(session, case) if task.element == TASK), None)


def may_remind_parties(actor: Actor, task: Task) -> bool:
    try:
        check_position(actor, task)
    except NotAllowed:
        return may_remind(actor, task)
    return True
