"""What an applicant sets for themselves: which messages were read, and by which ways they come."""

import re

from sqlalchemy.orm import Session

from engine.domain.clock import Clock
from engine.domain.errors import Invalid
from engine.domain.messages import CHOSEN, EMAIL
from engine.domain.said import say
from engine.store.portal import read_messages
from engine.store.tables.portal import Applicant

ADDRESS = re.compile(r"[^@\s<>\"',;:]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z]{2,24}")


def choose_ways(portal: Session, person: Applicant, ways: list[str], email: str) -> None:
    """``ways``: some of sms and email. Invalid where an e-mail is wanted and no address is given."""
    email = email.strip()
    chosen = [way for way in CHOSEN if way in ways]
    if EMAIL in chosen and not email:
        raise Invalid({"email": [say("请填写邮箱地址")]})
    if email and not ADDRESS.fullmatch(email):
        raise Invalid({"email": [say("邮箱地址写得不对，例如 name@example.cn")]})
    person.channels, person.email = chosen, email or None
    portal.commit()


def mark_read(portal: Session, clock: Clock, person: Applicant) -> None:
    """All of the person's messages."""
    read_messages(portal, person.id, clock.now())
    portal.commit()
