"""Short messages as they went out, for the demonstration's page."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.store.tables.work import Message


def sent_messages(session: Session, most: int = 50) -> list[Message]:
    """The newest first."""
    return list(
        session.scalars(select(Message).order_by(Message.sent_at.desc(), Message.id.desc()).limit(most))
    )
