"""What lists of tasks and cases can be narrowed to, as the inbox's pages are."""

from marshmallow import Schema, fields, validate

from engine.queries.inbox_asked import DUES


class FilterArgs(Schema):
    q = fields.String(
        load_default="",
        metadata={
            "description": "words that the case holds: number, household, village, parcel codes, answers, remarks"
        },
    )
    type = fields.String(metadata={"description": "case type"})
    step = fields.String(metadata={"description": "element of the model that is waited for"})
    division = fields.String(metadata={"description": "code of a division within the position's own"})
    due = fields.String(
        validate=validate.OneOf(DUES), metadata={"description": "soon: within three working days"}
    )
    area = fields.String(
        validate=validate.Length(max=8000),
        metadata={
            "description": "cases whose parcels lie there: east,north;east,north;... in metres of the county's zone"
        },
    )
