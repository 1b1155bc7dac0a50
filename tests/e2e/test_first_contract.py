"""A household without land picks some of its collective's, in the portal; the clerk sees what it takes and passes it on.
Where the collective has none in the register, a surveyor draws it.
"""

import json
import re

import shapely
from playwright.sync_api import expect

from engine.usecases.scenarios.without_land import new_household
from tests.e2e import county, people
from tests.e2e.looking import sound
from tests.usecases.acting import played


def test_a_first_contract_is_applied_for(site, visit, shot):
    office = county.offices(site.app)
    with site.app.sessions(county.COUNTY) as session:
        party = county.household(site.app, office.division).issuing_party.code
        person = new_household(session, county.COUNTY, party, site.app.clock.now())
        session.commit()
    page = visit()
    people.sign_in_applicant(page, site, person)
    page.get_by_role("button", name="开始申请 农村土地承包合同网签").click()
    page.get_by_role("link", name="申请事项").click()
    page.get_by_label("首次签订承包合同").check()
    people.go_on(page)
    page.get_by_label("无误").check()
    people.go_on(page)
    expect(page.get_by_role("heading", name="要写入合同的地块")).to_be_visible()
    people.go_on(page)  # nothing is picked by itself
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    shot(page, "01-nothing-picked")
    row = page.locator("[data-parcel-row]").first
    picked = row.get_attribute("data-parcel-row")
    row.get_by_role("checkbox").check()
    shot(page, "02-picked")
    people.go_on(page)
    page.get_by_label("无误").check()
    people.go_on(page)
    people.go_on(page)
    people.hand_over(page, "承包方代表身份证", "身份证正面.jpg")
    people.go_on(page)
    page.get_by_role("link", name="核对并提交").click()
    shot(page, "03-check")
    page.get_by_label("以上内容属实").check()
    page.get_by_role("button", name="提交申请").click()
    site.pump()
    number = people.taken_number(page)

    page = visit.staff(office.village)
    page.goto(f"/cases/{number}")
    expect(page.locator("#change")).to_contain_text(str(picked))
    shot(page, "04-case")
    form = people.claim(page, number)
    form.get_by_label("核实无误").check()
    for label in ("成员属实", "由该户承包", "界址无争议", "已依法议定"):
        form.get_by_label(label).check()
    form.get_by_label("承包期限自").fill("2026-12-01")
    form.get_by_label("初审意见").fill("新立户，方案已议定。")
    shot(page, "05-village")
    people.submit(page)
    page.goto(
        f"/cases/new/contract_signing?contractor={person.code}"
    )  # the counter shows what is held, and by which
    expect(page.locator(f"[data-parcel-row='{picked}']")).to_contain_text(f"办件 {number} 占用")
    shot(page, "06-counter")
    page.goto(f"/cases/{number}/withdrawal")
    page.get_by_label("撤回的原因").fill("农户改变主意。")
    page.get_by_role("button", name="撤回申请").click()
    expect(page.locator("#path")).to_contain_text(re.compile("撤回"))
    shot(page, "07-withdrawn")

    new_land_is_drawn(visit.staff("surveyor"), played(site.app, "survey", "new_land"), shot)


def new_land_is_drawn(page, play, shot):
    """By the mouse, with a corner too many taken away by undo; once more from typed corners; handed in under new codes."""
    form = people.claim(page, str(play.number))
    page.locator("[data-editor][data-ready]").wait_for()
    page.locator("[data-editor]").scroll_into_view_if_needed()
    expect(page.locator(".tq-editor__hint")).to_contain_text("还没有本户的地块")
    shot(page, "08-nothing-drawn")
    outline = shapely.from_wkt(play.words["$new_outline_1"])
    page.evaluate(
        "(ring) => document.querySelector('[data-editor]').tianqiEditor.view.fit([ring], false)",
        outline.exterior.coords[:-1],
    )
    editor, land = page.locator(".tq-editor"), page.locator(".tq-editor__land")
    editor.get_by_role("button", name="画新地块").click()
    page.locator(".tq-editor__map").scroll_into_view_if_needed()
    corners = [page.evaluate(PIXEL, list(corner)) for corner in outline.exterior.coords[:-1]]
    for x, y in corners:
        page.mouse.click(x, y)
    page.mouse.dblclick(*corners[-1])
    expect(page.locator(".tq-editor__hint.is-wrong")).to_contain_text("地块名称")
    land.get_by_label("地块名称").fill("新开上地")
    land.get_by_label("北至").fill("水渠")
    land.get_by_label("土地利用类型").select_option("013")
    land.get_by_role("button", name="画上这块地").click()
    expect(page.locator("textarea[name=drawing]")).to_have_value(re.compile("new_parcel"))
    [first] = json.loads(page.locator("textarea[name=drawing]").input_value())
    assert (first["code"], first["name"], first["north"]) == (play.words["$new_parcel_1"], "新开上地", "水渠")
    assert shapely.from_wkt(first["outline"]).symmetric_difference(outline).area < 1  # m2
    expect(page.locator(f"[data-area-of='{first['code']}']")).to_contain_text("亩")
    expect(page.locator(".tq-editor__verdict")).not_to_have_text(re.compile("核查…"))
    shot(page, "09-drawn")

    editor.get_by_role("button", name="输入或导入坐标").click()
    land.get_by_label("地块名称").fill("新开下地")
    page.get_by_label(re.compile("坐标（每行一个点")).fill(play.words["$new_outline_2"])
    editor.get_by_role("button", name="用作新地块").click()
    expect(page.locator(f"[data-area-of='{play.words['$new_parcel_2']}']")).to_be_visible()
    editor.get_by_role("button", name="删去这块新地块").click()
    assert [row["name"] for row in json.loads(page.locator("textarea[name=drawing]").input_value())] == [
        "新开上地"
    ]
    sound(page, 1280)

    people.say_surveyed(page, form)
    people.submit(page)
    expect(page.locator("#change")).to_contain_text(first["code"])
    shot(page, "10-handed-in")


PIXEL = """(place) => {
  const { view } = document.querySelector('[data-editor]').tianqiEditor;
  const [x, y] = view.map.getPixelFromCoordinate(place);
  const box = view.map.getViewport().getBoundingClientRect();
  return [box.left + x, box.top + y];
}"""
