"""The yearly statistics form: fill in, confirm, open again, compare."""

from typing import Any
from urllib.parse import urlencode

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from engine.domain.clock import local_date
from engine.domain.errors import DomainError, Invalid
from engine.domain.yearly_form import UNITS, form_for
from engine.queries.statistics.sums import units
from engine.queries.statistics.yearly import forms_of, history_of, years_before
from engine.usecases.yearly_form import (
    confirm_statistics,
    enter_statistics,
    read_statistics,
    withdraw_statistics,
)
from web.auth import needs
from web.db import office_session, running
from web.errors import message_of, status_of
from web.inbox.shell import printable
from web.statistics.asked import Question, question
from web.statistics.blueprint import blueprint
from web.statistics.pages import asked_year


def year_of(asked: Question) -> int:
    """The year asked for, else the last that is over."""
    return asked_year() or asked.today.year - 1


@blueprint.get("/statistics/yearly")
@needs("statistics")
def yearly():
    return _page({}, {})


def _page(typed: dict[str, str], faults: dict[str, list[str]], **more: Any) -> str:
    asked, session = question(), office_session()
    year = year_of(asked)
    if len(asked.division) > 12:
        asked.division = asked.division[:12]
    filled = read_statistics(session, running().clock, g.actor, year, asked.division)
    named = units(session, g.actor, asked.division, deep=False)
    forms = forms_of(session, g.actor.county)
    this_year = local_date(running().clock.now()).year
    return render_template(
        "statistics/yearly.html",
        asked=asked,
        filled=filled,
        year=year,
        years=[one for one in range(this_year, this_year - 10, -1) if form_for(forms, one)],
        units=UNITS,
        typed=typed,
        faults=faults,
        below={code: name for code, name in named.items() if code != asked.division and len(code) <= 12},
        earlier=years_before(session, g.actor, asked.division, year),
        history=history_of(session, g.actor, year, asked.division),
        **more,
    )


def _back(asked: Question, year: int) -> Any:
    return redirect(f"{url_for('statistics.yearly')}?{urlencode(asked.kept() | {'year': year})}", 303)


@blueprint.post("/statistics/yearly/entries")
@needs("statistics")
def enter():
    asked = question()
    year = year_of(asked)
    typed = {
        name: printable(value)[:40]
        for name, value in request.form.items()
        if name not in ("csrf_token", "action")
    }
    session = office_session()
    try:
        changed = enter_statistics(session, running().clock, g.actor, year, asked.division, typed)
        session.commit()
    except Invalid as error:
        session.rollback()
        return _page(typed, error.fields), 422
    except DomainError as error:
        session.rollback()
        if status_of(error) == 404:
            raise
        return _page(typed, {}, refused=message_of(error), what=_("没有保存")), status_of(error)
    flash(_("已保存，改动%(n)s项", n=len(changed)), "success")
    return _back(asked, year)


@blueprint.post("/statistics/yearly/confirmation")
@needs("statistics")
def confirm():
    asked = question()
    year, note = year_of(asked), printable(request.form.get("note", ""))
    return _tried(
        asked,
        year,
        lambda session: confirm_statistics(session, running().clock, g.actor, year, asked.division, note),
        _("已确认，数字不再变动"),
        _("没有确认"),
        note=note,
    )


@blueprint.post("/statistics/yearly/withdrawal")
@needs("statistics")
def withdraw():
    asked = question()
    year, why = year_of(asked), printable(request.form.get("why", ""))
    return _tried(
        asked,
        year,
        lambda session: withdraw_statistics(session, running().clock, g.actor, year, asked.division, why),
        _("已撤回确认，可以更正后重新确认"),
        _("没有撤回"),
        why=why,
    )


def _tried(asked: Question, year: int, act: Any, done: str, not_done: str, **kept: str) -> Any:
    """A refusal is told on the page, which keeps what was typed."""
    session = office_session()
    try:
        act(session)
        session.commit()
    except Invalid as error:
        session.rollback()
        return _page({}, error.fields, **kept), 422
    except DomainError as error:
        session.rollback()
        if status_of(error) == 404:
            raise
        return _page({}, {}, refused=message_of(error), what=not_done, **kept), status_of(error)
    flash(done, "success")
    return _back(asked, year)
