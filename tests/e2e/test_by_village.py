"""The village applies for a household, hands in what is missing, and the township rejects it, saying why."""

import io
import re

from playwright.sync_api import expect
from pypdf import PdfReader

from tests.e2e import county, people
from tests.e2e.papers import photograph

REASONS = {
    "申请材料不真实或互相矛盾": "农村土地承包合同管理办法",
    "承包地已被依法征收或灭失": "第十三条、第十四条",
}


def test_by_village(site, visit, shot):
    office = county.offices(site.app)
    person = county.household(site.app, office.division)
    number, code = apply_at_the_counter(visit, shot, office, person)
    ask_for_papers(site, visit, shot, office, number)
    supply(site, visit, office, number)
    reject(site, visit, shot, office, number)
    tell_the_household(site, visit, shot, person, number, code)
    may_apply_again(visit, office, person)


def apply_at_the_counter(visit, shot, office, person) -> tuple[str, str]:
    """The card is checked first; half filled in it is found again. Without the mandate it does not go; what was typed
    and uploaded stays. Then the receipt is handed out.
    """
    page = visit.staff(office.village)
    page.get_by_role("button", name="代农户申请").click()
    page.get_by_label("身份证号码").fill(person.id_number)
    page.get_by_label("证件上的姓名").fill(person.name)
    page.get_by_role("button", name="核对身份证", exact=True).click()
    expect(page.locator("#checked")).to_contain_text(person.code)
    shot(page, "00-card-checked")
    page.get_by_role("button", name="为这户申请：合同网签").click()
    page.get_by_label("延包（原合同到期续签）").check()
    expect(page.get_by_text("草稿已保存").first).to_be_visible()
    page.goto("/counter")
    page.locator("#drafts").get_by_role("link", name=person.name).click()
    expect(page.get_by_label("延包（原合同到期续签）")).to_be_checked()
    expect(page.locator("#party")).to_contain_text("、".join(member.name for member in person.members))
    page.get_by_label("延包（原合同到期续签）").check()
    page.get_by_label("年老、患病或行动不便").check()
    people.answer(page, "农户确认登记的家庭成员", "有误")
    page.get_by_label("家庭成员哪里有误").fill("户主母亲去年去世。")
    people.answer(page, "农户确认地块的面积和四至", "无误")
    people.hand_over(page, "承包方代表身份证", "身份证.jpg")
    page.get_by_role("button", name="提交申请").last.click()
    expect(page.locator(".govuk-error-summary")).to_contain_text("委托代办书")
    expect(page.get_by_label("家庭成员哪里有误")).to_have_value("户主母亲去年去世。")
    expect(page.get_by_role("link", name="身份证.jpg")).to_be_visible()
    shot(page, "01-missing-mandate")
    people.hand_over(page, "委托代办书", "委托书.jpg")
    page.get_by_role("button", name="提交申请").last.click()
    expect(page.get_by_role("heading", name=f"已为{person.name}提交申请")).to_be_visible()
    shot(page, "02-started")
    found = people.NUMBER.search(page.locator(".govuk-panel").inner_text())
    assert found
    receipt = page.get_by_role("link", name="打印收件回执").get_attribute("href")
    printed = page.request.get(receipt or "").body()
    told = "".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(printed)).pages)
    assert found.group() in told and "委托书.jpg" in told, told
    return found.group(), page.locator(".tq-lookup").inner_text()


def ask_for_papers(site, visit, shot, office, number) -> None:
    """The village confirms; the township names what is missing, row by row. The clock of the case stops."""
    page = visit.staff(office.village)
    people.pass_village(page, number)
    page = visit.staff(office.township)
    form = people.claim(page, number)
    form.get_by_label("材料不全，要求补正").check()
    expect(form.get_by_role("group", name="不予办理的理由")).to_be_hidden()
    rows = form.get_by_role("group", name="需要补正的材料")
    rows.get_by_role("button", name="增加一行").click()
    for row, (paper, why, what) in enumerate(
        [("成员同意书", "未提交", "由成员签字后上传"), ("户口簿", "成员有变化", "拍照上传户主页和成员页")]
    ):
        fields = rows.locator("[data-row]").nth(row)
        fields.get_by_label("材料", exact=True).fill(paper)
        fields.get_by_label("缺少或有误之处").fill(why)
        fields.get_by_label("怎样补正").fill(what)
    form.get_by_label("审核意见").fill("请补交两份材料。")
    shot(page, "03-supplement-asked")
    people.submit(page)
    expect(page.locator("#now")).to_contain_text("补正材料")
    site.pump()
    page.reload()
    expect(page.locator("#limits")).to_contain_text("暂停计时，剩余60个工作日")
    expect(page.locator("#papers")).to_contain_text("补正材料一次性告知书")
    shot(page, "04-clock-stopped")


def supply(site, visit, office, number) -> None:
    """The household has no account, so it is the village's to answer, three days later; the time left is the same."""
    site.move_to("2026-03-05 10:00")
    page = visit.staff(office.village)
    form = people.claim(page, number)
    expect(page.locator("#earlier")).to_contain_text("拍照上传户主页和成员页")
    form.get_by_label("补正说明").fill("两份材料都已补交。")
    people.hand_over(page, "家庭成员同意书", "同意书.jpg", photograph("同意书"))
    people.hand_over(page, "户口簿", "户口簿.jpg", photograph("户口簿"))
    people.submit(page)
    expect(page.locator("#now")).to_contain_text("乡镇审核")
    expect(page.locator("#limits")).to_contain_text("剩余60个工作日")
    expect(page.locator("#limits")).not_to_contain_text("暂停计时")


def reject(site, visit, shot, office, number) -> None:
    """With the coded reasons that the township may give; their law is in the notice."""
    page = visit.staff(office.township)
    form = people.claim(page, number)
    expect(page.locator("#papers")).to_contain_text("户口簿.jpg")
    form.get_by_label("不予办理", exact=True).check()
    form.get_by_label("审核意见").fill("其中一块地已于去年征收，申请材料未说明。")
    people.submit_refused(page, "不予办理的理由")
    form = people.form_of(page)
    expect(form.get_by_label("审核意见")).to_have_value("其中一块地已于去年征收，申请材料未说明。")
    for reason in REASONS:
        form.get_by_label(reason).check()
    people.submit(page)
    expect(page.locator("#now")).to_contain_text("申请未获通过")
    site.pump()
    page.reload()
    expect(page.locator("#papers")).to_contain_text("不予办理通知书")
    expect(page.locator("#path")).to_contain_text("不予办理，办件结束")
    shot(page, "05-rejected")


def tell_the_household(site, visit, shot, person, number, code) -> None:
    """With number and code at home; signed in, the notice can be read: every reason, its law, and what one can do."""
    phone = visit(360)
    phone.goto("/portal/lookup")
    phone.get_by_label("办件编号").fill(number)
    phone.get_by_label("查询码").fill(code)
    phone.get_by_role("button", name="查询").click()
    expect(phone.locator(".tq-turn")).to_contain_text("申请未获通过")
    people.sign_in_applicant(phone, site, person)
    phone.get_by_role("link", name="农村土地承包合同网签").first.click()
    with phone.expect_download() as started:
        phone.get_by_role("link", name="不予办理通知书").click()
    pages = PdfReader(io.BytesIO(started.value.path().read_bytes())).pages
    text = re.sub(r"\s", "", "".join(page.extract_text() for page in pages))
    for reason, law in REASONS.items():
        assert reason in text
        assert law in text
    assert "行政复议" in text
    shot(phone, "06-portal-rejected")


def may_apply_again(visit, office, person) -> None:
    """Nothing of the register was held back or changed."""
    page = visit.staff(office.village)
    page.goto(f"/register/{person.code}")
    expect(page.locator("#cases")).to_contain_text(re.compile("不予办理|不予通过"))
    expect(page.get_by_role("button", name="办理业务")).to_be_visible()
