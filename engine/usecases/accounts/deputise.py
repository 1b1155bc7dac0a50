"""Deputies with dates (请假代理): named by an officer, or for them by the system or security administrator.

Until its last day the deputy may act in the officer's position: sees and does the officer's tasks, and every record
says for whom. It ends by itself. Nobody stands in for two at a time in a row: who has a deputy is nobody's deputy.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.clock import Clock, local_date
from engine.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from engine.domain.roles import DEPUTISED
from engine.domain.said import Said, say
from engine.store.people import by_username, holds_through, lock_people, name_of, standing_in
from engine.store.tables.reference import Deputy, Person, Position
from engine.usecases.accounts.noted import SECURITY, SYSTEM, note

LONGEST = 200  # characters of a reason


@dataclass(frozen=True)
class Wanted:
    """``username`` is the deputy's; days are included."""

    username: str
    since: date
    until: date
    reason: str


def name_deputy(session: Session, clock: Clock, actor: Actor, position_id: UUID, wanted: Wanted) -> Deputy:
    """The caller commits. Raises Invalid by field: username, since, until, reason."""
    position = position_of(session, actor, position_id)
    deputy = by_username(session, wanted.username) if "\0" not in wanted.username else None
    if deputy is None or deputy.home != position.division[:6]:
        raise Invalid({"username": [say("本县没有用户名为“%(name)s”的账号", name=wanted.username[:40])]})
    lock_people(session, {position.person_id, deputy.id})  # two are named at once: one sees the other
    faults = {
        "username": _fault_of_deputy(session, position, deputy, wanted),
        "since": _fault_of_days(session, position, wanted, local_date(clock.now())),
        "until": say("止日早于起日") if wanted.until < wanted.since else None,
        "reason": _fault_of_reason(wanted.reason),
    }
    if any(faults.values()):
        raise Invalid({name: [said] for name, said in faults.items() if said})
    row = Deputy(
        id=uuid4(),
        county=position.division[:6],
        position_id=position.id,
        principal_id=position.person_id,
        deputy_id=deputy.id,
        valid_from=wanted.since,
        valid_to=wanted.until,
        reason=wanted.reason.strip(),
        named_by=actor.person_id,
        named_at=clock.now(),
    )
    session.add(row)
    session.flush()
    _note(session, clock, actor, row, position, "deputy_named")
    return row


def end_deputy(session: Session, clock: Clock, actor: Actor, deputy_row: UUID) -> None:
    """Before its time, at once. The caller commits."""
    row = session.get(Deputy, deputy_row, with_for_update=True, populate_existing=True)
    if row is None or row.county != actor.county:
        raise NotFound("deputy", "没有找到这项代理")
    position = position_of(session, actor, row.position_id)
    if row.ended_at is not None or row.valid_to < local_date(clock.now()):
        raise Conflict("ended", "这项代理已经结束")
    row.ended_at, row.ended_by = clock.now(), actor.person_id
    _note(session, clock, actor, row, position, "deputy_ended")


def position_of(session: Session, actor: Actor, position_id: UUID) -> Position:
    """A position whose holder asks, in person, or the administrators; NotFound in the same words for any other."""
    position = session.get(Position, position_id, populate_existing=True)
    if position is None or position.division[:6] != actor.county or position.state != "granted":
        raise NotFound("position", "没有找到这个岗位")
    if actor.principal is not None:
        raise NotAllowed("deputy", "代理他人时不能再请人代理，请先换回自己的岗位")
    if position.person_id != actor.person_id and actor.role not in (SYSTEM, SECURITY):
        raise NotFound("position", "没有找到这个岗位")
    return position


def _fault_of_deputy(session: Session, position: Position, deputy: Person, wanted: Wanted) -> Said | None:
    name, first, last = deputy.name, wanted.since, max(wanted.since, wanted.until)
    if position.role not in DEPUTISED:
        return say("这个岗位不办理任务，不需要代理")
    if deputy.id == position.person_id:
        return say("不能请本人代理本人")
    if not deputy.active:
        return say("%(name)s的账号已锁定", name=name)
    if not holds_through(session, deputy.id, position.role, first, last):
        return say("%(name)s在这些日子不担任同样的岗位，不能代理", name=name)
    if standing_in(session, first, last, Deputy.principal_id == deputy.id):
        return say("%(name)s在这些日子也请了人代理，不能再代理别人", name=name)
    return None


def _fault_of_days(session: Session, position: Position, wanted: Wanted, today: date) -> Said | None:
    first, last = wanted.since, max(wanted.since, wanted.until)
    if first < today:
        return say("起日不能早于今天")
    if position.valid_from > first or (position.valid_to is not None and position.valid_to < last):
        return say("本人在这些日子不担任该岗位")
    taken = standing_in(session, first, last, Deputy.position_id == position.id)
    if taken:
        name = name_of(session, taken.deputy_id)
        return say(
            "这些日子已请%(name)s代理（%(since)s至%(until)s）",
            name=name,
            since=taken.valid_from,
            until=taken.valid_to,
        )
    others = standing_in(session, first, last, Deputy.deputy_id == position.person_id)
    if others:
        return say("本人在这些日子代理%(name)s，请先结束那项代理", name=name_of(session, others.principal_id))
    return None


def _fault_of_reason(reason: str) -> Said | None:
    if not reason.strip():
        return say("请写明原因")
    return say("原因不超过%(count)s个字", count=LONGEST) if len(reason) > LONGEST else None


def _note(session: Session, clock: Clock, actor: Actor, row: Deputy, position: Position, kind: str) -> None:
    facts: dict[str, Any] = {
        "role": position.role,
        "division": position.division,
        "deputy": name_of(session, row.deputy_id),
        "since": row.valid_from.isoformat(),
        "until": row.valid_to.isoformat(),
        "reason": row.reason,
    }
    note(session, row.county, row.principal_id, actor.person_id, clock.now(), kind, **facts)


def involves(person_id: UUID) -> ColumnElement[bool]:
    """Rows in which the person stands in or is stood in for."""
    return or_(Deputy.principal_id == person_id, Deputy.deputy_id == person_id)
