"""What the register's answers look like. Facts are by the register's own names; identity numbers and telephones are masked."""

from marshmallow import Schema, fields, validate

from web.api import schemas
from web.api.paging import PageArgs
from web.api.schemas import HouseholdLine, anything, day, instant, text

YEARS = validate.Range(1949, 2200)


class WhenArgs(Schema):
    day = fields.Date(metadata={"description": "as it stood on that day; today, or the day of `known`"})
    known = fields.Date(metadata={"description": "as it was known at the end of that day; now"})


class HouseholdsArgs(PageArgs, WhenArgs):
    q = fields.String(
        load_default="",
        metadata={"description": "name (a member's too), code, telephone, or a whole identity number"},
    )
    division = fields.String(
        load_default="",
        validate=validate.Regexp("^[0-9]{0,14}$"),
        metadata={"description": "prefix to narrow to"},
    )
    party = fields.String(
        load_default="",
        validate=validate.Regexp("^[0-9]{0,14}$"),
        metadata={"description": "issuing party FBFBM"},
    )
    kind = fields.String(load_default="", validate=validate.OneOf(["", "1", "2", "3"]))
    contract = fields.String(load_default="", validate=validate.OneOf(["", "with", "without"]))
    open = fields.Boolean(load_default=False, metadata={"description": "held by an open case"})
    ends = fields.Integer(
        strict=False, validate=YEARS, metadata={"description": "year in which the contract ends"}
    )


class UnderArgs(PageArgs, WhenArgs):
    pass


class SearchArgs(Schema):
    q = fields.String(load_default="", metadata={"description": "empty finds nothing"})
    division = fields.String(load_default="", validate=validate.Regexp("^[0-9]{0,14}$"))


class StandingOut(Schema):
    valid_from = day()
    valid_to = day("the first day on which it holds no more")
    recorded_at = instant()
    cause = fields.String(metadata={"enum": ["import", "case", "correction"]})
    cause_ref = fields.String(metadata={"description": "number of the case or of the import batch"})


class NamedOut(Schema):
    code = fields.String(required=True)
    name = fields.String()


class ThingOut(Schema):
    """``stands``: whether it is there on the day; if not, how it was last before (null: not yet there)."""

    code = fields.String(required=True)
    id = fields.Integer(metadata={"description": "tells apart contracts and entries of one code"})
    division = fields.String()
    place = text()
    stands = fields.Boolean(required=True)
    facts = anything("what the register says, by its own field names")
    version = fields.Nested(StandingOut, allow_none=True)


class HeldOut(Schema):
    code = fields.String(required=True)
    contracted = anything("the contract's row about it")
    facts = anything("the parcel itself; null where it is no more")
    outline = anything("GeoJSON, county's zone, metres, east first")


class CertificateOut(Schema):
    id = fields.Integer()
    facts = anything()
    version = fields.Nested(StandingOut)


class EntryOfOut(Schema):
    id = fields.Integer()
    code = fields.String()
    facts = anything("null once the entry is closed")
    certificates = fields.List(fields.Nested(CertificateOut))
    documents = fields.List(fields.Dict(), metadata={"description": "source documents QSLYZLFJ"})


class BlockOut(Schema):
    kind = fields.String(metadata={"enum": ["dispute", "mortgage", "seizure", "transfer"]})
    on = fields.String(metadata={"enum": ["contractor", "parcel"]})
    code = fields.String()
    ref = fields.String()
    starts_on = day()
    ends_on = day()
    now = fields.Boolean(metadata={"description": "stands on the day asked for"})


class TransferredOut(Schema):
    contractor_code = fields.String()
    parcel_code = fields.String()
    area = schemas.area()
    whole = fields.Boolean(metadata={"description": "the whole parcel; else a part of it"})
    place = text("where a part lies")


class TransferOut(Schema):
    """A transfer of operation rights, filed here."""

    number = fields.String()
    way = fields.String(metadata={"enum": ["lease", "sublease", "shareholding", "other"]})
    state = fields.String(metadata={"enum": ["running", "over", "ended"]})
    taken = fields.Boolean(metadata={"description": "the household asked for takes the land"})
    recipient = fields.String()
    recipient_kind = fields.String(metadata={"enum": ["member", "person", "unit"]})
    recipient_code = text("of a household of the register")
    term_start = day()
    term_end = day()
    signed_on = day()
    use = fields.String()
    price = fields.String(metadata={"description": "the rent, as agreed"})
    total_area = schemas.area("of the whole contract, m2")
    under = text("number of the transfer that this one re-transfers")
    renews = text("number of the one before")
    ended_on = day()
    ground = text("why it ended")
    land = fields.List(
        fields.Nested(TransferredOut),
        metadata={"description": "of what was asked for; all where it is taken"},
    )


class GuaranteeOut(Schema):
    """A loan that an operation right secures: what a mortgage among the blocks names."""

    number = fields.String()
    side = fields.String(metadata={"enum": ["household", "recipient"]})
    guarantor = fields.String()
    bank = fields.String()
    amount = fields.String(metadata={"description": "yuan, decimal text"})
    starts = day()
    ends = day()
    transfer = text("number of the transfer whose land it is")
    state = fields.String(metadata={"enum": ["running", "ended"]})
    ended_on = day()


class TransferContractOut(Schema):
    """LZHT, as the contract's rows name it."""

    code = fields.String()
    contract_code = fields.String()
    receiver_code = fields.String()
    way = fields.String(metadata={"description": "C.10"})
    term_start = day()
    term_end = day()
    area = schemas.area()
    parcel_count = fields.Integer()
    price = fields.String()


class HoldingOut(Schema):
    holder = fields.Nested(NamedOut)
    contract = anything("id and code")
    contracted = anything("the contract's row about the parcel")


class UnitOut(Schema):
    unit = fields.String(metadata={"description": "不动产单元号 BDCDYH, 28 characters"})
    told_on = day()
    hand_over = fields.String(metadata={"description": "its key: whose receipt told it"})


class ParcelOut(ThingOut):
    units = fields.List(
        fields.Nested(UnitOut), metadata={"description": "as the registry told them, the newest first"}
    )
    outline = anything("GeoJSON, county's zone, metres, east first")
    srid = fields.Integer()
    issuing_party = fields.Nested(NamedOut)
    holdings = fields.List(fields.Nested(HoldingOut))
    neighbours = fields.List(fields.Dict(), metadata={"description": "today's, within 15 m"})
    blocks = fields.List(fields.Nested(BlockOut))
    transfers = fields.List(fields.Nested(TransferOut))
    guarantees = fields.List(fields.Nested(GuaranteeOut))
    transfer_contracts = fields.List(fields.Nested(TransferContractOut))
    open_case = text()
    cases = fields.List(fields.Dict())


class ContractOut(ThingOut):
    issuing_party = fields.Nested(NamedOut)
    holder = fields.Nested(NamedOut)
    parcels = fields.List(fields.Nested(HeldOut))
    srid = fields.Integer()
    entries = fields.List(fields.Nested(EntryOfOut))
    others = fields.List(fields.Dict(), metadata={"description": "of the same household"})
    blocks = fields.List(fields.Nested(BlockOut))
    transfers = fields.List(fields.Nested(TransferOut))
    guarantees = fields.List(fields.Nested(GuaranteeOut))
    transfer_contracts = fields.List(fields.Nested(TransferContractOut))
    cases = fields.List(fields.Dict())


class EntryOut(ThingOut):
    issuing_party = fields.Nested(NamedOut)
    holder = fields.Nested(NamedOut)
    contract = anything("id and code")
    certificates = fields.List(fields.Nested(CertificateOut))
    documents = fields.List(fields.Dict())
    blocks = fields.List(fields.Nested(BlockOut))
    transfers = fields.List(fields.Nested(TransferOut))
    guarantees = fields.List(fields.Nested(GuaranteeOut))
    transfer_contracts = fields.List(fields.Nested(TransferContractOut))
    cases = fields.List(fields.Dict())


class PartyOut(ThingOut):
    households = fields.Integer()
    parcels = fields.Integer()
    area = schemas.area("measured, m2")
    contracts = fields.Integer(metadata={"description": "in force"})
    contract_area = schemas.area()


class HouseholdLineOut(HouseholdLine):
    contract = text("code of the contract in force")
    ends = day("its last day")


class ParcelLine(Schema):
    code = fields.String(required=True)
    name = fields.String()
    category = fields.String()
    use = fields.String()
    area = schemas.area("measured, m2")
    location = text("四至")
    holder = fields.Nested(NamedOut, allow_none=True)
    contract_area = schemas.area()


class ContractLine(Schema):
    id = fields.Integer(required=True)
    code = fields.String(required=True)
    holder = fields.Nested(NamedOut)
    way = fields.String()
    term_start = day()
    term_end = day()
    parcels = fields.Integer()
    area = schemas.area()
    state = fields.String()


class DifferenceOut(Schema):
    field = fields.String(metadata={"description": "`outline`: redrawn, without values"})
    code = fields.String(metadata={"description": "the standard's field name"})
    before = fields.Raw(allow_none=True)
    after = fields.Raw(allow_none=True)


class RowChangeOut(Schema):
    what = fields.String(metadata={"enum": ["member", "parcel"]})
    name = fields.String()
    code = fields.String()
    act = fields.String(metadata={"enum": ["came", "went", "changed"]})
    fields_ = fields.List(fields.Nested(DifferenceOut), data_key="fields", attribute="fields")


class ChangeOut(Schema):
    kind = fields.String()
    id = fields.Integer()
    code = fields.String()
    name = fields.String()
    act = fields.String(metadata={"enum": ["began", "changed", "ended", "same"]})
    day = day("from when it holds")
    fields_ = fields.List(fields.Nested(DifferenceOut), data_key="fields", attribute="fields")
    rows = fields.List(fields.Nested(RowChangeOut))


class MomentOut(Schema):
    """One act that was recorded, with all that it changed."""

    recorded_at = instant()
    day = day("the earliest from which it holds")
    cause = fields.String()
    ref = fields.String()
    by = text("who recorded it")
    changes = fields.List(fields.Nested(ChangeOut))
    kin = fields.List(fields.Dict(), metadata={"description": "descents: parent, child, day"})


class HistoryOut(Schema):
    code = fields.String(required=True)
    moments = fields.List(fields.Nested(MomentOut), metadata={"description": "newest first"})


class LineageOut(Schema):
    kind = fields.String(required=True)
    about = fields.String(required=True)
    nodes = fields.List(
        fields.Dict(), metadata={"description": "key, code, turn, layer, name, area, since, until"}
    )
    edges = fields.List(fields.Dict(), metadata={"description": "parent, child (keys), day, cause, ref"})
    more = fields.Boolean(metadata={"description": "there are further relatives"})


class HitOut(Schema):
    kind = fields.String()
    key = fields.String(metadata={"description": "what its address ends in"})
    code = fields.String()
    name = fields.String()
    who = text()
    who_code = text()


class HitsOut(Schema):
    households = fields.List(fields.Nested(HouseholdLineOut))
    parcels = fields.List(fields.Nested(HitOut))
    contracts = fields.List(fields.Nested(HitOut))
    certificates = fields.List(fields.Nested(HitOut))
    parties = fields.List(fields.Nested(HitOut))
    more = fields.List(fields.String(), metadata={"description": "kinds of which there are others"})
