"""Statistics: figures, ledgers, the six summary tables and the yearly form, as the pages have them."""

from typing import Any
from uuid import UUID

from flask import g, url_for

from engine.domain.calendar import shipped_calendar
from engine.domain.register import mu
from engine.domain.yearly_form import UNITS
from engine.exchange.summaries import COLUMNS
from engine.queries.ledgers import LEDGERS, Column, ledger_page
from engine.queries.statistics import supervision
from engine.queries.statistics.overview import Figures, overview
from engine.queries.statistics.summary_tables import summary_tables
from engine.queries.statistics.sums import units
from engine.queries.statistics.totals import total_of
from engine.queries.statistics.yearly import FilledForm
from engine.usecases.export_ledger import KIND, read_export
from engine.usecases.long_work import ask_long_work, read_long_work
from engine.usecases.stop_export import stop_export
from engine.usecases.yearly_form import (
    confirm_statistics,
    enter_statistics,
    read_statistics,
    withdraw_statistics,
)
from web.api import shapes
from web.api.access import staff
from web.api.audit import LongWorkOut, work_shape
from web.api.blueprint import blueprint
from web.api.once import once
from web.api.paging import page, page_number
from web.api.statistics_schemas import (
    ConfirmIn,
    EntriesIn,
    LedgerArgs,
    LedgerOut,
    LedgerPage,
    OverviewArgs,
    OverviewOut,
    SummariesOut,
    SupervisionOut,
    WhereArgs,
    WithdrawIn,
    YearlyFormOut,
)
from web.db import office_session, running
from web.i18n import in_words
from web.statistics.asked import answered, asked_division, ledger_asked, question
from web.statistics.ledgers import XLSX, finished, known_ledger, note_book, ordered

blp = blueprint("statistics", "统计分析 / Statistics")


@blp.route("/statistics/overview")
@staff("statistics")
@blp.arguments(OverviewArgs, location="query")
@blp.response(200, OverviewOut)
def figures(args: dict[str, Any]):
    """A division's figures on a day, those of the level below it, and how work goes."""
    asked = answered(question())
    found = overview(asked.view, shipped_calendar(), args.get("year"))
    office_session().commit()  # what was added up is kept
    return {
        "division": asked.division,
        "day": asked.day.isoformat(),
        "year": found.year,
        "whole": _figures(found.whole),
        "below": [_figures(one) for one in found.below],
        "uses": shapes.plain(found.uses),
        "categories": shapes.plain(found.categories),
        "ending": {
            str(year): {"contracts": contracts, "area": str(area)}
            for year, (contracts, area) in found.ending.items()
        },
        "months": list(found.months),
        "signed": found.signed,
        "changes": [vars(one) for one in found.changes],
        "steps": [vars(one) for one in found.steps],
        "work": vars(found.load),
    }


@blp.route("/statistics/supervision")
@staff("statistics")
@blp.arguments(WhereArgs, location="query")
@blp.response(200, SupervisionOut)
def supervised(_args: dict[str, Any]):
    """How work goes: acts on the register by month, steps with their working days, what is open and late where."""
    asked = answered(question())
    session, actor, when, division = office_session(), g.actor, asked.when, asked.division
    named = units(session, actor, division, deep=False)
    digits = max((len(code) for code in named), default=len(division))
    late = supervision.late_by_place(session, actor, when, division, digits)
    return {
        "division": division,
        "months": [vars(one) for one in supervision.changes_by_month(session, actor, when, division)],
        "steps": [vars(one) for one in supervision.steps(session, actor, when, division, shipped_calendar())],
        "work": vars(supervision.load(session, actor, when, division)),
        "late": [{"division": code, "name": named.get(code), "late": count} for code, count in late.items()],
    }


def _figures(one: Figures) -> dict[str, Any]:
    return {name: str(v) if name.endswith("area") else v for name, v in vars(one).items()}


@blp.route("/statistics/ledgers")
@staff("statistics")
@blp.response(200, LedgerOut(many=True))
def ledgers():
    """Which ledgers there are, their columns and filters."""
    return [
        {
            "name": one.name,
            "title": in_words(one.title),
            "about": in_words(one.about),
            "columns": [_column(column) for column in one.columns],
            "filters": {
                name: {value: in_words(text) for value, text in one.choices.get(name, {}).items()}
                for name in one.filters
            },
        }
        for one in LEDGERS.values()
    ]


def _column(column: Column) -> dict[str, Any]:
    return {"key": column.key, "title": in_words(column.title), "kind": column.kind, "codes": column.codes}


@blp.route("/statistics/ledgers/<ledger>")
@staff("statistics")
@blp.arguments(LedgerArgs, location="query")
@blp.response(200, LedgerPage)
def ledger(args: dict[str, Any], ledger: str):
    """Rows of a ledger as it stood on the day; who looked is recorded."""
    known, asked = known_ledger(ledger), question()
    wanted = ledger_asked(asked, known)
    answered(asked)
    number = page_number(args)
    session = office_session()
    found = ledger_page(session, known, wanted, number, args["limit"], total_of(asked.view, ledger, wanted))
    note_book(g.actor, "open", ledger, asked.division)
    session.commit()
    rows = [
        {
            column.key: shapes.plain(in_words(value) if column.kind == "words" and value else value)
            for column, value in zip(known.columns, row, strict=True)
        }
        for row in (found.rows if number <= found.pages else [])
    ]
    answer, status, headers = page(rows, [found.page + 1] if number < found.pages else None)
    return answer | {"total": found.total}, status, headers


@blp.route("/statistics/books/<book>", methods=["POST"])
@staff("books")
@blp.response(202, LongWorkOut)
@once
def workbook(book: str):
    """A ledger (or `summaries`, or `yearly` with `year`) as a workbook, made as long work: follow Location.

    The filters stand in the query, as for the ledger.
    """
    session = office_session()
    work = ask_long_work(session, running().clock, g.actor, KIND, ordered(book))
    where = url_for("api-statistics.work", work_id=work)
    return _work(read_long_work(session, g.actor.county, work)), 202, {"Location": where}


@blp.route("/statistics/works/<uuid:work_id>")
@staff("statistics")
@blp.response(200, LongWorkOut)
def work(work_id: UUID):
    """How far the workbook is. When it is done, GET …/book.xlsx."""
    return _work(read_export(office_session(), g.actor, work_id))


@blp.route("/statistics/works/<uuid:work_id>", methods=["DELETE"])
@staff("statistics")
@blp.response(202, LongWorkOut)
def stop(work_id: UUID):
    """Ask for its end: it stops at its next word."""
    session = office_session()
    stop_export(session, g.actor, work_id)
    session.commit()
    return _work(read_export(session, g.actor, work_id)), 202


@blp.route("/statistics/works/<uuid:work_id>/book.xlsx")
@staff("statistics")
@blp.response(200, content_type=XLSX)
def work_file(work_id: UUID):
    """The finished workbook; who takes it is recorded."""
    return finished(work_id)


def _work(found: Any) -> dict[str, Any]:
    shape = work_shape(found)
    return shape | {"result": {k: v for k, v in (shape["result"] or {}).items() if k != "sha256"} or None}


@blp.route("/statistics/summaries")
@staff("statistics")
@blp.arguments(WhereArgs, location="query")
@blp.response(200, SummariesOut)
def summaries(args: dict[str, Any]):
    """The six summary tables of a package, from the register on the day, for every unit of the division."""
    asked = answered(question())
    named, tables = summary_tables(asked.view)
    office_session().commit()  # what was added up is kept
    return {
        "division": asked.division,
        "day": asked.day.isoformat(),
        "units": named,
        "tables": [
            {
                "name": name,
                "columns": [
                    {"name": column, "unit": "" if counted else "mu"} for column, counted in COLUMNS[name]
                ],
                "rows": {unit: shapes.plain(values) for unit, values in rows.items()},
            }
            for name, rows in tables.items()
        ],
    }


@blp.route("/statistics/yearly/<int:year>")
@staff("statistics")
@blp.arguments(WhereArgs(only=["division"]), location="query")
@blp.response(200, YearlyFormOut)
def yearly(args: dict[str, Any], year: int):
    """The yearly statistics form of a county, township or village."""
    return _form(year, asked_division(args["division"]))


@blp.route("/statistics/yearly/<int:year>/entries", methods=["PUT"])
@staff("statistics")
@blp.arguments(WhereArgs(only=["division"]), location="query")
@blp.arguments(EntriesIn)
@blp.response(200, YearlyFormOut)
def enter(args: dict[str, Any], content: dict[str, Any], year: int):
    """Enter values by hand; 409 once the form is confirmed here or above."""
    session, division = office_session(), asked_division(args["division"])
    given = {name: value or "" for name, value in content["values"].items()}
    enter_statistics(session, running().clock, g.actor, year, division, given)
    session.commit()
    return _form(year, division)


@blp.route("/statistics/yearly/<int:year>/confirmation", methods=["PUT"])
@staff("statistics")
@blp.arguments(WhereArgs(only=["division"]), location="query")
@blp.arguments(ConfirmIn)
@blp.response(200, YearlyFormOut)
def confirm(args: dict[str, Any], content: dict[str, Any], year: int):
    """Freeze the form; its sums must hold, and above the village somebody else must have entered."""
    session, division = office_session(), asked_division(args["division"])
    confirm_statistics(session, running().clock, g.actor, year, division, content["note"])
    session.commit()
    return _form(year, division)


@blp.route("/statistics/yearly/<int:year>/confirmation", methods=["DELETE"])
@staff("statistics")
@blp.arguments(WhereArgs(only=["division"]), location="query")
@blp.arguments(WithdrawIn)
@blp.response(200, YearlyFormOut)
def withdraw(args: dict[str, Any], content: dict[str, Any], year: int):
    """Open a confirmed form again, with a reason that stays on record."""
    session, division = office_session(), asked_division(args["division"])
    withdraw_statistics(session, running().clock, g.actor, year, division, content["why"])
    session.commit()
    return _form(year, division)


def _form(year: int, division: str) -> dict[str, Any]:
    filled: FilledForm = read_statistics(office_session(), running().clock, g.actor, year, division)

    def shown(one: Any, value: Any) -> str | None:
        return None if value is None else str(mu(value, 4) if one.is_area else int(value))

    done = filled.confirmed
    return {
        "year": year,
        "division": division,
        "edition": filled.form.since,
        "lines": [
            {
                "id": line.indicator.id,
                "group": line.indicator.group,
                "name": in_words(line.indicator.name),
                "unit": in_words(UNITS[line.indicator.unit]),
                "value": shown(line.indicator, line.value),
                "last_year": shown(line.indicator, line.last_year),
                "computed": bool(line.indicator.computed),
                "own": shown(line.indicator, line.own.value) if line.own else None,
                "entered_by": line.own.entered_name if line.own else None,
                "entered_at": line.own.entered_at.isoformat() if line.own else None,
                "may_enter": line.may_enter,
                "verify": line.indicator.verify,
            }
            for line in filled.lines
        ],
        "findings": [
            {
                "check": one.check,
                "severity": one.severity,
                "message": in_words(one.message),
                "indicators": list(one.indicators),
            }
            for one in filled.findings
        ],
        "confirmed_by": done.confirmed_name if done else None,
        "confirmed_at": done.confirmed_at.isoformat() if done else None,
        "closed": filled.closed_by is not None,
        "below": list(filled.below),
        "now_differs": list(filled.now_differs),
    }
