"""A county's divisions, accounts and positions from one workbook: all of it or nothing, each wrong row told."""

import io
import json
from typing import Any

from flask import Response, g, render_template, request, send_file

from engine.domain.errors import Refused
from engine.exchange import account_sheets
from engine.exchange.account_sheets import Book
from engine.usecases.accounts.noted import SYSTEM, only
from engine.usecases.accounts.take_in_book import RowFault, faults_of_book, take_in_book
from web.accounts.blueprint import BOOK, blueprint, today
from web.accounts.people import codes_of
from web.auth import needs
from web.db import office_session, running
from web.errors import message_of
from web.i18n import in_words
from web.inbox.shell import printable

MOST_TOLD = 200  # faults on the page; the workbook has them all


@blueprint.get("/import")
@needs("accounts")
def import_page():
    return render_template("accounts/import.html", faults=[], refused=None, rows=0, count=0, book="")


@blueprint.get("/template.xlsx")
@needs("accounts")
def template():
    return _book(account_sheets.empty(), "accounts.xlsx")


@blueprint.post("/import")
@needs("accounts")
def import_now():
    """Where one row has a fault, every fault is told and nothing is made."""
    session, file = office_session(), request.files.get("workbook")
    only(g.actor, SYSTEM)
    try:
        if file is None or not file.filename:
            raise Refused("no_file", "请选择填好的表格")
        book = account_sheets.read(io.BytesIO(file.read()), today())
    except Refused as error:
        page = render_template(
            "accounts/import.html", faults=[], refused=message_of(error), rows=0, count=0, book=""
        )
        return page, 422
    faults = faults_of_book(session, g.actor, book)
    if faults:
        return _with_faults(book, faults), 422
    taken = take_in_book(session, running().clock, g.actor, book)
    session.commit()
    page = render_template(
        "accounts/made.html", made=taken.made, again=False, taken=taken, codes=codes_of(taken.made)
    )
    return page, 201


def _with_faults(book: Book, faults: list[RowFault]) -> str:
    told: dict[int, list[str]] = {}
    for fault in faults:
        told.setdefault(id(fault.line), []).append(in_words(fault.message))
    rows = [
        (f"{fault.line.sheet} {fault.line.row}", fault.line.cells[0], in_words(fault.message))
        for fault in faults[:MOST_TOLD]
    ]
    whole = ([line.sheet, line.cells, "；".join(told.get(id(line), []))] for line in book.lines)
    return render_template(
        "accounts/import.html",
        faults=rows,
        refused=None,
        rows=len(book.lines),
        count=len(faults),
        book=_json(whole),
    )


def _json(rows: Any) -> str:
    return json.dumps(list(rows), ensure_ascii=False, separators=(",", ":"))


@blueprint.post("/faults.xlsx")
@needs("accounts")
def faults():
    """The workbook again with what is wrong in each row, as the page before had it: nothing of it is kept here."""
    rows = [
        (str(row[0]), [_cell(cell) for cell in row[1]], _cell(row[2]))
        for row in _posted("book")
        if isinstance(row, list) and len(row) == 3 and isinstance(row[1], list)
    ]
    return _book(account_sheets.with_faults(rows), "accounts-errors.xlsx")


@blueprint.post("/codes.xlsx")
@needs("accounts")
def codes():
    """The codes that the page before showed, as a workbook: they came with the form and are kept nowhere."""
    rows = [[_cell(cell) for cell in row[:3]] for row in _posted("codes") if isinstance(row, list)]
    return _book(account_sheets.with_codes(rows), "codes.xlsx")


def _posted(name: str) -> list[Any]:
    try:
        found = json.loads(request.form.get(name, ""))
    except (ValueError, RecursionError):
        return []
    return found[:5000] if isinstance(found, list) else []


def _cell(value: Any) -> str:
    return printable(str(value))[:1000]


def _book(content: bytes, name: str) -> Response:
    return send_file(io.BytesIO(content), BOOK, as_attachment=True, download_name=name)
