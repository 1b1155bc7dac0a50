"""Deputies, and giving tasks to colleagues."""

from typing import Any
from uuid import UUID

from flask import g
from marshmallow import Schema, fields, validate

from engine.domain.clock import local_date
from engine.domain.errors import Invalid
from engine.queries import deputies as queries
from engine.queries.reassigning import holders
from engine.queries.scoped import visible_case
from engine.store import cases as store
from engine.usecases.accounts.deputise import Wanted, end_deputy, name_deputy
from engine.usecases.accounts.noted import SECURITY, SYSTEM
from engine.usecases.reassign_tasks import Outcome, reassign_tasks
from web.api import schemas
from web.api.access import staff
from web.api.blueprint import blueprint
from web.api.once import once
from web.api.shapes import plain
from web.db import office_session, running
from web.errors import faults_of
from web.i18n import in_words

blp = blueprint("reassigning", "转办和请假代理 / Reassigning, deputies")


class ItemIn(Schema):
    case = fields.String(required=True, validate=validate.Length(max=40))
    task = fields.Integer(required=True, validate=validate.Range(0, 2_147_483_647))


class ReassignIn(Schema):
    items = fields.List(fields.Nested(ItemIn), required=True, validate=validate.Length(1, 200))
    to = fields.UUID(required=True, metadata={"description": "of `takers`"})
    reason = fields.String(required=True, validate=validate.Length(max=1000))


class ReassignedOut(ItemIn):
    done = fields.Boolean(required=True)
    why = fields.String(allow_none=True, metadata={"description": "it was not done"})


class OutcomesOut(Schema):
    outcomes = fields.List(fields.Nested(ReassignedOut), required=True)


class TakerOut(Schema):
    id = fields.UUID(required=True)
    name = fields.String(required=True)
    username = fields.String(required=True)
    open = fields.Integer(required=True, metadata={"description": "tasks that they have open"})


class DeputyIn(Schema):
    position = fields.UUID(
        required=True, metadata={"description": "one's own; the administrators: anybody's"}
    )
    username = fields.String(required=True, validate=validate.Length(max=100))
    since = fields.Date(required=True)
    until = fields.Date(required=True)
    reason = fields.String(required=True, validate=validate.Length(max=1000))


class DeputyOut(Schema):
    id = fields.String(required=True)
    position_id = fields.String(required=True)
    role = fields.String(required=True)
    division = fields.String(required=True)
    place = fields.String()
    principal = fields.String(required=True)
    deputy = fields.String(required=True)
    since = schemas.day()
    until = schemas.day()
    reason = fields.String()
    state = fields.String(metadata={"enum": [queries.NOW, queries.LATER, queries.OVER]})


def told(outcomes: list[Outcome]) -> dict[str, Any]:
    return {
        "outcomes": [
            {
                "case": one.case,
                "task": one.task,
                "done": one.fault is None,
                "why": one.fault and in_words(one.fault),
            }
            for one in outcomes
        ]
    }


@blp.route("/cases/<number>/tasks/<int(max=2147483647):task>/takers")
@staff("cases")
@blp.response(200, TakerOut(many=True))
def takers(number: str, task: int):
    """Who holds the position of the task today."""
    session = office_session()
    row = store.find_task(session, visible_case(session, g.actor, number), task)
    return holders(session, g.actor.county, row.role, row.office, local_date(running().clock.now()))


@blp.route("/tasks/reassign", methods=["POST"])
@staff("cases")
@blp.arguments(ReassignIn)
@blp.response(200, OutcomesOut)
@once
def reassign(args: dict[str, Any]):
    """Give tasks to another holder of their position. Each is judged for itself: see `outcomes`."""
    items = [(item["case"], item["task"]) for item in args["items"]]
    outcomes = reassign_tasks(office_session(), running().clock, g.actor, items, args["to"], args["reason"])
    return told(outcomes)


@blp.route("/deputies")
@staff()
@blp.response(200, DeputyOut(many=True))
def deputies():
    """The system and the security administrator see the county's, anybody else those that they are in."""
    whose = None if g.actor.role in (SYSTEM, SECURITY) else g.actor.person_id
    rows = queries.deputies(office_session(), g.actor.county, local_date(running().clock.now()), whose)
    return [plain(vars(one)) for one in rows]


@blp.route("/deputies", methods=["POST"])
@staff()
@blp.arguments(DeputyIn)
@blp.response(201, DeputyOut)
@once
def name(args: dict[str, Any]):
    """Name somebody of the same role to stand in for the holder of a position, from a day to a day."""
    session, clock = office_session(), running().clock
    wanted = Wanted(args["username"].strip().lower(), args["since"], args["until"], args["reason"])
    try:
        row = name_deputy(session, clock, g.actor, args["position"], wanted)
    except Invalid as error:
        raise Invalid(faults_of(error)) from None
    found = queries.deputies(session, g.actor.county, local_date(clock.now()))
    one = next(one for one in found if one.id == row.id)
    return plain(vars(one)), 201


@blp.route("/deputies/<uuid:deputy_id>/end", methods=["POST"])
@staff()
@blp.response(204)
@once
def end(deputy_id: UUID):
    """Before its time, at once."""
    end_deputy(office_session(), running().clock, g.actor, deputy_id)
    return None, 204
