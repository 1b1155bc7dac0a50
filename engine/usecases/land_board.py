"""The board of land offered and wanted: handed in, reviewed before anybody sees it, withdrawn, reported, shown."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from engine.domain import land_board as rules
from engine.domain.actor import Actor
from engine.domain.clock import Clock, local_date
from engine.domain.errors import Invalid, NotFound, Refused
from engine.domain.said import say
from engine.queries.land_board import visible_offer, visible_report
from engine.queries.scoped import full_place
from engine.store import outbox
from engine.store.tables.board import LandOffer, OfferReport
from engine.store.tables.portal import Submission
from engine.store.tables.portal_public import PublicOffer
from engine.store.tables.reference import Division

EFFECT = "publish_offer"
NO_PHONE = "—"
Faults = dict[str, list[str]]


def hand_in_offer(session: Session, clock: Clock, row: Submission) -> dict[str, Any]:
    """From the portal; taken in once, under the submission's id. Answer: {offer}."""
    county = str(row.data["county"])
    if session.get(LandOffer, (county, row.id)) is None:
        session.add(read_offer(session, clock, county, row.id, row.data, local_date(row.submitted_at)))
        session.flush()
    return {"offer": str(row.id)}


def publish_own(session: Session, clock: Clock, actor: Actor, said: dict[str, Any]) -> LandOffer:
    """An office enters it for somebody who came to the counter, or for the village itself: reviewed already."""
    made = read_offer(session, clock, actor.county, uuid4(), said, local_date(clock.now()))
    if not made.division.startswith(actor.division):
        raise Invalid({"place": [say("请选择本辖区的村")]})
    session.add(made)
    session.flush()
    return _decide(session, clock, actor, made, rules.PUBLIC, None)


def read_offer(
    session: Session, clock: Clock, county: str, offer_id: UUID, said: dict[str, Any], day: date
) -> LandOffer:
    """Invalid by field. ``said``: kind, publisher_kind, publisher, phone, phone_public, place, area_mu, parcels?, way, years,
    price, words, valid_until?.
    """
    place = session.get(Division, str(said.get("place") or ""))
    faults: Faults = {}
    if place is None or not place.code.startswith(county) or len(place.code) not in (9, 12):
        faults["place"] = [say("请选择土地所在的村")]
    until = said.get("valid_until")
    last = until if isinstance(until, date) else date.fromisoformat(until) if until else None
    if last is not None and last < day:
        faults["valid_until"] = [say("有效期不能早于今天")]
    try:
        area = Decimal(str(said.get("area_mu")))
    except InvalidOperation:
        area = Decimal(0)
    if not area.is_finite() or not 0 < area < 10**7:
        faults["area_mu"] = [say("请填写面积")]
    if faults or place is None:
        raise Invalid(faults)
    return LandOffer(
        county=county,
        id=offer_id,
        kind=said["kind"],
        publisher_kind=said["publisher_kind"],
        publisher=said["publisher"],
        phone=said["phone"],
        phone_public=said.get("phone_public") in (True, "yes"),
        area_mu=area,
        parcels=said.get("parcels") or None,
        way=said["way"],
        years=int(said["years"]),
        price=said["price"],
        words=said.get("words") or "",
        status=rules.WAITING,
        valid_until=rules.shown_until(day, last),
        submitted_at=clock.now(),
        division=place.code,
    )


def review_offer(
    session: Session, clock: Clock, actor: Actor, offer: UUID, decision: str, reason: str = ""
) -> LandOffer:
    """``decision``: public or rejected of what waits, withdrawn of what is public. A reason is needed but for public."""
    row = visible_offer(session, actor, offer)
    allowed = {rules.WAITING: (rules.PUBLIC, rules.REJECTED), rules.PUBLIC: (rules.WITHDRAWN,)}.get(
        row.status, ()
    )
    if decision not in allowed:
        raise Refused("not_so", "这条信息现在不能这样办理")
    if decision != rules.PUBLIC and not 0 < len(reason.strip()) <= 200:
        raise Invalid({"reason": [say("请写明理由，不超过200个字")]})
    return _decide(session, clock, actor, row, decision, reason.strip() or None)


def _decide(
    session: Session, clock: Clock, actor: Actor, row: LandOffer, status: str, reason: str | None
) -> LandOffer:
    row.status, row.reason, row.reviewed_by, row.reviewed_at = status, reason, actor.name, clock.now()
    session.flush()
    outbox.put(session, row.county, EFFECT, {"offer": str(row.id)}, clock.now())
    return row


def withdraw_offer(session: Session, clock: Clock, row: Submission) -> dict[str, Any]:
    """By whoever handed it in: the address of the page that only they were given."""
    county, offer = str(row.data["county"]), UUID(str(row.data["offer"]))
    found = session.get(LandOffer, (county, offer))
    if found is None:
        raise NotFound("offer", "没有找到这条信息")
    if found.status in (rules.WAITING, rules.PUBLIC):
        found.status, found.reason = rules.WITHDRAWN, None
        outbox.put(session, county, EFFECT, {"offer": str(offer)}, clock.now())
    return {"offer": str(offer), "withdrawn": True}


def report_offer(session: Session, clock: Clock, row: Submission) -> dict[str, Any]:
    """Somebody says that an entry is false; once for each submission."""
    county, offer = str(row.data["county"]), UUID(str(row.data["offer"]))
    found = session.get(LandOffer, (county, offer))
    if found is None:
        raise NotFound("offer", "没有找到这条信息")
    if session.get(OfferReport, (county, row.id)) is None:
        session.add(
            OfferReport(
                county=county,
                id=row.id,
                offer_id=offer,
                text=str(row.data["text"]),
                phone=row.data.get("phone") or None,
                reported_at=clock.now(),
                division=found.division,
            )
        )
        session.flush()
    return {"report": str(row.id)}


def settle_report(
    session: Session, clock: Clock, actor: Actor, report: UUID, finding: str, take_down: bool
) -> OfferReport:
    """``take_down``: the entry goes from the board with it."""
    row = visible_report(session, actor, report)
    if row.settled_at is not None:
        raise Refused("settled", "这条举报已经处理")
    if not 0 < len(finding.strip()) <= 500:
        raise Invalid({"finding": [say("请写明处理情况，不超过500个字")]})
    row.finding, row.settled_by, row.settled_at = finding.strip(), actor.name, clock.now()
    offer = session.get_one(LandOffer, (row.county, row.offer_id))
    if take_down and offer.status == rules.PUBLIC:
        _decide(session, clock, actor, offer, rules.WITHDRAWN, finding.strip()[:200])
    session.flush()
    return row


def publish_offer(session: Session, portal: Session, clock: Clock, county: str, offer: UUID) -> None:
    """What the portal shows follows the office's row; what is not public is not there. The caller commits."""
    row, shown = session.get_one(LandOffer, (county, offer)), portal.get(PublicOffer, offer)
    if row.status != rules.PUBLIC:
        if shown is not None:
            portal.delete(shown)
        return
    office = session.get(Division, row.division)
    portal.merge(
        PublicOffer(
            id=row.id,
            county=county,
            kind=row.kind,
            area_mu=row.area_mu,
            way=row.way,
            years=row.years,
            price=row.price,
            words=row.words,
            place_code=row.division,
            place=full_place(session, row.division),
            publisher=rules.public_name(row.publisher_kind, row.publisher),
            contact=row.phone if row.phone_public else (office.phone if office else None) or NO_PHONE,
            contact_own=row.phone_public,
            published_on=local_date(row.reviewed_at or row.submitted_at),
            valid_until=row.valid_until,
            updated_at=clock.now(),
        )
    )
