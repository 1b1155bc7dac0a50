"""For administrators: what failed for good, and trying it again."""

from typing import Any
from uuid import UUID

from flask import g
from marshmallow import Schema, fields

from engine.queries.incidents import Incident, open_incidents
from engine.store.long_works import newest
from engine.usecases.incidents import retry_incident
from engine.usecases.long_work import cancel_long_work, read_long_work
from web.api import schemas, shapes
from web.api.access import staff
from web.api.audit import LongWorkOut, work_shape
from web.api.blueprint import blueprint
from web.api.once import once
from web.api.paging import PageArgs, page, part
from web.db import office_session, running

blp = blueprint("jobs", "后台任务 / Background work")


class IncidentOut(Schema):
    mark = fields.String(required=True, metadata={"description": "names it for a retry"})
    kind = fields.String(metadata={"description": "effect or deadline"})
    of = fields.String()
    case = fields.String(allow_none=True)
    since = fields.String()
    attempts = fields.Integer()
    error = fields.String()
    cause = fields.String()
    fix = fields.String()


@blp.route("/incidents")
@staff("jobs")
@blp.arguments(PageArgs, location="query")
@blp.response(200, schemas.page_of(IncidentOut))
def incidents(args: dict[str, Any]):
    """Effects and deadlines that failed for good, the longest waiting first."""
    shown, place = part(open_incidents(office_session(), g.actor.county), args)
    return page([shape(one) for one in shown], place)


@blp.route("/incidents/<mark>/retry", methods=["POST"])
@staff("jobs")
@blp.response(202, Schema.from_dict({"mark": fields.String()}, name="RetriedOut"))
@once
def retry(mark: str):
    """Try it again, with as many attempts as at first. 404 when it is no incident any more."""
    retry_incident(office_session(), running().clock, g.actor, mark[:100])
    return {"mark": mark[:100]}, 202


@blp.route("/long-works")
@staff("jobs")
@blp.response(200, LongWorkOut(many=True))
def long_works():
    """Work that takes minutes, of all kinds: what runs and waits, and the last that ended."""
    return [work_shape(one) for one in newest(office_session(), g.actor.county)]


@blp.route("/long-works/<uuid:work_id>", methods=["DELETE"])
@staff("jobs")
@blp.response(202, LongWorkOut)
def stop_work(work_id: UUID):
    """Ask for its end: it stops at its next word."""
    session = office_session()
    cancel_long_work(session, g.actor.county, work_id)
    session.commit()
    return work_shape(read_long_work(session, g.actor.county, work_id)), 202


def shape(one: Incident) -> dict[str, Any]:
    names = ("mark", "kind", "of", "case", "since", "attempts", "error")
    told = {"cause": one.explanation.cause, "fix": one.explanation.fix}
    return {name: shapes.plain(getattr(one, name)) for name in names} | told
