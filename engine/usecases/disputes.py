"""What the commission's secretary does beside the cases: the list of arbitrators, and land that a court has dealt with."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.clock import Clock, local_date
from engine.domain.dispute import composition_faults
from engine.domain.errors import Invalid, NotFound, Refused
from engine.domain.said import say
from engine.queries.disputes import commission, sits_now, taken_number, visible_dispute
from engine.store import disputes
from engine.store.tables.disputes import CommissionMember, Dispute

POSTS = ("chair", "vice_chair", "member", "none")
GROUNDS = ("administration", "law", "mediation", "respected")
TRADES = ("farmer", "law", "economics", "office", "other")


def add_member(session: Session, clock: Clock, actor: Actor, said: dict[str, Any]) -> CommissionMember:
    """``said``: number, name, post, arbitrator, ground (art 15, of an arbitrator), trade, phone, starts_on. Commits nothing."""
    faults: dict[str, list[str]] = {}
    name, number = str(said.get("name") or "").strip(), str(said.get("number") or "").strip()
    if not 1 <= len(name) <= 40:
        faults["name"] = [say("请填写姓名，不超过40个字")]
    if not number.isascii() or not number.isalnum() or len(number) > 10:
        faults["number"] = [say("请填写名册编号，不超过10位数字或字母")]
    for field, known in (("post", POSTS), ("trade", TRADES)):
        if said.get(field) not in known:
            faults[field] = [say("请选择一项")]
    sits = said.get("arbitrator") in (True, "yes", "true")
    if sits and said.get("ground") not in GROUNDS:
        faults["ground"] = [say("请选择聘任为仲裁员所依据的条件")]
    today = local_date(clock.now())
    starts = read_day(said.get("starts_on")) or today
    if not faults and taken_number(session, actor.county, number, name):
        faults["number"] = [say("名册中已有这个编号或者这个人")]
    if faults:
        raise Invalid(faults)
    row = CommissionMember(
        county=actor.county,
        id=uuid4(),
        number=number,
        name=name,
        post=said["post"],
        arbitrator=sits,
        ground=said["ground"] if sits else None,
        trade=said["trade"],
        phone=str(said.get("phone") or "").strip()[:20] or None,
        starts_on=starts,
        ends_on=None,
        division=actor.county,
    )
    session.add(row)
    session.flush()
    return row


def end_member(session: Session, clock: Clock, actor: Actor, member_id: UUID) -> CommissionMember:
    """From tomorrow on the list does not have this person. Hearings that are called stay as they are."""
    row = session.get(CommissionMember, (actor.county, member_id))
    if row is None:
        raise NotFound("member", "名册中没有这个人")
    if row.ends_on is not None:
        raise Refused("ended", "%(name)s已于%(day)s离任", name=row.name, day=row.ends_on.isoformat())
    row.ends_on = local_date(clock.now())
    session.flush()
    return row


def release_dispute(session: Session, clock: Clock, actor: Actor, number: str, reason: str) -> Dispute:
    """A court has decided, or the suit was withdrawn: the land that stayed blocked is free again. Commits nothing."""
    row, case = visible_dispute(session, actor, number)
    if not reason.strip() or len(reason) > 500:
        raise Invalid({"reason": [say("请写明法院文书的案号和结果，不超过500个字")]})
    if row.outcome != "sued":
        raise Refused("not_sued", "只有当事人起诉后仍受限制的地块，才在这里解除")
    at = clock.now()
    if not disputes.unblock(session, case, case.number, local_date(at) - timedelta(days=1), at):
        raise Refused("released", "这件纠纷的限制已经解除")
    return row


def composition(session: Session, county: str, today: date) -> list[str]:
    """What the commission lacks today of art 13."""
    sitting = [one for one in commission(session, county) if one.post != "none" and sits_now(one, today)]
    return composition_faults([(one.post, one.trade) for one in sitting])


def read_day(text: Any) -> date | None:
    if isinstance(text, date):
        return text
    try:
        return date.fromisoformat(text) if text else None
    except (TypeError, ValueError):
        raise Invalid({"starts_on": [say("请按 2026-03-05 的样子填写日期")]}) from None
