"""Pages and API of the register's things: one click from any to any, any day, masked, recorded, taken as a file."""

import csv
import io
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from urllib.parse import unquote

import pytest
from api_support import sign_in
from python_calamine import CalamineWorkbook
from sqlalchemy import select, update

from engine.domain.changes import CorrectValue, RecordGuarantee, RecordTransfer, SwapParcels
from engine.domain.changes.register import Recipient, TransferredLand
from engine.store.changes import make
from engine.store.register import Cause
from engine.store.tables import register as t
from engine.store.tables.history import ReadRecord
from tests.store.test_changes_stored import halved, nothing_about, seen
from tests.store.test_every_change_stored import Case
from tests.web.staff import COUNTY, staff, words  # noqa: F401  # staff is a fixture

DAY = date(2026, 3, 10)
RECORDED = datetime(2026, 3, 15, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def case(running):
    """A swap and a split that took effect on 10 March and were recorded on the 15th."""
    running.clock.move_to(datetime(2026, 3, 20, 2, tzinfo=UTC))
    found = Case(running, 70)
    changes = [
        SwapParcels(found.first, found.lands[:1], found.second, found.other_lands[:1]),
        CorrectValue("contractors", found.first, "phone", found.family.phone, "13912345678", "换号"),
    ]
    with running.sessions(COUNTY) as session:
        make(session, COUNTY, changes, Cause("case", "99010120260315000001", DAY, RECORDED))
        session.commit()
    now = seen(running, nothing_about(found.second))
    split = halved(now, found.lands[0], (97001, 97002))
    with running.sessions(COUNTY) as session:
        make(session, COUNTY, [split], Cause("case", "99010120260315000002", DAY, RECORDED))
        make(session, COUNTY, deals_of(found), Cause("case", "99010120260315000003", DAY, RECORDED))
        session.commit()
    return found


def deals_of(case):
    """The first household lets its second parcel to the other one, in part; the other pledges what it got by the swap."""
    taker = case.other
    who = Recipient(taker.name, "member", taker.id_number, taker.phone, taker.address, taker.code)
    until = case.now.contracts[case.first].term_end
    land = (TransferredLand(case.first, case.lands[1], Decimal("200.00"), False, "东头"),)
    mine = case.other_lands[1]
    return [
        RecordTransfer("流70", "lease", who, DAY, until, DAY, "种水稻", "每亩每年800元", land),
        RecordGuarantee(
            "融70",
            "household",
            taker.name,
            "农商行",
            "贷1",
            Decimal("50000.00"),
            DAY,
            until,
            case.second,
            (mine,),
        ),
    ]


def test_a_transfer_is_told_with_its_facts_on_every_page_that_it_concerns(county, program, case, staff):
    shown = ("正在履行 出租 流70", "东头", "种水稻", "每亩每年800元", "2026年3月10日 至 2026年12月31日")
    mine, land, theirs = (
        county.get(f"/register/{path}") for path in (case.first, f"parcels/{case.lands[1]}", case.second)
    )
    for page in (mine, land, theirs, county.get(f"/register/contracts/{case.first}J")):
        for piece in shown:
            assert piece in words(page), piece
        assert 'href="/supervision/transfers/流70"' in unquote(page.text)
    assert f'href="/register/{case.second}"' in mine.text and f'href="/register/{case.second}"' in land.text
    assert f'href="/register/{case.first}"' in theirs.text.partition('id="blocks"')[2]
    assert "农商行" in words(theirs) and "担保50000.00元" in words(theirs)
    assert "流70" not in words(county.get(f"/register/parcels/{case.other_lands[1]}"))
    assert "流70" not in words(county.get(f"/register/{case.first}?day=2026-03-09"))
    assert "正在履行" not in words(county.get(f"/register/{case.first}?day=2026-03-20&known=2026-03-14"))
    told = [program.get(path).json for path in (f"/households/{case.first}", f"/parcels/{case.lands[1]}")]
    for one in told:
        [transfer] = one["transfers"]
        assert (transfer["number"], transfer["state"], transfer["taken"]) == ("流70", "running", False)
        assert (transfer["recipient_code"], transfer["price"]) == (case.second, "每亩每年800元")
        assert [(row["parcel_code"], row["area"], row["whole"]) for row in transfer["land"]] == [
            (case.lands[1], "200.00", False)
        ]
    taker = program.get(f"/households/{case.second}").json
    assert [one["taken"] for one in taker["transfers"]] == [True]
    assert [(one["number"], one["amount"]) for one in taker["guarantees"]] == [("融70", "50000.00")]
    assert case.other.id_number not in mine.text + theirs.text + str(told) + str(taker)


@pytest.fixture(scope="module")
def county(staff, case):
    return staff("county")


@pytest.fixture(scope="module")
def program(web, case):
    return sign_in(web, "county")


def chain(page):
    return re.findall(r'<a class="tq-chain__to" href="([^"]+)"', page.text)


def test_from_anywhere_to_anything_in_one_click(county, case):
    """The chain on top of every page leads to all the others of the same household."""
    home = county.get(f"/register/{case.first}")
    kinds = {"parties", "contracts", "entries"}
    assert kinds == {href.split("/")[2] for href in chain(home) if href.count("/") == 3 and "#" not in href}
    for href in chain(home):
        if href.startswith("#"):
            assert f'id="{href[1:]}"' in home.text
            continue
        page = county.get(href)
        assert page.status_code == 200, href
        if "/parties/" not in href:
            assert f"/register/{case.first}" in page.text, href
    parcel = county.get(f"/register/parcels/{case.other_lands[0]}")
    assert {f"/register/{case.first}"} <= set(chain(parcel))
    assert {"contracts", "entries", "parties"} <= {
        href.split("/")[2] for href in chain(parcel) if "/" in href
    }
    near = re.search(r"/register/parcels/(\d{19})", parcel.text.partition("相邻地块")[2])
    assert near and county.get(near[0]).status_code == 200
    assert f"/map?parcel={case.other_lands[0]}" in parcel.text
    for href in set(re.findall(r'href="(/register/[^"?#]+)', home.text)):
        assert county.get(href).status_code == 200, href


def test_the_standards_codes_stand_beside_the_words(county, case):
    page = county.get(f"/register/parcels/{case.other_lands[0]}")
    assert re.search(r'DKLB</span></dt><dd><span class="tq-codevalue">10</span> 承包地块', page.text)
    assert "承包方式 CBFS 110 家庭承包" in words(county.get(f"/register/contracts/{case.first}J"))


def test_another_day_and_what_was_known(county, case):
    mine, theirs = case.lands[0], case.other_lands[0]
    for asked, held in [
        ("", theirs), ("?day=2026-03-09", mine), ("?day=2026-03-10", theirs), ("?day=2026-03-15&known=2026-03-14", mine),
        ("?known=2026-03-14", mine), ("?known=2026-03-15", theirs),
    ]:  # fmt: skip
        page = county.get(f"/register/{case.first}{asked}")
        parcels = page.text.partition('id="parcels"')[2].partition('id="past"')[0]
        assert f'data-parcel-row="{held}"' in parcels, asked
        assert page.text.count(f'data-parcel-row="{mine if held == theirs else theirs}"') == 0, asked
    page = county.get(f"/register/{case.first}?day=2026-03-09")
    assert "正在看2026年3月9日的情况" in words(page)
    assert all("day=2026-03-09" in href for href in chain(page) if not href.startswith("#"))
    assert "代为申请" not in page.text


def test_what_ended_says_where_it_went(county, case):
    page = words(county.get(f"/register/parcels/{case.lands[0]}"))
    assert f"地块 {case.lands[0]}已于2026年3月10日终止" in page
    assert f"{case.party}97001" in page and "办件 99010120260315000002" in page
    later = words(county.get(f"/register/parcels/{case.party}97001?day=2026-03-09"))
    assert "2026年3月9日时登记簿中还没有该地块" in later


@pytest.mark.parametrize("asked", ["day=2026-13-45", "day=x", "known=9999-01-01", "day=%00", "known=2027-01-01", "day=0001-01-01"])  # fmt: skip
def test_a_day_that_is_none_is_said_and_kept(county, case, asked):
    for path in (f"/register/{case.first}", "/register", f"/register/parties/{case.party}"):
        page = county.get(f"{path}?{asked}")
        assert page.status_code == 422 and "govuk-error-message" in page.text, path
        assert case.first in page.text


def test_the_history_masks_and_names_its_cause(county, case):
    page = words(county.get(f"/register/{case.first}").text and county.get(f"/register/{case.first}"))
    assert "139****5678" in page and "13912345678" not in page
    assert "依据 办件 99010120260315000001" in page and "记载于2026年3月15日 10:00" in page
    assert "地块移出合同" in page and "导入成果包" in page


def test_the_list_is_narrowed_sorted_and_found(county, case):
    rows = lambda page: re.findall(r'href="/register/(\d{18})[^"]*">[^<]+</a></th>', page.text)  # noqa: E731
    assert case.first in rows(county.get("/register?q=13912345678"))
    assert rows(county.get("/register?kind=3")) and case.first not in rows(county.get("/register?kind=3"))
    largest = county.get("/register?sort=-area")
    assert 'aria-sort="descending"' in largest.text and rows(largest) != rows(county.get("/register"))
    assert "没有符合这些条件的承包方" in words(county.get("/register?open=1&ends=1990"))
    found = county.get(f"/register?q={case.other_lands[0]}")
    assert f"/register/parcels/{case.other_lands[0]}" in found.text
    for odd in ("ends=abc", "sort=x", "kind=9", "division=%27", "page=999999", "contract=maybe", "party=x"):
        assert county.get(f"/register?{odd}").status_code == 200, odd


def test_a_partys_list_as_a_file(county, case, running):
    with running.sessions(COUNTY) as session:
        named = update(t.ContractorVersion).where(t.ContractorVersion.name == case.other.name)
        session.execute(named.values(address="=HYPERLINK(1)"))
        session.commit()
    path = f"/register/parties/{case.party}"
    answer = county.get(f"{path}/households.csv?kind=1")
    assert answer.mimetype == "text/csv" and "attachment" in answer.headers["Content-Disposition"]
    heads, *rows = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
    mine = next(row for row in rows if row[0] == case.first)
    assert (len(mine), mine[4]) == (len(heads), "139****5678")
    assert case.family.id_number not in answer.text
    assert "'=HYPERLINK(1)" in next(row for row in rows if row[0] == case.second)
    assert all(row[2] == "农户" for row in rows)
    for what in ("households", "parcels", "contracts"):
        book = CalamineWorkbook.from_filelike(
            io.BytesIO(county.get(f"{path}/{what}.xlsx?day=2026-03-09").data)
        )
        sheet = book.get_sheet_by_index(0).to_python()
        assert len(sheet) > 5 and "=HYPERLINK(1)" not in sheet[0]
    assert (
        county.get(f"{path}/people.csv").status_code == county.get(f"{path}/parcels.pdf").status_code == 404
    )
    with running.sessions(COUNTY) as session:
        taken = select(ReadRecord.subject, ReadRecord.purpose).where(ReadRecord.action == "download")
        assert (f"party:{case.party}", "households") in session.execute(taken).tuples().all()


def test_every_look_is_recorded_with_its_object(county, case, running):
    for path in (f"parcels/{case.other_lands[0]}", f"contracts/{case.first}J", f"entries/{case.first}J"):
        assert county.get(f"/register/{path}").status_code == 200
    with running.sessions(COUNTY) as session:
        subjects = set(session.scalars(select(ReadRecord.subject)))
    assert {
        f"contractor:{case.first}", f"parcel:{case.other_lands[0]}", f"contract:{case.first}J", f"entry:{case.first}J",
    } <= subjects  # fmt: skip


def test_a_steward_reads_on_without_ways_into_cases(staff, case):
    page = staff("steward").get(f"/register/{case.first}")
    assert page.status_code == 200 and "/cases/" not in page.text


def test_the_api_says_the_same(program, case):
    home = program.get(f"/households/{case.first}", query_string={"day": "2026-03-09"}).json
    assert (home["stands"], case.lands[0] in [p["code"] for p in home["parcels"]]) == (True, True)
    assert home["phone"] != case.family.phone and home["facts"]["id_number"].startswith("990***")
    gone = program.get(f"/parcels/{case.lands[0]}").json
    assert (gone["stands"], gone["version"]["valid_to"]) == (False, "2026-03-10")
    assert gone["holdings"][0]["holder"]["code"] == case.first
    contract = program.get(f"/contracts/{case.first}J").json
    assert case.other_lands[0] in [row["code"] for row in contract["parcels"]]
    assert program.get(f"/contracts/{contract['id']}").json["code"] == contract["code"]
    entry = program.get(f"/entries/{case.first}J").json
    assert entry["contract"]["id"] == contract["id"] and entry["certificates"][0]["facts"]["state"] == "valid"
    party = program.get(f"/parties/{case.party}").json
    seen_codes, path = [], f"/parties/{case.party}/parcels"
    cursor = {"limit": 30}
    while True:
        page = program.get(path, query_string=cursor).json
        seen_codes += [row["code"] for row in page["items"]]
        if not page["next"]:
            break
        cursor = {"limit": 30, "cursor": page["next"]}
    assert len(seen_codes) == len(set(seen_codes)) == party["parcels"]
    assert program.get(f"/parties/{case.party}/contracts").json["items"]
    moments = program.get(f"/households/{case.first}/history").json["moments"]
    assert moments[0]["ref"] == "99010120260315000001" and "13912345678" not in str(moments)
    lines = program.get(f"/parcels/{case.lands[0]}/lineage").json
    assert {edge["ref"] for edge in lines["edges"]} == {"99010120260315000002"}
    assert program.get(f"/parcels/{case.lands[0]}/lineage?day=2026-03-09").json["edges"] == []
    hit = program.get("/register/search", query_string={"q": case.other_lands[0]}).json["parcels"]
    assert [one["code"] for one in hit] == [case.other_lands[0]]


@pytest.mark.parametrize("path", ["households", "parcels", "contracts", "entries", "parties"])
def test_the_api_refuses_absent_and_foreign_alike(web, case, program, path):
    code = {"households": case.first, "parcels": case.other_lands[0], "parties": case.party}.get(
        path, case.first + "J"
    )
    stranger = sign_in(web, "village2")
    foreign, absent = stranger.get(f"/{path}/{code}"), program.get(f"/{path}/{'9' * len(code)}")
    assert foreign.status_code == absent.status_code == 404
    assert foreign.json["detail"].replace(code, "") == absent.json["detail"].replace("9" * len(code), "")
    assert stranger.get(f"/{path}/{code}/history").status_code == 404
    assert program.get(f"/{path}/{code}?day=2026-13-01").status_code == 422
