"""What applicants' answers look like."""

from marshmallow import Schema, fields

from web.api.schemas import anything, day, instant, text


class SignInIn(Schema):
    name = fields.String(required=True)
    id_number = fields.String(required=True)
    phone = fields.String(required=True, metadata={"description": "the one registered with the contract"})


class SignInOut(Schema):
    id = fields.String(required=True, metadata={"description": "for the grant by one-time code"})


class ApplicantOut(Schema):
    """The person's own household as the portal was told it; identity numbers masked."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    county = fields.String()
    contractor_code = fields.String()
    phone = text()
    facts = anything("known, parcels, members, office")


class OfferOut(Schema):
    case_type = fields.String(required=True)
    title = anything("{zh, en}")
    summary = anything("{zh, en}")
    version = fields.String()
    form = fields.String()
    schema = anything("JSON Schema of the answers")


class PortalDraftOut(Schema):
    id = fields.String(required=True)
    case_type = fields.String()
    form = fields.String()
    case = text("of a supplement")
    task = fields.Integer(allow_none=True)
    act = text("of a party to a dispute")
    data = fields.Dict()
    saved_at = instant()
    submitted = fields.Boolean()


class PortalDraftIn(Schema):
    case_type = fields.String(metadata={"description": "to apply"})
    case = fields.String(metadata={"description": "to supply what a case asks for"})
    act = fields.String(metadata={"description": "with case: to do something as a party to a dispute"})


class ApplicationIn(Schema):
    case_type = fields.String(required=True)
    answers = fields.Dict(required=True)


class SubmissionOut(Schema):
    id = fields.String(required=True)
    kind = fields.String(
        metadata={"description": "apply, supply, party, confirm, remind, withdrawal, correct"}
    )
    status = fields.String(metadata={"enum": ["waiting", "taken", "refused"]})
    case = text("number of the case, once taken")
    lookup_code = text("told once, until it is noted")
    answer = anything("why it was refused")
    submitted_at = instant()


class CaseViewOut(Schema):
    """A case in plain words: whose turn, until when, what to do."""

    number = fields.String(required=True)
    title = anything("{zh, en}")
    status = fields.String()
    turn = anything("office, text, due_on, todo, phone")
    steps = fields.List(fields.Dict())
    todo = anything("the applicant's own open task")
    may = anything(
        "what else the applicant may do: withdraw, remind_from; of a filed case correct, and correction: text, state, case, answer"
    )
    updated_at = instant()


class PaperViewOut(Schema):
    verify_code = fields.String(required=True)
    case = text()
    kind = fields.String()
    title = fields.String()
    number = text()
    dated = day()
    office = text()
    sha256 = text()
    facts = fields.Dict(
        metadata={"description": "of a contract: its code, state (issued, sealed, filed, void) and seal"}
    )


class LookupIn(Schema):
    number = fields.String(required=True)
    code = fields.String(required=True)


class LookupOut(Schema):
    """No names."""

    number = fields.String(required=True)
    title = anything("{zh, en}")
    status = fields.String()
    turn = anything()
    steps = fields.List(fields.Dict())


class SealOfFileOut(Schema):
    """A seal in a file that somebody holds. ``level``: of PAdES."""

    intact = fields.Boolean(metadata={"description": "not a byte of what it covers was altered"})
    whole = fields.Boolean(metadata={"description": "it covers the file to its end"})
    ours = fields.Boolean(metadata={"description": "by a key of the counties"})
    by = fields.String()
    at = instant("as the signer claims it")
    stamped_at = instant("as a time stamp proves it")
    fingerprint = fields.String(metadata={"description": "SHA-256 of the certificate"})
    level = fields.String()


class CheckedFileOut(Schema):
    sha256 = fields.String(required=True)
    same = fields.Boolean(required=True, metadata={"description": "byte for byte what was issued"})
    good = fields.Boolean(required=True, metadata={"description": "sealed, and every seal is good"})
    shown = fields.Boolean(
        allow_none=True,
        metadata={"description": "what the parties signed is the beginning of this file, unchanged"},
    )
    seals = fields.List(fields.Nested(SealOfFileOut), required=True)
    paper = fields.Nested(PaperViewOut, allow_none=True)


class ObjectionWords(Schema):
    """Checked by the page's own form."""

    name = fields.String()
    phone = fields.String()
    relation = fields.String()
    category = fields.String()
    text = fields.String()


OBJECTION_BODY = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["name", "phone", "relation", "category", "text"],
                "properties": {
                    "name": {"type": "string", "maxLength": 40},
                    "phone": {"type": "string"},
                    "relation": {"enum": ["household", "neighbour", "collective", "other"]},
                    "category": {"enum": ["head", "member", "parcel", "other"]},
                    "text": {"type": "string", "maxLength": 1000},
                    "files": {
                        "type": "array",
                        "items": {"type": "string", "contentMediaType": "application/octet-stream"},
                    },
                },
            }
        }
    },
}
PUBLIC_OBJECTION = ("id", "status", "answer", "submitted_at")


class PublicObjectionOut(Schema):
    id = fields.String(required=True, metadata={"description": "told to the sender alone"})
    status = fields.String(required=True, metadata={"enum": ["waiting", "taken", "refused"]})
    answer = anything("why it was refused")
    submitted_at = instant()
