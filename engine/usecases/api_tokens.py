"""Issue, check and revoke the bearer tokens of /api/v1.

Token times are real time, never the demonstration's moved clock: a token guards against a thief, not a deadline.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.clock import Clock, local_date
from engine.domain.errors import NotAllowed, NotFound
from engine.store import tokens
from engine.store.people import seats_on
from engine.store.tables.portal import Applicant, PortalToken
from engine.store.tables.reference import ApiToken, Person, Position
from engine.usecases.accounts.own import check_second_factor, second_factor_missing
from engine.usecases.sign_in import HERE, actor_for, recover, sign_in

STAFF, APPLICANT = "tqs_", "tqp_"
LASTS = timedelta(hours=1)


@dataclass(frozen=True)
class SignedIn:
    """Staff in the position that a new token is for: their own, or one that they stand in for."""

    person: Person
    position: Position


def sign_in_for_token(
    session: Session,
    now: datetime,
    today: date,
    username: str,
    password: str,
    position: str | None,
    second: str = "",
    address: str = HERE,
) -> SignedIn:
    """As at the sign-in page, lockout and second factor included. ``position`` is an id; without one, the first."""
    person = sign_in(session, now, username, password, address)
    if second_factor_missing(session, person):
        raise NotAllowed("second_missing", "本县要求动态码：请先登录网页，在“我的账号”里设置")
    check_second_factor(session, person, second, address)
    return in_position(session, today, person, position)


def recover_for_token(
    session: Session,
    clock: Clock,
    now: datetime,
    username: str,
    password: str,
    position: str | None,
    code: str,
    address: str = HERE,
) -> SignedIn:
    """By a recovery code, past a lost second factor and past a lock."""
    person = recover(session, clock, now, username, password, code, address)
    return in_position(session, local_date(clock.now()), person, position)


def in_position(session: Session, today: date, person: Person, position: str | None) -> SignedIn:
    seats = seats_on(session, person.id, today)
    chosen = next((s for s in seats if position is None or str(s.position.id) == position), None)
    if chosen is None:
        raise NotAllowed("no_position", "您今天没有这个岗位")
    return SignedIn(person, chosen.position)


def issue_staff_token(
    session: Session, now: datetime, person_id: UUID, position_id: UUID, scope: str | None = None
) -> str:
    """The token, told once; ``scope``: the areas it opens, by blanks, all of the position's without. The caller commits."""
    token = tokens.new_token(STAFF)
    tokens.keep_staff_token(session, token, person_id, position_id, now, now + LASTS, scope)
    return token


def end_own_token(session: Session, now: datetime, actor: Actor, token_id: UUID) -> None:
    """Void from now on; NotFound for another's and for one that is void already."""
    if not tokens.end_token(session, actor.person_id, token_id, now):
        raise NotFound("token", "没有找到这个令牌")


def issue_applicant_token(portal: Session, now: datetime, applicant_id: UUID) -> str:
    """The token, told once. The caller commits."""
    token = tokens.new_token(APPLICANT)
    tokens.keep_applicant_token(portal, token, applicant_id, now, now + LASTS)
    return token


@dataclass(frozen=True)
class Behind:
    """``areas``: what the token opens at most; None: whatever the position opens."""

    actor: Actor
    areas: frozenset[str] | None
    token_id: UUID


def staff_behind(session: Session, now: datetime, today: date, token: str) -> Behind | None:
    """Who stands behind a live token; None when it is void, or the person or the position is no longer."""
    found = tokens.staff_token(session, token, today)
    if found is None:
        return None
    row, person, position = found
    if not alive(row, now) or not person.active or row.issued_at < person.sessions_from:
        return None
    if position is None:
        return None
    principal = session.get(Person, position.person_id) if position.person_id != person.id else None
    areas = None if row.scope is None else frozenset(row.scope.split())
    return Behind(actor_for(person, position, principal), areas, row.id)


def applicant_behind(portal: Session, now: datetime, token: str) -> Applicant | None:
    row: PortalToken | None = tokens.find_token(portal, PortalToken, token)
    return portal.get(Applicant, row.applicant_id) if row is not None and alive(row, now) else None


def alive(row: ApiToken | PortalToken, now: datetime) -> bool:
    return row.revoked_at is None and row.issued_at <= now < row.expires_at


def revoke(session: Session, portal: Session, now: datetime, token: str) -> None:
    """Each side is told by the token's own prefix. The caller commits both."""
    if token.startswith(STAFF):
        tokens.revoke_token(session, ApiToken, token, now)
    elif token.startswith(APPLICANT):
        tokens.revoke_token(portal, PortalToken, token, now)
