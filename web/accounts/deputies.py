"""Deputies with dates: one's own, open to whoever is signed in; everybody's, for the administrators."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from engine.domain.accounts import day_named
from engine.domain.errors import DomainError, Invalid
from engine.domain.roles import DEPUTISED, TITLES
from engine.queries import deputies as queries
from engine.store.tables.reference import Position
from engine.usecases.accounts.deputise import Wanted, end_deputy, name_deputy, position_of
from engine.usecases.accounts.noted import SECURITY, SYSTEM
from web.accounts.blueprint import today
from web.accounts.own import words_of
from web.auth import needs
from web.db import office_session, running
from web.errors import message_of
from web.i18n import lang
from web.inbox.shell import printable, staff_shell

blueprint = Blueprint("deputies", __name__, url_prefix="/deputies")
blueprint.context_processor(staff_shell)
FIELDS = ("username", "since", "until", "reason")


@blueprint.context_processor
def words() -> dict[str, Any]:
    return {"title_of": lambda role: TITLES.get(role, {}).get(lang(), role)}


def administers() -> bool:
    return g.actor is not None and g.actor.role in (SYSTEM, SECURITY)


@blueprint.get("")
@needs("staff")
def overview():
    """The administrators see the county's, anybody else their own."""
    whose = None if administers() else g.actor.person_id
    rows = queries.deputies(office_session(), g.actor.county, today(), whose)
    own = [
        seat.position for seat in current_user.seats if not seat.principal and seat.position.role in DEPUTISED
    ]
    return render_template("accounts/deputies.html", rows=rows, own=own, everybody=whose is None)


@blueprint.get("/new/<uuid:position_id>")
@needs("staff")
def new(position_id: UUID):
    return _form(position_of(office_session(), g.actor, position_id), {}, {})


def _form(position: Position, typed: dict[str, str], errors: dict[str, list[str]]) -> str:
    session = office_session()
    return render_template(
        "accounts/deputy.html",
        position=position,
        typed=typed,
        errors=errors,
        candidates=queries.candidates(session, position, today()),
    )


@blueprint.post("/new/<uuid:position_id>")
@needs("staff")
def make(position_id: UUID):
    session = office_session()
    typed = {name: printable(request.form.get(name, ""))[:300] for name in FIELDS}
    position = position_of(session, g.actor, position_id)
    days, errors = {}, {}
    for name in ("since", "until"):
        try:
            days[name] = day_named(typed[name])
        except ValueError:
            days[name] = None
        if days[name] is None:
            errors[name] = [_("日期请写成 2026-01-01")]
    if errors or not days["since"] or not days["until"]:
        return _form(position, typed, errors), 422
    wanted = Wanted(typed["username"].lower(), days["since"], days["until"], typed["reason"])
    try:
        name_deputy(session, running().clock, g.actor, position_id, wanted)
        session.commit()
    except Invalid as error:
        session.rollback()
        return _form(position_of(session, g.actor, position_id), typed, words_of(error.fields)), 422
    flash(_("已请人代理，到期自动结束"), "success")
    return redirect(url_for("deputies.overview"), 303)


@blueprint.post("/<uuid:deputy_id>/end")
@needs("staff")
def end(deputy_id: UUID):
    session = office_session()
    try:
        end_deputy(session, running().clock, g.actor, deputy_id)
        session.commit()
        flash(_("代理已结束"), "success")
    except DomainError as error:
        session.rollback()
        flash(message_of(error), "error")
    return redirect(url_for("deputies.overview"), 303)
