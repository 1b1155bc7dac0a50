"""One effect and one answer per idempotency key, on the portal's side: the same rule, in the portal's own schema."""

from typing import Any

from sqlalchemy.orm import Session

from engine.domain.clock import Clock
from engine.domain.errors import Refused
from engine.store.locks import lock_name
from engine.store.tables.portal import PortalAnswer
from engine.usecases.answer_once import digest


def earlier_portal_answer(portal: Session, owner: str, key: str, body: Any) -> dict[str, Any] | None:
    """The answer given before under this key, or None. Refused when the key was used with another body."""
    lock_name(portal, f"portal:{owner}:{key}")
    row = portal.get(PortalAnswer, (owner, key))
    if row is None:
        return None
    if row.body_sha256 != digest(body):
        raise Refused("key_reused", "这个请求编号已用于另一份内容，请刷新页面后重新提交")
    return row.answer


def remember_portal_answer(
    portal: Session, clock: Clock, owner: str, key: str, body: Any, answer: dict[str, Any]
) -> None:
    """In the transaction of the effect, so that both are there or neither is."""
    row = PortalAnswer(owner=owner, key=key, body_sha256=digest(body), answer=answer, at=clock.now())
    portal.add(row)
    portal.flush()
