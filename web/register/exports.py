"""A list of an issuing party as a file: CSV row by row as it is read, or a workbook. Who took which is recorded."""

import csv
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import xlsxwriter
from flask import Response, g, request, send_file, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from engine.domain import masking
from engine.domain.actor import Actor
from engine.domain.register import mu
from engine.exchange.standard import label
from engine.queries import register
from engine.queries.as_of import When
from engine.queries.things import under
from engine.queries.things.kinds import find
from web.auth import needs
from web.db import office_session, running
from web.i18n import lang
from web.inbox.download import disposition
from web.register.around import decimals, noted
from web.register.asked import asking, listed
from web.register.blueprint import blueprint

CHUNK = 500  # rows read at a time
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a cell that begins so would be reckoned out by a spreadsheet
Row = list[Any]


@blueprint.get("/register/parties/<party>/<what>.<kind>")
@needs("register")
def export(party: str, what: str, kind: str):
    """``what``: households, parcels, contracts; ``kind``: csv, xlsx. Narrowed and of the day as the list is."""
    if what not in ROWS or kind not in ("csv", "xlsx"):
        raise NotFound
    session, actor, sessions = office_session(), g.actor, running().sessions
    asked = asking(running().clock.now())
    found = find(session, actor, "party", party, asked.when)
    noted(found, "download", what)
    session.commit()
    narrowed = replace(listed(asked), party=found.code)
    how = How(actor, narrowed, asked.when, decimals(session, actor.county), lang())
    name = f"{found.code}-{what}-{asked.when.day}.{kind}"

    def rows() -> Iterator[Row]:
        """In a session of its own: the request is over when the last row is sent."""
        with sessions(actor.scope) as reading:
            yield from ROWS[what](reading, how)

    if kind == "xlsx":
        return _workbook(HEADS[what](), rows(), name)
    answer = Response(_csv(HEADS[what](), rows()), mimetype="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = disposition(name)
    return answer


@dataclass(frozen=True)
class How:
    """What rows are read and written by; ``decimals`` of 亩; ``lang`` of the words."""

    actor: Actor
    narrowed: register.Asked
    when: When
    decimals: int
    lang: str


def _household_rows(session: Session, how: How) -> Iterator[Row]:
    query, offset = register.found(how.actor, how.narrowed), 0
    while rows := session.execute(query.limit(CHUNK).offset(offset)).all():
        held = register.open_cases(session, how.actor.county, [row.code for row in rows])
        said = register.versions(session, how.actor.county, rows)
        for row in rows:
            code, version = row.code, said[row.version_id]
            yield [
                code, version.name, label("C.16", version.kind, how.lang), masking.number(version.id_number),
                masking.number(version.phone), version.address, version.member_count, row.parcel_count,
                mu(row.total_area, how.decimals) if row.contract else None,
                row.total_area, row.contract, row.term_end, held.get(code),
            ]  # fmt: skip
        offset += CHUNK


def _parcel_rows(session: Session, how: How) -> Iterator[Row]:
    last = ""
    while rows := under.parcels(session, how.actor, how.narrowed.party, how.when, CHUNK, after=last):
        for row in rows:
            holder = row.holder
            yield [
                row.code, row.name, label("C.7", row.category, how.lang), label("C.9", row.use, how.lang),
                mu(row.area, how.decimals), row.area, row.contract_area, row.location,
                holder.name if holder else None, holder.code if holder else None,
            ]  # fmt: skip
        last = rows[-1].code


def _contract_rows(session: Session, how: How) -> Iterator[Row]:
    offset = 0
    while rows := under.contracts(session, how.actor, how.narrowed.party, how.when, CHUNK, offset):
        for row in rows:
            yield [
                row.code, row.holder.name, row.holder.code, label("C.10", row.way, how.lang), row.term_start,
                row.term_end, row.parcels, mu(row.area, how.decimals), row.area,
            ]  # fmt: skip
        offset += CHUNK


ROWS = {"households": _household_rows, "parcels": _parcel_rows, "contracts": _contract_rows}
HEADS: dict[str, Callable[[], Row]] = {
    "households": lambda: [
        _("承包方编码"), _("承包方名称"), _("类型"), _("证件号"), _("电话"), _("住址"), _("成员数"), _("地块数"),
        _("合同面积（亩）"), _("合同面积（平方米）"), _("合同编码"), _("承包期限止"), _("在办"),
    ],
    "parcels": lambda: [
        _("地块编码"), _("地块名称"), _("地块类别"), _("土地用途"), _("实测面积（亩）"), _("实测面积（平方米）"),
        _("合同面积（平方米）"), _("四至"), _("承包方"), _("承包方编码"),
    ],
    "contracts": lambda: [
        _("合同编码"), _("承包方"), _("承包方编码"), _("承包方式"), _("承包期限起"), _("承包期限止"), _("地块数"),
        _("合同面积（亩）"), _("合同面积（平方米）"),
    ],
}  # fmt: skip


def _csv(heads: Row, rows: Iterable[Row]) -> Iterator[str]:
    """With a byte order mark, without which spreadsheets take Chinese for something else."""
    yield "\ufeff" + _line(heads)
    for row in rows:
        yield _line(row)


def _line(row: Row) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([plain(cell) for cell in row])
    return out.getvalue()


def plain(cell: Any) -> Any:
    """A text that a spreadsheet would take for a formula is led by an apostrophe."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def _workbook(heads: Row, rows: Iterable[Row], name: str) -> Response:
    """Written row by row into a file that is gone once it is sent; texts are texts, whatever they begin with."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  # Flask closes it when it is sent
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(file, options | {"strings_to_numbers": False})
    sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
    bold = book.add_format({"bold": True})
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(heads), 18)
    for place, cell in enumerate(heads):
        sheet.write_string(0, place, cell, bold)
    for number, row in enumerate(rows, start=1):
        for place, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(number, place, cell)
            elif hasattr(cell, "isoformat"):
                sheet.write_datetime(number, place, cell, day)
            elif cell is not None:
                sheet.write_number(number, place, cell)
    book.close()
    file.seek(0)
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    answer = send_file(file, mimetype=media_type, max_age=0)
    answer.headers["Content-Disposition"] = disposition(name)
    return answer


def same_export(party: str, what: str, kind: str) -> str:
    """The file of the list that is shown, narrowed as it is."""
    kept = {k: v for k, v in request.args.items() if k not in ("lang", "list", "page", "sort") and v}
    return url_for("register.export", **kept | {"party": party, "what": what, "kind": kind})  # type: ignore[arg-type]
