"""A session ends while somebody types: nothing is lost, for an applicant on the telephone or a clerk at the desk."""

import pytest
from playwright.sync_api import expect

from tests.e2e import county, people

STILL_THERE = "登录过期前填的内容还在，请核对后再提交。"


@pytest.mark.long  # tests/web/test_refill.py and test_retyped.py try it without a browser
def test_what_was_typed_comes_back_after_signing_in_again(site, visit, shot):
    office = county.offices(site.app)
    person = county.household(site.app, office.division)
    phone = visit.household(person)
    phone.get_by_role("button", name="开始申请 农村土地承包合同网签").click()
    phone.get_by_role("link", name="申请事项").click()
    phone.get_by_label("延包").check()
    people.go_on(phone)
    phone.get_by_label("有误", exact=True).check()
    phone.get_by_label("哪里有误").fill("长女王小梅2025年出嫁，户口已迁走。")
    asked = phone.url
    phone.context.clear_cookies(name=people.COOKIE)
    people.go_on(phone)
    expect(phone.locator("[name=id_number]")).to_be_visible()
    shot(phone, "01-signed-out")
    people.identify(phone, site, person)
    expect(phone).to_have_url(asked)
    expect(phone.get_by_text(STILL_THERE)).to_be_visible()
    expect(phone.get_by_label("有误", exact=True)).to_be_checked()
    expect(phone.get_by_label("哪里有误")).to_have_value("长女王小梅2025年出嫁，户口已迁走。")
    shot(phone, "02-back")
    people.go_on(phone)
    expect(phone.get_by_role("heading", name="要写入合同的地块")).to_be_visible()

    phone.goto("/portal/")
    another = county.household(site.app, office.division, 1)
    other_phone = visit.household(another)
    number = people.apply_online(other_phone, site, another)
    desk = visit()
    people.sign_in(desk, office.village)
    form = people.claim(desk, number)
    form.get_by_label("材料不全，要求补正").check()
    form.get_by_label("初审意见").fill("请补交户口簿。")
    form.get_by_role("group", name="需要补正的材料").get_by_label("材料", exact=True).first.fill("户口簿")
    task = desk.url
    desk.context.clear_cookies(name=people.COOKIE)
    form.get_by_role("button", name="提交", exact=True).last.click()
    expect(desk.get_by_label("用户名")).to_be_visible()
    shot(desk, "03-desk-signed-out")
    desk.get_by_label("用户名").fill(office.village)
    desk.get_by_label("密码").fill(people.PASSWORD)
    desk.get_by_role("button", name="登录").click()
    expect(desk).to_have_url(task)
    form = people.form_of(desk)
    expect(desk.get_by_text(STILL_THERE)).to_be_visible()
    expect(form.get_by_label("材料不全，要求补正")).to_be_checked()
    expect(form.get_by_label("初审意见")).to_have_value("请补交户口簿。")
    row = form.get_by_role("group", name="需要补正的材料")
    expect(row.get_by_label("材料", exact=True).first).to_have_value("户口簿")
    shot(desk, "04-desk-back")
    row.get_by_label("缺少或有误之处").first.fill("成员有变化")
    row.get_by_label("怎样补正").first.fill("拍照上传")
    people.submit(desk)
