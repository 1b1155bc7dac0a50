"""Surveys that are given out: the county's surveying firms, and the package for the field."""

from typing import Any

from flask import Response, g
from marshmallow import Schema, fields, validate

from engine.store import firms
from engine.store.tables.firms import SurveyFirm
from engine.usecases.field_package import field_package
from engine.usecases.survey_firms import save_firm
from web.api.access import staff
from web.api.blueprint import blueprint
from web.api.once import once
from web.api.schemas import day
from web.db import office_session, running
from web.survey.views import known_facts, zipped

blp = blueprint("surveys", "测绘 / Surveys")


class FirmIn(Schema):
    name = fields.String(required=True)
    credit_code = fields.String(required=True, metadata={"description": "统一社会信用代码, 18 characters"})
    grade = fields.Integer(
        strict=True,
        required=True,
        validate=validate.OneOf((1, 2)),
        metadata={"description": "1 class A, 2 class B"},
    )
    certificate = fields.String(
        required=True, metadata={"description": "number of the qualification certificate"}
    )
    valid_from = fields.Date(required=True)
    valid_to = fields.Date(required=True, metadata={"description": "last day of the qualification"})
    contact = fields.String(required=True)
    phone = fields.String(required=True)
    active = fields.Boolean(load_default=True, metadata={"description": "whether it is given work"})


class FirmOut(FirmIn):
    valid_from = day()
    valid_to = day()
    code = fields.String(required=True, metadata={"description": "office of the firm's accounts"})
    cases = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "surveys that it was given and has not handed in"},
    )


class FirmsOut(Schema):
    items = fields.List(fields.Nested(FirmOut), required=True)


@blp.route("/survey-firms")
@staff("firms")
@blp.response(200, FirmsOut)
def list_firms():
    """All of the county's, those that get work first."""
    return {"items": [_told(firm) for firm in firms.firms_of(office_session(), g.actor.county)]}


@blp.route("/survey-firms", methods=["POST"])
@staff("firms")
@blp.arguments(FirmIn)
@blp.response(201, FirmOut)
@once
def add_firm(asked: dict[str, Any]):
    """A new firm; its code is the office that accounts of its people are made for."""
    return _told(save_firm(office_session(), running().clock, g.actor, asked)), 201


@blp.route("/survey-firms/<firm_code>", methods=["POST"])
@staff("firms")
@blp.arguments(FirmIn)
@blp.response(200, FirmOut)
@once
def change_firm(asked: dict[str, Any], firm_code: str):
    """Other facts of a firm, all of them."""
    return _told(save_firm(office_session(), running().clock, g.actor, asked, firm_code)), 200


def _told(firm: SurveyFirm) -> dict[str, Any]:
    cases = firms.surveys_under_way(office_session(), firm.county).get(firm.code, [])
    return {"code": firm.code, "cases": cases} | known_facts(firm) | {"grade": firm.grade}


@blp.route("/cases/<number>/field-package")
@staff("field")
@blp.response(200, {"type": "string", "format": "binary"}, content_type="application/zip")
def package(number: str) -> Response:
    """The parcels to be surveyed, those beside them, spare parcel codes and what to write. Taking it is recorded."""
    session = office_session()
    body = field_package(session, running().clock, g.actor, number)
    session.commit()
    return zipped(body, f"外业资料包{number}.zip")
