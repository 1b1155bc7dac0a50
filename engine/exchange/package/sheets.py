"""Reads the spreadsheets of a package: the unit code table and the summary tables, .xls or .xlsx."""

import pathlib
import zipfile

from python_calamine import CalamineError, CalamineWorkbook

from engine.domain.said import said_of, say
from engine.exchange.package.model import Sheet

_MAX_BYTES = 200 << 20  # packed or unpacked: a county of 10,000 groups needs 1 MB


_BAD_ZIP = (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, UnicodeDecodeError)


class SheetError(ValueError):
    """The spreadsheet cannot be read; the message (Chinese) says why."""


def read_sheet(path: pathlib.Path, name: str, relative: str) -> Sheet:
    """Header and rows of the first sheet whose rows start with a unit code. Raises SheetError."""
    _check_size(path)
    try:
        with path.open("rb") as file:
            book = CalamineWorkbook.from_filelike(file)
            sheets = [book.get_sheet_by_name(title).to_python() for title in book.sheet_names]
    except (CalamineError, OSError, ValueError, *_BAD_ZIP) as error:
        raise SheetError(say("表格无法读取：%(why)s", why=said_of(error))) from error
    except BaseException as error:  # the reader is native code: its panics are not Exceptions
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        raise SheetError(say("表格损坏，无法读取")) from error
    for rows in sheets:
        found = [_row(row) for row in rows if row and _code(row[0])]
        if found:
            return Sheet(name, relative, _header(rows), found)
    raise SheetError(say("表格内没有以权属单位代码开头的行"))


def _check_size(path: pathlib.Path) -> None:
    size = path.stat().st_size
    if zipfile.is_zipfile(path):
        try:
            with zipfile.ZipFile(path) as archive:
                size = sum(info.file_size for info in archive.infolist())
        except _BAD_ZIP as error:
            raise SheetError(say("表格损坏：%(why)s", why=said_of(error))) from error
    if size > _MAX_BYTES:
        raise SheetError(say("表格过大（%(size)s MB），未读取", size=size >> 20))


def _code(value: object) -> str | None:
    """A unit code of 14 digits, also where the sheet keeps it as a number."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).strip()
    return text if text.isascii() and text.isdigit() and len(text) <= 14 and len(text) >= 6 else None


def _row(row: list) -> tuple:
    return (f"{_code(row[0]):0<14}", *(value if value != "" else None for value in row[1:]))


def _header(rows: list[list]) -> tuple[str, ...]:
    for row in rows:
        if row and str(row[0]).strip() == "权属单位代码":
            return tuple(str(value).strip() for value in row)
    return ()
