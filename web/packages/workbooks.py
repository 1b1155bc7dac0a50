"""Findings and differences as workbooks. Every cell is written as text: what begins with = + - @ is no formula."""

from collections.abc import Iterable
from typing import IO, Any

import xlsxwriter

_MOST = 1_000_000  # rows of a sheet


def write_workbook(file: IO[bytes], title: str, heads: list[str], rows: Iterable[list[Any]]) -> None:
    """Row by row, so that its size does not count in memory; a new sheet where one is full."""
    book = xlsxwriter.Workbook(
        file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    bold, sheet, number = book.add_format({"bold": True}), None, 0
    for row in rows:
        if sheet is None or number > _MOST:
            sheet, number = _sheet(book, title, heads, bold), 1
        for column, value in enumerate(row):
            if isinstance(value, int | float):
                sheet.write_number(number, column, value)
            elif value is not None:
                sheet.write_string(number, column, neutral(str(value)))
        number += 1
    if sheet is None:
        _sheet(book, title, heads, bold)
    book.close()


def neutral(text: str) -> str:
    """As a spreadsheet that is saved as CSV and opened again leaves it alone."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _sheet(book: Any, title: str, heads: list[str], bold: Any) -> Any:
    made = len(book.worksheets())
    sheet = book.add_worksheet(title[:28] + (f" {made + 1}" if made else ""))
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(heads) - 1, 24)
    for column, head in enumerate(heads):
        sheet.write_string(0, column, head, bold)
    return sheet
