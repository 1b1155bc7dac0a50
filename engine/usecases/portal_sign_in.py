"""An applicant signs in: the portal asks, the inside checks the register, a one-time code proves the telephone."""

import hmac
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from engine.domain.clock import Clock
from engine.domain.errors import NotAllowed, Refused
from engine.store.portal import forget_sign_ins, held_sign_in, sign_ins_since
from engine.store.sealed import fingerprint
from engine.store.tables.portal import Applicant, SignIn

LASTS = timedelta(minutes=10)  # to be checked, and again to enter the code
KEPT = timedelta(days=1)
PER_HOUR = 5  # messages to one telephone
TRIES = 5


def ask_sign_in(
    portal: Session, clock: Clock, name: str, id_number: str, phone: str, case_number: str | None = None
) -> UUID:
    """Id of the attempt, which the browser alone knows. Refused when the telephone was sent too many codes.

    ``case_number``: for that dispute alone, as somebody's agent or a third party.
    """
    now = clock.now()
    forget_sign_ins(portal, now - KEPT)
    if sign_ins_since(portal, phone, now - timedelta(hours=1)) >= PER_HOUR:
        raise Refused("too_often", "这个手机号登录太频繁，请一小时后再试")
    row = SignIn(
        id=uuid4(),
        asked_at=now,
        name=name,
        id_number=id_number,
        phone=phone,
        case_number=case_number,
        status="asked",
        expires_at=now + LASTS,
    )
    portal.add(row)
    portal.commit()
    return row.id


def sign_in_state(portal: Session, clock: Clock, sign_in_id: UUID) -> str:
    """asked, sent, refused, used, or expired; gone attempts are expired."""
    row = portal.get(SignIn, sign_in_id)
    if row is None:
        return "expired"
    return "expired" if row.status in ("asked", "sent") and row.expires_at <= clock.now() else row.status


def enter_code(portal: Session, clock: Clock, sign_in_id: UUID, code: str) -> Applicant:
    """The applicant, once. NotAllowed with code ``wrong`` while tries are left, else ``over``. Commits the count."""
    row = held_sign_in(portal, sign_in_id)
    if row is None or row.status != "sent" or row.expires_at <= clock.now():
        portal.rollback()
        raise NotAllowed("over", "验证码已失效，请重新登录")
    row.tries += 1
    right = hmac.compare_digest(row.code_hash or b"", fingerprint(f"{row.id}:{code}"))
    if not right:
        left = TRIES - row.tries
        row.status = "sent" if left > 0 else "refused"
        portal.commit()
        if left > 0:
            raise NotAllowed("wrong", "验证码不对，还可以试%(left)s次", left=left)
        raise NotAllowed("over", "验证码错误次数过多，请重新登录")
    person = portal.get_one(Applicant, row.applicant_id)
    row.status, row.code_hash, person.phone = "used", None, row.phone
    portal.commit()
    return person
