"""The board of land as anybody sees it. The session has the portal's role alone."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from engine.domain import land_board as rules
from engine.store.tables.portal import Submission
from engine.store.tables.portal_public import PublicOffer

MOST = 100


def shown(
    portal: Session, today: date, kind: str = "", words: str = "", start: int = 0, size: int = MOST
) -> Sequence[PublicOffer]:
    """Not yet expired, the last published first; of places, prices or words that have all the words."""
    o = PublicOffer
    query = select(o).where(o.valid_until >= today).order_by(o.published_on.desc(), o.id)
    query = query.offset(start).limit(size)
    if kind:
        query = query.where(o.kind == kind)
    for word in words.split():
        has = [column.contains(word, autoescape=True) for column in (o.place, o.words, o.price)]
        query = query.where(or_(*has))
    return portal.scalars(query).all()


def shown_offer(portal: Session, offer: UUID, today: date) -> PublicOffer | None:
    """The same answer for one that is over and one that never was."""
    row = portal.get(PublicOffer, offer)
    return row if row is not None and row.valid_until >= today else None


def fitting(portal: Session, offer: PublicOffer, today: date) -> list[PublicOffer]:
    o = PublicOffer
    others = portal.scalars(
        select(o).where(o.county == offer.county, o.kind != offer.kind, o.valid_until >= today).limit(MOST)
    )
    return rules.matching(offer, others)


def waiting(portal: Session, county: str) -> int:
    """Handed in and not yet taken in."""
    query = select(func.count()).where(
        Submission.kind == "land_offer",
        Submission.status == "waiting",
        Submission.data["county"].astext == county,
    )
    return portal.scalar(query) or 0


def sent(portal: Session, submission: UUID) -> Submission | None:
    """By its id alone, which only its sender was told."""
    row = portal.get(Submission, submission)
    return row if row is not None and row.kind in ("land_offer", "land_offer_report") else None
