"""Staff sign-in: password, lockout after repeated failures, the positions held today."""

from datetime import date, datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.errors import NotAllowed
from engine.store.people import Seat, by_username, seats_on
from engine.store.tables.reference import Person, Position

HASHER = PasswordHasher()
FAILURES = 5
LOCKED_FOR = timedelta(minutes=15)
_NOBODY = HASHER.hash("nobody has this password")


def sign_in(session: Session, now: datetime, username: str, password: str) -> Person:
    """The person, or NotAllowed in the same words and after the same work for a wrong name, a wrong password and
    a locked account: no answer tells which names there are. Commits the count.
    """
    person = None if "\0" in username else by_username(session, username.strip())
    right = matches(person.password_hash if person and person.password_hash else _NOBODY, password)
    if person is None or (person.locked_until and person.locked_until > now):
        raise wrong()
    if not right:
        count_failure(session, person, now)
        raise wrong()
    if not person.active or not person.password_hash:
        raise wrong()
    if person.totp_secret is None:  # else the count stands until the second factor is right too
        person.failed_sign_ins, person.locked_until = 0, None
    session.commit()
    return person


def matches(password_hash: str, password: str) -> bool:
    try:
        return HASHER.verify(password_hash, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


def wrong() -> NotAllowed:
    return NotAllowed(
        "wrong",
        "用户名或密码不对。连续输错%(failures)s次，该用户名锁定%(minutes)s分钟，其间正确的密码也不能登录",
        failures=FAILURES,
        minutes=int(LOCKED_FOR.total_seconds() // 60),
    )


def count_failure(session: Session, person: Person, now: datetime) -> None:
    """Under the row's lock: guesses sent at once are all counted."""
    session.refresh(person, with_for_update=True)
    person.failed_sign_ins += 1
    if person.failed_sign_ins >= FAILURES:
        person.locked_until, person.failed_sign_ins = now + LOCKED_FOR, 0
    session.commit()


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
