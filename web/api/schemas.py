"""What staff's answers look like. Values come ready for JSON: days and instants as ISO text, areas as decimal text."""

from functools import cache

from marshmallow import Schema, fields, validate


def text(about: str = "", **more):
    return fields.String(allow_none=True, metadata={"description": about} if about else {}, **more)


def instant(about: str = ""):
    return fields.String(allow_none=True, metadata={"format": "date-time", "description": about})


def day(about: str = ""):
    return fields.String(allow_none=True, metadata={"format": "date", "description": about})


def area(about: str = "m2, decimal text"):
    return fields.String(allow_none=True, metadata={"description": about})


def anything(about: str = ""):
    return fields.Dict(allow_none=True, metadata={"description": about})


class Problem(Schema):
    """RFC 9457."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True, metadata={"description": "in the reader's language (?lang=en)"})
    errors = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={"description": "by field, for 422"},
    )


class OAuthProblem(Problem):
    """RFC 9457 and RFC 6749, 5.2, in one."""

    error = fields.String(required=True)
    error_description = fields.String(metadata={"description": "ASCII; `detail` is for people"})


class Token(Schema):
    access_token = fields.String(required=True)
    token_type = fields.String(required=True)
    expires_in = fields.Integer(required=True, metadata={"description": "seconds"})
    scope = text("areas that it opens, where they were narrowed")


class TokenRowOut(Schema):
    id = fields.String(required=True, metadata={"description": "names it here; it opens nothing"})
    role = fields.String()
    division = fields.String()
    place = fields.String()
    scope = text("areas by blanks; empty: all of the position's")
    issued_at = instant()
    expires_at = instant()
    current = fields.Boolean(metadata={"description": "the one that asks"})


class PositionOut(Schema):
    id = fields.String(required=True)
    role = fields.String(required=True)
    division = fields.String(required=True)
    title = text("the office and the role, in the reader's language")
    current = fields.Boolean(required=True, metadata={"description": "the one this token is for"})
    stands_in_for = text("whose position it is, where one is a deputy in it")


class Me(Schema):
    id = fields.String(required=True)
    name = fields.String(required=True)
    county = fields.String(required=True)
    role = fields.String(required=True)
    division = fields.String(required=True)
    areas = fields.List(fields.String(), metadata={"description": "what the position may open"})
    positions = fields.List(fields.Nested(PositionOut))
    now = instant("the application's clock; moved in demonstrations")


class PeriodOut(Schema):
    name = fields.String(metadata={"description": "of the parameters; of an exact one, its time in ISO 8601"})
    kind = fields.String(metadata={"enum": ["wait", "limit"]})
    unit = fields.String(metadata={"enum": ["working_days", "calendar_days", "months", "exact"]})
    length = fields.Integer()
    state = fields.String(metadata={"enum": ["running", "stopped", "over", "met", "cancelled"]})
    days = fields.Integer(metadata={"description": "left, in the unit; over: calendar days since"})
    last_day = day()
    provisional = fields.Boolean(metadata={"description": "in a year whose holidays are not announced yet"})
    element = text()
    task = fields.Integer(allow_none=True)


class AwaitedOut(Schema):
    kind = fields.String(metadata={"enum": ["message", "signal"]})
    name = fields.String()
    key = text("tells apart who waits for the same message")
    element = fields.String()
    number = fields.Integer(metadata={"description": "the wait's own"})


class RowOut(Schema):
    """One line of a list: a task with its case, or a case with its open tasks."""

    case = fields.String(required=True)
    case_type = fields.String()
    contractor = fields.String()
    contractor_code = fields.String()
    place = fields.String()
    status = fields.String()
    task = fields.Integer(allow_none=True)
    element = text()
    form = text()
    step = text("names of what is open")
    deadline = fields.Nested(PeriodOut, allow_none=True)
    assignee = text()
    at = instant()
    decision = text()


@cache
def page_of(row: type[Schema]) -> Schema:
    name = f"{row.__name__.removesuffix('Out')}Page"
    following = text("cursor of the next page, empty on the last")
    return Schema.from_dict(
        {"items": fields.List(fields.Nested(row), required=True), "next": following}, name=name
    )()


class FormOut(Schema):
    name = fields.String(required=True)
    title = anything("{zh, en}")
    intro = anything("{zh, en}")
    schema = anything("JSON Schema of the answers")


class TaskOut(Schema):
    case = fields.String(required=True)
    number = fields.Integer(required=True)
    element = fields.String()
    name = fields.String()
    role = fields.String()
    office = fields.String()
    status = fields.String(metadata={"enum": ["open", "done", "cancelled"]})
    assignee = text("name of who has claimed it")
    mine = fields.Boolean(metadata={"description": "claimed by whoever asks"})
    opened_at = instant()
    ended_at = instant()
    ended_by = text()
    decision = text()
    revision = fields.Integer(metadata={"description": "of the case; also the ETag"})
    form = fields.Nested(FormOut)
    facts = anything("what is known for the form: household, parcels, members (numbers masked)")
    application = anything("the answers that the case was started with")
    opinions = fields.List(fields.Dict(), metadata={"description": "finished tasks with their answers"})
    change = anything("what the case will do to the register, with before and after")
    summary = anything("the case, as GET /cases/{number} has it")


class DraftOut(Schema):
    data = fields.Dict(required=True)
    saved_at = instant()


class DraftIn(Schema):
    data = fields.Dict(required=True)


class AnswersIn(Schema):
    answers = fields.Dict(required=True, metadata={"description": "by the task's form"})


class SigningCodeIn(Schema):
    reference = fields.String(
        validate=validate.Length(max=100),
        metadata={"description": "of the face check, where the county has an identity provider"},
    )


class SigningCodeOut(Schema):
    to = fields.String(required=True, metadata={"description": "telephone, masked"})
    minutes = fields.Integer(required=True, metadata={"description": "how long the code lasts"})


class CompletedOut(Schema):
    case = fields.String(required=True)
    status = fields.String(required=True)
    revision = fields.Integer(required=True)
    tasks = fields.List(fields.Dict(), metadata={"description": "what is open now"})
    waiting = fields.List(fields.String(), metadata={"description": "periods that are waited for"})


def origin_field() -> fields.String:
    return fields.String(
        load_default="village",
        validate=validate.Length(1, 40),
        metadata={"description": "in whose name, as GET /case-types/startable tells"},
    )


class StartFormArgs(Schema):
    origin = origin_field()


class StartIn(Schema):
    origin = origin_field()
    case_type = fields.String(required=True, metadata={"pattern": "^[a-z_]{1,100}$"})
    contractor = fields.String(required=True, metadata={"description": "contractor code CBFBM"})
    answers = fields.Dict(required=True, metadata={"description": "by the case type's start form"})


class StartedOut(Schema):
    case = fields.String(required=True)
    lookup_code = fields.String(required=True, metadata={"description": "told here once"})
    tasks = fields.List(fields.Dict())


class PublicityOut(Schema):
    subject = fields.String()
    places = fields.List(fields.Raw())
    starts_on = day()
    ends_on = day("last full day of showing")
    result = anything()


class CaseOut(Schema):
    number = fields.String(required=True)
    case_type = fields.String()
    title = anything("{zh, en}")
    version = fields.String()
    county = fields.String()
    division = fields.String()
    place = text()
    contractor = fields.String()
    contractor_code = fields.String()
    origin = fields.String(metadata={"enum": ["self", "village"]})
    status = fields.String(metadata={"enum": ["open", "completed", "rejected", "withdrawn", "lapsed"]})
    outcome = text("id of the end event")
    started_at = instant()
    ended_at = instant()
    revision = fields.Integer()
    tasks = fields.List(fields.Dict(), metadata={"description": "open tasks with who has claimed them"})
    deadlines = fields.List(fields.Nested(PeriodOut))
    awaited = fields.List(fields.Nested(AwaitedOut), metadata={"description": "messages and signals"})
    publicities = fields.List(fields.Nested(PublicityOut))
    change = anything("what the case will do to the register")


class EventOut(Schema):
    seq = fields.Integer(required=True)
    at = instant()
    actor = fields.String()
    position = text("role@division, empty for the system")
    kind = fields.String()
    element = text()
    task = fields.Integer(allow_none=True)
    payload = anything("empty once erased by law")
    hash = fields.String(metadata={"description": "of the chain up to here, hex"})


class PaperOut(Schema):
    id = fields.String(required=True)
    source = fields.String(metadata={"enum": ["issued", "material"]})
    kind = fields.String()
    title = fields.String()
    number = text()
    status = fields.String(metadata={"enum": ["waiting", "ready", "failed"]})
    media_type = fields.String()
    size = fields.Integer(allow_none=True, metadata={"description": "bytes"})
    sha256 = text()
    file_name = text()
    by = text()
    created_at = instant()
    task = fields.Integer(allow_none=True)
    verify_code = text()
    void = fields.Boolean(
        metadata={"description": "the case ended and nothing came of what it says; on the case's own list"}
    )
    pages = fields.Integer(
        allow_none=True, metadata={"description": "of an issued paper, once it is printed"}
    )


class UploadedOut(Schema):
    id = fields.String(required=True)
    kind = fields.String(required=True)


class HouseholdLine(Schema):
    code = fields.String(required=True)
    name = fields.String()
    kind = fields.String()
    place = fields.String()
    members = fields.Integer(allow_none=True)
    parcels = fields.Integer(allow_none=True)
    area = area()
    open_case = text("number of the open case that holds it")


class HouseholdOut(Schema):
    """A household as the register has it; identity numbers are masked. Before its first day it has but a code."""

    code = fields.String(required=True)
    name = text()
    kind = text()
    id_number = text("前3后4")
    phone = text("masked")
    address = text()
    division = fields.String()
    place = text()
    issuing_party = anything()
    members = fields.List(fields.Dict())
    parcels = fields.List(
        fields.Dict(), metadata={"description": "areas in m2; outline as GeoJSON, county's zone"}
    )
    srid = fields.Integer(metadata={"description": "EPSG code of the outlines"})
    stands = fields.Boolean(metadata={"description": "on the day; if not, how it was last before"})
    id = fields.Integer()
    facts = anything("what the register says, by its own field names")
    version = anything("valid_from, valid_to, recorded_at, cause, cause_ref")
    contract = anything("in force")
    contracts = fields.List(fields.Dict(), metadata={"description": "all, in force first"})
    entry = anything("register entry with its certificates")
    entries = fields.List(fields.Dict(), metadata={"description": "all, newest first"})
    blocks = fields.List(fields.Dict(), metadata={"description": "disputes, mortgages, seizures, transfers"})
    transfers = fields.List(
        fields.Dict(), metadata={"description": "operation rights given or taken, as of a parcel"}
    )
    guarantees = fields.List(
        fields.Dict(), metadata={"description": "loans that blocks name, as of a parcel"}
    )
    transfer_contracts = fields.List(fields.Dict(), metadata={"description": "LZHT, as of a parcel"})
    open_case = text()
    cases = fields.List(fields.Dict())


class VerifiedOut(Schema):
    county = fields.String(required=True)
    cases = fields.Integer()
    events = fields.Integer()
    checkpoints = fields.Integer()
    papers = fields.Integer()
    intact = fields.Boolean(required=True)
    faults = fields.List(fields.Dict())


class VersionOut(Schema):
    case_type = fields.String(required=True)
    version = fields.String(required=True)
    number = fields.Integer()
    title = anything("{zh, en}")
    published_at = instant()
    published_by = text()
    approved_by = text()
    note = text()
    in_force = fields.Boolean()
    files = fields.List(fields.String())


class ClockIn(Schema):
    working_days = fields.Integer(strict=True, metadata={"minimum": 1, "maximum": 250})
    to = fields.AwareDateTime(format="iso")


class ClockOut(Schema):
    now = instant()


class MessageOut(Schema):
    to = fields.String()
    text = fields.String()
    sent_at = instant()
