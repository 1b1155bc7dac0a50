"""A county's workbook: divisions with telephones, over a thousand accounts, further positions; whole or not at all."""

import html
import io
import re

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from engine.exchange.account_sheets import ACCOUNTS, DIVISIONS, POSITIONS, SHEETS
from engine.store.tables.reference import AccountEvent, Division, Person, Position
from tests.web.staff import COUNTY, Staff, staff, words  # noqa: F401

VILLAGE = "990101100201"
NEW_TOWN = "990101777"


def book(**sheets: list[tuple]) -> io.BytesIO:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as made:
        for key, name in (("divisions", DIVISIONS), ("accounts", ACCOUNTS), ("positions", POSITIONS)):
            sheet = made.add_worksheet(name)
            for at, row in enumerate([tuple(SHEETS[name]), *sheets.get(key, [])]):
                sheet.write_row(at, 0, row)
    out.seek(0)
    return out


def send(office: Staff, file: io.BytesIO):
    return office.post("/accounts/import", workbook=(file, "county.xlsx"))


def villages(count: int) -> list[tuple]:
    return [(NEW_TOWN, "新河镇", "0900-7770000")] + [
        (f"{NEW_TOWN}{n:03d}", f"新河{n}村", f"0900-777{n:04d}") for n in range(201, 201 + count)
    ]


def clerks(count: int) -> list[tuple]:
    """A clerk for each of 300 villages, the others at one village."""
    return [
        (
            f"newclerk{n}",
            f"村员{n}",
            "村级经办人",
            f"{NEW_TOWN}{201 + n % 300:03d}",
            "2026-01-01",
            "",
            "0900-1",
        )
        if n % 2
        else (f"newclerk{n}", f"村员{n}", "village_clerk", VILLAGE, "", "", "")
        for n in range(count)
    ]


def left(running) -> tuple[int, int, int]:
    with running.sessions(COUNTY) as session:
        people = session.scalar(select(func.count()).where(Person.username.startswith("newclerk")))
        places = session.scalar(select(func.count()).where(Division.code.startswith(NEW_TOWN)))
        asked = session.scalar(select(func.count()).where(Position.state == "asked"))
    return people, places, asked


def test_of_1200_rows_some_wrong_nothing_is_done_and_each_is_told(running, staff):
    office = staff("sysadmin")
    wrong = {
        7: ("newclerk7", "", "村级经办人", VILLAGE, "", "", ""),
        400: ("newclerk3", "重名", "村级经办人", VILLAGE, "", "", ""),
        800: ("newclerk800", "村员", "村级经办人", "990101100999", "", "", ""),
        1100: ("newclerk1100", "=1+1", "乡镇审核人", VILLAGE, "2026-13-40", "", ""),
    }
    rows = [wrong.get(n, row) for n, row in enumerate(clerks(1200))]
    before = left(running)
    answer = send(office, book(divisions=[*villages(300), ("990101888201", "孤村", "")], accounts=rows))
    told = words(answer)
    assert answer.status_code == 422 and left(running) == before
    assert "1502行中有6处错误" in told
    for piece in (
        "账号 9",
        "请填写姓名",
        "与第4条重复",
        "本县没有区划990101100999",
        "应是9位",
        "2026-13-40",
        "没有上级区划990101888",
    ):
        assert piece in told
    whole = html.unescape(re.search(r'name="book" value="([^"]+)"', answer.text)[1])
    errors = office.post("/accounts/faults.xlsx", book=whole)
    read = CalamineWorkbook.from_filelike(io.BytesIO(errors.data)).get_sheet_by_name(ACCOUNTS).to_python()
    assert len(read) == 1201 and read[0][-1] == "错误"
    assert {at - 1 for at, row in enumerate(read) if at and row[-1]} == set(wrong)
    assert read[1101][1] == "=1+1"  # a text, not a sum


def test_a_whole_county_comes_in_at_once(running, staff):
    office = staff("sysadmin")
    more = [
        ("newclerk1", "村级经办人", VILLAGE, "", ""),
        ("township1", "village_clerk", VILLAGE, "2026-04-01", "2026-05-01"),
    ]
    told_phone = [(VILLAGE, name_of(running, VILLAGE), "0900-5555555")]
    answer = send(office, book(divisions=villages(300) + told_phone, accounts=clerks(1200), positions=more))
    assert answer.status_code == 201, words(answer)[:2000]
    assert "已建立1200个账号" in words(answer) and "新的区划301个，更新电话1个，另外申请岗位2个" in words(
        answer
    )
    with running.sessions(COUNTY) as session:
        people = session.scalar(select(func.count()).where(Person.username.startswith("newclerk")))
        village = session.get(Division, f"{NEW_TOWN}201")
        assert (people, village.phone) == (1200, "0900-7770201")
        assert village.full_name.endswith("新河镇新河201村")
        assert session.get(Division, VILLAGE).phone == "0900-5555555"
        noted = session.scalars(select(AccountEvent.facts).where(AccountEvent.kind == "divisions_made")).one()
        assert noted == {"divisions": 301, "telephones": 1}
    codes = html.unescape(re.search(r'name="codes" value="([^"]+)"', answer.text)[1])
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(office.post("/accounts/codes.xlsx", codes=codes).data))
    assert len(sheet.get_sheet_by_index(0).to_python()) == 1201
    again = send(office, book(divisions=villages(300), accounts=clerks(3)))
    assert again.status_code == 422 and "已有人使用" in words(again)


def name_of(running, code: str) -> str:
    with running.sessions(COUNTY) as session:
        return session.get_one(Division, code).name


@pytest.mark.parametrize(
    ("sheets", "told"),
    [
        ({"divisions": [("990101100201", "改名村", "")]}, "登记的名称是"),
        ({"divisions": [("990101779", "甲镇", ""), ("990101779", "甲镇", "")]}, "与第2行重复"),
        ({"divisions": [("110101779", "外镇", "")]}, "应是本县的"),
        ({"divisions": [("990101779", "", "电话")]}, "电话只能有数字"),
        ({"positions": [("nobody", "村级经办人", VILLAGE, "", "")]}, "没有用户名为"),
        ({"positions": [("auditor", "村级经办人", VILLAGE, "", "")]}, "不能同时担任"),
        ({"positions": [("county", "县级监督人", COUNTY, "", "")]}, "不能同时担任"),
        ({}, "没有账号、岗位或区划"),
    ],
)
def test_what_is_wrong_is_said_by_row(staff, sheets, told):
    answer = send(staff("sysadmin"), book(**sheets))
    assert answer.status_code == 422 and told in words(answer)


def test_the_template_holds_three_sheets_and_only_the_system_administrator_imports(staff):
    template = CalamineWorkbook.from_filelike(
        io.BytesIO(staff("sysadmin").get("/accounts/template.xlsx").data)
    )
    assert template.sheet_names == [ACCOUNTS, POSITIONS, DIVISIONS, "说明"]
    assert send(staff("secadmin"), book(accounts=clerks(1))).status_code == 403


@pytest.mark.parametrize("posted", ["", "[", "7", "[[1]]", '[["账号","x",1]]', "[" * 100000])
def test_what_comes_back_garbled_makes_an_empty_workbook(staff, posted):
    assert staff("sysadmin").post("/accounts/faults.xlsx", book=posted).status_code == 200
