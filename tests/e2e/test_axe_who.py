"""Accounts, deputies, reassigning and signing in are for everybody: axe, 360 px, both languages."""

from playwright.sync_api import expect
from sqlalchemy import select

from engine.store.tables.query import OpenParcelRow
from engine.usecases.load_demonstration import stable_id
from tests.e2e.looking import look, look_here
from tests.usecases.acting import played


def test_deputies_from_asking_to_acting(visit, shot):
    page, other = visit.staff("village1"), visit.staff("village2")
    look(page, f"/deputies/new/{stable_id('position:village1')}")
    page.goto(f"/deputies/new/{stable_id('position:village1')}?lang=zh")
    page.get_by_role("button", name="请其代理").click()
    look_here(page)
    shot(page, "wrong")
    page.get_by_label("代理人").select_option("village2")
    today = visit.site.app.clock.now().date().isoformat()
    page.get_by_label("起日").fill(today)
    page.get_by_label("止日").fill(today)
    page.get_by_label("原因").fill("年休假")
    page.get_by_role("button", name="请其代理").click()
    expect(page.get_by_text("代理中")).to_be_visible()
    look(page, "/deputies")
    look(page, "/inbox")
    look(other, "/inbox")
    other.goto("/inbox?lang=zh")
    other.get_by_role("button", name="换到这个岗位去办理").click()
    expect(other.get_by_text("正在代")).to_be_visible()
    look_here(other)
    shot(other, "acting")
    other.get_by_role("button", name="换回自己的岗位").click()
    expect(other.get_by_role("button", name="换回自己的岗位")).to_have_count(0)


def test_a_task_to_give_on_and_an_account_to_empty(visit, shot):
    play = played(visit.site.app, "township_review")
    visit.site.pump()
    desk, guard = visit.staff("county"), visit.staff("secadmin")
    desk.goto(f"/cases/{play.number}/tasks/{play.task('township_review')}?lang=zh")
    desk.get_by_text("转办给他人").click()
    look_here(desk)
    shot(desk, "reassign")
    look(guard, f"/accounts/{stable_id('person:village1')}")
    shot(guard, "account")


def test_another_department_looks_land_up(visit, shot):
    visit.site.pump()
    with visit.site.app.query_sessions() as query:
        code = query.scalar(select(OpenParcelRow.code).order_by(OpenParcelRow.code).limit(1))
    page = visit.staff("court")
    look(page, "/lookups")
    page.goto("/lookups?lang=zh")
    page.get_by_label("地块编码").fill("12")
    page.get_by_role("button", name="查询").click()
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    look_here(page)
    page.get_by_label("地块编码").fill(code)
    page.get_by_label("用途").fill("财产查控，（2026）云01执123号")
    page.get_by_role("button", name="查询").click()
    expect(page.get_by_role("heading", name=code)).to_be_visible()
    look_here(page)
    shot(page, "looked_up")


def test_ones_own_account_and_the_workbook(visit, shot):
    page, office = visit.staff("county2"), visit.staff("sysadmin")
    look(page, "/account")
    page.goto("/account?lang=zh")
    page.locator("#recovery").get_by_label("现在的密码").fill("tianqi-demo")
    page.get_by_role("button", name="生成恢复码").click()
    expect(page.locator("#codes li")).to_have_count(10)
    look_here(page)
    shot(page, "codes")
    look(office, "/accounts/import")
    look(office, "/deputies")
    stranger = visit()
    look(stranger, "/sign-in/recover")
    look(stranger, "/sign-in")
    shot(stranger, "sign-in")
