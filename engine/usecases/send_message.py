"""Send a short message through the gateway that the county configured; the default one keeps it to be read."""

from typing import Any

from sqlalchemy.orm import Session

from engine.domain.clock import Clock
from engine.store.tables.work import Message


def send_message(session: Session, clock: Clock, county: str, payload: dict[str, Any]) -> None:
    """``payload``: to (telephone), text. Written down as sent, in the transaction that marks it done."""
    session.add(Message(county=county, to=payload["to"], text=payload["text"], sent_at=clock.now()))
    session.flush()
