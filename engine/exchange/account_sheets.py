"""Workbooks of a county's accounts, positions and divisions: the empty one to fill in, the filled one read, the one
with what is wrong in each row, and the one with the activation codes.
"""

import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, BinaryIO, Generic, TypeVar

import xlsxwriter
from python_calamine import CalamineError, CalamineWorkbook

from engine.domain.accounts import Wanted, WantedDivision, day_named, limit, role_named
from engine.domain.errors import Refused
from engine.domain.said import Said, say

ACCOUNTS, POSITIONS, DIVISIONS = "账号", "岗位", "区划"
COLUMNS = ("用户名", "姓名", "岗位", "区划代码", "起日", "止日", "电话", "依据")
FIELDS = ("username", "name", "role", "division", "since", "until", "phone", "basis")
SHEETS: dict[str, dict[str, str]] = {
    ACCOUNTS: dict(zip(COLUMNS, FIELDS, strict=True)),
    POSITIONS: {
        "用户名": "username",
        "岗位": "role",
        "区划代码": "division",
        "起日": "since",
        "止日": "until",
        "依据": "basis",
    },
    DIVISIONS: {"区划代码": "code", "名称": "name", "办公电话": "phone"},
}
NEEDED = {ACCOUNTS: 4, POSITIONS: 3, DIVISIONS: 2}  # so many columns, from the first, must be there
FAULT = "错误"
MOST_BYTES = 20 << 20  # unpacked
_EXAMPLES = {
    ACCOUNTS: ("zhangsan", "张三", "村级经办人", "990101100201", "2026-01-01", "", "0900-1200001", ""),
    POSITIONS: ("zhangsan", "村级经办人", "990101100202", "2026-01-01", "", ""),
    DIVISIONS: ("990101100299", "示例村", "0900-1200299"),
}
_NOTES = (
    "各表第二行是示例，请改掉或删掉；不用的表可以留空。有一处错误就什么也不建立，每行的错误会写在“错误”一列。",
    "账号：用户名3到40个小写字母、数字、点、横线。岗位：村级经办人、乡镇审核人、县级业务员、县级经办人、县级审批人、县级监督人、测绘人员、数据管理员、流程管理员、系统管理员、安全管理员、审计员。",
    "区划代码：村12位，乡镇9位，县6位。起日不填为今天；止日可以不填。县级业务员一人兼办经办和审批，须填依据（如批准文件和日期）；其他岗位不填。",
    "岗位表：给已有账号或“账号”表里的人再申请岗位。所有岗位由安全管理员授予后生效。",
    "区划表：新的乡镇（9位）、村（12位）、组（14位）和办公电话；已有的区划只更新电话。",
)
W = TypeVar("W")


@dataclass(frozen=True)
class Line(Generic[W]):
    """A row of a sheet (``row`` as people count, the header is 1): as it was typed, as it is meant, what is unclear."""

    sheet: str
    row: int
    cells: tuple[str, ...]
    wanted: W
    faults: tuple[Said, ...] = ()


@dataclass(frozen=True)
class Book:
    divisions: list[Line[WantedDivision]]
    accounts: list[Line[Wanted]]
    positions: list[Line[Wanted]]

    @property
    def lines(self) -> list[Line[Any]]:
        return [*self.divisions, *self.accounts, *self.positions]


def empty() -> bytes:
    """Each sheet with its header and an example to overwrite, and what each column wants."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        bold = book.add_format({"bold": True, "bg_color": "#e6efe9"})
        text = book.add_format({"num_format": "@"})
        for name, columns in SHEETS.items():
            sheet = book.add_worksheet(name)
            sheet.set_column(0, len(columns) - 1, 18, text)
            sheet.freeze_panes(1, 0)
            sheet.write_row(0, 0, tuple(columns), bold)
            sheet.write_row(1, 0, _EXAMPLES[name])
        notes = book.add_worksheet("说明")
        notes.set_column(0, 0, 100)
        for row, line in enumerate(_NOTES):
            notes.write_string(row, 0, line)
    return out.getvalue()


def read(file: BinaryIO, today: date) -> Book:
    """By the sheets' names and the headers' words; a workbook without such names is one of accounts. Blank rows are
    passed over. Refused says what is wrong with the workbook as a whole.
    """
    sheets = sheets_of(file)
    if not SHEETS.keys() & sheets.keys():
        sheets = {ACCOUNTS: next(iter(sheets.values()))}
    divisions = [
        Line(DIVISIONS, row, cells, WantedDivision(text["code"], text["name"], text["phone"] or None))
        for row, cells, _, text in _lines(DIVISIONS, sheets)
    ]
    accounts = [_account(ACCOUNTS, *line, today) for line in _lines(ACCOUNTS, sheets)]
    positions = [_account(POSITIONS, *line, today) for line in _lines(POSITIONS, sheets)]
    book = Book(divisions, accounts, positions)
    if not book.lines:
        raise Refused("no_rows", "表格里没有账号、岗位或区划")
    if len(book.lines) > limit("workbook_rows"):
        raise Refused("many_rows", "一次最多%(count)s行，请分开导入", count=limit("workbook_rows"))
    return book


_Read = tuple[int, tuple[str, ...], dict[str, Any], dict[str, str]]


def _lines(name: str, sheets: dict[str, list[list[Any]]]) -> list[_Read]:
    """(row, cells as they were typed, field -> cell, field -> its text) of each row that is not blank."""
    if not sheets.get(name):
        return []
    header, *rows = sheets[name]
    columns = SHEETS[name]
    places = {str(title).strip(): at for at, title in enumerate(header)}
    missing = [title for title in list(columns)[: NEEDED[name]] if title not in places]
    if missing:
        raise Refused(
            "columns",
            "“%(sheet)s”表第一行缺少这些列：%(columns)s。请用下载的模板",
            sheet=name,
            columns="、".join(missing),
        )
    found = []
    for number, row in enumerate(rows, start=2):
        cells = {
            f: row[places[c]] if c in places and places[c] < len(row) else "" for c, f in columns.items()
        }
        text = {field: text_of(cell) for field, cell in cells.items()}
        if any(text.values()):
            found.append((number, tuple(text.values()), cells, text))
    return found


def _account(
    sheet: str, row: int, cells: tuple[str, ...], raw: dict[str, Any], text: dict[str, str], today: date
) -> Line[Wanted]:
    days: dict[str, date | None] = {}
    faults = []
    for name in ("since", "until"):
        try:
            days[name] = _day(raw[name])
        except ValueError:
            days[name] = None
            faults.append(say("日期“%(text)s”不对，请写成 2026-01-01", text=text[name][:20]))
    wanted = Wanted(
        text["username"].lower(), text.get("name", ""), role_named(text["role"]), text["division"],
        days["since"] or today, days["until"], text.get("phone") or None, text["basis"],
    )  # fmt: skip
    return Line(sheet, row, cells, wanted, tuple(faults))


def sheets_of(file: BinaryIO) -> dict[str, list[list[Any]]]:
    """Name -> rows of cells. Raises Refused where it is no workbook, or one that unpacks to too much."""
    unreadable = Refused("workbook", "不是能读取的 xlsx 表格，请用下载的模板填写")
    try:
        with zipfile.ZipFile(file) as archive:
            if sum(info.file_size for info in archive.infolist()) > MOST_BYTES:
                raise Refused("workbook_size", "表格太大，请分开导入")
        file.seek(0)
        book = CalamineWorkbook.from_filelike(file)
        found = {name.strip(): book.get_sheet_by_name(name).to_python() for name in book.sheet_names[:10]}
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
    if not any(found.values()):
        raise unreadable
    return found


def text_of(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "".join(c for c in str(value) if c.isprintable()).strip()[:200]


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else day_named(text_of(value))


def with_faults(rows: Iterable[tuple[str, Sequence[str], str]]) -> bytes:
    """(sheet, cells, what is wrong) of every row: the workbook again, with a column that says what to mend."""
    out = io.BytesIO()
    at = dict.fromkeys(SHEETS, 0)
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        bold, wrong = (
            book.add_format({"bold": True, "bg_color": "#e6efe9"}),
            book.add_format({"font_color": "#b10e1e"}),
        )
        text = book.add_format({"num_format": "@"})
        for name, columns in SHEETS.items():
            sheet = book.add_worksheet(name)
            sheet.set_column(0, len(columns) - 1, 18, text)
            sheet.set_column(len(columns), len(columns), 60)
            sheet.freeze_panes(1, 0)
            sheet.write_row(0, 0, (*columns, FAULT), bold)
        for name, cells, fault in rows:
            if name not in SHEETS:
                continue
            at[name] += 1
            sheet = book.get_worksheet_by_name(name)
            for column, cell in enumerate(cells[: len(SHEETS[name])]):
                sheet.write_string(at[name], column, cell)
            sheet.write_string(at[name], len(SHEETS[name]), fault, wrong)
    return out.getvalue()


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
