"""Send a short message or an e-mail through the gateway that is configured; without one it is kept to be read."""

from typing import Any

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from engine.domain.clock import Clock
from engine.domain.messages import EMAIL, SMS
from engine.exchange.gateways import Kept, MailGateway, SmsGateway
from engine.store.tables.work import Message


def send_message(
    session: Session,
    clock: Clock,
    county: str,
    payload: dict[str, Any],
    key: str,
    gateway: SmsGateway | None = None,
) -> None:
    """``payload``: to (telephone), text. Once for a key, whoever asks how often: nobody can promise more of
    an effect outside, so the gateway is told the key too. Raises GatewayFailed, and the outbox tries again.
    """
    text = payload["text"]
    if _first(session, clock, county, key, {"channel": SMS, "to": payload["to"], "text": text}):
        _keep_receipt(session, county, key, (gateway or Kept()).send(payload["to"], text, key))


def send_mail(
    session: Session, clock: Clock, county: str, payload: dict[str, Any], key: str, gateway: MailGateway
) -> None:
    """As send_message; ``payload``: to (address), subject, text."""
    to, subject, text = payload["to"], payload["subject"], payload["text"]
    if _first(session, clock, county, key, {"channel": EMAIL, "to": to, "subject": subject, "text": text}):
        _keep_receipt(session, county, key, gateway.send(to, subject, text, key))


def _first(session: Session, clock: Clock, county: str, key: str, said: dict[str, Any]) -> bool:
    """Write it down; False when it was sent before under this key."""
    row = {"county": county, "key": key, "sent_at": clock.now()} | said
    written = session.execute(
        insert(Message)
        .values(row)
        .on_conflict_do_nothing(index_elements=["county", "key"])
        .returning(Message.id)
    )
    return written.first() is not None


def _keep_receipt(session: Session, county: str, key: str, receipt: str | None) -> None:
    if receipt is not None:
        sent = update(Message).where(Message.county == county, Message.key == key)
        session.execute(sent.values(receipt=receipt))
