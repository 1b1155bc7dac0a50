"""A list form as a workbook: the empty one to fill in, and the filled one read into the form's rows."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import xlsxwriter

from engine.domain.errors import Refused
from engine.exchange.account_sheets import sheets_of, text_of

SHEET = "名单"
MOST_LISTED = 255  # characters of a cell's list of choices, as spreadsheets have it


@dataclass(frozen=True)
class Column:
    """``choices``: code -> words, of a field that is picked."""

    field: str
    title: str
    hint: str = ""
    choices: Mapping[str, str] | None = None


def empty(columns: Sequence[Column], most: int) -> bytes:
    """``most`` rows to fill in; what is picked has its choices at the cell, and all of them on a sheet of their own."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        bold = book.add_format({"bold": True, "bg_color": "#e6efe9", "text_wrap": True})
        text = book.add_format({"num_format": "@"})
        sheet, notes = book.add_worksheet(SHEET), book.add_worksheet("说明")
        sheet.set_column(0, len(columns) - 1, 22, text)
        sheet.freeze_panes(1, 0)
        notes.set_column(0, 1, 40)
        line = 0
        for at, column in enumerate(columns):
            sheet.write_string(0, at, column.title, bold)
            notes.write_string(line, 0, column.title, bold)
            notes.write_string(line, 1, column.hint)
            line += 1
            words = list((column.choices or {}).values())
            for word in words:
                notes.write_string(line, 1, word)
                line += 1
            if words:
                first, last = line - len(words) + 1, line
                area = f"='说明'!$B${first}:$B${last}"
                sheet.data_validation(
                    1, at, most, at, {"validate": "list", "source": area, "ignore_blank": True}
                )
    return out.getvalue()


def read(file: BinaryIO, columns: Sequence[Column], most: int) -> list[dict[str, Any]]:
    """The rows by field; words of choices become their codes, others stay as typed for the form to judge.

    Raises Refused where it is no such workbook, or has no rows or too many.
    """
    sheets = sheets_of(file)
    listed = sheets.get(SHEET) or next(iter(sheets.values()))
    places = {text_of(cell): at for at, cell in enumerate(listed[0])} if listed else {}
    missing = [column.title for column in columns[:3] if column.title not in places]
    if missing:
        raise Refused(
            "columns", "表格第一行缺少这些列：%(columns)s。请用下载的模板", columns="、".join(missing)
        )
    rows = []
    for cells in listed[1:]:
        row = {}
        for column in columns:
            at = places.get(column.title)
            text = text_of(cells[at]) if at is not None and at < len(cells) else ""
            codes = {word: code for code, word in (column.choices or {}).items()}
            row[column.field] = codes.get(text, text)
        if any(row.values()):
            rows.append(row)
    if not rows:
        raise Refused("no_rows", "表格里没有填写内容")
    if len(rows) > most:
        raise Refused("many_rows", "一次最多%(count)s行，请分开导入", count=most)
    return rows
