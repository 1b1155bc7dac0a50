"""A household without land picks some of its collective's, in the portal; the clerk sees what it takes and passes it on."""

import re

from playwright.sync_api import expect

from engine.usecases.scenarios.without_land import new_household
from tests.e2e import county, people


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
