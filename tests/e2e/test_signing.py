"""Contracts signed in browsers: on the village's pad with a mouse, and on the household's own telephone by touch."""

import hashlib
import re
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from engine.domain.signing import SEALED
from engine.reading.samples import lean_contract
from engine.store import outbox
from engine.store.papers import issued_paper
from engine.store.tables.portal import Applicant
from engine.usecases import carry_out_effect
from engine.usecases.claim_task import claim_task
from engine.usecases.complete_task import complete_task
from engine.usecases.print_paper import print_paper
from tests.contract_scan import COUNTY, contract_of
from tests.e2e import county, people
from tests.e2e.conftest import DESK, PHONE
from tests.e2e.looking import assert_english, look_here
from tests.e2e.pictures import standing
from tests.portal_steps import PASSED, PROPOSED, applied, office_does

CODE = re.compile(r"验证码 (\d{6})")
APPROVED = {"decision": "approve", "opinion": "同意。"}


def draw(page: Page) -> None:
    """Two strokes with the mouse."""
    sheet = page.locator("[data-pad-sheet]")
    sheet.scroll_into_view_if_needed()
    box = sheet.bounding_box()
    assert box
    for left, top in ((0.1, 0.3), (0.5, 0.7)):
        page.mouse.move(box["x"] + box["width"] * left, box["y"] + box["height"] * top)
        page.mouse.down()
        for step in range(1, 12):
            x = box["x"] + box["width"] * (left + 0.03 * step)
            page.mouse.move(x, box["y"] + box["height"] * (top + 0.05 * (step % 4)))
        page.mouse.up()
    expect(page.locator("[data-pad-state]")).to_have_text(re.compile("已签名|Signed"))


def code_to(site, page: Page, telephone: str) -> str:
    site.pump()
    found = CODE.search(people.message_to(page, telephone))
    assert found
    return found[1]


def sign_here(site, page: Page, id_number: str, telephone: str) -> None:
    page.get_by_role("button", name="发送验证码").click()
    expect(page.get_by_text("验证码已发到").first).to_be_visible()
    form = people.form_of(page)
    form.locator("[name=agreed]").check()
    form.locator("[name=id_number]").fill(id_number)
    form.locator("[name=code]").fill(code_to(site, page, telephone))
    draw(page)


def sealed_file(site, number: str) -> bytes:
    from engine.store import cases

    with site.app.sessions(COUNTY) as session:
        case = cases.find_case(session, COUNTY, number)
        paper = issued_paper(session, COUNTY, case.id, SEALED)
        assert paper is not None
        assert paper.status == "ready", [
            row.error for row in outbox.of_case(session, COUNTY, case.id) if row.error
        ]
        return site.app.files.get(paper.sha256)


@pytest.fixture(scope="module", autouse=True)
def lean_papers():
    """White sheets instead of drawn papers: what is looked at here are pages; the seal is drawn and signed for real."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(carry_out_effect.EFFECTS, "render_document", lean)
        yield


def lean(app, session, row) -> None:
    paper, url = UUID(row.payload["paper"]), app.settings.public_url
    draw = lambda *_, verify_url, **__: lean_contract(verify_url)  # noqa: E731
    print_paper(session, app.clock, app.files, row.county, paper, url, draw=draw)


def test_on_the_pad(site, visit, shot):
    """The way is chosen and the village certifies as use cases: their pages are ordinary tasks."""
    play = standing(site, 1, 1, "sign_contract", "2026-09-14 09:00")
    number, office = play.number, county.offices(site.app, 1)
    home = county.household(site.app, office.division, 1)
    play.act("village", "sign_contract", {"data": {"way": "counter"}})
    site.pump()
    page = visit.staff(office.village)
    people.claim(page, number)
    look_here(page)
    expect(page.get_by_role("link", name="签不了：改用其他方式签订")).to_be_visible()
    sign_here(site, page, home.issuing_party.head_id_number, home.phone)
    shot(page, "02-pad")
    people.submit_refused(page, f"与登记的{home.name}的证件号码不一致")
    expect(people.form_of(page).locator("[name=id_number]")).to_have_value(home.issuing_party.head_id_number)
    people.form_of(page).locator("[name=id_number]").fill(home.id_number)
    page.set_viewport_size({"width": PHONE, "height": 800})
    shot(page, "03-pad-narrow")
    page.set_viewport_size({"width": DESK, "height": 900})
    people.submit(page)
    by_issuer = {
        "agreed": "yes",
        "id_number": "$issuer_id_number",
        "code": "$code",
        "signature": "$signature",
    }
    play.act("village", "sign_for_issuer", {"data": {"document": "$document", **by_issuer}})
    play.act("village", "certify_contract", {"data": {"document": "$document", "decision": "certify"}})
    site.pump()
    body = sealed_file(site, number)
    page.goto(f"/cases/{number}/signing")
    expect(page.locator("#law")).not_to_contain_text("不符合")
    expect(page.locator("#law .govuk-tag")).to_have_count(5)
    look_here(page)
    shot(page, "06-record")
    page.goto(f"/cases/{number}/signing?lang=en")
    assert_english(page)
    shot(page, "07-record-en")
    page.context.clear_cookies(name="lang")
    check_it(visit, shot, body, home.name)


def check_it(visit, shot, body: bytes, name: str) -> None:
    """Whoever holds the file: whole, and with one byte altered."""
    page = visit(PHONE)
    for file, says in (
        (body, "完全一致"),
        (body[:-200000] + bytes([body[-200000] ^ 1]) + body[-199999:], "改动"),
    ):
        page.goto("/verify")
        page.get_by_label("选择 PDF 文件").set_input_files(
            [{"name": "合同.pdf", "mimeType": "application/pdf", "buffer": file}]
        )
        page.get_by_role("button", name="核验文件").click()
        expect(page.locator("main")).to_contain_text(says)
        expect(page.locator("main")).not_to_contain_text(name)
        shot(page, f"08-verify-{says}")
    look_here(page, PHONE)


def test_on_the_telephone(site, visit, shot):
    office = county.offices(site.app, 1)
    person = county.household(site.app, office.division, 2)
    site.move_to("2026-11-02 09:00")
    page = visit.household(person)
    with site.app.portal_sessions() as portal:
        applicant = portal.scalars(select(Applicant).where(Applicant.contractor_code == person.code)).one()
        number, _ = applied(site.app, portal, applicant)
    for answers in (PASSED, {"decision": "pass", "opinion": "通过。"}, PROPOSED, APPROVED):
        office_does(site.app, number, answers)
    site.move_to("2026-11-17 09:00")
    village = office_acts(site, number, office.village)
    village({"places": ["own", "neighbours"], "outcome": "none"}, "publicity_photo")
    contract = contract_of(site.app, number)
    site.pump()
    village({"way": "phone"})
    site.pump()
    page.goto(f"/portal/cases/{number}")
    page.get_by_role("link", name="现在去签名").or_(page.get_by_role("button", name="现在去签名")).click()
    look_here(page, PHONE)
    shot(page, "01-sign")
    expect(page.locator("main")).to_contain_text(hashlib.sha256(contract).hexdigest())
    page.get_by_role("button", name="发送验证码").click()
    expect(page.get_by_role("heading", name="正在发送验证码")).to_be_visible()
    site.pump()
    expect(page.get_by_text("验证码已发到登记的手机")).to_be_visible()
    code = code_to(site, page, person.phone)
    page.locator("[name=agreed]").check()
    page.locator("[name=id_number]").fill(person.id_number)
    page.locator("[name=code]").fill(f"{(int(code) + 1) % 10**6:06d}")
    draw(page)
    shot(page, "02-signed")
    page.get_by_role("button", name="签订合同").click()
    expect(page.get_by_role("heading", name="正在签名")).to_be_visible()
    site.pump()
    expect(page.get_by_role("heading", name="没有签成")).to_be_visible()
    expect(page.locator("main")).to_contain_text("验证码不对，还可以试4次")
    shot(page, "03-wrong-code")
    page.get_by_role("button", name="重新签名").or_(page.get_by_role("link", name="重新签名")).click()
    page.locator("[name=agreed]").check()
    page.locator("[name=id_number]").fill(person.id_number)
    page.locator("[name=code]").fill(code)
    draw(page)
    page.get_by_role("button", name="签订合同").click()
    expect(page.get_by_role("heading", name="正在签名")).to_be_visible()
    site.pump()
    expect(page.locator(".tq-turn")).to_contain_text("等发包方负责人签名")
    shot(page, "04-case")


def office_acts(site, number: str, username: str):
    """Whoever works at the village does its open task, with a sample of the paper it asks for."""
    from engine.domain.clock import local_date
    from engine.store import cases
    from engine.store.people import by_username, positions_on
    from engine.usecases.add_material import add_material
    from engine.usecases.sign_in import actor_for
    from tests.portal_steps import picture

    def act(answers, paper=None):
        app = site.app
        with app.sessions(COUNTY) as session:
            person = by_username(session, username)
            position = positions_on(session, person.id, local_date(app.clock.now()))[0]
            actor = actor_for(person, position)
            task = cases.open_tasks(session, cases.find_case(session, COUNTY, number))[0].number
            given = dict(answers)
            if paper:
                kept = add_material(
                    session, app.clock, app.files, actor, picture(), "公示.jpg", paper, ["image/jpeg"], 5
                )
                given["papers"] = {paper: [str(kept)]}
            claim_task(session, app.clock, actor, number, task)
            complete_task(session, app.clock, actor, number, task, given)
            session.commit()

    return act


@pytest.mark.parametrize("width", [DESK, PHONE])
def test_checking_works_without_scripts(visit, shot, width):
    page = visit(width, javascript=False)
    page.goto("/verify")
    page.get_by_label("选择 PDF 文件").set_input_files(
        [{"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 nothing %%EOF"}]
    )
    page.get_by_role("button", name="核验文件").click()
    expect(page.locator("main")).to_contain_text("没有电子签章，也不是我们出具的文件")
