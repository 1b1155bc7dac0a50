"""Send a short message through the gateway that the county configured; the default one keeps it to be read."""

from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from engine.domain.clock import Clock
from engine.store.tables.work import Message


def send_message(session: Session, clock: Clock, county: str, payload: dict[str, Any], key: str) -> None:
    """``payload``: to (telephone), text. Once for a key, whoever asks how often: nobody can promise more of
    an effect outside, so the gateway must know the key too.
    """
    message = {
        "county": county,
        "key": key,
        "to": payload["to"],
        "text": payload["text"],
        "sent_at": clock.now(),
    }
    session.execute(insert(Message).values(message).on_conflict_do_nothing(index_elements=["county", "key"]))
