"""Staff sign-in: password, tries counted by address, recovery codes, the positions that may be acted in today.

The same work is done, and the same words are said, whether there is such a name or not.
"""

from datetime import date, datetime
from uuid import uuid4

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy.orm import Session

from engine.domain.accounts import limit
from engine.domain.actor import Actor
from engine.domain.clock import Clock
from engine.domain.errors import NotAllowed
from engine.store.people import Seat, by_username, seats_on
from engine.store.recovery import use_code
from engine.store.sign_in_tries import count_failure, count_success, is_shut_out
from engine.store.tables.reference import Person, Position
from engine.usecases.accounts.noted import note

HASHER = PasswordHasher()
HERE = "-"  # an address that is not known
_NOBODY = HASHER.hash("nobody has this password")


def sign_in(session: Session, now: datetime, username: str, password: str, address: str = HERE) -> Person:
    """The person, or NotAllowed for a wrong name, a wrong password, a locked account, a name shut out from there.
    ``now`` is real time, ``address`` as ``sign_in_tries.network`` gives it. Commits the count.
    """
    person = _named(session, username)
    right = matches(person.password_hash if person and person.password_hash else _NOBODY, password)
    if is_shut_out(session, now, username, address):
        raise wrong()
    if person is None or not right:
        count_failure(session, now, username, address)
        raise wrong()
    if not person.active or not person.password_hash:
        raise wrong()
    if person.totp_secret is None:  # else the count stands until the second factor is right too
        count_success(session, now, username, address)
    session.commit()
    return person


def recover(
    session: Session, clock: Clock, now: datetime, username: str, password: str, code: str, address: str
) -> Person:
    """In by one of the recovery codes, past a lost second factor and past a lock: the code is too long to be guessed.

    Raises NotAllowed whatever is wrong. Commits.
    """
    person = _named(session, username)
    right = matches(person.password_hash if person and person.password_hash else _NOBODY, password)
    used = use_code(session, person.id if person is not None and right else uuid4(), code, now)
    if person is None or not right or not used or not person.active:
        session.rollback()
        raise NotAllowed("wrong_recovery", "用户名、密码或恢复码不对，或者恢复码已经用过")
    count_success(session, now, username, address)
    note(session, person.home, person.id, person.id, clock.now(), "recovery_used")
    session.commit()
    return person


def _named(session: Session, username: str) -> Person | None:
    return None if "\0" in username else by_username(session, username.strip())


def matches(password_hash: str, password: str) -> bool:
    try:
        return HASHER.verify(password_hash, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


def wrong() -> NotAllowed:
    return NotAllowed(
        "wrong",
        "用户名或密码不对。从同一网络地址连续输错%(failures)s次，该地址%(minutes)s分钟内不能再用这个用户名登录，再错会更久",
        failures=limit("failures"),
        minutes=limit("lock_minutes"),
    )


def seats_of(session: Session, person: Person, today: date) -> list[Seat]:
    return seats_on(session, person.id, today)


def actor_for(person: Person, position: Position, principal: Person | None = None) -> Actor:
    """The person in that position; the county is the one the position lies in. A deputy's name says for whom."""
    return Actor(
        id=str(person.id),
        name=person.name if principal is None else f"{person.name}（代{principal.name}）",
        role=position.role,
        division=position.division,
        county=position.division[:6],
        principal=str(principal.id) if principal else None,
        principal_name=principal.name if principal else "",
    )
