"""The stores beside the operational one: prove that they agree, bring them up to date, as long work."""

from uuid import UUID

from flask import g, url_for
from marshmallow import Schema, fields

from engine.domain.errors import NotFound
from engine.store.long_works import newest
from engine.store.tables.work import LongWork
from engine.usecases.long_work import ask_long_work, cancel_long_work, read_long_work
from engine.usecases.stores.status import status_of
from web.api.access import staff
from web.api.audit import LongWorkOut, work_shape
from web.api.blueprint import blueprint
from web.api.once import once
from web.db import office_session, running
from web.stores.views import FOLLOW_STORES, RECONCILE

blp = blueprint("stores", "数据库 / The stores")


class StoresOut(Schema):
    county = fields.String(required=True)
    parcels = fields.Dict(
        metadata={"description": "by store; null where this installation does not reach it"}
    )
    boundaries = fields.Dict(metadata={"description": "points, lines, control points: by store, then layer"})
    waiting = fields.Integer(metadata={"description": "changes that vault and query store have not yet"})
    files = fields.List(fields.Dict(), metadata={"description": "signed files that went and came"})
    works = fields.List(fields.Nested(LongWorkOut), metadata={"description": "the newest ten"})


@blp.route("/stores")
@staff("stores")
@blp.response(200, StoresOut)
def overview():
    """How the stores stand beside each other."""
    county = g.actor.county
    works = [one for one in newest(office_session(), county, 100) if one.kind in (RECONCILE, FOLLOW_STORES)]
    return status_of(running(), county).as_dict() | {"works": [work_shape(one) for one in works[:10]]}


@blp.route("/stores/reconciliations", methods=["POST"])
@staff("stores")
@blp.response(202, LongWorkOut)
@once
def reconcile():
    """Compare vault and query store with the operational one: follow Location."""
    return _ask(RECONCILE)


@blp.route("/stores/refreshes", methods=["POST"])
@staff("stores")
@blp.response(202, LongWorkOut)
@once
def refresh():
    """Write them anew where they lag: follow Location."""
    return _ask(FOLLOW_STORES)


def _ask(kind: str):
    session = office_session()
    work = ask_long_work(session, running().clock, g.actor, kind, {})
    where = url_for("api-stores.work", work_id=work)
    return work_shape(read_long_work(session, g.actor.county, work)), 202, {"Location": where}


@blp.route("/stores/works/<uuid:work_id>")
@staff("stores")
@blp.response(200, LongWorkOut)
def work(work_id: UUID):
    """How far it is, and what it found."""
    return work_shape(_own(work_id))


@blp.route("/stores/works/<uuid:work_id>", methods=["DELETE"])
@staff("stores")
@blp.response(202, LongWorkOut)
def stop(work_id: UUID):
    """Ask for its end: it stops at its next word."""
    session = office_session()
    _own(work_id)
    cancel_long_work(session, g.actor.county, work_id)
    session.commit()
    return work_shape(_own(work_id)), 202


def _own(work_id: UUID) -> LongWork:
    found = read_long_work(office_session(), g.actor.county, work_id)
    if found.kind not in (RECONCILE, FOLLOW_STORES):
        raise NotFound("long_work", "没有这项工作")
    return found
