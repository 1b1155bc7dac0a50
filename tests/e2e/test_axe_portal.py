"""Applicants' pages at a desk: axe in both languages, and English that is English.

At 360 px, also in large text, they are looked at in tests/web/test_portal_browser.py.
"""

import pytest
from playwright.sync_api import expect

from tests import portal_steps
from tests.e2e import county, people
from tests.e2e.conftest import DESK
from tests.e2e.looking import look, look_here
from tests.usecases.acting import played


@pytest.fixture(scope="module")
def person(site):
    return county.household(site.app, county.offices(site.app).division, 2)


def test_portal_pages_for_everybody(visit):
    page = visit(DESK)
    for path in ("/portal/", "/portal/sign-in", "/portal/lookup", "/verify", "/sign-in"):
        look(page, path, DESK)
    for path in (
        "/portal/notices",
        "/portal/guides",
        "/portal/guides/990101/contract_signing",
        "/portal/offices",
    ):
        look(page, path)
    page.goto("/portal/sign-in")
    page.get_by_role("button", name="下一步").click()
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    look_here(page, DESK)
    page.goto("/verify/ABCDEFGHJKLM")
    look_here(page, DESK)


def test_the_open_pages(visit):
    """What anyone may see of contracted land: list of villages, one village, one parcel, nothing found."""
    page = visit(DESK)
    for path in (
        "/open",
        "/open?q=没有的村",
        "/open/villages/990101100201",
        "/open/parcels/9901011002010100001",
    ):
        look(page, path)


def test_portal_pages_of_a_household(site, visit, person, shot):
    """From signing in to a case that asks for papers, messages and settings, one that is followed, an objection."""
    page = visit(DESK)
    people.ask_code(page, person)
    expect(page.get_by_role("heading", name="正在核对")).to_be_visible()
    page = visit.household(person, DESK)
    look(page, "/portal/", DESK)
    look(page, "/portal/household", DESK)
    look(page, "/portal/household/check")
    look(page, "/portal/history")
    page.goto("/portal/")
    page.get_by_role("button", name="开始申请 农村土地承包合同网签").click()
    expect(page.get_by_text("上面填好后才能提交")).to_be_visible()
    parts = page.url.removeprefix(site.url)
    look(page, parts, DESK)
    for slug in ("members_right", "parcels", "papers-id_card"):
        look(page, f"{parts}/{slug}", DESK)
    page.goto(f"{parts}/members_right")
    people.go_on(page)
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    look_here(page, DESK)
    page.goto("/portal/")
    page.get_by_role("button", name="删除草稿").click()
    expect(page.get_by_role("button", name="开始申请 农村土地承包合同网签")).to_be_visible()
    number = applied(site, person)
    page.goto("/portal/")
    page.get_by_role("link", name="去看结果").click()
    expect(page.get_by_role("heading", name="申请已受理")).to_be_visible()
    look_here(page, DESK)
    look(page, f"/portal/cases/{number}", DESK)
    portal_steps.office_does(site.app, number, portal_steps.MISSING)
    look(page, f"/portal/cases/{number}/supply", DESK)
    look(page, "/portal/messages")
    settings(site, page, shot)


def settings(site, page, shot) -> None:
    """A way that has no address, and one whose address has still to prove itself."""
    page.goto("/portal/settings")
    page.get_by_label("发电子邮件").check()
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    page.get_by_label("邮箱地址").fill("li@example.cn")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("heading", name="确认邮箱")).to_be_visible()
    site.pump()
    look(page, "/portal/settings")
    page.goto("/portal/settings")
    found = people.CODE.search(people.message_to(page, "li@example.cn"))
    assert found
    page.get_by_label("邮件里的验证码").fill(found.group())
    page.get_by_role("button", name="确认邮箱").click()
    expect(page.get_by_text("已确认：li@example.cn")).to_be_visible()
    shot(page, "settings")


def applied(site, person) -> str:
    with site.app.portal_sessions() as portal:
        known = portal_steps.signed_in(site.app, portal, person)
        return portal_steps.applied(site.app, portal, known)[0]


def test_a_notice_and_an_objection_to_it(site, visit, shot):
    played(site.app, "contract_publicity")
    site.pump()
    page = visit(DESK)
    page.goto("/portal/notices")
    page.locator("main a.tq-card__link").first.click()
    notice = page.url.removeprefix(site.url)
    look(page, notice)
    look(page, f"{notice}/object")
    page.goto(f"{notice}/object")
    page.get_by_role("button", name="提交").click()
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    look_here(page)
    shot(page, "objection")
