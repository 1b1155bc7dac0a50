"""What an applicant sets for themselves: which messages were read, and by which ways they come.

An e-mail address is used once it has proved itself: a code goes there, by way of the inside, and comes back here.
"""

import hmac
import re
from datetime import timedelta
from uuid import uuid4

from sqlalchemy.orm import Session

from engine.domain.clock import Clock
from engine.domain.errors import Invalid
from engine.domain.messages import CHOSEN, EMAIL
from engine.domain.said import say
from engine.store.portal import hold_person, read_messages, requests_since
from engine.store.sealed import fingerprint
from engine.store.tables.portal import Applicant, Submission

ADDRESS = re.compile(r"[^@\s<>\"',;:]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z]{2,24}")
ASKED = "email_code"
PER_HOUR = 5  # codes to one person's addresses
TRIES = 5


def choose_ways(portal: Session, clock: Clock, person: Applicant, ways: list[str], email: str) -> None:
    """``ways``: some of sms and email. A new address is sent a code, and counts when ``prove_email`` was given it.

    Invalid where an e-mail is wanted and no address is given, or too many codes were asked for.
    """
    email = email.strip()
    chosen = [way for way in CHOSEN if way in ways]
    if EMAIL in chosen and not email:
        raise Invalid({"email": [say("请填写邮箱地址")]})
    if email and not ADDRESS.fullmatch(email):
        raise Invalid({"email": [say("邮箱地址写得不对，例如 name@example.cn")]})
    hold_person(portal, person.id)
    if email and email != person.email:
        _ask_code(portal, clock, person, email)
    else:
        person.email, person.email_asked, person.email_code = email or None, None, None
    person.channels = chosen
    portal.commit()


def _ask_code(portal: Session, clock: Clock, person: Applicant, email: str) -> None:
    now = clock.now()
    if requests_since(portal, person.id, ASKED, now - timedelta(hours=1)) >= PER_HOUR:
        raise Invalid({"email": [say("验证码发得太多了，请一小时后再试")]})
    person.email_asked, person.email_code = email, None
    portal.add(
        Submission(
            id=uuid4(),
            applicant_id=person.id,
            kind=ASKED,
            case_type="",
            data={"email": email},
            submitted_at=now,
            status="waiting",
        )
    )


def prove_email(portal: Session, clock: Clock, person: Applicant, code: str) -> None:
    """The address that waits is the person's: messages go there. Invalid for a wrong or late code."""
    hold_person(portal, person.id)
    portal.refresh(person)
    until = person.email_code_until
    if not (person.email_asked and person.email_code and until and until > clock.now()):
        raise Invalid({"code": [say("验证码已失效，请重新发送")]})
    person.email_tries += 1
    if not hmac.compare_digest(person.email_code, code_mark(person, code)):
        left = TRIES - person.email_tries
        if left <= 0:
            person.email_code = None
        portal.commit()
        over, again = say("验证码错误次数过多，请重新发送"), say("验证码不对，还可以试%(left)s次", left=left)
        raise Invalid({"code": [again if left > 0 else over]})
    person.email, person.email_asked, person.email_code = person.email_asked, None, None
    portal.commit()


def code_mark(person: Applicant, code: str) -> bytes:
    """What is kept of a code: it counts for this person and this address alone."""
    return fingerprint(f"{person.id}:{person.email_asked}:{code}")


def mark_read(portal: Session, clock: Clock, person: Applicant) -> None:
    """All of the person's messages."""
    read_messages(portal, person.id, clock.now())
    portal.commit()
