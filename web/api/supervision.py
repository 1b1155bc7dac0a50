"""Rented land: what is owed, what inspections found, what was done about it; deposits of business capital."""

from base64 import b64decode
from binascii import Error as NotBase64
from datetime import timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from flask import g
from flask_babel import gettext as _
from marshmallow import Schema, fields, validate

from engine.domain.clock import local_date
from engine.domain.errors import Invalid
from engine.domain.rent import EVERY, FINDINGS
from engine.queries import supervision as queries
from engine.store.tables.capital import CapitalReview
from engine.usecases import supervision as does
from web.api import schemas
from web.api.access import staff
from web.api.blueprint import blueprint
from web.api.once import once
from web.api.paging import PageArgs, cut, window
from web.api.schemas import day
from web.api.shapes import plain
from web.db import office_session, running

blp = blueprint("supervision", "流转土地监管 / Rented land")
TRANSFER = (
    "number", "way", "recipient", "term_start", "term_end", "price", "signed_on", "ended_on",
)  # fmt: skip
INSPECTED = (
    "number", "inspected_on", "inspector", "place", "finding", "area_mu", "words", "photo", "rectify_by", "settled_on",
)  # fmt: skip
REVIEWED = (
    "number", "level", "receiver_kind", "receiver_name", "parcels", "area_mu", "term_start", "term_end", "state",
    "accepted_on", "decided_on", "valid_until", "conditions", "deposit_yuan", "deposit",
)  # fmt: skip


class RentedLinesArgs(PageArgs):
    state = fields.String(load_default="all", validate=validate.OneOf(queries.STATES))
    words = fields.String(load_default="", validate=validate.Length(max=60))


class RentedLineOut(Schema):
    number = fields.String(required=True, metadata={"description": "of the transfer contract"})
    way = fields.String(metadata={"enum": ["lease", "sublease", "shareholding", "other"]})
    recipient = fields.String()
    term_start = day()
    term_end = day()
    price = fields.String()
    signed_on = day()
    ended_on = day()
    area_m2 = fields.String(metadata={"description": "m2"})
    payer = fields.String(allow_none=True)
    state = fields.String(metadata={"enum": ["overdue", "soon", "later", "paid", "no_terms"]})
    owed = fields.String(metadata={"description": "yuan overdue"})
    next_due = day()
    open_findings = fields.Integer()
    late_findings = fields.Integer()


class PaymentsArgs(PageArgs):
    since = fields.Date(metadata={"description": "sixty days ago without"})
    until = fields.Date(metadata={"description": "in sixty days without"})


class PaymentOut(Schema):
    id = fields.String(required=True)
    transfer = fields.String()
    due_on = day()
    yuan = fields.String()
    paid_on = day()
    note = fields.String(allow_none=True)
    state = fields.String(metadata={"enum": ["overdue", "soon", "later", "paid"]})


class InspectionOut(Schema):
    number = fields.Integer(required=True)
    inspected_on = day()
    inspector = fields.String()
    place = fields.String()
    finding = fields.String(metadata={"enum": list(FINDINGS)})
    area_mu = fields.String(allow_none=True)
    words = fields.String()
    photo = fields.String(allow_none=True, metadata={"description": "id of the paper"})
    rectify_by = day()
    settled_on = day()


class LandEventOut(Schema):
    at = fields.String()
    by_name = fields.String()
    kind = fields.String()
    facts = fields.Dict()


class WatchedOut(Schema):
    transfer = fields.Nested(RentedLineOut)
    payments = fields.List(fields.Nested(PaymentOut))
    inspections = fields.List(fields.Nested(InspectionOut))
    events = fields.List(fields.Nested(LandEventOut))


class TermsIn(Schema):
    payer = fields.String(required=True)
    phone = fields.String(required=True)
    yearly_yuan = fields.String(required=True)
    every_months = fields.Integer(required=True, validate=validate.OneOf(EVERY))
    first_due = fields.Date(required=True)
    raise_years = fields.Integer(allow_none=True, validate=validate.Range(1, 30))
    raise_percent = fields.String(allow_none=True, metadata={"description": "per cent"})


class PaidIn(Schema):
    paid_on = fields.Date(required=True)
    note = fields.String(load_default="")


class LandPhotoIn(Schema):
    name = fields.String(required=True)
    base64 = fields.String(required=True, metadata={"description": "JPG or PNG, at most 10 MB"})


class InspectionIn(Schema):
    inspected_on = fields.Date(required=True)
    inspector = fields.String(required=True)
    place = fields.String(required=True)
    finding = fields.String(required=True, validate=validate.OneOf(FINDINGS))
    words = fields.String(required=True)
    area_mu = fields.String(allow_none=True)
    rectify_by = fields.Date(allow_none=True)
    photo = fields.Nested(LandPhotoIn, allow_none=True)


class FollowUpIn(Schema):
    words = fields.String(required=True)
    settled = fields.Boolean(load_default=False)


class ReviewOut(Schema):
    case = fields.String(required=True)
    number = fields.String(allow_none=True)
    level = fields.String()
    receiver_kind = fields.String()
    receiver_name = fields.String()
    parcels = fields.List(fields.String())
    area_mu = fields.String()
    term_start = day()
    term_end = day()
    state = fields.String()
    accepted_on = day()
    decided_on = day()
    valid_until = day()
    conditions = fields.String(allow_none=True)
    deposit_yuan = fields.String()
    deposit = fields.String(metadata={"enum": ["none", "due", "paid", "used", "returned"]})


class DepositIn(Schema):
    kind = fields.String(required=True, validate=validate.OneOf(("used", "returned")))
    amount = fields.String(required=True, metadata={"description": "yuan"})
    note = fields.String(required=True)


def today():
    return local_date(running().clock.now())


def line(one: queries.Line) -> dict[str, Any]:
    facts = {name: getattr(one.transfer, name) for name in TRANSFER}
    counted = {name: getattr(one, name) for name in ("state", "next_due", "open_findings", "late_findings")}
    more = {
        "area_m2": str(one.transfer.total_area),
        "owed": str(one.owed),
        "payer": one.terms.payer if one.terms else None,
    }
    return plain(facts | counted | more)


def payment(row: Any, state: str) -> dict[str, Any]:
    facts = {"id": str(row.id), "transfer": row.transfer_code, "due_on": row.due_on, "yuan": str(row.yuan)}
    return plain(facts | {"paid_on": row.paid_on, "note": row.note, "state": state})


def inspection(row: Any) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in INSPECTED}
    told |= {name: str(told[name]) for name in ("photo", "area_mu") if told[name] is not None}
    return plain(told)


def shown(transfer: str) -> dict[str, Any]:
    found = queries.watched(office_session(), g.actor, transfer, today())
    return {
        "transfer": line(found.line),
        "payments": [payment(row, state) for row, state in found.payments],
        "inspections": [inspection(row) for row in found.inspections],
        "events": [
            plain({"at": e.at, "by_name": e.by_name, "kind": e.kind, "facts": e.facts}) for e in found.events
        ],
    }


def review(row: CapitalReview, number: str) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in REVIEWED}
    return plain(told | {"case": number, "area_mu": str(row.area_mu), "deposit_yuan": str(row.deposit_yuan)})


@blp.route("/supervision/transfers")
@staff("supervision")
@blp.arguments(RentedLinesArgs, location="query")
@blp.response(200, schemas.page_of(RentedLineOut))
def transfers(args: dict[str, Any]):
    """Transfer contracts of one's scope with what is owed and found."""
    found = queries.lines(office_session(), g.actor, today(), args["state"], args["words"])
    start, size = window(args)
    return cut(list(islice(found, start, start + size)), args, line)


@blp.route("/supervision/payments")
@staff("supervision")
@blp.arguments(PaymentsArgs, location="query")
@blp.response(200, schemas.page_of(PaymentOut))
def payments(args: dict[str, Any]):
    """Due in a period: without one, in the sixty days before and after today."""
    reach = timedelta(days=60)
    since, until = args.get("since", today() - reach), args.get("until", today() + reach)
    rows = queries.calendar(office_session(), g.actor, since, until, *window(args))
    return cut(
        rows, args, lambda row: payment(row[0], queries.state_of(row[0].due_on, row[0].paid_on, today()))
    )


@blp.route("/supervision/transfers/<transfer>")
@staff("supervision")
@blp.response(200, WatchedOut)
def one(transfer: str):
    """One transfer contract: payments, inspections, and what was done."""
    return shown(transfer)


@blp.route("/supervision/transfers/<transfer>/terms", methods=["POST"])
@staff("supervision")
@blp.arguments(TermsIn)
@blp.response(200, WatchedOut)
@once
def terms(args: dict[str, Any], transfer: str):
    """The rent agreed; payments that are not paid are reckoned anew."""
    does.set_terms(office_session(), running().clock, g.actor, transfer, args)
    return shown(transfer), 200


@blp.route("/supervision/transfers/<transfer>/payments/<uuid:payment>/paid", methods=["POST"])
@staff("supervision")
@blp.arguments(PaidIn)
@blp.response(200, WatchedOut)
@once
def paid(args: dict[str, Any], transfer: str, payment: UUID):
    """It was paid."""
    does.record_paid(office_session(), running().clock, g.actor, transfer, payment, args)
    return shown(transfer), 200


@blp.route("/supervision/transfers/<transfer>/payments/<uuid:payment>/remind", methods=["POST"])
@staff("supervision")
@blp.response(200, WatchedOut)
@once
def remind(transfer: str, payment: UUID):
    """Send the payer a message; once a day."""
    does.remind(office_session(), running().clock, g.actor, transfer, payment)
    return shown(transfer), 200


@blp.route("/supervision/transfers/<transfer>/inspections", methods=["POST"])
@staff("supervision")
@blp.arguments(InspectionIn)
@blp.response(201, InspectionOut)
@once
def inspect(args: dict[str, Any], transfer: str):
    """What was found on the ground."""
    told = args.pop("photo", None)
    try:
        photo = (told["name"], b64decode(told["base64"], validate=True)) if told else None
    except NotBase64:
        raise Invalid({"photo": [_("照片应为 Base64 编码")]}) from None
    made = does.record_inspection(
        office_session(), running().clock, g.actor, transfer, args, photo, running().files
    )
    return inspection(made), 201


@blp.route("/supervision/transfers/<transfer>/inspections/<int:inspection>/follow-up", methods=["POST"])
@staff("supervision")
@blp.arguments(FollowUpIn)
@blp.response(200, InspectionOut)
@once
def follow_up(args: dict[str, Any], transfer: str, inspection: int):
    """What was done about a finding, and whether it is settled."""
    made = does.follow_up(office_session(), running().clock, g.actor, transfer, inspection, args)
    return as_json(made), 200


as_json = inspection  # the address of follow_up calls its number so


@blp.route("/capital-reviews")
@staff("supervision")
@blp.arguments(PageArgs, location="query")
@blp.response(200, schemas.page_of(ReviewOut))
def reviews(args: dict[str, Any]):
    """Reviews of business capital of one's scope with their deposits, the last one first."""
    rows = queries.reviews(office_session(), g.actor, *window(args))
    return cut(rows, args, lambda row: review(row[0], row[1].number))


@blp.route("/capital-reviews/<number>/deposit", methods=["POST"])
@staff("supervision")
@blp.arguments(DepositIn)
@blp.response(200, ReviewOut)
@once
def move_deposit(args: dict[str, Any], number: str):
    """The deposit is used for rent that was not paid, or returned. ``number``: of the review's case."""
    return review(does.move_deposit(office_session(), running().clock, g.actor, number, args), number), 200
