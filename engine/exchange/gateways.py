"""Ways out to people: short messages and e-mail, to the destinations that the installation configured and no others.

Every sending carries a key that is the same when it is tried again: whoever is told twice can send once.
"""

import json
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from engine.outgoing import LOOPBACK, checked

SECONDS = 15
LONGEST_ANSWER = 2000


class GatewayFailed(Exception):
    """It did not take the message; the outbox tries again."""


class SmsGateway(Protocol):
    def send(self, to: str, text: str, key: str) -> str | None:
        """What the gateway answered; None where there is none and the message is only kept."""


class MailGateway(Protocol):
    def send(self, to: str, subject: str, text: str, key: str) -> str | None: ...


class Kept:
    """No gateway: the message is written down (operational.messages) and goes nowhere."""

    def send(self, *_: str) -> None:
        return None


class _NoRedirects(HTTPRedirectHandler):
    """A gateway that answers with another address is not the one that was configured."""

    def redirect_request(self, *_args: object) -> None:
        return None


@dataclass(frozen=True)
class HttpSms:
    """POST {"to", "text", "key"} as JSON with a bearer token; 2xx means taken. What any provider's adapter can offer."""

    url: str
    token: str

    def send(self, to: str, text: str, key: str) -> str:
        body = json.dumps({"to": to, "text": text, "key": key}, ensure_ascii=False).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Authorization": f"Bearer {self.token}",
            "Idempotency-Key": key,
        }
        asked = Request(self.url, data=body, headers=headers, method="POST")
        try:
            with build_opener(_NoRedirects()).open(asked, timeout=SECONDS) as answer:
                said = answer.read(LONGEST_ANSWER).decode("utf-8", "replace")
                return f"{answer.status} {said}".strip()
        except OSError as error:  # HTTPError and URLError are
            raise GatewayFailed(f"SMS: {error}") from error


@dataclass(frozen=True)
class SmtpMail:
    """smtp://user:password@host:587?from=...  with STARTTLS; smtps:// with TLS from the start; smtp on loopback plain."""

    host: str
    port: int
    user: str | None
    password: str | None
    sender: str
    secure: str  # tls, starttls, plain

    def send(self, to: str, subject: str, text: str, key: str) -> str:
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = self.sender, to, subject
        letter["Message-ID"] = f"<{key}@{self.sender.rpartition('@')[2]}>"
        letter.set_content(text)
        try:
            with self._connect() as server:
                if self.user:
                    server.login(self.user, self.password or "")
                refused = server.send_message(letter)
        except (OSError, smtplib.SMTPException) as error:
            raise GatewayFailed(f"SMTP: {error}") from error
        if refused:
            raise GatewayFailed(f"SMTP: {refused}")
        return "250"

    def _connect(self) -> smtplib.SMTP:
        if self.secure == "tls":
            return smtplib.SMTP_SSL(
                self.host, self.port, timeout=SECONDS, context=ssl.create_default_context()
            )
        server = smtplib.SMTP(self.host, self.port, timeout=SECONDS)
        if self.secure == "starttls":
            server.starttls(context=ssl.create_default_context())
        return server


def sms_gateway(url: str | None, token: str | None) -> SmsGateway:
    """ValueError for an address that would carry telephone numbers in the clear."""
    address = checked("TIANQI_SMS_URL", url)
    return HttpSms(address, token or "") if address else Kept()


def mail_gateway(url: str | None) -> MailGateway:
    """ValueError for an address that is none."""
    if not url:
        return Kept()
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError("TIANQI_SMTP_URL: smtp://user:password@host:port?from=address")
    sender = (parse_qs(parts.query).get("from") or [""])[0]
    if "@" not in sender:
        raise ValueError("TIANQI_SMTP_URL: from=address is missing")
    secure = _secure(parts)
    port = parts.port or {"tls": 465, "starttls": 587, "plain": 25}[secure]
    user = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    return SmtpMail(parts.hostname, port, user, password, sender, secure)


def _secure(parts: SplitResult) -> str:
    if parts.scheme == "smtps":
        return "tls"
    return "plain" if parts.hostname in LOOPBACK else "starttls"
