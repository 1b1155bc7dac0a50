"""Applicants sign their contract: what is to be signed, a one-time code for it, the signature. As the portal's page does.

Code, identity number and strokes are sealed at once and opened inside alone; follow Location for what came of it.
"""

from typing import Any

from flask import g, request, url_for
from marshmallow import Schema, fields, validate

from engine.domain.errors import Invalid, Refused
from engine.usecases.portal_signing import ask_code, hand_in_signature
from web.api import portal_schemas as out
from web.api import schemas
from web.api.access import applicant
from web.api.blueprint import blueprint
from web.api.form_schemas import json_schema
from web.api.once import portal_once
from web.api.portal import own
from web.api.portal_acts import handed_in
from web.api.schemas import anything
from web.db import portal_session, running
from web.i18n import lang
from web.limits import limiter
from web.portal.contract_signing import to_sign

blp = blueprint("portal-signing", "承包方签名 / Applicants sign")
AT = "/portal/cases/<number>/signature"


class ToSignOut(Schema):
    document = anything("the contract: sha256 (to be sent back as ``document``), title, number, file")
    form = anything("JSON Schema of the answers")
    outside = fields.Boolean(metadata={"description": "the code wants the reference of a face check"})


class SignatureIn(Schema):
    document = fields.String(required=True, metadata={"description": "SHA-256 of the file that was read"})
    agreed = fields.String(required=True, validate=validate.OneOf(["yes"]))
    id_number = fields.String(required=True)
    code = fields.String(required=True, metadata={"description": "from the message"})
    signature = fields.Dict(
        required=True,
        metadata={"description": "strokes: {width, height, strokes: [[[x, y, ms, pressure], ...], ...]}"},
    )


@blp.route(AT)
@applicant
@blp.response(200, ToSignOut)
def asked(number: str):
    """What the case asks one to sign. 404 where it asks for no signature; 409 while the contract is drawn."""
    _, form, shown = _shown(number)
    file = url_for("api-portal.paper_file", number=number, code=shown.pop("url").rpartition("/")[2])
    return {
        "document": shown | {"file": file},
        "form": json_schema(form),
        "outside": running().settings.identity_url is not None,
    }


@blp.route(f"{AT}/code", methods=["POST"])
@applicant
@limiter.limit("5/minute;20/hour")
@blp.arguments(schemas.SigningCodeIn)
@blp.response(202, out.SubmissionOut)
@portal_once(own)
def code(args: dict[str, Any], number: str):
    """Have a code sent to the telephone that the register has; the one before is void."""
    view, _, _ = _shown(number)
    reference = (args.get("reference") or "").strip() or None
    return handed_in(ask_code(portal_session(), running().clock, g.applicant, view, reference))


@blp.route(AT, methods=["POST"])
@applicant
@limiter.limit("20/minute")
@blp.arguments(SignatureIn)
@blp.response(202, out.SubmissionOut)
@portal_once(own)
def sign(args: dict[str, Any], number: str):
    """Sign. Whether it was taken, or what was wrong, is told at Location."""
    view, form, _ = _shown(number)
    data, errors = form.read(args, lang=lang())
    if errors:
        raise Invalid(errors)
    device = {"agent": request.headers.get("User-Agent", "")[:200], "address": request.remote_addr or ""}
    return handed_in(hand_in_signature(portal_session(), running().clock, g.applicant, view, data, device))


def _shown(number: str):
    view, form, shown = to_sign(number)
    if shown is None:
        raise Refused("not_printed", "合同文本还在生成，请过一会儿再试")
    return view, form, shown
