"""One deal of several households: drawn up at the desk, signed by everybody on their own telephones, without signing in."""

import os
import re
from uuid import UUID

from playwright.sync_api import Page, expect
from sqlalchemy import select

from engine.domain.clock import local_date
from engine.store import cases, deals, outbox
from engine.store.papers import issued_paper
from engine.store.people import by_username, positions_on
from engine.store.tables.transfers import LandTransfer
from engine.usecases.add_material import add_material
from engine.usecases.deals import send_deal_code, sign_deal
from engine.usecases.scenarios.samples import SIGNATURE, sample
from engine.usecases.sign_in import actor_for
from engine.usecases.start_case import start_case
from engine.usecases.supervision import record_inspection
from tests.e2e import county, people
from tests.e2e.conftest import DESK, PHONE
from tests.e2e.looking import assert_english, look_here
from tests.e2e.test_signing import CODE, draw
from tests.portal_steps import COUNTY, office_does

HOMES = 20 if os.environ.get("LONG") else 4  # who lease, and who takes the land
LINK = re.compile(r"/portal/deals/[0-9a-f-]{36}")
PASSED = {"decision": "pass", "checked": ["voluntary", "land", "use", "ability"], "opinion": "属实。"}


def begin(site) -> tuple[str, list]:
    """All households but the last lease to the last, of their collective; the village applies, checks and draws up the contract."""
    office = county.offices(site.app)
    homes = [county.household(site.app, office.division, n) for n in range(HOMES)]
    first, *others, taker = homes
    end = min(home.contract.term_end for home in homes)
    with site.app.sessions(COUNTY) as session:
        person = by_username(session, office.village)
        actor = actor_for(person, positions_on(session, person.id, local_date(site.app.clock.now()))[0])
        body, ending = sample(["image/jpeg"])
        card = add_material(
            session, site.app.clock, site.app.files, actor, body, f"a.{ending}", "id_card", ["image/jpeg"], 5
        )
        asked = {
            "kind": "new", "way": "sublease", "parcels": [first.parcels[0].code],
            "land": [{"household": home.code, "parcel": home.parcels[0].code} for home in others],
            "recipient_kind": "member", "recipient_household": taker.code,
            "term_start": site.app.clock.now().date().isoformat(), "term_end": end.isoformat(),
            "use": "种植水稻", "price": "每亩每年600元", "phone": first.phone, "papers": {"id_card": [str(card)]},
        }  # fmt: skip
        number = start_case(
            session, site.app.clock, actor, "transfer_filing", first.code, "village", asked
        ).number
        session.commit()
    rent = {"rent_mu": "600", "pay_every": "12", "first_due": end.isoformat()}
    for answers in (PASSED, {"payment": "cash", "settle": "arbitration", **rent}):
        office_does(site.app, number, answers)
    return number, homes


def link_of(page: Page, phone: str) -> str:
    found = LINK.search(people.message_to(page, phone))
    assert found
    return found[0]


def sign(site, page: Page, link: str, home) -> None:
    page.get_by_role("button", name="发送验证码").click()
    site.pump()
    expect(page.get_by_text("验证码已发到您的手机")).to_be_visible()
    found = CODE.search(people.message_to(page, home.phone))
    assert found
    page.locator("[name=agreed]").check()
    page.locator("[name=id_number]").fill(home.id_number)
    page.locator("[name=code]").fill(found[1])
    draw(page)
    page.get_by_role("button", name="签订合同").click()
    site.pump()
    expect(page.get_by_text("您已签名")).to_be_visible()


def test_deal_signed(site, visit, shot):
    number, homes = begin(site)
    desk = visit.staff(county.offices(site.app).village)
    form = people.claim(desk, number)
    form.get_by_label("网上签订").check()
    shot(desk, "01-way")
    people.submit(desk)
    site.pump()

    page = visit(PHONE)
    link = link_of(page, homes[0].phone)
    page.goto(link)
    expect(page.get_by_text(f"{HOMES} 方中 0 方")).to_be_visible()
    expect(page.locator("main dl").first).to_contain_text(homes[0].parcels[0].code)
    look_here(page, DESK, PHONE)
    shot(page, "02-asked")
    page.get_by_role("button", name="签订合同").click()
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    page.goto(f"{link}?lang=en")
    assert_english(page)
    look_here(page, PHONE)
    page.context.clear_cookies(name="lang")
    page.goto(f"{link}?lang=zh")
    sign(site, page, link, homes[0])
    look_here(page, DESK, PHONE)
    shot(page, "03-signed")
    with page.expect_download() as told:
        page.get_by_role("link", name="下载合同").click()
    assert told.value.suggested_filename.endswith(".pdf")

    the_rest_by_program(site, number)
    desk.goto(f"/cases/{number}")
    listed = desk.locator("#signing-parties")
    expect(listed.get_by_text(f"{HOMES}方中已签{HOMES - 1}方")).to_be_visible()
    for home in homes[:-1]:  # whoever checks it sees all of the land, and whose it is
        expect(desk.locator(f"#change [data-parcel-row='{home.parcels[0].code}']")).to_contain_text(home.name)
    expect(listed.get_by_role("row", name=re.compile(f"受让方{HOMES} {homes[-1].name}"))).to_contain_text(
        "没有签"
    )
    listed.get_by_role("button", name="提醒没有签的").click()
    expect(desk.get_by_text("今天都已经通知过")).to_be_visible()  # the link went out just now
    look_here(desk, DESK, PHONE)
    shot(desk, "06-who-has-signed")
    own = visit.household(homes[-1])  # signed in, the recipient finds it on the first page
    expect(own.get_by_role("heading", name="我家的流转合同")).to_be_visible()
    own.get_by_role("link", name=re.compile("去签名")).click()
    expect(own.locator("main dl").first).to_contain_text("每亩每年600元")
    shot(own, "04-recipient")
    sign(site, own, "", homes[-1])

    desk.goto(f"/cases/{number}")
    expect(desk.get_by_text("向发包方备案").first).to_be_visible()
    look_here(desk, DESK)
    shot(desk, "05-case")
    office_does(
        site.app, number, {"filed_on": local_date(site.app.clock.now()).isoformat(), "opinion": "同意备案。"}
    )
    office_does(site.app, number, {"decision": "pass", "opinion": "合同合法。"})
    look_on(site, number)
    page.goto(link)  # afterwards the link tells what is due, and what was found on the land
    expect(page.get_by_text("合同已备案，正在履行")).to_be_visible()
    expect(page.get_by_role("table", name="租金")).to_contain_text("未到期")
    expect(page.get_by_text("挖了鱼塘")).to_be_visible()
    look_here(page, PHONE)
    shot(page, "08-running")
    gone = visit(PHONE)
    assert gone.goto("/portal/deals/00000000-0000-4000-8000-000000000000").status == 404


def the_rest_by_program(site, number: str) -> None:
    """The households in the middle, as the inside does it."""
    with site.app.sessions(COUNTY) as session:
        case = cases.find_case(session, COUNTY, number)
        for row in list(deals.parties(session, case))[1 : HOMES - 1]:
            send_deal_code(session, site.app.clock, COUNTY, row.id)
            sent = "".join(one.payload.get("text", "") for one in outbox.of_case(session, COUNTY, case.id))
            told = {
                "document": shown(session, case.id),
                "agreed": "yes",
                "id_number": row.id_number,
                "code": CODE.findall(sent)[-1],
                "signature": SIGNATURE,
            }
            sign_deal(session, site.app.clock, COUNTY, row.id, told, {})
        session.commit()
    site.pump()


def look_on(site, number: str) -> None:
    """The township finds something on the land."""
    office = county.offices(site.app)
    with site.app.sessions(COUNTY) as session:
        person = by_username(session, office.township)
        today = local_date(site.app.clock.now())
        actor = actor_for(person, positions_on(session, person.id, today)[0])
        code = session.scalar(select(LandTransfer.number).where(LandTransfer.cause_ref == number))
        said = {
            "inspected_on": today.isoformat(), "inspector": "王检", "place": "东坡", "finding": "changed_use", "words": "挖了鱼塘",
        }  # fmt: skip
        record_inspection(session, site.app.clock, actor, code, said)
        session.commit()
    site.pump()


def shown(session, case_id: UUID) -> str:
    return issued_paper(session, COUNTY, case_id, "contract").sha256


def test_part_drawn(site, visit, shot):
    """A part of a parcel is drawn in the application, its area told meanwhile; without JavaScript it is typed."""
    office = county.offices(site.app)
    home = county.household(site.app, office.division, 5)
    parcel = home.parcels[0]
    desk = visit.staff(office.village)
    desk.goto(f"/cases/new/transfer_filing?contractor={home.code}")
    desk.locator("[name=kind]").select_option("new")
    desk.locator("[name=part][value=yes]").check()
    desk.get_by_role("button", name="在图上画").first.click()
    expect(desk.get_by_text("请先选一块地")).to_be_visible()
    desk.locator(f"input[name=parcels][value='{parcel.code}']").check()
    desk.get_by_role("button", name="在图上画").first.click()
    frame = desk.locator("[data-part] .tq-editor__map").first
    expect(frame).to_be_visible()
    desk.wait_for_function("document.querySelector('[data-part] .tq-editor__map canvas')")
    frame.scroll_into_view_if_needed()
    box = frame.bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    for across, down in ((-12, -8), (12, -8), (12, 8)):
        desk.mouse.click(middle[0] + across, middle[1] + down)
    desk.mouse.dblclick(middle[0] - 12, middle[1] + 8)
    expect(desk.locator("[data-part-area]").first).to_contain_text("流转部分")
    shot(desk, "07-part")
    assert len(desk.locator("[name=part_outline]").input_value().splitlines()) == 4
