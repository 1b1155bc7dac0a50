"""Messages that leave the house, each written down once for its key."""

from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from engine.store.tables.work import Message


def write_once(session: Session, county: str, key: str, said: dict[str, Any], at: datetime) -> bool:
    """``said``: channel, to, text, subject of an e-mail. False when it was written under this key before."""
    written = session.execute(
        insert(Message)
        .values({"county": county, "key": key, "sent_at": at} | said)
        .on_conflict_do_nothing(index_elements=["county", "key"])
        .returning(Message.id)
    )
    return written.first() is not None


def keep_receipt(session: Session, county: str, key: str, receipt: str | None) -> None:
    """What the gateway answered, where it did."""
    if receipt is not None:
        sent = update(Message).where(Message.county == county, Message.key == key)
        session.execute(sent.values(receipt=receipt))
