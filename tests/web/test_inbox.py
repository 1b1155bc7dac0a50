"""The inbox: every task at its office, claimed once, found again, with what is left of its time."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from engine.store.tables.history import ReadRecord
from engine.store.tables.reference import Position
from engine.usecases.load_demonstration import stable_id
from tests.web.staff import COUNTY, staff, words  # noqa: F401  # staff is a fixture


@pytest.fixture(scope="module")
def village(staff):
    return staff("village1")


@pytest.fixture(scope="module")
def number(village):
    return village.start(village.households()[0])


def test_a_new_case_waits_at_its_own_village_only(staff, village, number):
    assert number in words(village.get("/inbox?tab=claim"))
    for other in ("village2", "township1", "county"):
        assert number not in words(staff(other).get("/inbox?tab=claim"))
    assert number in words(staff("county").get("/inbox?tab=recent"))
    assert number not in words(staff("village2").get("/inbox?tab=recent"))


def test_tabs_say_how_many_and_what_is_left(village, number):
    page = words(village.get("/inbox?tab=claim"))
    assert "待认领 1" in page and "我的待办 0" in page
    assert "剩余5个工作日" in page and "村级初审" in page and "合同网签" in page


def test_time_runs_out_in_words(village, number, running):
    clock, start = running.clock, running.clock.now()
    try:
        clock._now = start + timedelta(days=7)  # Monday to Monday: five working days, the last one is today
        assert "今天到期" in words(village.get("/inbox?tab=claim"))
        clock._now = start + timedelta(days=9)
        assert "已超期2天" in words(village.get("/inbox?tab=claim"))
        assert "Overdue by 2 day" in words(village.get("/inbox?tab=claim&lang=en"))
        assert "已超期2天" in words(village.get("/inbox?tab=claim&lang=zh"))
    finally:
        clock._now = start


def test_search_finds_by_number_name_and_code_and_is_recorded(village, number, running):
    page = words(village.get(f"/cases/{number}"))
    name, code = page.split()[0], page.split("承包方编码 ")[1][:18]
    for found in (number[-6:], name, code, f"{name} {number}"):
        assert number in words(village.get(f"/inbox?tab=recent&q={found}"))
    nothing = words(village.get("/inbox?tab=recent&q=查无此人"))
    assert "没有找到“查无此人”" in nothing and "最近更新 0" in nothing
    with running.sessions(COUNTY) as session:
        noted = session.scalars(select(ReadRecord.subject).where(ReadRecord.action == "search")).all()
    assert "search:inbox:查无此人" in noted


def test_an_identity_number_is_not_written_down_in_full(village, running):
    village.get("/inbox?q=990101198001010011")
    with running.sessions(COUNTY) as session:
        noted = " ".join(session.scalars(select(ReadRecord.subject).where(ReadRecord.action == "search")))
    assert "990***********0011" in noted and "990101198001010011" not in noted


@pytest.mark.parametrize(
    "query",
    ["tab=nonsense", "page=abc", "page=-1", "page=99999999999", "q=%00%1b", "q=" + "长" * 500, "q=%25_'\\"],
)
def test_odd_addresses_give_a_page(village, query):
    assert village.get(f"/inbox?{query}").status_code == 200


def test_claiming_from_the_list_keeps_the_list(village, number):
    path = village.task_path(number)
    answer = village.post(f"{path}/claim", next="/inbox?tab=claim&q=" + number)
    assert answer.location == "/inbox?tab=claim&q=" + number
    assert f"已签收办件 {number}" in words(village.get(answer.location))
    assert number in words(village.get("/inbox"))
    assert "待认领 0" in words(village.get("/inbox"))
    assert village.post(f"{path}/release").status_code == 303
    assert number in words(village.get("/inbox?tab=claim"))


def test_next_leads_nowhere_else(village, number):
    path = village.task_path(number)
    answer = village.post(f"{path}/claim", next="//evil.example/x")
    assert answer.location == path
    village.post(f"{path}/release")


def test_the_slower_of_two_officers_is_told_who_was_faster(staff, village, number):
    village.pass_village(number)
    staff("township1").do(number, decision="pass", opinion="同意")
    first, second = staff("county"), staff("county2")
    first.claim(number)
    path = second.task_path(number)
    answer = second.post(f"{path}/claim", next="/inbox?tab=claim")
    assert answer.status_code == 303
    assert "该任务已由县审批 何静签收" in words(second.get("/inbox?tab=claim"))
    assert number in words(first.get("/inbox")) and number not in words(second.get("/inbox"))
    assert number in words(village.get("/inbox?tab=done"))


def test_the_inbox_is_for_those_who_handle_cases(staff, web):
    assert staff("auditor").get("/inbox").status_code == 403
    answer = web.test_client().get("/inbox")
    assert answer.status_code == 302 and answer.location.startswith("/sign-in")


def test_empty_tabs_say_what_to_do(staff):
    assert "去待认领看看" in words(staff("surveyor").get("/inbox"))


def acting_as(clerk) -> str:
    """Name and position as the head of the page says them."""
    return words(clerk.get("/inbox")).partition("换一个岗位办理")[0][-80:]


def test_a_person_with_two_positions_acts_in_one_at_a_time(staff, running):
    person = stable_id("person:village2")
    second = Position(
        id=uuid4(),
        person_id=person,
        role="township_reviewer",
        division="990101201",
        valid_from=date(2020, 1, 1),
    )
    with running.sessions(COUNTY) as session:
        session.add(second)
        session.commit()
    clerk = staff("village2")
    assert "乡镇审核人" in acting_as(clerk)  # the highest office first
    clerk.post("/position", position=str(stable_id("position:village2")))
    village = acting_as(clerk)
    assert "乡镇审核人" not in village
    clerk.post("/position", position=str(stable_id("position:county")))  # somebody else's: nothing happens
    assert acting_as(clerk) == village
