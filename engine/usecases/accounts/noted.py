"""What was done to an account, told to the record; and who may do it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.errors import NotAllowed, NotFound
from engine.store.tables.reference import AccountEvent, Person

SYSTEM, SECURITY = "system_admin", "security_admin"


def note(
    session: Session, county: str, person_id: UUID, by: UUID, at: datetime, kind: str, **facts: Any
) -> None:
    """Written with the caller's next flush."""
    session.add(AccountEvent(county=county, person_id=person_id, by=by, at=at, kind=kind, facts=facts))


def only(actor: Actor, role: str) -> None:
    if actor.role == role:
        return
    if role == SYSTEM:
        raise NotAllowed("other_administrator", "只有系统管理员可以建立账号、申请岗位")
    raise NotAllowed("other_administrator", "只有安全管理员可以授予岗位、锁定账号")


def account(session: Session, actor: Actor, person_id: UUID, lock: bool = False) -> Person:
    """An account of the actor's county; NotFound in the same words for another county's."""
    person = session.get(Person, person_id, with_for_update=lock, populate_existing=lock)
    if person is None or person.home != actor.county:
        raise NotFound("account", "没有找到这个账号")
    return person
