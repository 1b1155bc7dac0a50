"""Disputes, the hearing calendar and the commission, as their pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.errors import NotFound
from engine.queries.scoped import visible_case, within
from engine.store.tables.cases import Case
from engine.store.tables.disputes import CommissionMember, Dispute, Hearing

STATES = ("open", "closed", "all")
MOST = 200


@dataclass(frozen=True)
class Line:
    """``next_hearing``: the one that is called, where there is one."""

    dispute: Dispute
    case: Case
    next_hearing: Hearing | None


def disputes(session: Session, actor: Actor, state: str, kind: str | None = None) -> list[Line]:
    """Those of the actor's scope, the last one first; at most MOST."""
    d = Dispute
    query = (
        select(d, Case)
        .join(Case, (Case.county == d.county) & (Case.id == d.case_id))
        .where(within(d, actor))
        .order_by(d.opened_on.desc(), d.number.desc())
        .limit(MOST)
    )
    if state != "all":
        query = query.where(d.closed_on.is_(None) if state == "open" else d.closed_on.is_not(None))
    if kind:
        query = query.where(d.kind == kind)
    rows = session.execute(query).all()
    called = _called(session, actor, [case.id for _, case in rows])
    return [Line(dispute, case, called.get(case.id)) for dispute, case in rows]


def _called(session: Session, actor: Actor, ids: list[UUID]) -> dict[UUID, Hearing]:
    query = select(Hearing).where(
        within(Hearing, actor), Hearing.case_id.in_(ids), Hearing.status == "called"
    )
    return {row.case_id: row for row in session.scalars(query)}


def hearings(session: Session, actor: Actor, since: datetime) -> list[tuple[Hearing, Dispute, Case]]:
    """From that moment on, in the order of their time; those that were postponed too."""
    query = (
        select(Hearing, Dispute, Case)
        .join(Dispute, (Dispute.county == Hearing.county) & (Dispute.case_id == Hearing.case_id))
        .join(Case, (Case.county == Hearing.county) & (Case.id == Hearing.case_id))
        .where(within(Hearing, actor), Hearing.starts_at >= since)
        .order_by(Hearing.starts_at)
        .limit(MOST)
    )
    return [(hearing, dispute, case) for hearing, dispute, case in session.execute(query)]


def commission(session: Session, county: str) -> Sequence[CommissionMember]:
    """Everybody who is or was of it, as the list counts them."""
    query = select(CommissionMember).where(CommissionMember.county == county)
    return session.scalars(query.order_by(CommissionMember.number)).all()


def sits_now(member: CommissionMember, today: date) -> bool:
    return member.starts_on <= today and (member.ends_on is None or member.ends_on >= today)


def visible_dispute(session: Session, actor: Actor, number: str) -> tuple[Dispute, Case]:
    """By the case's number."""
    case = visible_case(session, actor, number, lock=True)
    row = session.get(Dispute, (case.county, case.id))
    if row is None:
        raise NotFound("dispute", "办件 %(number)s 不是立案的纠纷", number=number[:40])
    return row, case


def taken_number(session: Session, county: str, number: str, name: str) -> bool:
    """Whether somebody has that number, or sits under that name."""
    m = CommissionMember
    clash = or_(m.number == number, (m.name == name) & m.ends_on.is_(None))
    return session.scalar(select(m.id).where(m.county == county, clash).limit(1)) is not None
