"""The board of land offered and wanted: what anybody sees and hands in, and what offices decide."""

from typing import Any
from uuid import UUID

from flask import g
from marshmallow import Schema, fields, validate

from engine.domain import land_board as rules
from engine.domain.clock import local_date
from engine.domain.errors import Invalid, NotFound
from engine.queries import land_board as queries
from engine.queries import portal_board, portal_pages
from engine.usecases import land_board as does
from engine.usecases.portal_board import submit
from web.api import schemas
from web.api.access import staff
from web.api.blueprint import blueprint
from web.api.once import once, portal_once
from web.api.paging import PageArgs, cut, window
from web.api.portal import stranger
from web.api.schemas import day
from web.api.shapes import plain
from web.db import office_session, portal_session, running
from web.i18n import lang
from web.limits import limiter
from web.supervision.board_form import REPORT, offer_form

blp = blueprint("board", "土地供求 / Land offered and wanted")
often, seldom = limiter.limit("60/minute;1200/hour"), limiter.limit("3/minute;10/hour")
SAID = ("kind", "area_mu", "way", "years", "price", "words", "valid_until")


class OffersArgs(PageArgs):
    kind = fields.String(load_default="", validate=validate.OneOf(("", *rules.KINDS)))
    q = fields.String(load_default="", validate=validate.Length(max=60))


class BoardEntriesArgs(PageArgs):
    state = fields.String(load_default=rules.WAITING, validate=validate.OneOf(rules.STATES))


class PublicOfferOut(Schema):
    id = fields.String(required=True)
    kind = fields.String(metadata={"enum": list(rules.KINDS)})
    area_mu = fields.String()
    way = fields.String(metadata={"enum": list(rules.WAYS)})
    years = fields.Integer()
    price = fields.String()
    words = fields.String()
    place = fields.String()
    publisher = fields.String(metadata={"description": "masked, if a person"})
    contact = fields.String()
    published_on = day()
    valid_until = day()
    fitting = fields.List(fields.String(), metadata={"description": "ids of entries that may suit"})


class OfferIn(Schema):
    kind = fields.String(required=True, validate=validate.OneOf(rules.KINDS))
    publisher_kind = fields.String(required=True, validate=validate.OneOf(rules.PUBLISHERS))
    publisher = fields.String(required=True)
    phone = fields.String(required=True)
    phone_public = fields.Boolean(required=True)
    place = fields.String(required=True, metadata={"description": "code of the village, 12 digits"})
    area_mu = fields.String(required=True)
    parcels = fields.String()
    way = fields.String(required=True, validate=validate.OneOf(rules.WAYS))
    years = fields.Integer(required=True)
    price = fields.String(required=True)
    words = fields.String()
    valid_until = fields.String(metadata={"description": "ISO day"})


class SentOut(Schema):
    id = fields.String(required=True, metadata={"description": "only its sender is told"})


class SentStateOut(Schema):
    status = fields.String(metadata={"enum": ["waiting", "taken", "refused"]})
    public = fields.Boolean()


class OfferReportIn(Schema):
    text = fields.String(required=True)
    phone = fields.String()


class BoardEntryOut(Schema):
    id = fields.String(required=True)
    state = fields.String(metadata={"enum": list(rules.STATES)})
    kind = fields.String()
    publisher_kind = fields.String()
    publisher = fields.String()
    phone = fields.String()
    phone_public = fields.Boolean()
    division = fields.String()
    area_mu = fields.String()
    parcels = fields.String(allow_none=True)
    way = fields.String()
    years = fields.Integer()
    price = fields.String()
    words = fields.String()
    valid_until = day()
    reason = fields.String(allow_none=True)
    reports = fields.List(fields.Dict())


class BoardDecisionIn(Schema):
    decision = fields.String(required=True, validate=validate.OneOf(("public", "rejected", "withdrawn")))
    reason = fields.String(load_default="")


class SettledIn(Schema):
    finding = fields.String(required=True)
    take_down = fields.Boolean(load_default=False)


class SettledOut(Schema):
    id = fields.String(required=True)
    finding = fields.String()


def today():
    return local_date(running().clock.now())


def public(row: Any) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in (*SAID, "place", "publisher", "contact", "published_on")}
    return plain(told | {"id": str(row.id), "area_mu": str(row.area_mu)})


def entry(row: Any, state: str, reports: list[Any]) -> dict[str, Any]:
    names = (*SAID, "publisher_kind", "publisher", "phone", "phone_public", "division", "parcels", "reason")
    told = {name: getattr(row, name) for name in names}
    said = [
        plain({"id": str(r.id), "text": r.text, "reported_at": r.reported_at, "finding": r.finding})
        for r in reports
    ]
    return plain(told | {"id": str(row.id), "state": state, "area_mu": str(row.area_mu)}) | {"reports": said}


@blp.route("/land-offers")
@often
@blp.arguments(OffersArgs, location="query")
@blp.response(200, schemas.page_of(PublicOfferOut))
def offers(args: dict[str, Any]):
    """Land offered and wanted, reviewed, people's names masked; for anybody."""
    found = portal_board.shown(portal_session(), today(), args["kind"], args["q"], *window(args))
    return cut(found, args, public)


@blp.route("/land-offers/<uuid:offer_id>")
@often
@blp.response(200, PublicOfferOut)
def offer(offer_id: UUID):
    """One entry, with those that may suit it."""
    row = shown(offer_id)
    return public(row) | {
        "fitting": [str(o.id) for o in portal_board.fitting(portal_session(), row, today())]
    }


def shown(offer_id: UUID) -> Any:
    row = portal_board.shown_offer(portal_session(), offer_id, today())
    if row is None:
        raise NotFound("offer", "没有找到这条信息")
    return row


@blp.route("/land-offers", methods=["POST"])
@seldom
@blp.arguments(OfferIn)
@blp.response(201, SentOut)
@portal_once(stranger)
def send(args: dict[str, Any]):
    """Hand an entry in: an office reviews it before anybody sees it."""
    cards = portal_pages.counties(portal_session())
    form = offer_form([(office["code"], office["name"]) for card in cards for office in card.offices])
    data = read(form, args)
    sent = submit(portal_session(), running().clock, "land_offer", data["place"][:6], data, None)
    return {"id": str(sent)}, 201


def read(form: Any, args: dict[str, Any]) -> dict[str, Any]:
    data, errors = form.read(args, lang=lang())
    if errors:
        raise Invalid(errors)
    return data


@blp.route("/land-offers/sent/<uuid:submission_id>")
@often
@blp.response(200, SentStateOut)
def sent(submission_id: UUID):
    """What became of what was handed in."""
    row = portal_board.sent(portal_session(), submission_id)
    if row is None:
        raise NotFound("offer", "没有找到这条信息")
    found = portal_board.shown_offer(portal_session(), submission_id, today())
    return {"status": row.status, "public": found is not None}


@blp.route("/land-offers/sent/<uuid:submission_id>/withdrawal", methods=["POST"])
@seldom
@blp.response(202, SentOut)
@portal_once(stranger)
def withdraw(submission_id: UUID):
    """Its sender takes it back."""
    row = portal_board.sent(portal_session(), submission_id)
    if row is None or row.kind != "land_offer":
        raise NotFound("offer", "没有找到这条信息")
    told = {"offer": str(row.id)}
    done = submit(portal_session(), running().clock, "land_offer_withdrawal", row.data["county"], told, None)
    return {"id": str(done)}, 202


@blp.route("/land-offers/<uuid:offer_id>/reports", methods=["POST"])
@seldom
@blp.arguments(OfferReportIn)
@blp.response(201, SentOut)
@portal_once(stranger)
def report(args: dict[str, Any], offer_id: UUID):
    """Say that an entry is false or misused."""
    row = shown(offer_id)
    told = read(REPORT, args) | {"offer": str(row.id)}
    done = submit(portal_session(), running().clock, "land_offer_report", row.county, told, None)
    return {"id": str(done)}, 201


@blp.route("/land-board")
@staff("supervision")
@blp.arguments(BoardEntriesArgs, location="query")
@blp.response(200, schemas.page_of(BoardEntryOut))
def entries(args: dict[str, Any]):
    """What was handed in for one's scope, with reports of misuse."""
    found = queries.entries(office_session(), g.actor, args["state"], today(), *window(args))
    return cut(found, args, lambda one: entry(one.offer, one.state, one.reports))


@blp.route("/land-board", methods=["POST"])
@staff("supervision")
@blp.arguments(OfferIn)
@blp.response(201, BoardEntryOut)
@once
def enter(args: dict[str, Any]):
    """Enter one for somebody; it is public at once."""
    places = [(one.code, one.name) for one in queries.villages(office_session(), g.actor)]
    made = does.publish_own(office_session(), running().clock, g.actor, read(offer_form(places), args))
    return entry(made, made.status, []), 201


@blp.route("/land-board/<uuid:offer_id>/decision", methods=["POST"])
@staff("supervision")
@blp.arguments(BoardDecisionIn)
@blp.response(200, BoardEntryOut)
@once
def decide(args: dict[str, Any], offer_id: UUID):
    """Make it public, reject it, or take it down."""
    row = does.review_offer(
        office_session(), running().clock, g.actor, offer_id, args["decision"], args["reason"]
    )
    return entry(row, row.status, []), 200


@blp.route("/land-board/reports/<uuid:report_id>/finding", methods=["POST"])
@staff("supervision")
@blp.arguments(SettledIn)
@blp.response(200, SettledOut)
@once
def settle(args: dict[str, Any], report_id: UUID):
    """What came of a report; the entry may go with it."""
    row = does.settle_report(
        office_session(), running().clock, g.actor, report_id, args["finding"], args["take_down"]
    )
    return {"id": str(row.id), "finding": row.finding}, 200
