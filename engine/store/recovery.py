"""Recovery codes at rest: each lets its holder in once."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from engine.store.tables.reference import RecoveryCode


def digest(code: str) -> bytes:
    """Of the code as it is typed: case, blanks and hyphens do not count."""
    return hashlib.sha256("".join(c for c in code.upper() if c.isalnum()).encode()).digest()


def keep_codes(session: Session, person_id: UUID, codes: Iterable[str]) -> None:
    """Instead of all earlier ones. The caller commits."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    rows = [{"person_id": person_id, "code_sha256": digest(code)} for code in codes]
    session.execute(insert(RecoveryCode), rows)


def use_code(session: Session, person_id: UUID, code: str, now: datetime) -> bool:
    """Whether it was one, not used yet; it is used now. The caller commits."""
    found = session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.person_id == person_id,
            RecoveryCode.code_sha256 == digest(code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCode.person_id)
    )
    return found.first() is not None


def codes_left(session: Session, person_id: UUID) -> int:
    query = select(func.count()).where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
    return session.scalar(query) or 0
