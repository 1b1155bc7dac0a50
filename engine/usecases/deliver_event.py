"""A message or signal comes in: find who waits for it, and carry that case on.

A message is for one wait: of the case it names, or of the one case that waits with its key. A signal is for
every case of the county that waits for it; each of them takes it in a transaction of its own.
"""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine.bpmn import Receive, Thrown
from engine.domain import events
from engine.domain.actor import Actor, system
from engine.domain.clock import Clock
from engine.domain.errors import Conflict, Refused
from engine.domain.said import say
from engine.operations.work import Work
from engine.store import cases, event_waits, outbox
from engine.store.tables.cases import Case, EventWait
from engine.usecases.carry_on import CommandEvent, carry_on
from engine.usecases.procedures import procedure_of

MOST_HOPS = 30
"""From case to case by messages and signals; more is taken for cases that answer each other for ever."""


def deliver_message(
    session: Session,
    clock: Clock,
    actor: Actor,
    name: str,
    payload: Any = None,
    *,
    to: str | None = None,
    key: str | None = None,
    hops: int = 0,
) -> Case:
    """Give the message to the case numbered ``to``, or to the one that waits with ``key``; commits nothing.

    Conflict when nobody waits for it (yet), Refused when it is not clear who is meant.
    """
    if to is None and key is None:
        raise Refused("no_address", "消息“%(name)s”没有写明办件编号或区分键", name=name)
    case_id = cases.find_case(session, actor.county, to, lock=True).id if to is not None else None
    waits = event_waits.waiting(session, actor.county, "message", name, case_id=case_id, key=key)
    if not waits:
        raise Conflict("nobody_waits", "没有办件在等待消息“%(name)s”", name=name)
    if len(waits) > 1:
        raise Refused(
            "ambiguous", "有 %(count)s 处在等待消息“%(name)s”，不知给谁", name=name, count=len(waits)
        )
    return _deliver(session, clock, actor, waits[0], payload, hops)


def deliver_signal(
    session: Session,
    clock: Clock,
    actor: Actor,
    case_id: UUID,
    name: str,
    payload: Any = None,
    hops: int = 0,
) -> int:
    """Every wait of one case for the signal; how many there were. One that ended meanwhile needs it no more."""
    cases.case_by_id(session, actor.county, case_id, lock=True)
    delivered = 0
    for wait in event_waits.waiting(session, actor.county, "signal", name, case_id=case_id):
        if _still_waits(session, wait):
            _deliver(session, clock, actor, wait, payload, hops)
            delivered += 1
    return delivered


def _still_waits(session: Session, wait: EventWait) -> bool:
    found = event_waits.waiting(session, wait.county, wait.kind, wait.name, case_id=wait.case_id)
    return wait.number in [row.number for row in found]


def _deliver(session: Session, clock: Clock, actor: Actor, wait: EventWait, payload: Any, hops: int) -> Case:
    case = cases.case_by_id(session, actor.county, wait.case_id, lock=True)
    if not _still_waits(session, wait):  # somebody was faster while we waited for the lock
        raise Conflict("nobody_waits", "没有办件在等待消息“%(name)s”", name=wait.name)
    procedure = procedure_of(session, case)
    work = Work(session=session, case=case, case_type=procedure.case_type, actor=actor, at=clock.now())
    work.hops = hops
    told = CommandEvent(
        events.EVENT_RECEIVED,
        {"kind": wait.kind, "name": wait.name, "payload": payload},
        wait.element,
        wait.number,
    )
    carry_on(work, procedure, Receive(wait.number, payload), told)
    return case


def send_on(
    session: Session, clock: Clock, county: str, sender: UUID | None, thrown: Thrown, hops: int
) -> None:
    """What a case threw, on its way (an effect of the outbox): a signal becomes one effect for each other case."""
    if hops > MOST_HOPS:
        message = say("“%(name)s”在办件之间来回传递超过 %(most)s 次，已停止")
        raise Refused("endless", message, name=thrown.name, most=MOST_HOPS)
    actor = system(county)
    if thrown.kind == "message":
        deliver_message(
            session, clock, actor, thrown.name, thrown.payload, to=thrown.to, key=thrown.key, hops=hops
        )
        return
    waits = event_waits.waiting(session, county, "signal", thrown.name)
    for case_id in sorted({wait.case_id for wait in waits} - {sender}):
        payload = {"name": thrown.name, "payload": thrown.payload, "hops": hops}
        outbox.put(session, county, "deliver_signal", payload, clock.now(), case_id)
