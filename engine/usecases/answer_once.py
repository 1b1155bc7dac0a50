"""One effect and one answer per idempotency key."""

import hashlib
from typing import Any

from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.chain import canonical
from engine.domain.clock import Clock
from engine.domain.errors import Refused
from engine.store import answers


def earlier_answer(session: Session, actor: Actor, key: str, body: Any) -> dict[str, Any] | None:
    """The answer given before under this key, or None; concurrent requests with one key wait for each other.

    Refused when the key was used with another body.
    """
    earlier = answers.locked(session, actor.county, actor.id, key)
    if earlier is None:
        return None
    if earlier["body_sha256"] != digest(body):
        raise Refused("key_reused", "这个请求编号已用于另一份内容，请刷新页面后重新提交")
    return dict(earlier["answer"])


def remember_answer(
    session: Session, clock: Clock, actor: Actor, key: str, body: Any, answer: dict[str, Any]
) -> None:
    """In the transaction of the effect, so that both are there or neither is."""
    answers.keep(session, actor.county, actor.id, key, digest(body), answer, clock.now())


def digest(body: Any) -> str:
    return hashlib.sha256(canonical(body).encode()).hexdigest()
