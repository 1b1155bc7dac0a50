"""A village clerk's words become changes: a household that splits, a swap, and a boundary measured anew on the map."""

import re

from playwright.sync_api import Page, expect

from tests.e2e import county, people
from tests.e2e.looking import fits, look_here

DIGITS = re.compile(r"\d{20}")


def test_a_household_splits_and_land_is_swapped(visit, site, shot):
    office = county.offices(site.app)
    page = visit.staff(office.village)
    person = county.household(site.app, office.division, parcels=2)
    other = county.household(site.app, office.division, nth=1, parcels=1)
    third = county.household(site.app, office.division, nth=2, parcels=1)
    split(page, person, shot)
    fits(page, 360)
    swap(page, other, third, shot)
    fits(page, 360)
    boundary(visit, site, office, shot)


def begin(page: Page, code: str, kind: str) -> None:
    page.goto(f"/cases/new?contractor={code}")
    page.get_by_role("link", name="发包方代农户申请").click()
    page.get_by_label("变更种类").select_option(label=kind)
    page.locator("[name=phone]").fill("13900000001")


def hand_in(page: Page, *papers: str) -> str:
    for label in ("委托代办书", "承包方代表身份证", *papers):
        people.hand_over(page, label, f"{label[:6]}.jpg")
    page.locator("[name=agreed]").check()
    page.get_by_role("button", name="提交申请").last.click()
    expect(page.locator(".govuk-error-summary")).to_have_count(0)
    found = DIGITS.search(page.locator("main").inner_text())
    assert found
    return found.group()


def split(page: Page, person, shot) -> None:
    """Everybody and every parcel is on the page already: only where each goes is chosen."""
    begin(page, person.code, "分户")
    for n in range(len(person.members)):
        page.locator(f"[name=split_members-{n}-to]").select_option("1" if n == 0 else "2")
        page.locator(f"[name=split_members-{n}-relation]").select_option("02" if n < 2 else "97")
    for n in range(len(person.parcels)):
        page.locator(f"[name=split_parcels-{n}-to]").select_option("1" if n == 0 else "2")
    people.answer(page, "有没有地块要先分割", "否")
    shot(page, "split-form")
    look_here(page)
    number = hand_in(page, "户口簿或出生", "分户、合户协议")
    claim(page, number)
    for member in person.members:
        expect(page.locator("main")).to_contain_text(member.name)
    expect(page.locator("#change")).to_contain_text("新增")
    shot(page, "split-consent")


def swap(page: Page, own, other, shot) -> None:
    begin(page, own.code, "互换")
    page.locator("[name=own_parcels]").first.check()
    page.locator("[name=other_household]").select_option(label=f"{other.name} {other.code}")
    page.get_by_role("button", name="列出对方的地块").click()
    page.locator(f"[name=other_parcels][value='{other.parcels[0].code}']").check()
    people.answer(page, "有没有地块要先分割", "否")
    number = hand_in(page, "分户、合户协议")
    claim(page, number)
    expect(page.locator("#change")).to_contain_text(f"{other.name} → {own.name}")
    shot(page, "swap-consent")


def claim(page: Page, number: str) -> None:
    page.goto(f"/cases/{number}")
    page.get_by_role("link", name="征得成员同意").first.click()
    page.get_by_role("button", name=re.compile("签收")).first.click()


def boundary(visit, site, office, shot) -> None:
    page = visit.staff(office.village)
    person = county.household(site.app, office.division, nth=3, parcels=1)
    begin(page, person.code, "地块面积或界址变更")
    page.locator("[name=own_parcels]").first.check()
    page.locator("[name=reason]").fill("水渠改道")
    number = hand_in(page)
    claim(page, number)
    for n in range(len(person.members)):
        page.locator(f"[name=signatures-{n}-signed]").select_option("agrees")
    page.get_by_label("全体成员都已同意").check()
    page.get_by_role("button", name="提交").last.click()
    page.get_by_role("link", name="村级初审").first.click()
    page.get_by_role("button", name=re.compile("签收")).first.click()
    page.get_by_label("核实无误").check()
    page.get_by_label("地块、面积和承包方相符").check()
    page.get_by_label("本件内录入").check()
    page.get_by_label("初审意见").fill("属实。")
    page.get_by_role("button", name="提交").last.click()
    page = visit.staff("surveyor")
    page.goto(f"/cases/{number}")
    page.get_by_role("link", name="权属调查和测绘").first.click()
    page.get_by_role("button", name=re.compile("签收")).first.click()
    page.locator("[data-editor]").wait_for()
    shot(page, "boundary-survey")
