"""Workbooks that an office hands on: title, unit, day, who made it; rows streamed; ready to print on A4 across.

Rows are written as they come (XlsxWriter's constant memory: a row once left is on disk), so a county of any size
takes the memory of one row. Texts are always texts, never formulas, and those that a spreadsheet might take for one
are marked as quoted, which also survives a saving as CSV.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import xlsxwriter

from engine.domain.register import mu

MOST_ROWS = 1_000_000  # data rows of one sheet; Excel ends at 1,048,576
LONGEST = 32_767  # characters of a cell
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
Kind = Literal["text", "count", "m2", "mu", "day"]


@dataclass(frozen=True)
class Heading:
    """``group`` stands above neighbours of the same group; ``kind`` mu takes m2 and shows 亩."""

    title: str
    kind: Kind = "text"
    width: int = 12
    total: bool = False
    group: str = ""


@dataclass(frozen=True)
class Sheet:
    """``facts`` stand under the title, left to right: unit, day, who made it and when."""

    name: str
    title: str
    facts: Sequence[str]
    headings: Sequence[Heading]
    rows: Iterable[Sequence[Any]]
    notes: Sequence[str] = ()
    frozen: int = 2  # columns that stay in sight
    numbered: bool = True  # 序号 before each row
    total: bool = True
    strong: frozenset[int] = field(default_factory=frozenset)  # rows (from 0) to set in bold


class _Styles:
    def __init__(self, book: Any, decimals: int):
        grid = {
            "border": 1,
            "border_color": "#9AA79D",
            "font_size": 9,
            "valign": "vcenter",
            "font_name": "宋体",
        }
        number = {
            "count": "#,##0",
            "m2": "#,##0.00",
            "mu": "#,##0" + ("." + "0" * decimals if decimals else ""),
            "day": "yyyy-mm-dd",
        }
        self.title = book.add_format(
            {"bold": True, "font_size": 16, "align": "center", "valign": "vcenter", "font_name": "宋体"}
        )
        self.fact = book.add_format({"font_size": 9, "valign": "vcenter", "font_name": "宋体"})
        self.head = book.add_format(
            grid | {"bold": True, "align": "center", "text_wrap": True, "bg_color": "#EAF2EA"}
        )
        self.note = book.add_format({"font_size": 9, "font_name": "宋体"})
        self.cells: dict[tuple[str, bool, bool], Any] = {}
        for strong in (False, True):
            for kind in ("text", "count", "m2", "mu", "day"):
                style = grid | {"bold": strong} | ({"num_format": number[kind]} if kind in number else {})
                style |= {"align": "center"} if kind == "day" else {}
                self.cells[kind, strong, False] = book.add_format(style)
            self.cells["text", strong, True] = book.add_format(grid | {"bold": strong, "quote_prefix": True})


def write_workbook(path: Path, sheets: Iterable[Sheet], *, decimals: int, made: datetime, by: str) -> int:
    """Gives the number of data rows written. ``decimals`` are the county's of 亩."""
    book = xlsxwriter.Workbook(
        str(path), {"constant_memory": True, "tmpdir": str(path.parent), "default_date_format": "yyyy-mm-dd"}
    )
    book.set_properties({"created": made.replace(tzinfo=None), "author": by})
    styles = _Styles(book, decimals)
    written, taken = 0, set[str]()
    try:
        for sheet in sheets:
            written += _Writing(book, sheet, styles, decimals, taken).write()
    finally:
        book.close()
    return written


class _Writing:
    """One sheet, and further ones where it is longer than a sheet can be."""

    def __init__(self, book: Any, sheet: Sheet, styles: _Styles, decimals: int, taken: set[str]):
        self.book, self.sheet, self.styles, self.decimals, self.taken = book, sheet, styles, decimals, taken
        self.headings = (
            [Heading("序号", "count", 6), *sheet.headings] if sheet.numbered else list(sheet.headings)
        )
        self.grouped = any(heading.group for heading in self.headings)
        self.totals = [Decimal(0)] * len(self.headings)
        self.page: Any = None
        self.row = 0

    def write(self) -> int:
        written = 0
        for values in self.sheet.rows:
            if written % MOST_ROWS == 0:
                self._begin(written // MOST_ROWS)
            numbered = (written + 1, *values) if self.sheet.numbered else values
            self._line(numbered, written in self.sheet.strong)
            written += 1
        if self.page is None:
            self._begin(0)
        if self.sheet.total and written and any(heading.total for heading in self.headings):
            self._totals()
        self._end()
        return written

    def _begin(self, turn: int) -> None:
        if self.page is not None:
            self._end()
        self.page = self.book.add_worksheet(self._name(turn))
        last, page = len(self.headings) - 1, self.page
        for column, heading in enumerate(self.headings):
            page.set_column(column, column, heading.width)
        page.set_row(0, 30)
        page.merge_range(0, 0, 0, last, self.sheet.title, self.styles.title) if last else page.write_string(
            0, 0, self.sheet.title, self.styles.title
        )
        self._facts(last)
        self.row = 2
        heads = 2 if self.grouped else 1
        self._heads(heads)
        first = 2 + heads
        page.freeze_panes(first, self.sheet.frozen)
        page.repeat_rows(2, first - 1)
        page.set_landscape()
        page.set_paper(9)  # A4
        page.fit_to_pages(1, 0)
        page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        page.center_horizontally()
        page.set_footer(f"&L&8{_plain_footer(self.sheet.title)}&R&8第 &P 页，共 &N 页")
        self.row = first

    def _name(self, turn: int) -> str:
        name = self.sheet.name[:27] + (f"({turn + 1})" if turn else "")
        while name in self.taken:
            name += "'"
        self.taken.add(name)
        return name

    def _facts(self, last: int) -> None:
        """Spread over the width, without merging: a long one runs into the empty cells beside it."""
        step = max(1, (last + 1) // max(1, len(self.sheet.facts)))
        for place, fact in enumerate(self.sheet.facts):
            self.page.write_string(1, min(place * step, last), fact, self.styles.fact)

    def _heads(self, heads: int) -> None:
        self.page.set_row(2, 20 if heads == 2 else 32)
        if heads == 1:
            for column, heading in enumerate(self.headings):
                self.page.write_string(2, column, heading.title, self.styles.head)
            return
        self.page.set_row(3, 32)
        start = 0
        while start < len(self.headings):
            group = self.headings[start].group
            end = start
            while group and end + 1 < len(self.headings) and self.headings[end + 1].group == group:
                end += 1
            if end > start:
                self.page.merge_range(2, start, 2, end, group, self.styles.head)
            else:
                self.page.write_string(2, start, group, self.styles.head)
            start = end + 1
        for column, heading in enumerate(self.headings):
            self.page.write_string(3, column, heading.title, self.styles.head)

    def _line(self, values: Sequence[Any], strong: bool) -> None:
        for column, (heading, value) in enumerate(zip(self.headings, values, strict=True)):
            self._cell(column, heading, value, strong)
            if heading.total and value is not None:
                self.totals[column] += Decimal(value)
        self.row += 1

    def _cell(self, column: int, heading: Heading, value: Any, strong: bool) -> None:
        style = self.styles.cells[heading.kind, strong, False]
        if value is None or value == "":
            self.page.write_blank(self.row, column, None, style)
        elif heading.kind == "mu" and isinstance(value, (Decimal, int)):
            self.page.write_number(self.row, column, float(mu(Decimal(value), self.decimals)), style)
        elif isinstance(value, (Decimal, int, float)) and not isinstance(value, bool):
            self.page.write_number(self.row, column, float(value), style)
        elif isinstance(value, date):
            shown = value if value.year >= 1900 else None
            if shown:
                day = datetime(value.year, value.month, value.day)
                self.page.write_datetime(self.row, column, day, self.styles.cells["day", strong, False])
            else:
                self.page.write_string(self.row, column, value.isoformat(), style)
        else:
            self._text(column, str(value), strong)

    def _text(self, column: int, text: str, strong: bool) -> None:
        text = "".join(c for c in text if c.isprintable() or c == "\n")[:LONGEST]
        style = self.styles.cells["text", strong, text.startswith(FORMULA)]
        self.page.write_string(self.row, column, text, style)

    def _totals(self) -> None:
        for column, heading in enumerate(self.headings):
            if heading.total:
                self._cell(column, heading, self.totals[column], True)
            else:
                self._text(column, "合计" if column == (1 if self.sheet.numbered else 0) else "", True)
        self.row += 1

    def _end(self) -> None:
        for note in self.sheet.notes:
            self.page.write_string(self.row, 0, note, self.styles.note)
            self.row += 1
        last = max(self.row - 1, 0)
        self.page.print_area(0, 0, last, len(self.headings) - 1)


def _plain_footer(text: str) -> str:
    return text.replace("&", "&&")[:100]
