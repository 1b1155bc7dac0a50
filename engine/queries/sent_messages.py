"""Messages as they went out: for the demonstration's page one by one, for a county's page of channels in figures."""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.domain.clock import Clock
from engine.store.tables.work import Message

LATELY = timedelta(days=7)


def sent_messages(session: Session, most: int = 50) -> list[Message]:
    """The newest first."""
    return list(
        session.scalars(select(Message).order_by(Message.sent_at.desc(), Message.id.desc()).limit(most))
    )


def sent_lately(session: Session, clock: Clock, county: str) -> dict[str, tuple[int, int]]:
    """{way: (written down within the last days, of these taken by a gateway)}. Never whom, never what: codes are there."""
    rows = session.execute(
        select(Message.channel, func.count(), func.count(Message.receipt))
        .where(Message.county == county, Message.sent_at > clock.now() - LATELY)
        .group_by(Message.channel)
    )
    return {way: (written, taken) for way, written, taken in rows}
