"""What the portal shows to anybody: public notices, guides, offices. The session has the portal's role alone."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.store.tables.portal import CountyCard, Submission
from engine.store.tables.portal_public import PublicDispute, PublicNotice

MOST = 200


def notices(portal: Session, today: date, words: str = "") -> Sequence[PublicNotice]:
    """What hangs today, the last put up first; of places whose name has all the words."""
    n = PublicNotice
    query = select(n).where(n.status == "open", n.ends_on >= today, n.starts_on <= today)
    for word in words.split():
        query = query.where(n.place.contains(word, autoescape=True))
    return portal.scalars(query.order_by(n.starts_on.desc(), n.id).limit(MOST)).all()


def notice(portal: Session, notice_id: UUID, today: date) -> PublicNotice | None:
    """What hangs today; None for what never did and for what is over."""
    found = portal.get(PublicNotice, notice_id)
    if found is None or found.status != "open" or not found.starts_on <= today <= found.ends_on:
        return None
    return found


def disputes(portal: Session, words: str = "") -> Sequence[PublicDispute]:
    """Arbitrations that were accepted, the last one first; of places or numbers that have all the words."""
    d = PublicDispute
    query = select(d)
    for word in words.split():
        query = query.where(
            d.place.contains(word, autoescape=True) | d.number.contains(word, autoescape=True)
        )
    return portal.scalars(query.order_by(d.opened_on.desc(), d.id).limit(MOST)).all()


def guides(portal: Session) -> list[tuple[CountyCard, dict[str, Any]]]:
    """Every county's, by county and as its case types are listed."""
    cards = portal.scalars(select(CountyCard).order_by(CountyCard.code))
    return [(card, row) for card in cards for row in card.guides]


def guide(portal: Session, county: str, case_type: str) -> tuple[CountyCard, dict[str, Any]] | None:
    return next(
        (
            (card, row)
            for card, row in guides(portal)
            if card.code == county and row["case_type"] == case_type
        ),
        None,
    )


def objection(portal: Session, submission_id: UUID) -> Submission | None:
    """By its id alone, which only its sender was told."""
    found = portal.get(Submission, submission_id)
    return found if found is not None and found.kind == "objection" else None
