"""The registry's receipt (回执) comes in: typed by a county officer, sent by a program, or in the registry's file.

However it comes, it is the message that the case waits for, so that what happened stands in the case's record.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from engine.domain import registry
from engine.domain.actor import Actor
from engine.domain.clock import Clock, local_date
from engine.domain.errors import Conflict, DomainError, NotFound
from engine.store import cases
from engine.store import registry as store
from engine.store.tables.registry import HandOver
from engine.usecases.deliver_event import deliver_message


@dataclass(frozen=True)
class Imported:
    """One line of the registry's file: what became of it. ``result``: taken, known (already so), or wrong."""

    line: int
    key: str
    result: str
    error: DomainError | None = None


def give_receipt(session: Session, clock: Clock, actor: Actor, key: str, said: Any) -> HandOver:
    """Invalid by field; Conflict when another receipt is on record; the same one again changes nothing.

    Commits nothing.
    """
    row = store.by_key(session, actor.county, key)
    if row is None or not actor.sees(row.division):
        raise NotFound("hand_over", "没有找到移交 %(key)s，请核对业务号", key=key[:40])
    asked = registry.Asked.of(row.county, row.kind, row.facts)
    receipt = registry.read_receipt(said, local_date(clock.now()), asked)
    case = cases.case_by_id(session, actor.county, row.case_id, lock=True)
    session.refresh(row)
    if row.state != registry.WAITING:
        if row.receipt == receipt.as_json():
            return row
        raise Conflict("answered", "移交 %(key)s 已有回执，不能再改", key=row.key)
    payload = receipt.as_json() | {"key": row.key}
    deliver_message(session, clock, actor, registry.MESSAGE, payload, to=case.number)
    session.refresh(row)
    return row


def import_receipts(
    session: Session, clock: Clock, actor: Actor, rows: Iterable[Mapping[str, Any]]
) -> list[Imported]:
    """Line by line: one that cannot be taken says why, and the others are taken all the same. Commits nothing."""
    found = []
    for line, row in enumerate(rows, 1):
        key = str(row.get("key") or "")
        waiting = _waits(session, actor, key)
        try:
            with session.begin_nested():
                give_receipt(session, clock, actor, key, row)
            found.append(Imported(line, key, "taken" if waiting else "known"))
        except DomainError as error:
            session.expire_all()
            found.append(Imported(line, key, "wrong", error))
    return found


def _waits(session: Session, actor: Actor, key: str) -> bool:
    row = store.by_key(session, actor.county, key)
    return row is not None and row.state == registry.WAITING
