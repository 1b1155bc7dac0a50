"""What the addresses of statistics take and answer."""

from marshmallow import Schema, fields, validate

from web.api.paging import PageArgs


class WhereArgs(Schema):
    division = fields.String(
        load_default="",
        validate=validate.Regexp("^([0-9]{6}|[0-9]{9}|[0-9]{12}|[0-9]{14})?$"),
        metadata={"description": "of the own scope; without it, the whole of it"},
    )
    day = fields.Date(metadata={"description": "the register as it stood; without it, today"})


class OverviewArgs(WhereArgs):
    year = fields.Integer(
        strict=False,
        validate=validate.Range(1000, 9999),
        metadata={"description": "whose ending contracts are followed"},
    )


class LedgerArgs(PageArgs, WhereArgs):
    year = fields.Integer(strict=False, validate=validate.Range(1000, 9999))
    since = fields.Date(metadata={"description": "first day, for changes and certificates"})
    until = fields.Date(metadata={"description": "last day"})
    held = fields.String(validate=validate.OneOf(["", "yes", "no"]))
    category = fields.String(metadata={"description": "C.7, for parcels"}, validate=validate.Length(max=20))
    state = fields.String(validate=validate.Length(max=20))
    kind = fields.String(validate=validate.Length(max=20))


class FiguresOut(Schema):
    division = fields.String(required=True)
    name = fields.String()
    area = fields.String(metadata={"description": "contracts in force, m2"})
    family_area = fields.String()
    parcel_area = fields.String()
    contracts = fields.Integer()
    households = fields.Integer()
    contractors = fields.Integer()
    parcels = fields.Integer()
    contracted_parcels = fields.Integer()
    certificates = fields.Integer()
    filed = fields.Integer(metadata={"description": "of the year's ending contracts: signed anew and filed"})
    open = fields.Integer(metadata={"description": "of them: a case runs"})
    not_begun = fields.Integer()
    ended = fields.Integer(metadata={"description": "of them: without a successor"})
    late = fields.Integer(metadata={"description": "open tasks after their limit"})


class OverviewOut(Schema):
    division = fields.String()
    day = fields.String()
    year = fields.Integer(allow_none=True)
    whole = fields.Nested(FiguresOut)
    below = fields.List(fields.Nested(FiguresOut))
    uses = fields.Dict(metadata={"description": "C.9 -> m2 of contracted parcels"})
    categories = fields.Dict(metadata={"description": "C.7 -> m2 of all parcels"})
    ending = fields.Dict(metadata={"description": "year -> contracts in force that end in it, and their m2"})
    months = fields.List(fields.String())
    signed = fields.Dict(
        metadata={"description": "division's name -> filed anew up to the end of each month"}
    )
    changes = fields.List(fields.Dict(), metadata={"description": "by month"})
    steps = fields.List(fields.Dict(), metadata={"description": "working days per kind of task"})
    work = fields.Dict(metadata={"description": "cases of the year before the day, open ones, tasks late"})


class LedgerOut(Schema):
    name = fields.String(required=True)
    title = fields.String()
    about = fields.String()
    columns = fields.List(fields.Dict())
    filters = fields.Dict(metadata={"description": "filter -> its values, where they are a list"})


class LedgerPage(Schema):
    items = fields.List(
        fields.Dict(), metadata={"description": "by column key; areas in m2, codes as the standard has them"}
    )
    next = fields.String(allow_none=True)
    total = fields.Integer()


class SummariesOut(Schema):
    division = fields.String()
    day = fields.String()
    units = fields.Dict(metadata={"description": "division code -> name, at every level of the scope"})
    tables = fields.List(fields.Dict())


class YearlyLineOut(Schema):
    id = fields.String(required=True)
    group = fields.String()
    name = fields.String()
    unit = fields.String()
    value = fields.String(allow_none=True, metadata={"description": "in the unit; areas in 亩"})
    last_year = fields.String(allow_none=True)
    computed = fields.Boolean()
    own = fields.String(allow_none=True, metadata={"description": "what this division itself entered"})
    entered_by = fields.String(allow_none=True)
    entered_at = fields.String(allow_none=True)
    may_enter = fields.Boolean()
    verify = fields.Boolean(metadata={"description": "to be compared with the form in force"})


class YearlyFormOut(Schema):
    year = fields.Integer(required=True)
    division = fields.String(required=True)
    edition = fields.Integer()
    lines = fields.List(fields.Nested(YearlyLineOut))
    findings = fields.List(fields.Dict())
    confirmed_by = fields.String(allow_none=True)
    confirmed_at = fields.String(allow_none=True)
    closed = fields.Boolean(metadata={"description": "confirmed by this division or one above it"})
    below = fields.List(fields.String(), metadata={"description": "divisions below that have confirmed"})
    now_differs = fields.List(fields.String())


class EntriesIn(Schema):
    values = fields.Dict(
        keys=fields.String(validate=validate.Length(max=60)),
        values=fields.String(allow_none=True, validate=validate.Length(max=40)),
        required=True,
        validate=validate.Length(max=200),
        metadata={"description": "indicator -> decimal text in its unit; null or empty takes it back"},
    )


class ConfirmIn(Schema):
    note = fields.String(load_default="", validate=validate.Length(max=200))


class WithdrawIn(Schema):
    why = fields.String(required=True, validate=validate.Length(max=200))


class LatePlaceOut(Schema):
    division = fields.String(required=True)
    name = fields.String(allow_none=True)
    late = fields.Integer(metadata={"description": "open cases beyond their limit"})


class SupervisionOut(Schema):
    division = fields.String(required=True)
    months = fields.List(fields.Dict(), metadata={"description": "month, acts, things by kind"})
    steps = fields.List(
        fields.Dict(), metadata={"description": "done; median and slowest in working days; late"}
    )
    work = fields.Dict()
    late = fields.List(fields.Nested(LatePlaceOut))
