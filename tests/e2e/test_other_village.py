"""What is not one's own is not there; what one may not do is said; nothing is done twice, and nothing typed is lost."""

import re

import pytest
from playwright.sync_api import Page, expect

from engine.store.tables.cases import Case, Paper
from tests.e2e import county, people
from tests.usecases.acting import played

COUNTY = county.COUNTY


@pytest.fixture(scope="module")
def open_case(site):
    """A case of some household that waits for the county, with a paper."""
    play = played(site.app, "county_decision")
    site.pump()
    return play


@pytest.fixture(scope="module")
def number(open_case) -> str:
    return open_case.number


@pytest.fixture(scope="module")
def elsewhere(site, open_case) -> county.Offices:
    """A village that has nothing to do with it."""
    with site.app.sessions(COUNTY) as session:
        division = open_case.case(session).division
    return next(
        o for o in (county.offices(site.app, n) for n in range(2)) if not division.startswith(o.division)
    )


def paper_of(site, number: str) -> str:
    with site.app.sessions(COUNTY) as session:
        case = session.query(Case).filter_by(number=number).one()
        return str(session.query(Paper).filter_by(case_id=case.id).first().id)


def lands_on(page: Page, path: str, status: int, says: str) -> None:
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == status, path
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("main")).to_contain_text(says)


def test_another_village_finds_nothing(site, visit, shot, number, open_case, elsewhere):
    page = visit.staff(elsewhere.village)
    lands_on(page, f"/cases/{number}", 404, "没有找到办件")
    shot(page, "01-not-found")
    lands_on(page, f"/cases/{number}/tasks/3", 404, "没有找到办件")
    lands_on(page, f"/papers/{paper_of(site, number)}", 404, "没有")
    lands_on(page, f"/register/{open_case.code}", 404, "没有")
    lands_on(page, f"/cases/new/contract_signing?contractor={open_case.code}", 404, "没有")
    words_of_a_case_that_is_not_there = "没有找到办件 99010120990101000001"
    lands_on(page, "/cases/99010120990101000001", 404, words_of_a_case_that_is_not_there)
    for path in ("/inbox?tab=recent&q=", "/register?q="):
        page.goto(path + (number if "inbox" in path else open_case.code))
        expect(page.get_by_text("没有找到")).to_be_visible()
    page.goto(f"/map?division={open_case.code[:12]}")
    expect(page.locator("main")).not_to_contain_text(open_case.code[:12])


def test_another_household_finds_nothing(site, visit, number, open_case):
    with site.app.sessions(COUNTY) as session:
        division = open_case.case(session).division
    neighbours = [county.household(site.app, division[:12], nth, 1) for nth in (0, 1)]
    person = next(h for h in neighbours if h.code != open_case.code)
    phone = visit(360)
    people.sign_in_applicant(phone, site, person)
    lands_on(phone, f"/portal/cases/{number}", 404, "没有")
    lands_on(phone, f"/portal/cases/{number}/supply", 404, "没有")
    phone.goto("/portal/")
    expect(phone.locator("main")).not_to_contain_text(number)


@pytest.mark.parametrize(
    ("username", "paths"),
    [
        ("village1", ["/audit", "/studio"]),
        ("surveyor", ["/register", "/cases/new/contract_signing", "/audit"]),
        ("auditor", ["/inbox", "/register", "/map", "/studio"]),
        ("admin", ["/inbox", "/audit", "/register"]),
    ],
)
def test_another_role_is_told_so(visit, username, paths):
    page = visit.staff(username)
    for path in paths:
        lands_on(page, path, 403, "您的岗位没有打开这一页的权限")


def test_strangers_sign_in_first_and_come_back(visit, number):
    page = visit()
    page.goto(f"/cases/{number}")
    expect(page.get_by_role("heading", name="工作人员登录")).to_be_visible()
    page.get_by_label("用户名").fill("county")
    page.get_by_label("密码").fill("wrong")
    page.get_by_role("button", name="登录").click()
    expect(page.locator(".govuk-error-summary")).to_contain_text("用户名或密码不对")
    page.get_by_label("密码").fill(people.PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page).to_have_url(re.compile(f"/cases/{number}$"))


def test_a_village_may_look_at_what_the_county_does(visit, site, number, open_case):
    with site.app.sessions(COUNTY) as session:
        division = open_case.case(session).division
    office = next(
        o for o in (county.offices(site.app, n) for n in range(2)) if division.startswith(o.division)
    )
    page = visit.staff(office.village)
    page.goto(f"/cases/{number}")
    page.locator("#now").get_by_role("link", name="县级审批").click()
    expect(page.get_by_text("这项任务由其他岗位办理，您可以查看，不能办理")).to_be_visible()
    expect(page.get_by_role("button", name="签收并办理")).to_have_count(0)


def test_the_slower_one_is_told_who_was_faster_and_keeps_what_was_typed(site, visit, shot, number):
    """One officer gives the task back with the form still open; a colleague does it; the first one sends."""
    slow, fast = visit.staff("county"), visit.staff("county2")
    fast.goto("/inbox?tab=claim")
    form = people.claim(slow, number)
    people.row_of(fast, number).get_by_role("button", name="签收").click()
    expect(fast.locator("main")).to_contain_text("该任务已由县审批 何静签收")
    form.get_by_label("同意，进入合同公示").check()
    form.get_by_label("审批意见").fill("我先写的意见，不能丢。")

    again = slow.context.new_page()
    again.goto(slow.url)
    again.get_by_role("button", name="放弃签收").click()
    expect(again.get_by_text("已放弃签收办件")).to_be_visible()
    form_of_fast = people.claim(fast, number)
    form_of_fast.get_by_label("同意，进入合同公示").check()
    form_of_fast.get_by_label("审批意见").fill("同意。")
    done = send_twice(fast)
    assert events_of(site, number, "task_completed", "county_decision") == 1
    assert done.startswith(f"{site.url}/cases/{number}")

    with slow.expect_response(lambda answer: answer.request.method == "POST") as refused:
        people.form_of(slow).get_by_role("button", name="提交", exact=True).last.click()
    assert refused.value.status == 409
    expect(slow.locator(".govuk-error-summary")).to_contain_text("该任务已由县审批 罗成办理")
    expect(slow.locator("#decide")).to_contain_text("我先写的意见，不能丢。")
    shot(slow, "02-slower")


def send_twice(page: Page) -> str:
    """Click twice, then send the very same request again, as an impatient network does. Gives where that led."""
    with page.expect_request(
        lambda asked: asked.method == "POST" and not asked.url.endswith("/draft")
    ) as sent:
        people.form_of(page).get_by_role("button", name="提交", exact=True).last.dblclick()
    expect(page.get_by_text("已提交。办件接下来到了哪里")).to_be_visible()
    headers = {"content-type": sent.value.headers["content-type"], "referer": sent.value.url}
    answer = page.request.post(sent.value.url, headers=headers, data=sent.value.post_data_buffer)
    assert answer.ok, answer.status
    return answer.url


def events_of(site, number: str, kind: str, element: str) -> int:
    from engine.store.tables.history import Event

    with site.app.sessions(COUNTY) as session:
        case = session.query(Case).filter_by(number=number).one()
        return session.query(Event).filter_by(case_id=case.id, kind=kind, element=element).count()
