"""What belongs to a case's drawing and signing: its model, the ground, outlines of a file, the signing record, sketches."""

from typing import Any

from flask import Response, g, make_response, request
from marshmallow import Schema, fields, validate

from engine.domain.clock import local_date
from engine.domain.errors import Invalid
from engine.queries import ground, register
from engine.queries.scoped import visible_case
from engine.queries.signing import Record, signing_record
from engine.usecases.note_read import note_read
from engine.usecases.procedures import procedure_of
from engine.usecases.seals import known_certificates
from engine.usecases.sketch_parcels import case_sketch, household_sketch, parcel_sketch
from forms.clean import Wrong
from web.api import schemas, shapes
from web.api.access import documents, staff
from web.api.blueprint import blueprint
from web.api.maps import FeaturesOut
from web.api.printing import PDF
from web.api.uploads import PARSER
from web.db import office_session, running
from web.i18n import in_words, lang
from web.inbox.drawing import outlines_of
from web.map.parcels import geojson

blp = blueprint("drawn", "图形与签署记录 / Drawings, sketches and signing records")
GEOJSON = "application/geo+json"
XML = {
    "200": {
        "description": "BPMN 2.0",
        "content": {"application/xml": {"schema": {"type": "string", "format": "binary"}}},
    }
}
OUTLINES_BODY = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "properties": {
                    "file": {"type": "string", "contentMediaType": "application/octet-stream"},
                    "text": {"type": "string", "description": "corner coordinates or WKT, instead of a file"},
                },
            }
        }
    },
}


class OutlinesIn(Schema):
    text = fields.String(load_default="", validate=validate.Length(max=2_000_000))


class OutlinesOut(Schema):
    outlines = fields.List(
        fields.List(fields.Raw()), metadata={"description": "each: rings of [east, north]"}
    )


class SignatureOut(Schema):
    party = fields.String()
    name = fields.String()
    number = fields.String(metadata={"description": "of the identity card, masked"})
    at = fields.String(metadata={"description": "time of the county"})
    factors = fields.List(fields.String())
    way = fields.String()
    phone = fields.String()
    code_sent_at = fields.String()
    taken_by = fields.String()
    device = schemas.text()
    sha256 = fields.String(metadata={"description": "of the file that was shown"})
    digest = fields.String()
    intact = fields.Boolean(metadata={"description": "the digest, computed again, is the one that was kept"})


class LawPointOut(Schema):
    article = fields.String()
    what = fields.String()
    holds = fields.Boolean()
    shown_by = fields.List(fields.String())


class SealOut(Schema):
    by = fields.String()
    at = schemas.text("as the signer claims it")
    reason = schemas.text()
    good = fields.Boolean(metadata={"description": "not altered since, and the county's own"})
    fingerprint = fields.String()


class SigningRecordOut(Schema):
    contract = schemas.text("id of the paper that was signed")
    sealed = schemas.text("id of the sealed file")
    sha256 = schemas.text()
    content_intact = fields.Boolean(
        metadata={"description": "the file, read again now, is what all were shown"}
    )
    signatures = fields.List(fields.Nested(SignatureOut))
    article_13 = fields.List(fields.Nested(LawPointOut))
    seals = fields.List(fields.Nested(SealOut))


@blp.route("/cases/<number>/signing")
@staff("cases")
@blp.response(200, SigningRecordOut)
def signing(number: str):
    """Who signed what and how, computed anew from what is stored, and art 13 of the 电子签名法 point by point. Without
    signatures where nothing was signed electronically.
    """
    session, app = office_session(), running()
    case = visible_case(session, g.actor, number)
    record = signing_record(session, app.files, case, known_certificates(app.settings, case.county))
    note_read(session, app.clock, g.actor, "open", f"signing:{case.number}", case.division)
    session.commit()
    return _record(record) if record else {"signatures": [], "article_13": [], "seals": []}


def _record(record: Record) -> dict[str, Any]:
    plain = (
        "name",
        "number",
        "at",
        "phone",
        "code_sent_at",
        "taken_by",
        "device",
        "sha256",
        "digest",
        "intact",
    )
    return {
        "contract": str(record.contract.id),
        "sealed": str(record.sealed.id) if record.sealed else None,
        "sha256": record.contract.sha256,
        "content_intact": record.content_intact,
        "signatures": [
            {name: shapes.plain(row[name]) for name in plain}
            | {
                "party": in_words(row["party"]),
                "way": in_words(row["way"]),
                "factors": [in_words(one) for one in row["factors"]],
            }
            for row in record.rows
        ],
        "article_13": [
            {
                "article": in_words(point.article),
                "what": in_words(point.what),
                "holds": point.holds,
                "shown_by": [in_words(said) for said in point.shown_by],
            }
            for point in record.points
        ],
        "seals": [
            {name: getattr(seal, name) for name in ("by", "at", "reason", "good", "fingerprint")}
            for seal in record.seals
        ],
    }


@blp.route("/cases/<number>/diagram")
@staff("cases")
@documents(responses=XML)
def diagram(number: str) -> Response:
    """The model that this case runs on: its own version's, whatever is in force now."""
    session = office_session()
    case = visible_case(session, g.actor, number)
    return Response(procedure_of(session, case).case_type.files["process.bpmn"], mimetype="application/xml")


@blp.route("/cases/<number>/ground")
@staff("cases")
@blp.response(200, FeaturesOut, content_type=GEOJSON)
def drawing_ground(number: str) -> Response:
    """The household's parcels and their surroundings, in exact coordinates. Who opened it is recorded."""
    session = office_session()
    case = visible_case(session, g.actor, number)
    note_read(session, running().clock, g.actor, "open", f"map:{case.number}", case.division)
    answer = geojson(ground.ground(session, g.actor, case))
    session.commit()
    return answer


@blp.route("/cases/<number>/outlines", methods=["POST"])
@staff("cases")
@blp.doc(requestBody=OUTLINES_BODY)
@blp.response(200, OutlinesOut)
def outlines(number: str):
    """Outlines out of a file or of pasted text, to be drawn with. Keeps nothing."""
    session = office_session()
    visible_case(session, g.actor, number)
    text = PARSER.parse(OutlinesIn, request, location="form")["text"]
    try:
        return {"outlines": outlines_of(session, request.files.get("file"), text)}
    except Wrong as fault:
        raise Invalid({"file": [fault.message.for_lang(lang())]}) from None


class SketchArgs(Schema):
    parcel = fields.String(
        load_default="", validate=validate.Length(max=40), metadata={"description": "only that one"}
    )


@blp.route("/households/<code>/sketch")
@staff("register")
@documents(responses=PDF)
@blp.arguments(SketchArgs, location="query")
def sketch_of_household(args: dict[str, Any], code: str) -> Response:
    """地块示意图 of every parcel of the household, a sheet each, as PDF."""
    session, clock = office_session(), running().clock
    found = register.visible_household(session, g.actor, code)
    note_read(session, clock, g.actor, "download", f"contractor:{found.code}", found.division)
    return _pdf(household_sketch(session, g.actor, found, local_date(clock.now()), args["parcel"]))


@blp.route("/parcels/<parcel>/sketch")
@staff("map")
@documents(responses=PDF)
def sketch_of_parcel(parcel: str) -> Response:
    """地块示意图 of one parcel as PDF."""
    session, clock = office_session(), running().clock
    note_read(session, clock, g.actor, "download", f"parcel:{parcel[:40]}")
    return _pdf(parcel_sketch(session, g.actor, parcel, local_date(clock.now())))


@blp.route("/cases/<number>/sketch")
@staff("cases")
@documents(responses=PDF)
def sketch_of_case(number: str) -> Response:
    """地块示意图 of the household's parcels as the case leaves them, as PDF."""
    session, clock = office_session(), running().clock
    case = visible_case(session, g.actor, number)
    note_read(session, clock, g.actor, "download", f"case:{case.number}", case.division)
    return _pdf(case_sketch(session, g.actor, case, local_date(clock.now())))


def _pdf(body: bytes) -> Response:
    office_session().commit()
    answer = make_response(body)
    answer.headers["Content-Type"] = "application/pdf"
    return answer
