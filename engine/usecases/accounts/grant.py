"""Grant, refuse and end positions; lock accounts and end their sessions: the security administrator's part."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.clock import Clock, local_date
from engine.domain.errors import Conflict, DomainError, NotAllowed, NotFound
from engine.domain.said import Said
from engine.store.sign_in_tries import forget
from engine.store.tables.reference import Person, Position
from engine.usecases.accounts.compatible import check_compatible
from engine.usecases.accounts.noted import SECURITY, account, note, only


@dataclass(frozen=True)
class Outcome:
    """Of one of many: ``fault`` says why it was not done."""

    position: UUID
    fault: Said | None


def decide_positions(
    session: Session, clock: Clock, actor: Actor, positions: Iterable[UUID], grant: bool
) -> list[Outcome]:
    """One by one, each counted for itself. The caller commits."""
    only(actor, SECURITY)
    done = []
    for position_id in positions:
        try:
            with session.begin_nested():
                _decide(session, clock, actor, position_id, grant)
            done.append(Outcome(position_id, None))
        except DomainError as error:
            done.append(Outcome(position_id, error.said))
    return done


def decide_position(session: Session, clock: Clock, actor: Actor, position_id: UUID, grant: bool) -> Person:
    """One of them; whose it is. The caller commits."""
    only(actor, SECURITY)
    return _decide(session, clock, actor, position_id, grant)


def _decide(session: Session, clock: Clock, actor: Actor, position_id: UUID, grant: bool) -> Person:
    position, person = _position(session, actor, position_id)
    if position.state != "asked":
        raise Conflict("decided", "该岗位已经处理过")
    if actor.person_id in (person.id, position.asked_by):
        raise NotAllowed("own_position", "不能授予自己岗位，也不能授予自己申请的岗位")
    if grant:
        session.refresh(person, with_for_update=True)  # two grants at once: the second sees the first
        states = ("granted",)
        check_compatible(session, person.id, position.role, position.valid_from, position.valid_to, states)
    position.state, position.decided_by = ("granted" if grant else "refused"), actor.person_id
    kind = "position_granted" if grant else "position_refused"
    facts = {"role": position.role, "division": position.division}
    note(session, actor.county, person.id, actor.person_id, clock.now(), kind, **facts)
    session.flush()
    return person


def end_position(session: Session, clock: Clock, actor: Actor, position_id: UUID) -> None:
    """From now on it is not held any more; what was done in it stays as it was."""
    only(actor, SECURITY)
    position, person = _position(session, actor, position_id)
    today = local_date(clock.now())
    if position.state != "granted" or (position.valid_to is not None and position.valid_to < today):
        raise Conflict("ended", "该岗位已经不在任")
    position.valid_to = today - timedelta(days=1)
    if position.valid_to < position.valid_from:
        position.state = "refused"
    facts = {"role": position.role, "division": position.division}
    note(session, actor.county, person.id, actor.person_id, clock.now(), "position_ended", **facts)


def end_sessions(session: Session, clock: Clock, actor: Actor, person_id: UUID) -> None:
    """Every browser and every token of the account is out at once."""
    only(actor, SECURITY)
    person = account(session, actor, person_id, lock=True)
    person.sessions_from = datetime.now(UTC)
    note(session, actor.county, person.id, actor.person_id, clock.now(), "sessions_ended")


def lock_account(session: Session, clock: Clock, actor: Actor, person_id: UUID, locked: bool) -> None:
    only(actor, SECURITY)
    person = account(session, actor, person_id, lock=True)
    if person.id == actor.person_id:
        raise NotAllowed("own_account", "不能锁定自己的账号")
    person.active = not locked
    if locked:
        person.sessions_from = datetime.now(UTC)
    else:
        forget(session, person.username)
    kind = "locked" if locked else "unlocked"
    note(session, actor.county, person.id, actor.person_id, clock.now(), kind)


def remove_second_factor(session: Session, clock: Clock, actor: Actor, person_id: UUID) -> None:
    """For who has lost the telephone; its sessions end too."""
    only(actor, SECURITY)
    person = account(session, actor, person_id, lock=True)
    person.totp_secret, person.totp_step, person.sessions_from = None, None, datetime.now(UTC)
    note(session, actor.county, person.id, actor.person_id, clock.now(), "second_factor_removed")


def _position(session: Session, actor: Actor, position_id: UUID) -> tuple[Position, Person]:
    position = session.get(Position, position_id, with_for_update=True, populate_existing=True)
    if position is None or not position.division.startswith(actor.county):
        raise NotFound("position", "没有找到这个岗位")
    return position, account(session, actor, position.person_id)
