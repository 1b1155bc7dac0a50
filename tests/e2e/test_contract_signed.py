"""One contract from application to certificate: the household on a phone, three offices, the auditor, a stranger."""

import hashlib
import io
import re
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from engine.domain.register import Household, mu
from tests.contract_scan import scan_for
from tests.e2e import county, people
from tests.e2e.papers import photograph

SERIAL = "云（2026）田溪县农村土地承包经营权证第000001号"


@dataclass
class Journey:
    """What is known along the way."""

    site: Any
    visit: Any
    shot: Any
    office: county.Offices
    person: Household
    phone: Page
    number: str = ""


@pytest.fixture
def journey(site, visit, shot) -> Journey:
    office = county.offices(site.app)
    return Journey(site, visit, shot, office, county.household(site.app, office.division), visit(360))


@pytest.mark.long
def test_contract_signed(journey):
    code = apply(journey)
    look_up_without_signing_in(journey, code)
    check_in_village(journey)
    review_in_township(journey)
    approve_in_county(journey)
    publicity_passes(journey)
    close_publicity_and_sign(journey)
    file_in_county(journey)
    contract = download_contract(journey)
    confirm_contract(journey, contract)
    register(journey)
    hand_out_certificate(journey)
    put_in_order(journey)
    replay_and_verify(journey)


def apply(j: Journey) -> str:
    """One question a page, everything known filled in, everything read again. Gives the lookup code."""
    page, person = j.phone, j.person
    page.goto("/portal/")
    j.shot(page, "01-welcome")
    page.get_by_role("link", name="登录办理").click()
    people.ask_code(page, person)
    expect(page.get_by_role("heading", name="正在核对")).to_be_visible()
    people.sign_in_applicant(page, j.site, person)
    expect(page.get_by_role("heading", name=f"{person.name}，您好")).to_be_visible()
    known = f"登记的家庭成员 {len(person.members)} 人，承包地 {len(person.parcels)} 块"
    expect(page.get_by_text(known)).to_be_visible()
    j.shot(page, "02-home")

    page.get_by_role("button", name="开始申请 农村土地承包合同网签").click()
    expect(page.get_by_role("heading", name="农村土地承包合同网签")).to_be_visible()
    expect(page.get_by_text("上面填好后才能提交")).to_be_visible()
    j.shot(page, "03-parts")
    page.get_by_role("link", name="申请事项").click()
    people.go_on(page)
    expect(page.locator(".govuk-error-summary")).to_contain_text("申请事项")
    page.get_by_label("延包").check()
    people.go_on(page)
    for member in person.members:
        expect(page.get_by_role("rowheader", name=member.name, exact=True)).to_be_visible()
        expect(page.locator("main")).not_to_contain_text(member.id_number)
    page.get_by_label("无误").check()
    j.shot(page, "04-members")
    people.go_on(page)
    for parcel in person.parcels:
        row = page.locator(f"[data-parcel-row='{parcel.code}']")
        expect(row.get_by_role("checkbox")).to_be_checked()
        expect(row).to_contain_text(str(mu(parcel.contract_area)))
    j.shot(page, "05-parcels")
    people.go_on(page)
    page.get_by_label("无误").check()
    people.go_on(page)
    expect(page.get_by_label("联系电话")).to_have_value(person.phone)
    people.go_on(page)
    people.hand_over(page, "承包方代表身份证", "身份证正面.jpg")
    people.go_on(page)
    expect(page.get_by_text("可以提交", exact=True)).to_be_visible()
    page.get_by_role("link", name="原承包合同或权证").click()
    people.hand_over(page, "原承包合同或权证", "旧证.jpg")
    people.go_on(page)
    page.get_by_role("link", name="核对并提交").click()
    expect(page.get_by_text("身份证正面.jpg")).to_be_visible()
    page.get_by_role("link", name=re.compile("^修改.*联系电话")).click()
    page.get_by_label("联系电话").fill("13900009999")
    people.go_on(page)
    expect(page.get_by_role("heading", name="核对并提交")).to_be_visible()
    expect(page.get_by_text("13900009999")).to_be_visible()
    page.get_by_role("button", name="提交申请").click()
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    page.get_by_label("以上内容属实").check()
    j.shot(page, "06-check")
    page.get_by_role("button", name="提交申请").click()
    expect(page.get_by_role("heading", name="正在提交")).to_be_visible()
    j.site.pump()
    j.number = people.taken_number(page)
    assert j.number.startswith("99010120260302")
    code = page.locator(".tq-taken__code").inner_text()
    j.shot(page, "07-taken")
    page.get_by_role("button", name="我已记下，去看进度").click()
    expect(turn(page)).to_contain_text("村里正在核对您的申请")
    expect(turn(page)).to_contain_text("村委会")
    assert "受理通知书" in text_of(pdf(page, "受理通知书"))
    j.shot(page, "08-case-in-village")
    return code


def turn(page: Page):
    """The box that says whose turn it is."""
    return page.locator(".tq-turn")


def follow(j: Journey, says: str) -> None:
    """The household looks again."""
    j.site.pump()
    j.phone.goto(f"/portal/cases/{j.number}")
    expect(turn(j.phone)).to_contain_text(says)


def pdf(page: Page, link: str) -> bytes:
    with page.expect_download() as started:
        page.get_by_role("link", name=link).first.click()
    body = started.value.path().read_bytes()
    assert body.startswith(b"%PDF-")
    return body


def text_of(body: bytes) -> str:
    return re.sub(r"\s", "", "".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages))


def look_up_without_signing_in(j: Journey, code: str) -> None:
    """With number and code one sees the steps, and nobody's name; with a wrong code nothing at all."""
    page = j.visit(360)
    page.goto("/portal/lookup")
    page.get_by_label("办件编号").fill(j.number)
    page.get_by_label("查询码").fill("AAAAAAAA")
    page.get_by_role("button", name="查询").click()
    expect(page.get_by_text("没有查到")).to_be_visible()
    page.get_by_label("查询码").fill(code.lower())
    page.get_by_role("button", name="查询").click()
    expect(turn(page)).to_contain_text("村里正在核对您的申请")
    expect(page.locator("body")).not_to_contain_text(j.person.name)


def check_in_village(j: Journey) -> None:
    page = j.visit.staff(j.office.village)
    expect(page.get_by_text("没有待办")).to_be_visible()
    form = people.claim(page, j.number)
    asked = page.locator("#application")
    expect(asked).to_contain_text("延包")
    expect(asked).to_contain_text("13900009999")
    expect(page.locator("[data-map][data-ready]")).to_be_visible()
    for parcel in j.person.parcels:
        expect(page.locator(f"#change [data-parcel-row='{parcel.code}']")).to_contain_text("不变")
    expect(page.locator("#papers")).to_contain_text("身份证正面.jpg")
    expect(page.locator("#limits")).to_contain_text("剩余5个工作日")

    people.submit_refused(page, "初审结论")
    form.get_by_label("核实无误").check()
    for label in ("成员属实", "由该户承包", "界址无争议", "已依法议定"):
        form.get_by_label(label).check()
    expect(form.get_by_label("承包期限自")).to_have_value(
        "2027-01-01"
    )  # the day after the earlier contract ends
    form.get_by_label("初审意见").fill("经核实，情况属实，同意上报。")
    expect(page.locator("[data-draft-state]")).to_contain_text("草稿")
    j.shot(page, "10-village-task")
    people.submit(page)
    expect(page.locator("#now")).to_contain_text("乡镇审核")
    expect(page.locator("[data-bpmn-viewer][data-ready]")).to_be_visible()
    expect(page.locator(".tq-mark-current[data-element-id=township_review]")).to_have_count(1)
    j.shot(page, "11-case")
    follow(j, "乡镇正在审核您的申请")


def review_in_township(j: Journey) -> None:
    page = j.visit.staff(j.office.township)
    form = people.claim(page, j.number)
    expect(page.locator("#earlier")).to_contain_text("经核实，情况属实，同意上报。")
    form.get_by_label("审核通过").check()
    form.get_by_label("审核意见").fill("材料齐全，审核通过。")
    people.submit(page)
    expect(page.locator("#now")).to_contain_text("县级经办核查")
    follow(j, "县里正在核对您的申请")


def approve_in_county(j: Journey) -> None:
    """Who handles it proposes, who approves decides."""
    handler = j.visit.staff("handler")
    form = people.claim(handler, j.number)
    for label in ("材料齐全", "与登记簿一致", "没有争议"):
        form.get_by_label(label).check()
    form.get_by_label("拟同意").check()
    form.get_by_label("经办意见").fill("与登记簿一致，拟同意。")
    people.submit(handler)
    page = j.visit.staff("approver")
    page.goto("/inbox?tab=claim")
    j.shot(page, "12-inbox")
    form = people.claim(page, j.number)
    expect(page.locator("#earlier")).to_contain_text("与登记簿一致，拟同意。")
    form.get_by_label("同意，进入合同公示").check()
    form.get_by_label("审批意见").fill("同意。")
    people.submit(page)
    expect(page.locator("#now")).to_contain_text("等待“合同公示”期满：2026年3月16日之后")
    follow(j, "合同内容正在本村和相邻村公示")
    expect(turn(j.phone)).to_contain_text("公示到2026年3月16日")
    sheet = text_of(pdf(j.phone, "公示公告"))
    assert j.person.name in sheet
    assert j.person.id_number not in sheet
    j.shot(j.phone, "13-case-in-publicity")


def publicity_passes(j: Journey) -> None:
    """Ten full working days after the day it began: not a minute earlier."""
    page = j.visit.staff(j.office.village)
    j.site.move_to("2026-03-16 23:59")
    page.goto("/inbox?tab=claim")
    expect(page.get_by_text("没有待认领的任务")).to_be_visible()
    j.site.move_to("2026-03-17 09:00")
    page.goto("/inbox?tab=claim")
    expect(people.row_of(page, j.number)).to_contain_text("剩余3个工作日")
    follow(j, "合同公示期满")


def close_publicity_and_sign(j: Journey) -> None:
    page = j.visit.staff(j.office.village)
    form = people.claim(page, j.number)
    form.get_by_label("本集体经济组织").check()
    form.get_by_label("相邻集体经济组织").check()
    form.get_by_label("无异议", exact=True).check()
    people.submit_refused(page, "公示现场照片")
    people.hand_over(page, "公示现场照片", "公示栏.jpg", photograph("公示栏"))
    people.submit(page)
    follow(j, "请带身份证到村委会签订合同")

    form = people.claim(page, j.number)
    expect(page.locator("#papers").get_by_role("link", name="农村土地（耕地）承包合同").first).to_be_visible()
    form.get_by_label("承包方和发包方均已签字").check()
    form.get_by_label("签订日期").fill("2026-03-17")
    form.get_by_label("签订地点").fill("村委会")
    expect(form.get_by_label("承包方签字人")).to_have_value(j.person.name)
    form.get_by_label("当场核对身份证").check()
    people.hand_over(page, "已签字盖章合同的扫描件", "合同扫描件.pdf", scan_for(j.site.app, j.number))
    j.shot(page, "14-sign")
    people.submit(page)
    follow(j, "合同已签订，县里正在备案")


def file_in_county(j: Journey) -> None:
    """Filing changes the register in the same moment."""
    page = j.visit.staff(j.office.county)
    page.goto(f"/register/{j.person.code}")
    expect(page.locator("#contract")).not_to_contain_text("2027年1月1日")
    form = people.claim(page, j.number)
    expect(page.locator("#papers")).to_contain_text("合同扫描件.pdf")
    form.get_by_label("同意备案").check()
    form.get_by_label("备案意见").fill("签字盖章齐全，同意备案。")
    people.submit(page)
    expect(page.locator("#change")).to_contain_text("已于2026年3月17日 09:00记入登记簿")
    j.shot(page, "15-case-filed")
    page.goto(f"/register/{j.person.code}")
    expect(page.locator("#contract")).to_contain_text("2056年12月31日")
    j.shot(page, "16-household")
    follow(j, "合同已备案，可以下载")
    assert "备案" in people.message_to(j.phone, "13900009999")


def download_contract(j: Journey) -> bytes:
    """On the household's own phone: their names, every parcel, and nobody else's land."""
    body = pdf(j.phone, "农村土地（耕地）承包合同")
    text = text_of(body)
    for said in (j.person.name, "2027年1月1日", "2056年12月31日", *(p.code for p in j.person.parcels)):
        assert said in text, said
    j.shot(j.phone, "17-case-filed")
    return body


def confirm_contract(j: Journey, contract: bytes) -> None:
    """Whoever holds the paper types the code that stands on it, and may compare the file."""
    code = re.search(r"校验码：([0-9A-Z]+)", text_of(contract))
    assert code
    page = j.visit(360)
    page.goto("/verify")
    page.get_by_label("核验码").fill(code[1])
    page.get_by_role("button", name="核验", exact=True).click()
    expect(page.get_by_role("heading", name="确有这份文书")).to_be_visible()
    expect(page.locator("main")).to_contain_text("农村土地（耕地）承包合同")
    expect(page.locator("main")).to_contain_text("2026年3月17日")
    expect(page.locator("main")).to_contain_text(hashlib.sha256(contract).hexdigest())
    expect(page.locator("body")).not_to_contain_text(j.person.name)
    people.hand_over(page, "选择您收到的 PDF 文件", "合同.pdf", contract)
    page.get_by_role("button", name="比对").click()
    expect(page.get_by_text("文件与出具的文书完全一致")).to_be_visible()
    j.shot(page, "18-verified")
    people.hand_over(page, "选择您收到的 PDF 文件", "合同.pdf", contract + b"\n")
    page.get_by_role("button", name="比对").click()
    expect(page.get_by_text("文件与出具的文书不一致")).to_be_visible()


def register(j: Journey) -> None:
    """The registry's receipt, recorded by the county."""
    page = j.visit.staff(j.office.county)
    page.goto("/registry")
    page.get_by_role("link", name=f"{j.number}-01").click()
    expect(page.locator("#facts")).to_contain_text(j.person.name)
    expect(page.locator("body")).not_to_contain_text(j.person.id_number)
    page.get_by_label("准予登记").check()
    page.get_by_label("回执日期").fill("2026-03-17")
    page.get_by_role("button", name="登记回执").click()
    expect(page.locator(".govuk-error-summary")).to_contain_text("请填写登记机构的登记编号")
    page.get_by_label("登记编号").fill("田溪登记2026第000001号")
    page.get_by_label("不动产权证号").fill(SERIAL)
    page.get_by_label("印刷序列号").fill("53000000001")
    j.shot(page, "18b-hand-over")
    page.get_by_role("button", name="登记回执").click()
    expect(page.locator("#about")).to_contain_text("田溪登记2026第000001号")
    follow(j, "登记机构已登记并印制权证")


def put_in_order(j: Journey) -> None:
    """The list of the case's papers, and the case put in order for the archive."""
    page = j.visit.staff(j.office.county)
    page.goto(f"/cases/{j.number}/archive")
    page.get_by_label("检查人").fill("罗成")
    page.get_by_role("button", name="立卷").click()
    expect(page.locator("#note")).to_contain_text("-TDCB-2026-")
    j.shot(page, "19b-archive")


def hand_out_certificate(j: Journey) -> None:
    page = j.visit.staff(j.office.village)
    form = people.claim(page, j.number)
    expect(form.get_by_label("权证编号")).to_have_value(SERIAL)
    expect(form.get_by_label("印刷序列号")).to_have_value("53000000001")
    form.get_by_label("领取日期").fill("2026-03-17")
    form.get_by_label("领取人身份证号").fill(j.person.id_number)
    form.get_by_label("已收回，上交销毁").check()
    people.hand_over(page, "签好字的领证签收单", "签收单.jpg", photograph("签收单"))
    people.submit(page)
    expect(page.locator("#now")).to_contain_text("已办结。合同已备案，权证已领取。")
    page.get_by_role("link", name="看这户的登记情况").click()
    expect(page.locator("#entry")).to_contain_text(SERIAL)
    follow(j, "已办结")
    expect(j.phone.locator(".tq-steps")).to_contain_text("领证")
    j.shot(j.phone, "19-case-done")


def replay_and_verify(j: Journey) -> None:
    """Step by step on the diagram; who, what, in which office; then the whole record."""
    page = j.visit.staff("auditor")
    page.get_by_role("link", name=j.number).click()
    expect(page.get_by_text("记录链完整")).to_be_visible()
    expect(page.get_by_text("重放结果与记录一致")).to_be_visible()
    expect(page.locator("[data-bpmn-viewer][data-ready]")).to_be_visible()
    slider, said = page.locator("[data-replay-slider]"), page.locator("[data-replay-text]")
    expect(said).to_contain_text(j.person.name)
    steps = int(slider.get_attribute("max") or 0)
    assert steps > 8
    slider.focus()
    marked = set()
    for step in range(1, steps + 1):
        page.keyboard.press("ArrowRight")
        expect(said).to_contain_text(f"第 {step + 1} 步")
        marks = page.locator(".tq-mark-current[data-element-id]")
        marked |= set(marks.evaluate_all("all => all.map(e => e.dataset.elementId)"))
        if "contract_publicity" in marked and "sign_contract" not in marked:
            j.shot(page, "20-replay")
    passed = {
        "township_review",
        "county_check",
        "county_decision",
        "contract_publicity",
        "sign_contract",
        "hand_out_certificate",
    }
    assert passed <= marked
    expect(page.locator(".tq-mark-done[data-element-id=hand_out_certificate]")).to_have_count(1)
    row = page.get_by_role("row").filter(has_text="办理“乡镇审核”")
    row.get_by_text("填写和变更的内容").click()
    expect(row).to_contain_text("材料齐全，审核通过。")
    j.shot(page, "21-replay-records")
    page.get_by_role("link", name="返回审计").click()
    page.get_by_role("button", name="验证全部记录").click()
    expect(page.get_by_text("记录完整")).to_be_visible()
    j.shot(page, "22-audit-verified")
    page.goto(f"/audit/reads?q={j.number}")
    expect(page.get_by_role("row").filter(has_text="村级经办人").first).to_be_visible()
