"""The board of land offered and wanted: what offices review."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.domain import land_board as rules
from engine.domain.actor import Actor
from engine.domain.division import AFTER
from engine.domain.errors import NotFound
from engine.queries.scoped import within
from engine.store.tables.board import LandOffer, OfferReport
from engine.store.tables.reference import Division

MOST = 100


@dataclass(frozen=True)
class Reviewed:
    """An entry with the reports about it; ``state``: as it stands today, expired included."""

    offer: LandOffer
    state: str
    reports: list[OfferReport]


def entries(
    session: Session, actor: Actor, state: str, today: date, start: int = 0, size: int = MOST
) -> list[Reviewed]:
    """Of the scope, the last handed in first."""
    o = LandOffer
    query = select(o).where(within(o, actor)).order_by(o.submitted_at.desc(), o.id).offset(start).limit(size)
    if state == rules.EXPIRED:
        query = query.where(o.status == rules.PUBLIC, o.valid_until < today)
    elif state == rules.PUBLIC:
        query = query.where(o.status == rules.PUBLIC, o.valid_until >= today)
    elif state in rules.STATES:
        query = query.where(o.status == state)
    rows = session.scalars(query).all()
    r = OfferReport
    told = session.scalars(
        select(r).where(within(r, actor), r.offer_id.in_([row.id for row in rows])).order_by(r.reported_at)
    ).all()
    return [
        Reviewed(row, state_of(row, today), [one for one in told if one.offer_id == row.id]) for row in rows
    ]


def state_of(row: LandOffer, today: date) -> str:
    return rules.EXPIRED if row.status == rules.PUBLIC and row.valid_until < today else row.status


def reported(session: Session, actor: Actor) -> int:
    """Reports that nobody has settled yet."""
    r = OfferReport
    return session.scalar(select(func.count()).where(within(r, actor), r.settled_at.is_(None))) or 0


def visible_offer(session: Session, actor: Actor, offer: UUID) -> LandOffer:
    o = LandOffer
    row = session.scalar(select(o).where(within(o, actor), o.id == offer).with_for_update())
    if row is None:
        raise NotFound("offer", "没有找到这条信息")
    return row


def visible_report(session: Session, actor: Actor, report: UUID) -> OfferReport:
    r = OfferReport
    row = session.scalar(select(r).where(within(r, actor), r.id == report).with_for_update())
    if row is None:
        raise NotFound("report", "没有找到这条举报")
    return row


def villages(session: Session, actor: Actor) -> list[Division]:
    """Where the actor may enter land: the villages of the scope."""
    d = Division
    query = select(d).where(
        d.code >= actor.division, d.code < actor.division + AFTER, func.length(d.code) == 12
    )
    return list(session.scalars(query.order_by(d.code)))
