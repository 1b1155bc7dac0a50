"""The stores beside the operational one: prove that they agree, bring them up to date, as long work."""

from uuid import UUID

from flask import g, url_for

from engine.domain.errors import NotFound
from engine.store.tables.work import LongWork
from engine.usecases.long_work import ask_long_work, cancel_long_work, read_long_work
from web.api.access import staff
from web.api.audit import LongWorkOut, work_shape
from web.api.blueprint import blueprint
from web.api.once import once
from web.db import office_session, running
from web.stores.views import FOLLOW_STORES, RECONCILE

blp = blueprint("stores", "数据库 / The stores")


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
