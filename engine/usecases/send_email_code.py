"""Send a code to an e-mail address that an applicant gave in the portal: whoever reads it there proves the address."""

import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from engine.domain.clock import Clock
from engine.store import outbox
from engine.store.channels import channels_of
from engine.store.files import FileStore
from engine.store.tables.portal import Applicant, Submission
from engine.usecases.portal_settings import code_mark

LASTS = timedelta(minutes=30)  # an e-mail may take its time


def send_email_code(
    session: Session, portal: Session, clock: Clock, files: FileStore, person: Applicant, row: Submission
) -> dict[str, Any]:
    """An address that was given up meanwhile is sent nothing. Done again after a crash, a second code goes out; the
    last one counts.
    """
    email = row.data["email"]
    if person.email_asked != email:
        return {}
    code, now = f"{secrets.randbelow(10**6):06d}", clock.now()
    person.email_code, person.email_code_until, person.email_tries = code_mark(person, code), now + LASTS, 0
    portal.flush()
    channels, minutes = channels_of(session, person.county), LASTS // timedelta(minutes=1)
    zh = f"验证码 {code}，{minutes}分钟内有效，用来确认这个邮箱接收承包地办件的通知。不是您本人在设置的，不用理会。"
    en = f"Code {code}, valid for {minutes} minutes, to confirm that notices of your land cases may come to this address."
    letter = {"to": email, "subject": channels.sign("邮箱验证码"), "text": f"{channels.sign(zh)}\n\n{en}"}
    outbox.put(session, person.county, "send_mail", letter, now)
    return {}
