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
    data = fields.Dict()
    saved_at = instant()
    submitted = fields.Boolean()


class PortalDraftIn(Schema):
    case_type = fields.String(metadata={"description": "to apply"})
    case = fields.String(metadata={"description": "to supply what a case asks for"})


class ApplicationIn(Schema):
    case_type = fields.String(required=True)
    answers = fields.Dict(required=True)


class SubmissionOut(Schema):
    id = fields.String(required=True)
    kind = fields.String(metadata={"description": "apply, supply, confirm, remind, withdrawal"})
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
    may = anything("what else the applicant may do: withdraw, remind_from")
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
