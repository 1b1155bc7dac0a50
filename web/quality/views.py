"""What the quality rules found: the list with its filter, the workbook, and a run started and followed."""

import json
import tempfile
from collections.abc import Iterator
from typing import IO, Any
from uuid import UUID

import xlsxwriter
from flask import Response, flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from engine.domain.clock import SHANGHAI
from engine.domain.errors import NotFound
from engine.domain.roles import may
from engine.exchange.findings import rules
from engine.queries import quality as queries
from engine.queries.quality import Filter
from engine.queries.scoped import places
from engine.store.tables.quality import QualityFinding
from engine.usecases.long_work import ask_long_work, cancel_long_work, read_long_work
from engine.usecases.note_read import note_read, note_search
from web.api.reading import checked
from web.auth import needs
from web.db import office_session, running
from web.inbox.download import disposition
from web.inbox.shell import same_list, searched
from web.jobs.words import phase_words
from web.quality import finding, settings  # noqa: F401  (their routes)
from web.quality.blueprint import blueprint
from web.quality.words import (
    SEVERITIES,
    SOURCES,
    STATES,
    field_title,
    message_of,
    record_of,
    rule_title,
    state_words,
    table_title,
)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KIND = "check_register"
_CHUNK = 1 << 16


@blueprint.get("/quality")
@needs("quality")
def overview():
    session, actor, asked = office_session(), g.actor, asked_filter()
    if asked.words:
        note_search(session, running().clock, actor, "quality", asked.words)
    rows, place = queries.listed(session, actor, asked, _place())
    counts = queries.counts(session, actor, asked)
    page = render_template(
        "quality/list.html",
        rows=rows,
        next=same_list(after=json.dumps(place, ensure_ascii=False)) if place else None,
        first=same_list(after=None) if request.args.get("after") else None,
        handled=queries.handled_by(session, actor, rows),
        counts=counts,
        total=sum(counts.values()),
        asked=asked,
        run=queries.newest_run(session, actor),
        divisions=queries.divisions(session, actor),
        named=places(session, {row.division for row in rows}),
        steward=may(actor.role, "packages"),
        same_list=same_list,
        **_words(),
    )
    session.commit()
    return page


def _words() -> dict[str, Any]:
    return {
        "rule_title": rule_title, "message_of": message_of, "record_of": record_of, "table_title": table_title,
        "states": STATES, "severities": SEVERITIES, "sources": SOURCES, "rules": rules(),
        "record_kind": queries.record_kind,
    }  # fmt: skip


def asked_filter() -> Filter:
    """Of the address; what is no known word lets everything through, and no state said is what is open."""
    given = request.args
    state = given.get("state", "open")
    division = given.get("division", "")
    return Filter(
        rule=given.get("rule", "") if given.get("rule") in rules() else "",
        severity=given.get("severity", "") if given.get("severity") in queries.SEVERITIES else "",
        state=state if state in queries.STATES else "" if state == "all" else "open",
        source=given.get("source", "") if given.get("source") in queries.SOURCES else "",
        division=division if division.isascii() and division.isdigit() and len(division) <= 14 else "",
        words=searched(),
    )


def _place() -> list[Any] | None:
    """Where the page begins; a spoiled address begins at the start."""
    try:
        place = checked(json.loads(request.args.get("after", "")))
    except (ValueError, RecursionError):
        return None
    right = isinstance(place, list) and len(place) == 3 and isinstance(place[2], int) and 0 < place[2] < 2**63
    return place if right and all(isinstance(p, str) and "\0" not in p for p in place[:2]) else None


@blueprint.get("/quality/export")
@needs("quality")
def export():
    """The filtered list as a workbook, row by row through a file: its size does not count in memory."""
    session, actor = office_session(), g.actor
    note_read(session, running().clock, actor, "download", "quality:findings", actor.division)
    session.commit()
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it is sent
    write_workbook(file, queries.every(session, actor, asked_filter()))
    session.rollback()
    answer = Response(_pieces(file), mimetype=XLSX)
    answer.headers["Content-Disposition"] = disposition(_("质检结果") + ".xlsx")
    return answer


def write_workbook(file: IO[bytes], rows: Iterator[QualityFinding]) -> None:
    """Every cell is text or a number: a value that looks like a formula stays what it is."""
    book = xlsxwriter.Workbook(
        file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet(_("质检结果"))
    bold = book.add_format({"bold": True})
    heads = (
        _("规则"), _("规则内容"), _("严重程度"), _("表"), _("记录"), _("字段"), _("相关记录"), _("说明"),
        _("区划"), _("东坐标"), _("北坐标"), _("状态"), _("发现时间"),
    )  # fmt: skip
    for column, (head, width) in enumerate(
        zip(heads, (8, 36, 8, 12, 22, 18, 22, 60, 16, 14, 14, 10, 18), strict=True)
    ):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, head, bold)
    sheet.freeze_panes(1, 0)
    for number, row in enumerate(rows, 1):
        texts = (
            row.rule, rule_title(row.rule), _(SEVERITIES[row.severity][0]), table_title(row.table), record_of(row),
            field_title(row.table, row.field), row.other or "", message_of(row), row.division, row.x, row.y,
            state_words(row.state), f"{row.found_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
        )  # fmt: skip
        for column, value in enumerate(texts):
            if isinstance(value, float):
                sheet.write_number(number, column, value)
            elif value:
                sheet.write_string(number, column, plain_cell(str(value)))
    book.close()


def plain_cell(text: str) -> str:
    """As text even where a program saves the sheet as CSV and opens it again."""
    return f"'{text}" if text[:1] in "=+-@\t\r" else text


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while piece := file.read(_CHUNK):
            yield piece


@blueprint.post("/quality/runs")
@needs("packages")
def run_now():
    session, actor = office_session(), g.actor
    division = request.form.get("division", "") or actor.county
    asked = {"division": division if actor.sees(division) else actor.county, "by": actor.name}
    work = ask_long_work(session, running().clock, actor, KIND, asked)
    session.commit()
    return redirect(url_for("quality.run", work_id=work), 303)


@blueprint.get("/quality/runs/<uuid:work_id>")
@needs("packages")
def run(work_id: UUID):
    """How far it is, and then what it found. Comes again by itself, by a response header."""
    work = read_long_work(office_session(), g.actor.county, work_id)
    if work.kind != KIND:
        raise NotFound("long_work", "没有这项工作")
    page = render_template("quality/run.html", work=work, phase=phase_words(work), rule_title=rule_title)
    answer = make_response(page)
    if work.ended_at is None:
        answer.headers["Refresh"] = f"2; url={url_for('quality.run', work_id=work_id)}"
    return answer


@blueprint.post("/quality/runs/<uuid:work_id>/cancel")
@needs("packages")
def cancel_run(work_id: UUID):
    session = office_session()
    if read_long_work(session, g.actor.county, work_id).kind != KIND:
        raise NotFound("long_work", "没有这项工作")
    cancel_long_work(session, g.actor.county, work_id)
    session.commit()
    flash(_("已要求停止"), "success")
    return redirect(url_for("quality.run", work_id=work_id), 303)
