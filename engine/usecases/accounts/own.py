"""What people do with their own account: activate it, choose a password, set up the second factor (RFC 6238)."""

import hmac
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pyotp
from sqlalchemy.orm import Session

from engine.domain.accounts import limit, password_fault
from engine.domain.clock import Clock
from engine.domain.errors import Invalid, NotAllowed, NotFound
from engine.domain.said import say
from engine.store.people import by_username
from engine.store.recovery import digest, keep_codes
from engine.store.sign_in_tries import count_failure, count_success, is_shut_out
from engine.store.staff_sessions import end_one, end_others
from engine.store.tables.reference import County, Person
from engine.store.tokens import revoke_all
from engine.usecases.accounts.create import fresh_code
from engine.usecases.accounts.noted import note
from engine.usecases.sign_in import HASHER, HERE, matches

STEP = 30  # seconds


def activate(
    session: Session,
    clock: Clock,
    username: str,
    code: str,
    password: str,
    again: str,
    address: str = HERE,
) -> Person:
    """The password is chosen with the code that the administrator handed over. Commits.

    Wrong name, wrong code and an old code are answered alike, after the same work; tries are counted as at signing in.
    """
    now = datetime.now(UTC)
    person = None if "\0" in username else by_username(session, username.strip())
    if is_shut_out(session, now, username, address):
        raise wrong_code()
    if person is None or not _may_activate(person, code, now):
        count_failure(session, now, username, address)
        raise wrong_code()
    session.refresh(person, with_for_update=True)
    if not _may_activate(person, code, now):  # a second request was faster
        raise wrong_code()
    choose(person, password, again)
    person.activation_sha256 = person.activation_until = None
    count_success(session, now, username, address)
    note(session, person.home, person.id, person.id, clock.now(), "activated")
    session.commit()
    return person


def _may_activate(person: Person, code: str, now: datetime) -> bool:
    known, until = person.activation_sha256, person.activation_until
    right = hmac.compare_digest(known or b"-" * 32, digest(code))
    return right and person.active and known is not None and until is not None and until >= now


def wrong_code() -> NotAllowed:
    return NotAllowed("wrong_code", "用户名或激活码不对，或已过期；请找本县系统管理员")


def change_password(
    session: Session, clock: Clock, person: Person, old: str, password: str, again: str
) -> None:
    """Other sessions end; the caller begins the own one anew, and commits."""
    session.refresh(person, with_for_update=True)
    if not matches(person.password_hash, old):
        raise Invalid({"old": [say("现在的密码不对")]})
    choose(person, password, again)
    person.sessions_from = datetime.now(UTC)
    note(session, person.home, person.id, person.id, clock.now(), "password_changed")


def choose(person: Person, password: str, again: str) -> None:
    fault = password_fault(password, person.username)
    if fault is not None:
        raise Invalid({"password": [fault]})
    if password != again:
        raise Invalid({"again": [say("两次输入的密码不同")]})
    person.password_hash = HASHER.hash(password)


def second_factor_missing(session: Session, person: Person) -> bool:
    """Whether the county wants a second factor and the person has none yet."""
    if person.totp_secret is not None:
        return False
    county = session.get(County, person.home)
    return county is not None and county.settings.get("second_factor") == "required"


def new_secret() -> str:
    return pyotp.random_base32()


def address(person: Person, secret: str) -> str:
    """What an authenticator reads from the QR code."""
    return pyotp.TOTP(secret, name=person.username, issuer="田契").provisioning_uri()


def set_second_factor(session: Session, clock: Clock, person: Person, secret: str, code: str) -> None:
    """Once a code of it proves that the authenticator has the secret. The caller commits."""
    session.refresh(person, with_for_update=True)
    step = _step_of(secret, code, datetime.now(UTC), None)
    if step is None:
        raise Invalid({"code": [say("动态码不对。请核对手机的时间，输入最新的6位数字")]})
    person.totp_secret, person.totp_step = secret, step
    note(session, person.home, person.id, person.id, clock.now(), "second_factor_set")


def check_second_factor(session: Session, person: Person, code: str, address: str = HERE) -> None:
    """Raises NotAllowed; wrong codes count like wrong passwords. A code works once. Commits."""
    now = datetime.now(UTC)
    session.refresh(person, with_for_update=True)
    wrong = NotAllowed("wrong_second", "动态码不对，或已经用过；请等下一个6位数字再试")
    if person.totp_secret is None:
        return
    if is_shut_out(session, now, person.username, address):
        raise wrong
    step = _step_of(person.totp_secret, code, now, person.totp_step)
    if step is None:
        count_failure(session, now, person.username, address)
        raise wrong
    person.totp_step = step
    count_success(session, now, person.username, address)
    session.commit()


def new_recovery_codes(session: Session, clock: Clock, person: Person) -> list[str]:
    """Told once; earlier ones count no more. The caller commits."""
    codes = [fresh_code() for _ in range(limit("recovery_codes"))]
    keep_codes(session, person.id, codes)
    note(session, person.home, person.id, person.id, clock.now(), "recovery_codes_made")
    return codes


def end_own_session(session: Session, clock: Clock, person: Person, session_id: UUID) -> None:
    """One browser is out at once. The caller commits."""
    if not end_one(session, person.id, session_id, datetime.now(UTC)):
        raise NotFound("session", "没有找到这次登录")
    note(session, person.home, person.id, person.id, clock.now(), "session_ended")


def end_other_sessions(
    session: Session, clock: Clock, person: Person, kept: UUID | None, *, tokens: bool = True
) -> None:
    """All but this browser are out at once, and every token unless told otherwise. The caller commits."""
    end_others(session, person.id, kept, datetime.now(UTC))
    if tokens:
        revoke_all(session, person.id, datetime.now(UTC))
    note(session, person.home, person.id, person.id, clock.now(), "sessions_ended")


def _step_of(secret: str, code: str, now: datetime, last: int | None) -> int | None:
    """The step that the code belongs to, if that is near and later than the last one used."""
    plain = "".join(c for c in code if c.isdigit())
    current = int(now.timestamp()) // STEP
    drift = limit("totp_drift")
    for step in range(current - drift, current + drift + 1):
        right = hmac.compare_digest(pyotp.TOTP(secret).at(step * STEP), plain)
        if right and (last is None or step > last):
            return step
    return None


def prefer(session: Session, person: Person, **chosen: Any) -> None:
    """How the pages work for this person."""
    person.preferences = dict(person.preferences) | chosen
    session.flush()
