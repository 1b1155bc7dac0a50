"""Answers given under idempotency keys."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine.store.locks import LOCK
from engine.store.tables.work import IdempotencyKey
from engine.store.together import Row, Writes, read

_ANSWER = """
    select body_sha256, answer from operational.idempotency_keys
    where county = %(county)s and actor = %(actor)s and key = %(key)s"""


def locked(session: Session, county: str, actor: str, key: str) -> Row | None:
    """The earlier answer and the hash of what was asked; whoever asks with the same key waits for this one."""
    values = {"county": county, "actor": actor, "key": key, "name": f"{county}:{actor}:{key}"}
    _lock, found = read(session, [(LOCK, values), (_ANSWER, values)])
    return found[0] if found else None


def keep(
    session: Session, county: str, actor: str, key: str, body: str, answer: dict[str, Any], at: datetime
) -> None:
    writes = Writes()
    row = {"county": county, "actor": actor, "key": key, "body_sha256": body, "answer": answer, "at": at}
    writes.insert(IdempotencyKey, [row])
    writes.send(session)
