"""The statistics pages: for every position that may open them, with filters in the address, without JavaScript."""

import io
import re
from urllib.parse import unquote

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from engine.store.tables.history import ReadRecord
from engine.usecases.carry_out_effect import drain
from tests.web.staff import COUNTY, staff, words  # noqa: F401  # staff is a fixture

LEDGERS = (
    "contracts",
    "parcels",
    "contractors",
    "members",
    "certificates",
    "transfers",
    "changes",
    "ending",
    "blocks",
    "land-transfers",
    "guarantees",
)
PAGES = (
    "/statistics", "/statistics/supervision", "/statistics/summaries", "/statistics/yearly",
    *(f"/statistics/ledgers/{name}" for name in LEDGERS),
)  # fmt: skip


@pytest.mark.parametrize("account", ["village1", "township1", "county", "steward"])
def test_every_page_for_who_may(staff, account):
    client = staff(account)
    for path in PAGES:
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.text[:2000])
        assert "style=" not in re.sub(r"<head>.*</head>", "", answer.text, flags=re.S), path
    assert "承包合同台账" in words(client.get("/statistics/ledgers"))


def test_the_first_page_says_how_things_stand(staff):
    page = words(staff("county").get("/statistics"))
    assert "411.72 亩" in page and "生效合同 64 份" in page and "占生效合同的 100%" in page
    assert "2026年到期合同延包" in page and "未开始 30" in page


def test_a_table_stands_beside_every_chart(staff):
    for path in ("/statistics", "/statistics/supervision"):
        page = staff("county").get(path).text
        for figure in re.findall(r"<figure.*?</figure>", page, flags=re.S):
            assert 'role="img"' in figure and "<table" in figure
        assert page.count("<figure") >= 1


def test_one_goes_down_by_links_and_keeps_the_day(staff):
    county = staff("county")
    page = county.get("/statistics?day=2026-01-05").text
    link = re.search(r'href="(/statistics\?[^"]*division=\d{9}[^"]*)"', page)[1].replace("&amp;", "&")
    assert "day=2026-01-05" in link
    town = county.get(link).text
    assert re.search(r'href="/statistics\?day=2026-01-05"', town)  # the way back up
    assert "division=" in re.search(r'href="(/statistics/ledgers/contracts[^"]*)"', town)[1]


@pytest.mark.parametrize("path", ["/statistics?division=990102", "/statistics?division=x%00", "/statistics/ledgers/zzz",
                                  "/statistics/yearly?year=2018", "/statistics/yearly?year=2099", "/statistics/works/1"])  # fmt: skip
def test_what_is_not_there(staff, path):
    assert staff("county").get(path).status_code == 404


@pytest.mark.parametrize("query", ["day=gestern", "day=2026-13-01", "day=2999-01-01", "day=0001-01-01"])
def test_a_day_that_cannot_be_read_is_told_and_kept(staff, query):
    answer = staff("county").get(f"/statistics/ledgers/contracts?{query}")
    assert answer.status_code == 200
    assert "govuk-error-message" in answer.text and f'value="{query[4:]}"' in answer.text
    refused = staff("county").post(f"/statistics/books/contracts?{query}")
    assert refused.status_code == 422


def test_strange_words_in_the_address_do_no_harm(staff):
    odd = "?book=1&ledger=2&_external=1&_anchor=x&endpoint=y&year=abcd&held=perhaps&category=<b>&page=-1&state=%00"
    for path in PAGES:
        answer = staff("county").get(path + odd)
        assert answer.status_code == 200, path
        assert "<b>" not in answer.text.replace("&lt;b&gt;", "")
    for year in ("0000", "0001", "9999", "-1"):
        assert staff("county").get(f"/statistics/ledgers/ending?year={year}").status_code == 200


def test_a_short_workbook_comes_at_once_and_is_recorded(staff, running):
    answer = staff("village1").post("/statistics/books/contractors?kind=1")
    assert answer.status_code == 200 and answer.data[:2] == b"PK"
    assert "柳湾村_承包方台账_2026-03-02.xlsx" in unquote(answer.headers["Content-Disposition"])
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    assert sum(1 for row in rows if isinstance(row[0], float)) == 30
    with running.sessions(COUNTY) as session:
        subjects = session.scalars(select(ReadRecord.subject).where(ReadRecord.action == "download")).all()
    assert subjects == [f"ledger:contractors {COUNTY}100201"]
    assert "台账 contractors" in words(staff("auditor").get("/audit/reads"))


def test_a_long_one_is_followed_on_its_own_page(staff, running, monkeypatch):
    monkeypatch.setattr("engine.usecases.export_ledger.AT_ONCE", 10)
    county = staff("county")
    asked = county.post("/statistics/books/parcels")
    assert asked.status_code == 303
    page = county.get(asked.location)
    assert page.headers["Refresh"].startswith("2;") and "等待开始" in words(page)
    assert county.get(f"{asked.location}/book.xlsx").status_code == 404
    assert "制作台账工作簿" in words(staff("admin").get("/jobs"))
    while drain(running):
        pass
    done = county.get(asked.location)
    assert "Refresh" not in done.headers and "已做好，共316行" in words(done)
    assert county.get(f"{asked.location}/book.xlsx").data[:2] == b"PK"
    stopped = county.post("/statistics/books/parcels").location
    assert county.post(f"{stopped}/cancel").status_code == 303
    assert "最近的工作簿" in words(county.get("/statistics/ledgers/parcels"))
    assert "最近的工作簿" not in words(staff("village1").get("/statistics/ledgers/parcels"))
    drain(running)
    assert "已停止" in words(county.get(stopped))
    assert staff("village1").get(stopped).status_code == 404


def test_the_yearly_form_keeps_what_was_typed(staff):
    village = staff("village2")
    page = village.get("/statistics/yearly?year=2025")
    names = re.findall(r'<input class="govuk-input govuk-input--width-10" id="v-(\w+)"', page.text)
    assert "transferred_area" in names
    wrong = village.post("/statistics/yearly/entries?year=2025", transferred_area="三十", disputes="2")
    assert wrong.status_code == 422
    assert 'value="三十"' in wrong.text and 'value="2"' in wrong.text and "请填数字" in words(wrong)
    zeros = dict.fromkeys(names, "0")
    early = village.post("/statistics/yearly/confirmation?year=2025", note="先确认")
    assert early.status_code == 422 and "没有填报" in words(early) and 'value="先确认"' in early.text
    assert village.post("/statistics/yearly/entries?year=2025", **zeros).status_code == 303
    assert village.post("/statistics/yearly/confirmation?year=2025").status_code == 303
    frozen = village.get("/statistics/yearly?year=2025")
    assert "已确认" in words(frozen) and 'id="v-transferred_area"' not in frozen.text
    refused = village.post("/statistics/yearly/entries?year=2025", **zeros)
    assert refused.status_code == 409
    assert "没有保存" in words(refused) and "不能再改" in words(refused), "told on the page itself"
    town = words(staff("township2").get("/statistics/yearly?year=2025"))
    assert "已确认" in town
    assert village.post("/statistics/yearly/withdrawal?year=2025", why="错").status_code == 422
    assert village.post("/statistics/yearly/withdrawal?year=2025", why="数字要更正").status_code == 303
    assert "数字要更正" in words(village.get("/statistics/yearly?year=2025"))


def test_in_english(staff):
    county = staff("county")
    page = words(county.get("/statistics?lang=en"))
    assert "Contracted area" in page and "承包" not in page.replace("承包方", "")
    assert "Parcels by category" in page
    assert "Term ends" in words(county.get("/statistics/ledgers/contracts?lang=en"))
