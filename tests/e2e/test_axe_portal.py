"""Applicants' pages at a desk: axe in both languages, and English that is English.

At 360 px, also in large text, they are looked at in tests/web/test_portal_browser.py.
"""

import pytest
from playwright.sync_api import expect

from tests.e2e import county, people
from tests.e2e.conftest import DESK
from tests.e2e.looking import look, look_here


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


def test_portal_pages_of_a_household(site, visit, person):
    """From the first page to a case that asks for papers and one that is followed."""
    page = visit(DESK)
    people.ask_code(page, person)
    expect(page.get_by_role("heading", name="正在核对")).to_be_visible()
    people.sign_in_applicant(page, site, person)
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
    number = people.apply_online(page, site, person)
    look_here(page, DESK)
    look(page, f"/portal/cases/{number}", DESK)
    ask_for_papers(visit, site, number)
    look(page, f"/portal/cases/{number}/supply", DESK)


def ask_for_papers(visit, site, number) -> None:
    desk = visit.staff("village1")
    form = people.claim(desk, number)
    form.get_by_label("材料不全，要求补正").check()
    for label, text in (("材料", "户口簿"), ("缺少或有误之处", "成员有变化"), ("怎样补正", "拍照上传")):
        form.get_by_label(label, exact=True).fill(text)
    form.get_by_label("初审意见").fill("请补交户口簿。")
    people.submit(desk)
    site.pump()
