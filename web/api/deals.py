"""Parties of a deal sign its contract by the key of the link that they were sent; as the portal's page does.

Nobody signs in: the key says which contract, and code and identity number prove who signs. They are sealed at once and
opened inside alone; follow Location for what came of it.
"""

from typing import Any
from uuid import UUID

from flask import Response, request, url_for
from marshmallow import Schema, fields

from engine.domain.errors import Invalid, NotFound
from engine.queries import portal_deals
from engine.usecases.portal_deals import ask_deal_code, hand_in_deal
from web.api import portal_schemas as out
from web.api import schemas
from web.api.blueprint import blueprint
from web.api.form_schemas import json_schema
from web.api.once import portal_once
from web.api.portal import submission_shape
from web.api.portal_signing import SignatureIn
from web.api.schemas import anything
from web.db import portal_session, running
from web.i18n import lang
from web.limits import limiter
from web.portal.deals import asked, deal_contract, open_deal

blp = blueprint("deals", "流转合同签名 / Parties sign a deal")
AT = "/deals/<uuid:key>"


class DealOut(Schema):
    state = fields.String(metadata={"enum": ["open", "signed", "closed"]})
    side = fields.String(metadata={"enum": ["lessor", "agent", "recipient"]})
    name = fields.String(metadata={"description": "who signs, masked"})
    title = anything("{zh, en}")
    facts = anything("number, kind, parties, signed, area_mu, term_start, term_end, office, phone")
    document = anything(
        "the contract: sha256 (to be sent back as ``document``), number, file; null while it is drawn"
    )
    form = anything("JSON Schema of the answers")
    outside = fields.Boolean(metadata={"description": "the code wants the reference of a face check"})


def nobody() -> str:
    return f"deal:{(request.view_args or {}).get('key')}"


@blp.route(AT)
@limiter.limit("60/minute;600/hour")
@blp.response(200, DealOut)
def deal(key: UUID):
    """What a party may know of the contract that it is asked to sign. 404 for a link that leads nowhere any more."""
    found, form, shown = asked(key)
    document = shown and {
        "sha256": shown["sha256"],
        "number": shown["number"],
        "file": url_for("api-deals.contract", key=key),
    }
    return {
        "state": found.state,
        "side": found.side,
        "name": found.name,
        "title": found.title,
        "facts": found.facts,
        "document": document,
        "form": json_schema(form),
        "outside": running().settings.identity_url is not None,
    }


@blp.route(f"{AT}/contract")
@limiter.limit("60/minute;600/hour")
@blp.response(200, description="the contract, application/pdf")
def contract(key: UUID) -> Response:
    """The file that is to be signed; the sealed one when everybody has signed."""
    return deal_contract(key)


@blp.route(f"{AT}/code", methods=["POST"])
@limiter.limit("5/minute;20/hour")
@blp.arguments(schemas.SigningCodeIn)
@blp.response(202, out.SubmissionOut)
@portal_once(nobody)
def code(args: dict[str, Any], key: UUID):
    """Have a code sent to the party's telephone; the one before is void."""
    found, _, _ = open_deal(key)
    reference = (args.get("reference") or "").strip() or None
    return handed(key, ask_deal_code(portal_session(), running().clock, found, reference))


@blp.route(AT, methods=["POST"])
@limiter.limit("20/minute")
@blp.arguments(SignatureIn)
@blp.response(202, out.SubmissionOut)
@portal_once(nobody)
def sign(args: dict[str, Any], key: UUID):
    """Sign. Whether it was taken, or what was wrong, is told at Location."""
    found, form, _ = open_deal(key)
    data, errors = form.read(args, lang=lang())
    if errors:
        raise Invalid(errors)
    device = {"agent": request.headers.get("User-Agent", "")[:200], "address": request.remote_addr or ""}
    return handed(key, hand_in_deal(portal_session(), running().clock, found, data, device))


@blp.route(f"{AT}/answers/<uuid:submission_id>")
@limiter.limit("120/minute")
@blp.response(200, out.SubmissionOut)
def answer(key: UUID, submission_id: UUID):
    """What came of a code or a signature."""
    found = portal_deals.deal(portal_session(), key)
    row = portal_deals.answer_to(portal_session(), found, submission_id) if found is not None else None
    if row is None:
        raise NotFound("answer", "没有找到这次提交")
    return submission_shape(row)


def handed(key: UUID, submission_id: UUID):
    found = portal_deals.deal(portal_session(), key)
    row = portal_deals.answer_to(portal_session(), found, submission_id) if found is not None else None
    assert row is not None
    where = url_for("api-deals.answer", key=key, submission_id=submission_id)
    return submission_shape(row), 202, {"Location": where}
