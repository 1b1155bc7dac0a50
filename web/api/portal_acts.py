"""The applicants' side, continued: facts right or wrong, reminders, withdrawal, messages, own past; notices and guides
for anyone. Reads the portal's schema alone.
"""

from typing import Any
from uuid import UUID

from flask import g, jsonify, url_for
from marshmallow import Schema, fields, validate

from engine.domain.clock import local_date
from engine.domain.errors import Invalid, NotFound
from engine.domain.messages import CHOSEN
from engine.domain.portal_rules import CATEGORIES
from engine.queries import portal_messages, portal_pages, portal_public
from engine.store.tables.portal import CaseView, Submission
from engine.usecases.portal_requests import ask_correction, ask_reminder, ask_withdrawal, say_of_facts
from engine.usecases.portal_settings import choose_ways, mark_read, prove_email
from web.api import portal_schemas as out
from web.api.access import applicant
from web.api.blueprint import blueprint
from web.api.once import portal_once
from web.api.portal import own, submission_shape
from web.api.schemas import anything, day, instant, text
from web.api.shapes import plain
from web.db import portal_session, running
from web.i18n import lang
from web.limits import limiter
from web.portal.asking import CORRECTION, FACTS, REASON

blp = blueprint("portal-acts", "承包方 / Applicants")
often = limiter.limit("60/minute;1200/hour")


class FactsCheckIn(Schema):
    answer = fields.String(required=True, validate=validate.OneOf(["right", "wrong"]))
    categories = fields.List(fields.String(), metadata={"description": "head, members, parcels, other"})
    text = fields.String(metadata={"description": "what is wrong"})


class WithdrawalReasonIn(Schema):
    reason = fields.String(required=True)


class CorrectionIn(Schema):
    category = fields.String(required=True, metadata={"enum": list(CATEGORIES)})
    text = fields.String(required=True)


class PortalMessageOut(Schema):
    id = fields.String(required=True)
    kind = fields.String()
    case = text("number of the case")
    title = anything("{zh, en}")
    text = anything("{zh, en}")
    sent_at = instant()
    read_at = instant()


class WaysSchema(Schema):
    channels = fields.List(fields.String(validate=validate.OneOf(CHOSEN)), required=True)
    email = text("where e-mails go; a new address is sent a code first")
    email_asked = fields.String(
        dump_only=True, allow_none=True, metadata={"description": "an address that has still to prove itself"}
    )


class EmailCodeIn(Schema):
    code = fields.String(required=True, validate=validate.Length(1, 12))


class HouseholdHistoryOut(Schema):
    contracts = fields.List(fields.Dict())
    entries = fields.List(fields.Dict())
    certificates = fields.List(fields.Dict())


class PublicNoticeLineOut(Schema):
    """Names are masked."""

    id = fields.String(required=True)
    county = fields.String()
    subject = fields.String(metadata={"enum": ["contract", "survey"]})
    title = anything("{zh, en}")
    place = fields.String()
    places = fields.List(fields.String())
    holder = fields.String()
    starts_on = day()
    ends_on = day()
    phone = text()


class PublicNoticeOut(PublicNoticeLineOut):
    rows = fields.List(
        fields.Dict(), metadata={"description": "parcels: code, name, area_mu, measured_mu, bounds, holder"}
    )
    terms = anything("of a transfer: way, recipient, term, use, price, households, area_mu; else empty")
    map = anything("generalised outlines as GeoJSON in the county's zone")


class PublicDisputesArgs(Schema):
    q = fields.String(load_default="", metadata={"description": "words of the place or the number"})


class PublicDisputeOut(Schema):
    """Names are masked."""

    number = fields.String(required=True)
    kind = fields.String()
    cause = anything("{zh, en}")
    place = fields.String()
    applicant = fields.String()
    respondents = fields.List(fields.String())
    opened_on = day()
    closed_on = day()
    outcome = text("how it ended")
    hearing = anything("{starts_at, place} of the next hearing that anybody may listen to")


class PublicDisputesOut(Schema):
    items = fields.List(fields.Nested(PublicDisputeOut))


class VillageOfficeOut(Schema):
    code = fields.String(required=True)
    name = fields.String()
    phone = text()


def handed_in(submission_id: UUID):
    row = portal_session().get_one(Submission, submission_id)
    where = url_for("api-portal.submission", submission_id=row.id)
    return submission_shape(row), 202, {"Location": where}


def own_case(number: str) -> CaseView:
    view = portal_pages.case_of(portal_session(), g.applicant, number)
    if view is None:
        raise NotFound("case", "没有找到办件 %(number)s，请核对编号", number=number[:40])
    return view


@blp.route("/portal/facts-check", methods=["POST"])
@applicant
@limiter.limit("20/minute")
@blp.arguments(FactsCheckIn)
@blp.response(202, out.SubmissionOut)
@portal_once(own)
def facts_check(args: dict[str, Any]):
    """Say that the registered facts are right, or what is wrong. Once for each state of them."""
    data, errors = FACTS.read(args, lang=lang())
    if errors:
        raise Invalid(errors)
    chosen, said = data.get("categories") or [], data.get("text") or ""
    return handed_in(
        say_of_facts(portal_session(), running().clock, g.applicant, data["answer"], chosen, said)
    )


@blp.route("/portal/cases/<number>/reminders", methods=["POST"])
@applicant
@limiter.limit("20/minute")
@blp.response(202, out.SubmissionOut)
@portal_once(own)
def remind(number: str):
    """Remind the office whose turn it is; from the case's ``may.remind_from`` on."""
    return handed_in(ask_reminder(portal_session(), running().clock, g.applicant, own_case(number)))


@blp.route("/portal/cases/<number>/withdrawal", methods=["POST"])
@applicant
@limiter.limit("20/minute")
@blp.arguments(WithdrawalReasonIn)
@blp.response(202, out.SubmissionOut)
@portal_once(own)
def withdraw(args: dict[str, Any], number: str):
    """Withdraw the application, where the case's ``may.withdraw`` says so."""
    data, errors = REASON.read(args, lang=lang())
    if errors:
        raise Invalid(errors)
    view = own_case(number)
    return handed_in(ask_withdrawal(portal_session(), running().clock, g.applicant, view, data["reason"]))


@blp.route("/portal/cases/<number>/errors", methods=["POST"])
@applicant
@limiter.limit("20/minute")
@blp.arguments(CorrectionIn)
@blp.response(202, out.SubmissionOut)
@portal_once(own)
def error_found(args: dict[str, Any], number: str):
    """Say what is wrong in what the case filed, where its ``may.correct`` says so. ``may.correction`` is what became of it."""
    data, errors = CORRECTION.read(args, lang=lang())
    if errors:
        raise Invalid(errors)
    portal, clock, view = portal_session(), running().clock, own_case(number)
    return handed_in(ask_correction(portal, clock, g.applicant, view, data["category"], data["text"]))


@blp.route("/portal/history")
@applicant
@blp.response(200, HouseholdHistoryOut)
def history():
    """The household's contracts, register entries and certificates, past ones too."""
    return g.applicant.facts.get("history") or {"contracts": [], "entries": [], "certificates": []}


@blp.route("/portal/messages")
@applicant
@blp.response(200, PortalMessageOut(many=True))
def messages():
    """The latest hundred, the newest first."""
    return told()


def told() -> list[dict[str, Any]]:
    return [
        {name: plain(getattr(row, name)) for name in ("id", "kind", "title", "text", "sent_at", "read_at")}
        | {"case": row.case_number}
        for row in portal_messages.messages_of(portal_session(), g.applicant)
    ]


@blp.route("/portal/messages/read", methods=["POST"])
@applicant
@blp.response(200, PortalMessageOut(many=True))
@portal_once(own)
def read():
    """All of them were read; gives them."""
    mark_read(portal_session(), running().clock, g.applicant)
    return told()


@blp.route("/portal/settings")
@applicant
@blp.response(200, WaysSchema)
def settings():
    """By which ways messages come, beside the portal's own inbox."""
    return ways()


@blp.route("/portal/settings", methods=["PUT"])
@applicant
@blp.arguments(WaysSchema)
@blp.response(200, WaysSchema)
def choose(args: dict[str, Any]):
    """Choose them."""
    portal = portal_session()
    choose_ways(portal, running().clock, g.applicant, args["channels"], args.get("email") or "")
    portal.settle()  # type: ignore[attr-defined]
    return ways()


@blp.route("/portal/settings/email", methods=["POST"])
@applicant
@blp.arguments(EmailCodeIn)
@blp.response(200, WaysSchema)
@portal_once(own)
def prove(args: dict[str, Any]):
    """The code that came to the address: from now on messages go there."""
    portal = portal_session()
    try:
        prove_email(portal, running().clock, g.applicant, args["code"])
    except Invalid:
        portal.settle()  # type: ignore[attr-defined]  # the try counts
        raise
    return ways()


def ways() -> dict[str, Any]:
    person = g.applicant
    return {"channels": person.channels, "email": person.email, "email_asked": person.email_asked}


def line(found: Any) -> dict[str, Any]:
    names = ("id", "county", "subject", "title", "place", "places", "holder", "starts_on", "ends_on", "phone")
    return {name: plain(getattr(found, name)) for name in names}


@blp.route("/public-notices")
@often
@blp.response(200, PublicNoticeLineOut(many=True))
def notices():
    """What is on public display today, names masked."""
    today = local_date(running().clock.now())
    return [line(found) for found in portal_public.notices(portal_session(), today)]


@blp.route("/public-notices/<uuid:notice_id>")
@often
@blp.response(200, PublicNoticeOut)
def notice(notice_id: UUID):
    """One notice; the same answer for one that is over and one that never was."""
    found = portal_public.notice(portal_session(), notice_id, local_date(running().clock.now()))
    if found is None:
        raise NotFound("notice", "没有这个公示，或公示已经结束")
    return line(found) | {"rows": found.rows, "map": found.map, "terms": found.terms}


@blp.route("/public-disputes")
@often
@blp.arguments(PublicDisputesArgs, location="query")
@blp.response(200, PublicDisputesOut)
def public_disputes(args: dict[str, Any]):
    """Arbitrations that were accepted, the last one first, with names masked."""
    names = (
        "number",
        "kind",
        "cause",
        "place",
        "applicant",
        "respondents",
        "opened_on",
        "closed_on",
        "outcome",
        "hearing",
    )
    found = portal_public.disputes(portal_session(), args["q"][:60])
    return {"items": [plain({name: getattr(row, name) for name in names}) for row in found]}


@blp.route("/guides")
@often
@blp.response(200, {"type": "array", "items": {"type": "object"}})
def guides():
    """What one can apply for: who, which papers, how long, by which law, where."""
    return jsonify([row | {"county": card.code} for card, row in portal_public.guides(portal_session())])


@blp.route("/offices")
@often
@blp.response(200, VillageOfficeOut(many=True))
def offices():
    """Telephones of the villages."""
    return [office for card in portal_pages.counties(portal_session()) for office in card.offices]
