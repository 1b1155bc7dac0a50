"""A person, or a program for them, sends a signal to the county: one effect for each case that waits for it."""

from dataclasses import asdict
from typing import Any

from sqlalchemy.orm import Session

from engine.bpmn.data import plain_value
from engine.domain.actor import Actor
from engine.domain.clock import Clock
from engine.store import event_waits, outbox


def send_signal(session: Session, clock: Clock, actor: Actor, name: str, payload: Any = None) -> int:
    """How many cases wait for it now; commits nothing. BadCommand for a payload that no case could keep."""
    told = {"name": name, "payload": plain_value(payload), "by": asdict(actor)}
    waiting = {wait.case_id for wait in event_waits.waiting(session, actor.county, "signal", name)}
    for case_id in sorted(waiting):
        outbox.put(session, actor.county, "deliver_signal", told, clock.now(), case_id)
    return len(waiting)
