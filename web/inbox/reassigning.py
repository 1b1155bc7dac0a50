"""Giving a task to another holder of the position, from its page."""

from typing import Any
from uuid import UUID

from flask import flash, g, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from engine.domain.clock import local_date
from engine.domain.errors import DomainError, Invalid
from engine.queries.deputies import NOW, StandIn, deputies
from engine.queries.reassigning import Holder, holders
from engine.queries.scoped import visible_case
from engine.store.tables.cases import Task
from engine.usecases.reassign_tasks import may_give, reassign_task
from web.auth import needs
from web.db import office_session, running
from web.errors import message_of
from web.i18n import in_words
from web.inbox.blueprint import blueprint
from web.inbox.lists import NUMBER


@blueprint.post(f"/cases/<number>/tasks/<{NUMBER}:task_number>/reassign")
@needs("cases")
def reassign(number: str, task_number: int):
    session = office_session()
    visible_case(session, g.actor, number)
    back = redirect(url_for("inbox.task", number=number, task_number=task_number), 303)
    to = asked_person(request.form.get("to", ""))
    if to is None:
        flash(_("请选择转给谁"), "error")
        return back
    try:
        reassign_task(
            session, running().clock, g.actor, number, task_number, to, request.form.get("reason", "")[:1000]
        )
        session.commit()
        flash(_("已转办，办理经过里写明了原因"), "success")
    except Invalid as error:
        session.rollback()
        flash(in_words(error.fields["reason"][0]), "error")
    except DomainError as error:
        session.rollback()
        flash(message_of(error), "error")
    return back


def asked_person(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def offered(session: Session, row: Task) -> list[Holder]:
    """Whom the reader may give the task to; nobody where it is not the reader's to give."""
    if row.status != "open" or not may_give(g.actor, row):
        return []
    today = local_date(running().clock.now())
    found = holders(session, g.actor.county, row.role, row.office, today)
    return [one for one in found if one.id != row.assignee]


def away_now() -> list[StandIn]:
    """Who stands in for the reader today."""
    session, today = office_session(), local_date(running().clock.now())
    rows = deputies(session, g.actor.county, today, g.actor.person_id)
    return [row for row in rows if row.state == NOW and row.principal_id == g.actor.person_id]


@blueprint.context_processor
def takers() -> dict[str, Any]:
    return {"takers_of": lambda row: offered(office_session(), row), "away_now": away_now}
