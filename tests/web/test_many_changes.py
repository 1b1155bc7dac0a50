"""Births and deaths of a village as one list: each household's rows a case of their own, item by item."""

import io
import re
from uuid import uuid4

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select
from xlsxwriter import Workbook

from engine.store.tables.cases import Case
from engine.usecases.scenarios.without_land import CHECKS, WEIGHTS
from tests.usecases.acting import at_once
from tests.web.api_support import households_of, is_problem, picture, sign_in
from tests.web.staff import COUNTY, staff, words  # noqa: F401  # staff is a fixture
from tests.web.staff import picture as image

PATH = "/cases/many/contract_change"
PAPERS = ("mandate", "id_card", "household_book")


def born(n: int) -> str:
    digits = f"9901012026010{n}001"
    return digits + CHECKS[sum(int(d) * w for d, w in zip(digits, WEIGHTS, strict=True)) % 11]


@pytest.fixture(scope="module")
def program(web):
    return sign_in(web, "village1")


@pytest.fixture(scope="module")
def village(running, program):
    """Households with members besides the head."""
    return [one for one in households_of(running, program) if len(one.members) > 2]


def cases_of(running, *codes):
    with running.sessions(COUNTY) as session:
        query = select(Case.contractor_code, Case.number).where(Case.contractor_code.in_(codes))
        return {code: number for code, number in session.execute(query)}


def posted(rows, **more):
    uploads = {f"papers-{kind}-upload": (image(), f"{kind}.png") for kind in PAPERS}
    fields = {f"rows-{n}-{name}": value for n, row in enumerate(rows) for name, value in row.items()}
    return uploads | fields | {"action": "send"} | more


def test_a_list_starts_a_case_for_each_household_and_tells_what_it_refused(staff, village, running):
    clerk, (one, two, three) = staff("village1"), village[:3]
    dead = next(m for m in two.members if m.relation != "02")
    rows = [
        {"household": one.code, "what": "birth", "name": "小满", "id_number": born(1), "relation": "20"},
        {"household": two.name if sum(h.name == two.name for h in village) == 1 else two.code, "what": "died", "name": dead.name},
        {"household": three.code, "what": "died", "name": "没有这个人"},
        {"household": one.code, "what": "birth", "name": "小寒", "id_number": born(2), "relation": "30"},
        {"household": "990101999999999999", "what": "died", "name": "甲"},
        {"household": village[6].code, "what": "birth", "name": "霜降", "id_number": "123", "relation": "20"},
    ]  # fmt: skip
    answer = clerk.post(PATH, **posted(rows))
    told = words(answer)
    assert answer.status_code == 422 and "2件已受理，3件没有受理" in told
    made = cases_of(running, one.code, two.code, three.code)
    assert set(made) == {one.code, two.code} and len(re.findall(r"/cases/\d{20}", answer.text)) == 2
    assert (
        'value="霜降"' in answer.text and 'href="#f-rows-2-id_number"' in answer.text
    )  # the others went through
    assert "第3行：“身份证号”应为 18 位" in told  # of the rows that are left on the page
    assert f"{three.name}户里没有没有这个人" in told and "没有找到承包方 990101999999999999" in told
    assert (
        'value="没有这个人"' in answer.text and 'value="小满"' not in answer.text
    )  # only what is to mend stays
    case = clerk.get(f"/cases/{made[one.code]}").text
    assert "小满" in case and "小寒" in case
    again = clerk.post(PATH, **posted(rows[:2]))
    assert again.status_code == 201 and words(again).count("以前已受理") == 2
    assert cases_of(running, one.code, two.code) == {k: made[k] for k in (one.code, two.code)}
    other = clerk.post(
        PATH,
        **posted(
            [{"household": one.code, "what": "birth", "name": "立秋", "id_number": born(3), "relation": "20"}]
        ),
    )
    assert other.status_code == 422 and made[one.code] in words(other)  # its case is under way, and is named


def test_bad_rows_start_nothing_and_keep_what_was_typed(staff, village):
    clerk = staff("village1")
    rows = [
        {"household": village[4].code, "what": "birth", "name": "谷雨", "id_number": "123", "relation": "20"}
    ]
    answer = clerk.post(PATH, **posted(rows))
    assert (
        answer.status_code == 422
        and 'value="谷雨"' in answer.text
        and 'href="#f-rows-0-id_number"' in answer.text
    )
    assert "谷雨" in clerk.post(PATH, **posted(rows, action="", _rows="add:rows")).text
    assert staff("county").get(PATH).status_code == 403
    assert clerk.get("/cases/many/contract_signing").status_code == 404


def test_the_workbook_goes_down_and_comes_up(staff, village):
    clerk = staff("village1")
    down = clerk.get(f"{PATH}/template.xlsx")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(down.data)).get_sheet_by_name("名单").to_python()
    assert sheet[0][:3] == ["承包方", "变化", "姓名"]
    body = io.BytesIO()
    with Workbook(body, {"in_memory": True}) as book:
        page = book.add_worksheet("名单")
        page.write_row(0, 0, sheet[0])
        page.write_row(1, 0, [village[4].code, "去世", "=1+1"])
    body.seek(0)
    answer = clerk.post(PATH, action="workbook", workbook=(body, "名单.xlsx"))
    assert answer.status_code == 200 and f'value="{village[4].code}"' in answer.text
    assert re.search(r'<option[^>]*value="died"[^>]*selected', answer.text) or re.search(
        r'value="died"[^>]*checked', answer.text
    )
    wrong = clerk.post(PATH, action="workbook", workbook=(io.BytesIO(b"PK\x03\x04zz"), "名单.xlsx"))
    assert wrong.status_code == 422 and "不是能读取的 xlsx" in words(wrong)


def test_a_list_sent_twice_at_once_starts_each_case_once(web, program, village):
    """Whoever is second is told the same case, not that another one stands in the way."""
    house, programs = village[7], [program, sign_in(web, "village1")]
    kept = [
        {k: [one.upload("/papers", k, picture(), case_type="contract_change").json["id"]] for k in PAPERS}
        for one in programs
    ]
    row = {"household": house.code, "what": "died", "name": house.members[1].name}
    path = "/case-types/contract_change/many"
    sent = [{"rows": [row], "papers": papers} for papers in kept]
    answers = at_once(
        *[lambda n=n: programs[n].post(path, sent[n], key=uuid4().hex).json["items"][0] for n in (0, 1)]
    )
    assert answers[0]["case"] == answers[1]["case"] is not None
    assert sorted(one["again"] for one in answers) == [False, True]


def test_programs_send_the_same_list(program, village, running):
    house = village[5]
    head, *others = house.members
    relations = "；".join(f"{m.name} 其他亲属" for m in [head, *others[1:]])
    papers = {
        kind: [program.upload("/papers", kind, picture(), case_type="contract_change").json["id"]]
        for kind in PAPERS
    }
    row = {"household": house.code, "what": "head_died", "name": head.name, "new_head": others[0].name}
    path = "/case-types/contract_change/many"
    short = program.post(path, {"rows": [row | {"relations": "谁 配偶"}], "papers": papers}, key=uuid4().hex)
    assert short.json["refused"] == 1 and "户里没有谁" in short.json["items"][0]["why"]
    rows = {"rows": [row | {"relations": relations}], "papers": papers}
    key = uuid4().hex
    made = program.post(path, rows, key=key)
    assert made.status_code == 200 and made.json["started"] == 1, made.json
    assert program.post(path, rows, key=key).json == made.json
    again = program.post(path, rows, key=uuid4().hex).json["items"][0]
    assert again["again"] and again["case"] == made.json["items"][0]["case"]
    assert set(is_problem(program.post(path, {"rows": [{"what": "birth"}]}), 422)["errors"]) >= {
        "rows-0-household"
    }
    assert {"title", "number"} & set(program.get(f"/cases/{again['case']}").json)
