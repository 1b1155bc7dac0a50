"""Send a short message or an e-mail through the gateway that is configured; without one it is kept to be read."""

from typing import Any

from sqlalchemy.orm import Session

from engine.domain.clock import Clock
from engine.domain.messages import EMAIL, SMS
from engine.exchange.gateways import Kept, MailGateway, SmsGateway
from engine.store.messages import keep_receipt, write_once


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
    said = {"channel": SMS, "to": payload["to"], "text": text}
    if write_once(session, county, key, said, clock.now()):
        keep_receipt(session, county, key, (gateway or Kept()).send(payload["to"], text, key))


def send_mail(
    session: Session, clock: Clock, county: str, payload: dict[str, Any], key: str, gateway: MailGateway
) -> None:
    """As send_message; ``payload``: to (address), subject, text."""
    to, subject, text = payload["to"], payload["subject"], payload["text"]
    said = {"channel": EMAIL, "to": to, "subject": subject, "text": text}
    if write_once(session, county, key, said, clock.now()):
        keep_receipt(session, county, key, gateway.send(to, subject, text, key))
