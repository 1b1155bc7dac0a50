"""Workbooks of staff accounts: the empty one to fill in, the filled one read, and the one with the codes."""

import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, BinaryIO

import xlsxwriter
from python_calamine import CalamineError, CalamineWorkbook

from engine.domain.accounts import Wanted, day_named, limit, role_named
from engine.domain.errors import Refused

COLUMNS = ("用户名", "姓名", "岗位", "区划代码", "起日", "止日", "电话")
FIELDS = ("username", "name", "role", "division", "since", "until", "phone")
MOST_BYTES = 20 << 20  # unpacked
_EXAMPLE = ("zhangsan", "张三", "村级经办人", "990101100201", "2026-01-01", "", "0900-1200001")


def empty() -> bytes:
    """With the header, an example to overwrite, and what each column wants."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet, bold = book.add_worksheet("账号"), book.add_format({"bold": True, "bg_color": "#e6efe9"})
        text = book.add_format({"num_format": "@"})
        sheet.set_column(0, len(COLUMNS) - 1, 18, text)
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, COLUMNS, bold)
        sheet.write_row(1, 0, _EXAMPLE)
        notes = book.add_worksheet("说明")
        notes.set_column(0, 0, 100)
        lines = (
            "第二行是示例，请改掉。用户名：3到40个小写字母、数字、点、横线。",
            "岗位：村级经办人、乡镇审核人、县级审批人、测绘人员、数据管理员、流程管理员、系统管理员、安全管理员、审计员。",
            "区划代码：村12位，乡镇9位，县6位。起日不填为今天；止日可以不填。",
        )
        for row, line in enumerate(lines):
            notes.write_string(row, 0, line)
    return out.getvalue()


def read(file: BinaryIO, today: date) -> list[Wanted]:
    """The rows below the header, by the header's words; blank rows are passed over. Refused says what is wrong."""
    header, *rows = _rows(file)
    places = {str(title).strip(): at for at, title in enumerate(header)}
    missing = [title for title in COLUMNS[:4] if title not in places]
    if missing:
        raise Refused(
            "columns", "表格第一行缺少这些列：%(columns)s。请用下载的模板", columns="、".join(missing)
        )
    wanted = []
    for number, row in enumerate(rows, start=2):
        cells = {
            f: row[places[c]] if c in places and places[c] < len(row) else ""
            for c, f in zip(COLUMNS, FIELDS, strict=True)
        }
        if any(str(cell).strip() for cell in cells.values()):
            wanted.append(_wanted(cells, number, today))
    if not wanted:
        raise Refused("no_rows", "表格里没有账号")
    if len(wanted) > limit("workbook_rows"):
        raise Refused("many_rows", "一次最多%(count)s个账号，请分开导入", count=limit("workbook_rows"))
    return wanted


def _rows(file: BinaryIO) -> list[list[Any]]:
    unreadable = Refused("workbook", "不是能读取的 xlsx 表格，请用下载的模板填写")
    try:
        with zipfile.ZipFile(file) as archive:
            if sum(info.file_size for info in archive.infolist()) > MOST_BYTES:
                raise Refused("workbook_size", "表格太大，请分开导入")
        file.seek(0)
        book = CalamineWorkbook.from_filelike(file)
        found = book.get_sheet_by_index(0).to_python()
    except (
        CalamineError,
        OSError,
        ValueError,
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        EOFError,
    ):
        raise unreadable from None
    except BaseException as error:  # the reader is native code: its panics are not Exceptions
        if isinstance(error, KeyboardInterrupt | SystemExit | Refused):
            raise
        raise unreadable from None
    if not found:
        raise unreadable
    return found


def _wanted(cells: dict[str, Any], number: int, today: date) -> Wanted:
    text = {name: _text(value) for name, value in cells.items()}
    since = _day(cells["since"], number) or today
    return Wanted(
        text["username"].lower(), text["name"], role_named(text["role"]), text["division"], since,
        _day(cells["until"], number), text["phone"] or None,
    )  # fmt: skip


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "".join(c for c in str(value) if c.isprintable()).strip()[:200]


def _day(value: Any, number: int) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return day_named(_text(value))
    except ValueError:
        raise Refused(
            "day", "第%(row)s行的日期“%(text)s”不对，请写成 2026-01-01", row=number, text=_text(value)[:20]
        ) from None


def with_codes(rows: Iterable[Sequence[str]]) -> bytes:
    """(user name, name, code) of each new account, to be cut apart and handed over."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet, bold = book.add_worksheet("激活码"), book.add_format({"bold": True, "bg_color": "#e6efe9"})
        sheet.set_column(0, 2, 24)
        sheet.write_row(0, 0, ("用户名", "姓名", "激活码"), bold)
        for at, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                sheet.write_string(at, column, value)
    return out.getvalue()
