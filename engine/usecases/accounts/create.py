"""Make accounts, one or a whole county's. Each gets a code, told once, with which its holder chooses a password."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from engine.domain.accounts import Wanted, faults_of, limit
from engine.domain.actor import Actor
from engine.domain.clock import Clock, local_date
from engine.domain.errors import NotAllowed
from engine.domain.roles import UNDIVIDED
from engine.domain.said import Said, say
from engine.queries.accounts import usernames_taken
from engine.queries.counties import division_names
from engine.store.people import positions_on
from engine.store.recovery import digest
from engine.store.sign_in_tries import forget
from engine.store.tables.reference import ApiClient, Person, Position
from engine.usecases.accounts.compatible import check_compatible
from engine.usecases.accounts.noted import SECURITY, SYSTEM, account, note, only

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # without what is read wrong: 0 O 1 I
LETTERS = 12  # 60 bits


@dataclass(frozen=True)
class Made:
    """``code`` is nowhere else: who loses it gets a new one."""

    person_id: UUID
    username: str
    name: str
    code: str


@dataclass(frozen=True)
class Fault:
    """``place``: which of the accounts, from 0."""

    place: int
    field: str
    message: Said


def faults(
    session: Session, actor: Actor, wanted: Sequence[Wanted], more: Mapping[str, str] | None = None
) -> list[Fault]:
    """Everything that stands against making these accounts, all at once. ``more`` divisions come with them."""
    divisions = division_names(session, actor.county) | dict(more or {})
    found, seen = [], dict[str, int]()
    taken = usernames_taken(session, [one.username for one in wanted])
    for place, one in enumerate(wanted):
        found += [
            Fault(place, field, said) for field, said in faults_of(one, actor.county, divisions).items()
        ]
        if one.username in taken:
            found.append(Fault(place, "username", say("用户名%(name)s已有人使用", name=one.username)))
        elif one.username in seen:
            row = seen[one.username] + 1
            found.append(Fault(place, "username", say("用户名与第%(row)s条重复", row=row)))
        seen.setdefault(one.username, place)
    return found


def create_accounts(session: Session, clock: Clock, actor: Actor, wanted: Iterable[Wanted]) -> list[Made]:
    """Only for accounts without ``faults``. Their positions wait for the security administrator. The caller commits."""
    only(actor, SYSTEM)
    at, pairs, made = clock.now(), [], []
    for one in wanted:
        person = Person(
            id=uuid4(),
            username=one.username,
            name=one.name,
            home=actor.county,
            phone=one.phone,
            password_hash="",
            sessions_from=at,
        )
        pairs.append((person, one))
        made.append(Made(person.id, one.username, one.name, _give_code(person, datetime.now(at.tzinfo))))
    session.add_all(person for person, _ in pairs)
    session.flush()
    for person, one in pairs:
        note(session, actor.county, person.id, actor.person_id, at, "created", username=one.username)
        _ask(session, actor, person, one, at)
    session.flush()
    return made


def ask_position(session: Session, clock: Clock, actor: Actor, person_id: UUID, wanted: Wanted) -> None:
    """One more position for an account that is there. Only for one without ``faults_of``."""
    only(actor, SYSTEM)
    check_compatible(session, person_id, wanted.role, wanted.since, wanted.until)
    _ask(session, actor, account(session, actor, person_id), wanted, clock.now())
    session.flush()


def new_code(session: Session, clock: Clock, actor: Actor, person_id: UUID) -> Made:
    """For who has lost the password: the old one counts no more, nor does any session.

    Who makes codes could become anybody: an account that holds positions stays locked until the security
    administrator has seen who asks, and a security administrator's code is another one's to give.
    """
    person = account(session, actor, person_id, lock=True)
    if session.get(ApiClient, person.id) is not None:
        raise NotAllowed("client", "外部系统没有密码，请重新发放密钥")
    held = positions_on(session, person.id, local_date(clock.now()))
    of_security = any(position.role == SECURITY for position in held)
    only(actor, SECURITY if of_security else SYSTEM)
    if person.id == actor.person_id:
        raise NotAllowed("own_account", "不能给自己重新发放激活码，请在“我的账号”里更改密码")
    if held and not of_security:
        person.active = False
    code = _give_code(person, datetime.now(clock.now().tzinfo))
    person.password_hash, person.sessions_from = "", datetime.now(clock.now().tzinfo)
    forget(session, person.username)
    note(session, actor.county, person.id, actor.person_id, clock.now(), "new_code")
    return Made(person.id, person.username, person.name, code)


def _ask(session: Session, actor: Actor, person: Person, wanted: Wanted, at: datetime) -> None:
    position = Position(
        id=uuid4(),
        person_id=person.id,
        role=wanted.role,
        division=wanted.division,
        valid_from=wanted.since,
        valid_to=wanted.until,
        state="asked",
        asked_by=actor.person_id,
    )
    session.add(position)
    asked = {"role": wanted.role, "division": wanted.division, "since": wanted.since.isoformat()}
    asked |= {"basis": wanted.basis} if wanted.role in UNDIVIDED else {}
    note(session, actor.county, person.id, actor.person_id, at, "position_asked", **asked)


def _give_code(person: Person, real_now: datetime) -> str:
    """Real time, not the demonstration's: the code guards a door."""
    code = fresh_code()
    person.activation_sha256 = digest(code)
    person.activation_until = real_now + timedelta(days=limit("activation_days"))
    return code


def fresh_code() -> str:
    """Three groups of four."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(LETTERS))
    return "-".join(code[at : at + 4] for at in range(0, LETTERS, 4))
