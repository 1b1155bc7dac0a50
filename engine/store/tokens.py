"""Bearer tokens at rest: found by their SHA-256, for staff and for applicants alike."""

import hashlib
import secrets
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Select, and_, bindparam, delete, or_, select, update
from sqlalchemy.orm import Session

from engine.store.people import held_through, may_stand_in
from engine.store.tables.portal import PortalToken
from engine.store.tables.reference import ApiToken, Person, Position

Token = ApiToken | PortalToken


def new_token(prefix: str) -> str:
    """256 random bits. The prefix tells whose it is, and lets a scanner find one that was published by mistake."""
    return prefix + secrets.token_urlsafe(32)


def digest(token: str) -> bytes:
    """Random enough for a plain hash: there is nothing to guess."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def keep_staff_token(
    session: Session,
    token: str,
    person_id: UUID,
    position_id: UUID,
    at: datetime,
    until: datetime,
    scope: str | None = None,
) -> None:
    """Writes it down and sweeps away the person's expired ones."""
    session.execute(delete(ApiToken).where(ApiToken.person_id == person_id, ApiToken.expires_at < at))
    row = ApiToken(token_sha256=digest(token), person_id=person_id, position_id=position_id)
    row.id, row.scope, row.issued_at, row.expires_at = uuid4(), scope, at, until
    session.add(row)
    session.flush()


def live_tokens(session: Session, person_id: UUID, at: datetime) -> list[tuple[ApiToken, Position]]:
    """A person's tokens that still open something, the newest first, each with the position it is for."""
    rows = session.execute(
        select(ApiToken, Position)
        .join(Position, Position.id == ApiToken.position_id)
        .join(Person, Person.id == ApiToken.person_id)
        .where(
            ApiToken.person_id == person_id,
            ApiToken.revoked_at.is_(None),
            ApiToken.expires_at > at,
            ApiToken.issued_at >= Person.sessions_from,
        )
        .order_by(ApiToken.issued_at.desc(), ApiToken.id)
    )
    return [(row[0], row[1]) for row in rows]


def end_token(session: Session, person_id: UUID, token_id: UUID, at: datetime) -> bool:
    """Void from now on; whether it was one of the person's live ones."""
    mine = (ApiToken.id == token_id, ApiToken.person_id == person_id, ApiToken.revoked_at.is_(None))
    ended = session.scalars(update(ApiToken).where(*mine).values(revoked_at=at).returning(ApiToken.id))
    return ended.first() is not None


def keep_applicant_token(
    portal: Session, token: str, applicant_id: UUID, at: datetime, until: datetime
) -> None:
    """As for staff, in the portal's own schema."""
    mine = PortalToken.applicant_id == applicant_id
    portal.execute(delete(PortalToken).where(mine, PortalToken.expires_at < at))
    row = PortalToken(token_sha256=digest(token), applicant_id=applicant_id, issued_at=at, expires_at=until)
    portal.add(row)
    portal.flush()


def _behind(day: date) -> Select[ApiToken, Person, Position]:
    own = Position.person_id == ApiToken.person_id
    return (
        select(ApiToken, Person, Position)
        .join(Person, Person.id == ApiToken.person_id)
        .outerjoin(
            Position,
            and_(
                Position.id == ApiToken.position_id,
                held_through(Position, day, day),
                or_(own, may_stand_in(ApiToken.person_id, Position, day)),
            ),
        )
        .where(ApiToken.token_sha256 == bindparam("token"))
        .execution_options(populate_existing=True)
    )


def staff_token(session: Session, token: str, day: date) -> tuple[ApiToken, Person, Position | None] | None:
    """The token with its person and, if they hold it or stand in for its holder on that day, its position."""
    row = session.execute(_behind(day), {"token": digest(token)}).first()
    return (row[0], row[1], row[2]) if row else None


def find_token(session: Session, table: type[Any], token: str) -> Any | None:
    return session.get(table, digest(token))


def revoke_token(session: Session, table: type[Any], token: str, at: datetime) -> None:
    """Void from now on; a token that is unknown or void already stays as it is."""
    known = table.token_sha256 == digest(token)
    session.execute(update(table).where(known, table.revoked_at.is_(None)).values(revoked_at=at))


def revoke_all(session: Session, person_id: UUID, at: datetime) -> None:
    """Every token of a member of staff is void from now on. The caller commits."""
    session.execute(
        update(ApiToken)
        .where(ApiToken.person_id == person_id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=at)
    )
