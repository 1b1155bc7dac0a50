"""An official walks through the register: household, parcel, neighbour's household, contract, certificate, case, back."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.looking import look, look_here
from tests.usecases.acting import played


@pytest.fixture(scope="module")
def play(site):
    """A case about a household, which waits for its publicity to end."""
    begun = played(site.app, "contract_publicity")
    site.pump()
    return begun


def test_one_click_between_any_of_household_land_register_certificate_and_case(site, play, visit, shot):
    page = visit.staff("county")
    page.goto("/register?lang=zh")
    page.get_by_role("searchbox").fill(play.code)
    page.get_by_role("button", name="查找").click()
    page.locator("[data-key-row] a").first.click()
    chain = page.get_by_role("navigation", name="户、地、簿、证")
    expect(chain.locator("[aria-current]")).to_be_visible()
    shot(page, "01-household")
    look_here(page)

    page.locator("#parcels [data-parcel-row] a").first.click()
    expect(page).to_have_url(re.compile(r"/register/parcels/\d{19}"))
    shot(page, "02-parcel")
    look_here(page)
    parcel = page.url
    page.locator("#place tbody th a").first.click()  # a neighbour
    expect(page).not_to_have_url(parcel)
    page.goto(parcel)
    page.locator("#holdings a").first.click()
    expect(page).to_have_url(re.compile(rf"/register/{play.code}"))

    chain.get_by_role("link", name="承包合同").click()
    expect(page.locator("h1")).to_contain_text("承包合同")
    look_here(page)
    chain.get_by_role("link", name="权证").click()
    expect(page).to_have_url(re.compile(r"/register/entries/\d+#certificate-\d+"))
    expect(page.locator("#certificates")).to_contain_text("权证编号")
    shot(page, "03-certificate")
    look_here(page)

    page.locator("#cases").get_by_role("link", name=str(play.number)).click()
    expect(page).to_have_url(re.compile(rf"/cases/{play.number}"))
    page.get_by_role("link", name="看这户的登记情况").click()
    expect(page).to_have_url(re.compile(rf"/register/{play.code}"))
    chain.get_by_role("link", name="发包方").click()
    expect(page.locator("h1")).to_be_visible()
    shot(page, "04-party")
    look(page, page.url.removeprefix(site.url))


def test_another_day_without_javascript(play, visit):
    """The days are asked for by a form, go along with every link, and end with one click."""
    known = visit.staff("county")
    page = visit(360, javascript=False, session=known.context.storage_state())
    page.goto(f"/register/{play.code}?lang=zh")
    page.get_by_label("某日的情况").fill("2016-05-01")
    page.get_by_role("button", name="查看", exact=True).first.click()
    expect(page.get_by_text("正在看2016年5月1日的情况")).to_be_visible()
    page.locator("#parcels [data-parcel-row] a").first.click()
    expect(page).to_have_url(re.compile(r"/register/parcels/\d{19}\?day=2016-05-01"))
    expect(page.get_by_text("正在看2016年5月1日的情况")).to_be_visible()
    page.get_by_role("link", name="回到现在").click()
    expect(page.get_by_text("正在看")).to_have_count(0)
