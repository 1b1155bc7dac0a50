"""The first page, supervision and the six summary tables."""

from flask import g, render_template, request

from engine.domain.calendar import shipped_calendar
from engine.exchange.summaries import COLUMNS
from engine.queries.statistics import supervision as work
from engine.queries.statistics.overview import overview as look
from engine.queries.statistics.summary_tables import summary_tables
from engine.queries.statistics.sums import units
from web.auth import needs
from web.db import office_session
from web.inbox.words import step_name
from web.statistics.asked import question
from web.statistics.blueprint import blueprint


def asked_year(name: str = "year") -> int | None:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) == 4 and text >= "1000" else None


@blueprint.get("/statistics")
@needs("statistics")
def overview():
    asked = question()
    found = look(asked.view, shipped_calendar(), asked_year())
    office_session().commit()  # what was added up is kept
    return render_template("statistics/overview.html", asked=asked, found=found)


@blueprint.get("/statistics/supervision")
@needs("statistics")
def supervision():
    asked = question()
    session, actor, when, division = office_session(), g.actor, asked.when, asked.division
    named = units(session, actor, division, deep=False)
    digits = max((len(code) for code in named), default=len(division))
    return render_template(
        "statistics/supervision.html",
        asked=asked,
        months=work.changes_by_month(session, actor, when, division),
        steps=work.steps(session, actor, when, division, shipped_calendar()),
        load=work.load(session, actor, when, division),
        late=work.late_by_place(session, actor, when, division, digits),
        named=named,
        step_name=step_name,
    )


@blueprint.get("/statistics/summaries")
@needs("statistics")
def summaries():
    """The division and the level below it; the workbook has all levels."""
    asked = question()
    named, tables = summary_tables(asked.view, deep=False)
    office_session().commit()  # what was added up is kept
    return render_template(
        "statistics/summaries.html", asked=asked, named=named, tables=tables, columns=COLUMNS
    )
