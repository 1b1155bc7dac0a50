"""The map at a desk and on a phone: from the land to whose it is, by mouse and by keyboard; days, and what changed."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PHONE
from tests.e2e.looking import look, look_here, ready
from tests.web.test_map import split

CASE = "99010120260302000301"


@pytest.fixture(scope="module")
def changed(site):
    """A parcel that was split on 2 March, and its two pieces."""
    parcels = split(site.app, date(2026, 3, 2), CASE)
    site.app.clock.move_to(site.app.clock.now() + timedelta(days=3))
    return parcels


def the_map(page: Page, path: str) -> Page:
    page.goto(path)
    ready(page)
    return page


def drawn(page: Page) -> list[str]:
    """Codes of what is marked as chosen."""
    return page.evaluate(
        "document.querySelector('#map').tianqiMap.chosen.getSource().getFeatures().map((one) => one.get('code'))"
    )


# A place of the map where another parcel lies than the one of that code.
ANOTHER = """(code) => {
    const { map } = document.querySelector('#map').tianqiMap;
    const [width, height] = map.getSize();
    for (let x = 80; x < width; x += 15) for (let y = 80; y < height; y += 15) {
        const found = map.getFeaturesAtPixel([x, y]).find((one) => one.get('code'));
        if (found && found.get('layer') === 'parcels' && found.get('code') !== code) return [x, y, found.get('code')];
    }
}"""


def settled(page: Page) -> None:
    """All tiles of the view are there."""
    page.evaluate(
        """() => new Promise((done) => {
            const map = document.querySelector('#map').tianqiMap.map;
            map.once('rendercomplete', () => done(true));
            map.render();
        })"""
    )


def test_from_the_land_to_whose_it_is(visit, shot, changed):
    page = the_map(visit.staff("village1"), "/map")
    settled(page)
    first = page.locator("[data-map-results] a").first
    code = first.get_attribute("data-show-parcel")
    first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    panel = page.locator(f"[data-chosen='{code}']")
    expect(panel).to_contain_text("承包方")
    assert drawn(page) == [code]
    assert f"parcel={code}" in page.url
    settled(page)
    shot(page, "01-chosen")
    x, y, other = page.evaluate(ANOTHER, code)
    page.locator("#map").click(position={"x": x, "y": y})
    expect(page.locator(f"[data-chosen='{other}']")).to_be_visible()
    assert drawn(page) == [other]
    page.reload()
    ready(page)
    assert drawn(page) == [other], "the address keeps what was chosen"
    page.get_by_label("基本农田").check()
    assert page.url.endswith("/basic")
    look_here(page)
    page.locator("[data-chosen]").get_by_role("link").first.click()
    expect(page.locator("h1")).to_be_visible()


def test_two_days_beside_each_other(visit, shot, changed):
    code, pieces = changed
    page = the_map(visit.staff("county"), "/map?since=2026-03-01")
    settled(page)
    handle = page.get_by_role("slider", name="比较前后两天的地图")
    handle.focus()
    for _ in range(5):
        page.keyboard.press("PageDown")
    assert handle.get_attribute("aria-valuenow") == "0"
    page.keyboard.press("End")
    assert handle.get_attribute("aria-valuenow") == "100"
    page.evaluate("document.querySelector('#map').tianqiMap.divider.move(0.4)")
    cut = page.locator(".ol-layers > .tq-side--before").first.evaluate("(e) => e.style.clipPath")
    assert "60%" in cut
    page.locator(f"[data-map-results] [data-show-parcel='{code}']").click()
    expect(page.locator(f"[data-chosen='{code}']")).to_contain_text("变为")
    expect(page.locator("#twin")).to_contain_text(CASE)
    assert {row.get_attribute("data-show-parcel") for row in page.locator("[data-map-results] a").all()} == {
        code,
        *pieces,
    }
    settled(page)
    shot(page, "01-swipe")
    look_here(page)


def test_the_slider_shows_another_day(visit, changed):
    code, _ = changed
    page = the_map(visit.staff("county"), f"/map?q={code[:14]}")
    expect(page.locator(f"#twin [data-parcel-row='{code}']")).to_have_count(0)
    slider = page.get_by_label("拖动看某一天的地图")
    slider.focus()
    for _ in range(8):
        page.keyboard.press("ArrowLeft")
    expect(page.locator(f"#twin [data-parcel-row='{code}']")).to_have_count(1)
    expect(page.locator("#told")).to_contain_text("当日的登记情况")
    assert "day=2026-02-" in page.url
    assert page.locator("#f-day").input_value().startswith("2026-02-")  # a search goes on with that day
    expect(page.get_by_label("在办业务")).to_be_disabled()  # what is open is known of today alone


def test_on_a_phone_and_on_paper(visit, shot, changed):
    page = visit.staff("village1")
    look(page, "/map?q=柳湾")
    page.set_viewport_size({"width": PHONE, "height": 760})
    the_map(page, "/map")
    settled(page)
    shot(page, "01-phone")
    page.set_viewport_size({"width": 1280, "height": 900})
    the_map(page, "/map")
    page.get_by_role("link", name="打印当前视图").click()
    expect(page.locator("svg.tq-sheet")).to_be_visible()
    shot(page, "02-sheet")
    look_here(page)


def test_without_javascript_the_table_is_enough(visit, changed):
    session = visit.staff("village1").context.storage_state()
    page = visit(javascript=False, session=session)
    page.goto("/map")
    page.locator("#f-q").fill("99010110020101")
    page.get_by_role("button", name="显示").click()
    page.locator("#twin tbody a").first.click()
    expect(page.locator("[data-chosen]")).to_contain_text("承包方")
