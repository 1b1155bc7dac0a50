"""Rented land and the board of land in a browser: rent entered, a finding noted, an entry handed in, reviewed and seen."""

from datetime import timedelta

from playwright.sync_api import expect

from engine.domain.clock import local_date
from engine.store.tables.transfers import LandTransfer
from tests.e2e import county
from tests.e2e.conftest import DESK, PHONE
from tests.e2e.looking import look, look_here
from tests.usecases.acting import COUNTY

CODE = "990101000000000002L1"


def rented(site) -> None:
    today, village = local_date(site.app.clock.now()), county.offices(site.app).division
    with site.app.sessions(COUNTY) as session:
        session.add(
            LandTransfer(
            county=COUNTY, number=CODE, way="lease", recipient="绿禾公司", recipient_kind="unit", id_number="110101199003070038",
            phone="13800000001", address="x", term_start=today, term_end=today + timedelta(days=730), signed_on=today, use="种植", price="每亩800元",
            total_area=6670, consented=[], state="running", valid_from=today, recorded_at=site.app.clock.now(), cause="case", cause_ref="x",
            division=village,
        )
        )  # fmt: skip
        session.commit()


def test_rented_land(site, visit, shot):
    rented(site)
    today = local_date(site.app.clock.now())
    page = visit.staff("township1")
    page.goto("/supervision?lang=zh")
    page.get_by_role("link", name=CODE).click()
    page.get_by_label("付款人（受让方）").fill("绿禾公司")
    page.get_by_label("付款人电话").fill("13800000001")
    page.get_by_label("每年租金合计").fill("8000")
    page.get_by_label("每年", exact=True).check()
    page.get_by_label("第一次付款日").fill("2090-01-01")
    page.get_by_role("button", name="保存租金约定").click()
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    look_here(page, DESK)
    page.get_by_label("第一次付款日").fill((today - timedelta(days=3)).isoformat())
    page.get_by_role("button", name="保存租金约定").click()
    expect(page.get_by_text("租金逾期").first).to_be_visible()
    page.get_by_text("登记一次检查").click()
    page.get_by_label("检查日期").fill(today.isoformat())
    page.get_by_label("检查人").fill("王检")
    page.get_by_label("检查地点").fill("东坡")
    page.get_by_label("改变用途（非农化、非粮化）").check()
    page.get_by_label("情况说明").fill("挖了鱼塘")
    page.get_by_role("button", name="登记检查").click()
    expect(page.get_by_text("挖了鱼塘").first).to_be_visible()
    shot(page, "rented_land")
    for path in (
        f"/supervision/transfers/{CODE}",
        "/supervision",
        "/supervision/calendar",
        "/supervision/deposits",
        "/supervision/board",
    ):
        look(page, path)


def test_the_board_of_land(site, visit, shot):
    site.pump()
    phone, office = visit(PHONE), visit.staff("township1")
    phone.goto("/portal/board/new?lang=zh")
    for label in ("有地要流转", "承包农户", "出租（转包）"):
        phone.get_by_label(label).check()
    phone.get_by_label("姓名或者单位名称").fill("田大禾")
    phone.get_by_label("联系电话").fill("13800000009")
    phone.locator("fieldset", has_text="是否同意公开电话").get_by_label("否").check()
    phone.get_by_label("面积").fill("12.5")
    phone.get_by_label("期限（年）").fill("5")
    phone.get_by_role("button", name="提交审核").click()
    expect(phone.locator(".govuk-error-summary")).to_be_visible()
    look_here(phone, PHONE)
    place(phone, county.offices(site.app).division[:12])
    phone.get_by_label("希望的价格").fill("每亩900元")
    phone.get_by_role("button", name="提交审核").click()
    site.pump()
    phone.reload()
    expect(phone.get_by_role("button", name="撤回这条信息")).to_be_visible()
    look_here(phone, PHONE)
    office.goto("/supervision/board?lang=zh")
    office.get_by_role("button", name="核实无误，公开").click()
    site.pump()
    phone.goto("/portal/board?lang=zh")
    phone.get_by_role("link", name="12.50亩").click()
    expect(phone.get_by_text("每亩900元")).to_be_visible()
    assert "田大禾" not in phone.content()
    shot(phone, "board_offer")
    path = phone.url.removeprefix(site.url).partition("?")[0]
    for one in ("/portal/board", path, f"{path}/report", "/portal/policy", "/portal/board/new"):
        look(phone, one)


def place(page, code: str) -> None:
    """A list of choices: buttons where there are few, a drop-down where there are many."""
    box = page.locator("[name=place]")
    if box.first.evaluate("e => e.tagName") == "SELECT":
        box.select_option(code)
    else:
        page.locator(f"[name=place][value='{code}']").check()
