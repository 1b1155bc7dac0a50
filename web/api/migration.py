"""A draft tried against past cases, and open cases moved to the version in force."""

from typing import Any
from uuid import UUID

from flask import g, url_for
from marshmallow import Schema, fields, validate

from engine.domain.errors import Conflict, NotFound
from engine.store.tables.work import LongWork
from engine.usecases.backtest import Backtest
from engine.usecases.long_work import ask_long_work, cancel_long_work, read_long_work
from engine.usecases.migration import Moved, Summary, migrate_cases, rehearse, undo_migrations
from web.api import schemas
from web.api.access import staff
from web.api.audit import LongWorkOut, work_shape
from web.api.blueprint import blueprint
from web.api.once import once
from web.db import office_session, running
from web.studio.backtest import KIND
from web.studio.blueprint import desk
from web.studio.migration import LONGEST_ID, MOST, MOST_DECLARED, PlanView, plan_of

blp = blueprint("migration", "流程试算与迁移 / Backtests and migration")
HARMLESS = fields.List(
    fields.String(validate=validate.Length(max=LONGEST_ID)),
    load_default=list,
    validate=validate.Length(max=MOST_DECLARED),
    metadata={"description": "elements whose change is declared harmless"},
)


class MigrationPlanArgs(Schema):
    harmless = HARMLESS


class MigrationIn(Schema):
    version = fields.String(
        load_default="", metadata={"description": "in force as it was planned; not for undo"}
    )
    harmless = HARMLESS


class MigrationPlanOut(Schema):
    version = fields.String(required=True, metadata={"description": "in force"})
    cases = fields.List(schemas.anything("{case, version, revision, movable, reasons}"))
    more = fields.Boolean(metadata={"description": f"only the first {MOST} were looked at"})
    summary = schemas.anything("counts, and each reason with how many cases it keeps")


class MovedOut(Schema):
    summary = schemas.anything("counts, and each reason with how many cases it keeps")
    cases = fields.List(schemas.anything("{case, came, message, reasons, tasks, begun, given_up}"))


@blp.route("/case-types/<case_type>/migration")
@staff("studio")
@blp.arguments(MigrationPlanArgs, location="query")
@blp.response(200, MigrationPlanOut)
def plan(args: dict[str, Any], case_type: str):
    """Which open cases of older versions can move to the one in force, and why others cannot. Moves nothing."""
    found = desk(case_type)
    made = plan_of(found, args["harmless"])
    return {
        "version": found.state.in_force.id,
        "cases": [one.as_dict() for one in made.planned],
        "more": made.more,
        "summary": made.summary.as_dict(),
    }


@blp.route("/case-types/<case_type>/migration/<any(rehearse, apply, undo):act>", methods=["POST"])
@staff("studio")
@blp.arguments(MigrationIn)
@blp.response(200, MovedOut)
@once
def migrate(args: dict[str, Any], case_type: str, act: str):
    """Plans anew and goes by that. rehearse says what would come of it; undo takes back what nobody acted on since.

    Each case in a transaction of its own: what was moved drops out of the next plan.
    """
    found = desk(case_type)
    seen: list[Moved] = []
    if act == "undo":
        summary = undo_migrations(running(), g.actor, case_type, seen.append, most=MOST)
        return _told(summary, seen)
    version = found.state.in_force.id
    if args["version"] != version:
        raise Conflict("base_changed", "此间又启用了新的版本，请重新计划")
    made: PlanView = plan_of(found, args["harmless"])
    does = rehearse if act == "rehearse" else migrate_cases
    summary = does(running(), g.actor, case_type, version, made.movable, made.harmless, seen.append)
    return _told(summary, seen)


def _told(summary: Summary, seen: list[Moved]) -> dict[str, Any]:
    return {"summary": summary.as_dict(), "cases": [one.as_dict() for one in seen]}


@blp.route("/case-types/<case_type>/backtests", methods=["POST"])
@staff("studio")
@blp.response(202, LongWorkOut)
@once
def backtest(case_type: str):
    """The draft against all past cases, as long work: follow Location."""
    Backtest(desk(case_type).draft.files)  # what cannot be tried is said at once
    session = office_session()
    work = ask_long_work(session, running().clock, g.actor, KIND, {"case_type": case_type})
    where = url_for("api-migration.backtest_work", case_type=case_type, work_id=work)
    return work_shape(read_long_work(session, g.actor.county, work)), 202, {"Location": where}


@blp.route("/case-types/<case_type>/backtests/<uuid:work_id>")
@staff("studio")
@blp.response(200, LongWorkOut)
def backtest_work(case_type: str, work_id: UUID):
    """How far it is, and what would have gone another way."""
    return work_shape(_work(case_type, work_id))


@blp.route("/case-types/<case_type>/backtests/<uuid:work_id>", methods=["DELETE"])
@staff("studio")
@blp.response(202, LongWorkOut)
def stop_backtest(case_type: str, work_id: UUID):
    """Ask for its end: it stops at its next word."""
    session = office_session()
    _work(case_type, work_id)
    cancel_long_work(session, g.actor.county, work_id)
    session.commit()
    return work_shape(_work(case_type, work_id)), 202


def _work(case_type: str, work_id: UUID) -> LongWork:
    work = read_long_work(office_session(), g.actor.county, work_id)
    if work.kind != KIND or work.asked.get("case_type") != case_type:
        raise NotFound("long_work", "没有这项工作")
    return work
