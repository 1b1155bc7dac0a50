"""What an applicant asks for beside forms: facts right or wrong, a reminder, withdrawal; and who reads of it."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from engine.domain.calendar import shipped_calendar
from engine.domain.portal_rules import reminder_from
from engine.store import cases, outbox
from engine.store.register import read_household
from engine.store.tables.cases import FactCheck
from engine.store.tables.desk import Notice
from engine.store.tables.portal import CaseView
from tests.portal_steps import COUNTY, Browser, applied, household, inside, signed_in, words
from tests.usecases.acting import played
from tests.web.staff import Staff


@pytest.fixture
def browser(running, web):
    return Browser(running, web.test_client())


def in_case(running, browser, number):
    """(case number) of a household that applied and is signed in with this browser."""
    home = household(running, number)
    with running.portal_sessions() as portal:
        person = signed_in(running, portal, home)
        case, _code = applied(running, portal, person)
        known = str(person.id)
    with browser.client.session_transaction() as session:
        session["applicant"] = known
    return case


def test_wrong_facts_need_a_category_and_words(browser, running):
    browser.sign_in(household(running, 11))
    page = browser.post("/portal/household/check", answer="wrong")
    assert page.status_code == 422
    assert "请填写“请写明”" in words(page)
    assert "请选择“哪一方面有误”" in words(page)


def test_wrong_facts_are_recorded_once_and_reach_the_task(browser, running, client_for):
    number = in_case(running, browser, 12)
    page = browser.post("/portal/household/check", answer="wrong", categories="members", text="长女已出嫁")
    assert "说：有误" in words(page)
    again = browser.post("/portal/household/check", answer="right")
    assert "已经对这份登记信息表过态" in words(again)
    inside(running)
    with running.sessions(COUNTY) as session:
        said = session.scalars(select(FactCheck).where(FactCheck.text == "长女已出嫁")).all()
    assert [(row.answer, row.categories) for row in said] == [("wrong", ["members"])]
    clerk = Staff(client_for("county"))
    task = words(clerk.client.get(f"/cases/{number}/tasks/{open_task(running, number)}"))
    assert "登记信息有误" in task
    assert "长女已出嫁" in task


def open_task(running, number):
    with running.sessions(COUNTY) as session:
        return cases.open_tasks(session, cases.find_case(session, COUNTY, number))[0].number


def test_reminder_waits_its_days_and_is_told_to_the_office(browser, running, clock, client_for):
    number = in_case(running, browser, 13)
    page = words(browser.get(f"/portal/cases/{number}"))
    assert "起可以催办" in page
    assert "还不到可以催办的时候" in words(browser.post(f"/portal/cases/{number}/remind"))
    clock.move_to(clock.now() + timedelta(days=7))
    with running.sessions(COUNTY) as session:  # whatever changes in the case publishes it anew
        outbox.put(session, COUNTY, "publish_case", {"case": number}, clock.now())
        session.commit()
    inside(running)
    assert ">催办<" in browser.get(f"/portal/cases/{number}").text.replace("\n", "")
    sent = browser.post(f"/portal/cases/{number}/remind")
    inside(running)
    done = browser.get(sent.request.path)
    assert "已催办" in words(done)
    assert "起可以催办" in words(done)
    told = words(client_for("county").get(f"/cases/{number}/tasks/{open_task(running, number)}"))
    assert "承包方已催办 1 次" in told
    with running.sessions(COUNTY) as session:
        case = cases.find_case(session, COUNTY, number)
        kinds = session.scalars(select(Notice.kind).where(Notice.case_id == case.id)).all()
    assert kinds and set(kinds) == {"reminded"}  # each of those who could claim the task


def test_another_member_can_neither_remind_nor_withdraw(running, browser):
    number = in_case(running, browser, 14)
    with running.portal_sessions() as portal:
        view = portal.get_one(CaseView, number)
        view.may = {"remind_from": "2000-01-01", "withdraw": True}
        view.applicant_id = None
        portal.commit()
    assert "由提出申请的家人" in words(browser.post(f"/portal/cases/{number}/remind"))
    assert browser.get(f"/portal/cases/{number}/withdraw").request.path == f"/portal/cases/{number}"


def test_withdrawal_needs_a_reason_and_is_done(running, browser):
    number = in_case(running, browser, 15)
    assert "撤回申请" in words(browser.get(f"/portal/cases/{number}"))
    assert browser.post(f"/portal/cases/{number}/withdraw").status_code == 422
    sent = browser.post(f"/portal/cases/{number}/withdraw", reason="不办了")
    assert "正在提交" in words(sent)
    assert "正在登记" in words(browser.post(f"/portal/cases/{number}/withdraw", reason="不办了"))
    inside(running)
    done = words(browser.get(sent.request.path))
    assert "已撤回" in done
    assert f"/portal/cases/{number}/withdraw" not in browser.get(f"/portal/cases/{number}").text
    with running.sessions(COUNTY) as session:
        assert cases.find_case(session, COUNTY, number).status == "withdrawn"


def test_reminders_count_working_days():
    friday = date(2026, 3, 6)
    assert reminder_from(friday, None, shipped_calendar()) == date(2026, 3, 11)
    assert reminder_from(friday, date(2026, 3, 11), shipped_calendar()) == date(2026, 3, 16)


def test_a_household_reports_what_is_wrong_in_what_was_filed(browser, running, client_for):
    """From its own contracts to the village and back: answered once, then corrected; somebody else's is not there."""
    play = played(running, until="registry_receipt")
    inside(running)
    with running.sessions(COUNTY) as session:
        home = read_household(session, COUNTY, play.code)
    browser.sign_in(home)
    at = f"/portal/cases/{play.number}/error"
    assert at in browser.get("/portal/history").text
    empty = browser.post(at, text="")
    assert empty.status_code == 422 and "哪一方面有误" in words(empty)
    sent = browser.post(at, category="parcels", text="02号地块东至写错")
    assert "您说的错误正在核对" in words(browser.post(at, category="head", text="再说一次"))
    inside(running)
    assert "村民委员会正在核对" in words(browser.get(sent.request.path))
    clerk = Staff(client_for("village1"))
    assert "在已备案的办件中发现错误" in words(clerk.get("/notices"))
    assert "1条待处理" in words(clerk.get(f"/cases/{play.number}"))
    page = clerk.get(f"/cases/{play.number}/error")
    assert "地块：02号地块东至写错" in words(page) and f"contractor={play.code}" in page.text
    wrong = clerk.post(f"/cases/{play.number}/error/declined", answer=" ")
    assert wrong.status_code == 422 and "请写明为什么不更正" in words(wrong)
    assert clerk.post(f"/cases/{play.number}/error/declined", answer="与测绘成果一致").status_code == 303
    assert clerk.post(f"/cases/{play.number}/error/declined", answer="再答").status_code == 422
    inside(running)
    inside(running)
    assert "核对后没有更正：与测绘成果一致" in words(browser.get(f"/portal/cases/{play.number}"))
    assert "与测绘成果一致" in words(browser.get("/portal/messages"))
    browser.sign_in(household(running, 11))
    assert browser.get(at).status_code == 404
