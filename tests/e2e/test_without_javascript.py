"""Old telephones and strict offices: applying, handing in what is missing, and a whole task, without any script."""

from playwright.sync_api import expect

from tests.e2e import county, people


def test_without_javascript(site, visit, shot):
    office = county.offices(site.app)
    person = county.household(site.app, office.division)
    phone = visit(360, javascript=False)
    people.sign_in_applicant(phone, site, person)
    number = people.apply_online(phone, site, person)

    desk = visit(1280, javascript=False)
    people.sign_in(desk, office.village)
    ask_for_papers(desk, shot, number)
    supply(phone, site, shot, number)
    decide(desk, site, number)

    phone.goto(f"/portal/cases/{number}")
    expect(phone.locator(".tq-turn")).to_contain_text("乡镇正在审核您的申请")


def ask_for_papers(desk, shot, number) -> None:
    """Rows are added by the server, and everything typed stays; the map's table stands for the map."""
    form = people.claim(desk, number)
    expect(desk.get_by_text("地图需要启用 JavaScript。下面的表格列出了同样的内容。")).to_be_visible()
    expect(desk.locator("#change [data-parcel-row]").first).to_be_visible()
    form.get_by_label("材料不全，要求补正").check()
    form.get_by_label("初审意见").fill("请补交户口簿。")
    form.get_by_role("button", name="增加一行").click()
    rows = people.form_of(desk).get_by_role("group", name="需要补正的材料").locator("[data-row]")
    expect(rows).to_have_count(2)
    expect(people.form_of(desk).get_by_label("初审意见")).to_have_value("请补交户口簿。")
    for label, text in (("材料", "户口簿"), ("缺少或有误之处", "成员有变化"), ("怎样补正", "拍照上传")):
        rows.first.get_by_label(label, exact=True).fill(text)
    rows.last.get_by_role("button", name="删除此行").click()
    rows = people.form_of(desk).get_by_role("group", name="需要补正的材料").locator("[data-row]")
    expect(rows).to_have_count(1)
    expect(rows.get_by_label("怎样补正")).to_have_value("拍照上传")
    shot(desk, "01-rows")
    people.form_of(desk).get_by_role("button", name="保存草稿").click()
    expect(desk.get_by_text("草稿已保存，可以以后接着填")).to_be_visible()
    expect(people.form_of(desk).get_by_label("怎样补正")).to_have_value("拍照上传")
    people.submit(desk)
    expect(desk.locator("#now")).to_contain_text("补正材料")
    expect(desk.get_by_text("流程图需要启用 JavaScript")).to_be_visible()


def supply(phone, site, shot, number) -> None:
    """What, why, until when, and the place to upload, on one page."""
    site.pump()
    phone.goto("/portal/")
    expect(phone.get_by_text("等您办理")).to_be_visible()
    phone.goto(f"/portal/cases/{number}")
    phone.get_by_role("button", name="现在去补交").click()
    asked = phone.locator(".tq-turn--you")
    for said in ("户口簿", "成员有变化", "拍照上传", "2026年3月23日"):
        expect(asked).to_contain_text(said)
    people.hand_over(phone, "户口簿", "户口簿.jpg")
    phone.get_by_role("button", name="提交", exact=True).click()
    expect(phone.locator(".govuk-error-summary")).to_contain_text("补正说明")
    expect(phone.get_by_text("户口簿.jpg").first).to_be_visible()
    shot(phone, "02-supply")
    phone.get_by_label("补正说明").fill("户口簿已上传。")
    phone.get_by_role("button", name="提交", exact=True).click()
    expect(phone.get_by_role("heading", name="正在提交")).to_be_visible()
    site.pump()
    expect(phone.get_by_text("补正材料已经交上")).to_be_visible()
    expect(phone.locator(".tq-turn")).to_contain_text("村里正在核对您的申请")


def decide(desk, site, number) -> None:
    """Questions that do not apply are all shown, and what stands in them is not taken."""
    form = people.claim(desk, number)
    expect(desk.locator("#papers")).to_contain_text("户口簿.jpg")
    expect(form.get_by_role("group", name="不予办理的理由")).to_be_visible()
    form.get_by_label("申请人不是本发包方的承包农户").check()
    form.get_by_label("核实无误").check()
    for label in ("成员属实", "由该户承包", "界址无争议", "已依法议定"):
        form.get_by_label(label).check()
    form.get_by_label("初审意见").fill("户口簿已核对。")
    people.submit(desk)
    expect(desk.locator("#now")).to_contain_text("乡镇审核")
    expect(desk.locator("main")).not_to_contain_text("申请人不是本发包方")
    site.pump()
