"""Ledgers to read and to take away: a page at a time, or as a workbook, at once or as long work."""

import tempfile
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Response, g, make_response, redirect, render_template, request, url_for

from engine.domain.actor import Actor
from engine.domain.errors import NotFound
from engine.queries.ledgers import LEDGERS, Ledger, ledger_page
from engine.queries.statistics.sums import due_years
from engine.queries.statistics.totals import total_of, whole
from engine.store.scope import one_view
from engine.usecases.export_ledger import (
    KIND,
    SUMMARIES,
    YEARLY,
    file_name,
    is_long,
    order,
    read_export,
    recent_exports,
    title_of,
    write_book,
)
from engine.usecases.long_work import ask_long_work
from engine.usecases.note_read import note_read
from engine.usecases.stop_export import stop_export
from web.auth import needs
from web.db import office_session, running
from web.inbox.download import disposition
from web.inbox.shell import asked_page
from web.jobs.words import STATES, phase_words
from web.statistics.asked import answered, ledger_asked, question
from web.statistics.blueprint import blueprint

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def known_ledger(name: str) -> Ledger:
    if name not in LEDGERS:
        raise NotFound("ledger", "没有这种台账")
    return LEDGERS[name]


def note_book(actor: Actor, action: str, book: str, division: str) -> None:
    """Ledgers hold names: who looked at which, or took it away, is recorded."""
    note_read(office_session(), running().clock, actor, action, f"ledger:{book} {division}", division)


@blueprint.get("/statistics/ledgers")
@needs("statistics")
def ledgers():
    return _page("contracts")


@blueprint.get("/statistics/ledgers/<ledger>")
@needs("statistics")
def ledger(ledger: str):
    return _page(ledger)


def _page(ledger: str) -> str:
    known, asked = known_ledger(ledger), question()
    wanted = ledger_asked(asked, known)
    session = office_session()
    view = whole(asked.view)
    page = ledger_page(session, known, wanted, asked_page(), total=total_of(view, ledger, wanted))
    note_book(g.actor, "open", ledger, asked.division)
    years = due_years(view) if "year" in known.filters else []
    answer = render_template(
        "statistics/ledger.html",
        asked=asked,
        ledger=known,
        ledgers=LEDGERS.values(),
        wanted=wanted,
        page=page,
        years=years,
        works=recent_exports(session, g.actor),
        title_of=title_of,
        states=STATES,
    )
    session.commit()
    return answer


def ordered(book: str) -> dict[str, Any]:
    """The order that the address asks for: the same filters as the page."""
    asked = answered(question())
    if book in LEDGERS:
        wanted = ledger_asked(asked, LEDGERS[book])
        answered(asked)
        filters = {name: getattr(wanted, name) for name in LEDGERS[book].filters}
        return order(g.actor, book, asked.division, asked.day, **filters)
    if book == SUMMARIES:
        return order(g.actor, book, asked.division, asked.day)
    year = request.args.get("year", "")
    if book != YEARLY or not (year.isascii() and year.isdigit() and len(year) == 4):
        raise NotFound("book", "没有这种工作簿")
    return order(g.actor, book, asked.division, asked.day, year=int(year))


@blueprint.post("/statistics/books/<book>")
@needs("books")
def book(book: str):
    """The workbook, or the page of the work that makes it. The filters stand in the address."""
    wanted, session, app = ordered(book), office_session(), running()
    known = app.clock.now()
    if is_long(session, wanted, known):
        work = ask_long_work(session, app.clock, g.actor, KIND, wanted)
        session.commit()
        return redirect(url_for("statistics.work", work_id=work), 303)
    body, name = made_now(wanted)
    note_book(g.actor, "download", book, wanted["division"])
    session.commit()
    return attachment(body, name)


def made_now(wanted: dict[str, Any]) -> tuple[bytes, str]:
    """A short book, from one view of the register."""
    app = running()
    with app.sessions(g.actor.scope) as session, tempfile.TemporaryDirectory(prefix="ledger-") as folder:
        one_view(session)
        path = Path(folder) / "book.xlsx"
        write_book(session, wanted, app.clock.now(), path)
        return path.read_bytes(), file_name(session, wanted)


def attachment(body: bytes, name: str) -> Response:
    answer = Response(body, mimetype=XLSX)
    answer.headers["Content-Disposition"] = disposition(name)
    return answer


@blueprint.get("/statistics/works/<uuid:work_id>")
@needs("statistics")
def work(work_id: UUID):
    """How far the workbook is; then the file. Comes again by itself, by a response header."""
    found = read_export(office_session(), g.actor, work_id)
    answer = make_response(
        render_template(
            "statistics/work.html",
            work=found,
            phase=phase_words(found),
            title=title_of(found.asked["book"]),
            size=(found.result or {}).get("size", 0),
        )
    )
    if found.ended_at is None:
        answer.headers["Refresh"] = f"2; url={url_for('statistics.work', work_id=work_id)}"
    return answer


@blueprint.post("/statistics/works/<uuid:work_id>/cancel")
@needs("books")
def cancel(work_id: UUID):
    session = office_session()
    stop_export(session, g.actor, work_id)
    session.commit()
    return redirect(url_for("statistics.work", work_id=work_id), 303)


@blueprint.get("/statistics/works/<uuid:work_id>/book.xlsx")
@needs("statistics")
def work_file(work_id: UUID):
    return finished(work_id)


def finished(work_id: UUID) -> Response:
    """The finished workbook; who takes it is recorded."""
    session = office_session()
    found = read_export(session, g.actor, work_id)
    if not found.result:
        raise NotFound("book", "工作簿还没有做好，请稍后再来")
    body = running().files.get(found.result["sha256"])
    note_book(g.actor, "download", found.asked["book"], found.asked["division"])
    session.commit()
    return attachment(body, found.result["name"])
