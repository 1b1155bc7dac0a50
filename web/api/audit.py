"""For auditors: prove that nothing was altered; rebuild a case from its events."""

from dataclasses import asdict

from flask import g
from marshmallow import Schema, fields

from engine.queries.scoped import visible_case
from engine.usecases.replay_case import replay_case
from engine.usecases.verify_history import verify_history
from web.api import schemas, shapes
from web.api.access import staff
from web.api.blueprint import blueprint
from web.db import office_session, running

blp = blueprint("audit", "审计 / Audit")


class ReplayOut(Schema):
    number = fields.String(required=True)
    version_id = fields.String()
    steps = fields.List(fields.Dict())
    differences = fields.List(
        fields.String(), metadata={"description": "empty when it equals what is recorded"}
    )


@blp.route("/audit/verification")
@staff("audit")
@blp.response(200, schemas.VerifiedOut)
def verification():
    """Every chain, checkpoint and stored paper of the county, checked now."""
    app, county = running(), g.actor.county
    found = asdict(verify_history(office_session(), county, app.files, app.signing_key.public_key()))
    faults = shapes.plain(found.pop("faults"))
    return {"county": county, "intact": not faults, "faults": faults} | found


@blp.route("/audit/cases/<number>/replay")
@staff("audit")
@blp.response(200, ReplayOut)
def replay(number: str):
    """The case rebuilt from its commands, step by step."""
    session = office_session()
    case = visible_case(session, g.actor, number)
    return asdict(replay_case(session, case.county, case.number))
