"""The pages of the desk for everybody: axe, 360 px, both languages; marking rows and drawing an area in a browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e import people
from tests.e2e.conftest import PHONE
from tests.e2e.looking import look, look_here
from tests.usecases.acting import played


@pytest.fixture(scope="module")
def cases(site) -> list[str]:
    numbers = [str(played(site.app, "township_review").number) for _ in range(2)]
    site.pump()
    return numbers


def test_every_page_of_the_desk(visit, cases, shot):
    page = visit.staff("township1")
    for name, path in {
        "inbox": "/inbox?tab=claim&sort=newest&columns=type,contractor,place,step,due,code,at",
        "all": "/inbox?tab=all&due=soon",
        "map": "/inbox/map",
        "printing": f"/cases/{cases[0]}/printing",
        "case": f"/cases/{cases[0]}",
    }.items():
        look(page, path)
        shot(page, f"{name}-360-en")
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(path + ("&" if "?" in path else "?") + "lang=zh")
        shot(page, f"{name}-1280-zh")
    clerk = visit.staff("village1")
    look(clerk, "/counter")
    clerk.goto("/counter?lang=zh")
    clerk.get_by_label("身份证号码").fill("110101199003074558")
    clerk.get_by_role("button", name="核对身份证", exact=True).click()
    expect(clerk.locator(".govuk-error-summary")).to_be_visible()
    look_here(clerk)
    shot(clerk, "counter")
    admin = visit.staff("admin")
    look(admin, "/studio/printing")
    shot(admin, "print-settings")


def test_marked_rows_are_claimed_together_and_told_of(visit, cases, shot):
    page = visit.staff("township1")
    page.goto("/inbox?tab=claim&lang=zh")
    for letter in ("j", "x", "j", "x"):
        page.keyboard.press(letter)
    expect(page.locator("input[name=picked]:checked")).to_have_count(2)
    page.get_by_role("group", name="选中的办件").get_by_role("button", name="签收").click()
    expect(page.get_by_text(re.compile("共 2 件，办成 2 件"))).to_be_visible()
    look_here(page)
    shot(page, "outcome")
    county = visit.staff("county")
    county.goto(f"/cases/{cases[0]}?lang=zh")
    county.get_by_label("写备注").fill("@township1 请核对四至")
    county.get_by_role("button", name="保存备注").click()
    expect(county.get_by_text("已通知")).to_be_visible()
    county.get_by_role("button", name="催办").first.click()
    expect(county.get_by_text("已催办，通知了1人")).to_be_visible()
    look(page, "/notices")
    page.goto("/notices?lang=zh")
    shot(page, "notices")
    page.get_by_role("button", name=re.compile("在备注里提到了您")).first.click()
    expect(page.get_by_text("请核对四至").first).to_be_visible()


def test_an_area_drawn_on_the_map_narrows_the_list(visit, cases, shot):
    """By its corners, by dragging a box, and by keys alone: what the map shows."""
    page = visit.staff("township1")
    page.goto("/inbox/map?lang=zh")
    page.locator("[data-map][data-ready]").wait_for()
    page.locator("#pick").evaluate("e => e.scrollIntoView({block: 'center'})")
    box = page.locator("#pick").bounding_box()
    assert box

    def at(x: float, y: float) -> tuple[float, float]:
        return box["x"] + box["width"] * x, box["y"] + box["height"] * y

    page.get_by_role("button", name="逐点画").click()
    corners = [(0.08, 0.04), (0.92, 0.04), (0.92, 0.9), (0.08, 0.9)]  # beside the map's own buttons
    for corner in (*corners, corners[0]):  # the first again: closed
        page.mouse.click(*at(*corner))
    told = page.locator("[data-draw-told]")
    expect(told).to_contain_text(re.compile(r"范围内有 [1-9]\d* 块"))
    page.get_by_role("button", name="拉框选").click()
    page.mouse.move(*at(0.09, 0.05))
    page.mouse.down()
    page.mouse.move(*at(0.1, 0.06), steps=3)
    page.mouse.up()
    expect(told).to_contain_text("范围内有 0 块")
    page.get_by_role("button", name="拉框选").click()
    page.mouse.move(*at(0.08, 0.04))
    page.mouse.down()
    page.mouse.move(*at(0.92, 0.9), steps=5)
    page.mouse.up()
    expect(told).to_contain_text(re.compile(r"范围内有 [1-9]\d* 块"))
    expect(page.locator("tr.is-selected").first).to_be_visible()
    expect(page.locator("#area")).to_have_value(re.compile("^POLYGON"))
    shot(page, "box")
    page.get_by_role("button", name="看这个范围的办件").click()
    expect(page.get_by_text("只看地块在图上所画范围内的办件")).to_be_visible()
    expect(people.row_of(page, cases[0])).to_be_visible()
    expect(page).to_have_url(re.compile("area="))
    page.goto("/inbox/map?lang=zh")
    page.locator("[data-map][data-ready]").wait_for()
    page.get_by_role("button", name="取现在看到的范围").press("Enter")
    page.get_by_role("button", name="看这个范围的办件").press("Enter")
    expect(people.row_of(page, cases[1])).to_be_visible()


def test_without_javascript_a_village_is_chosen_and_rows_are_marked(visit, cases):
    page = visit(PHONE, javascript=False, session=visit.staff("township1").context.storage_state())
    page.goto("/inbox/map?lang=zh")
    page.get_by_role("button", name="看这个范围的办件").click()
    expect(people.row_of(page, cases[0])).to_be_visible()
