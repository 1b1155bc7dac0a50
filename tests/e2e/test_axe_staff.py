"""Every page of staff and auditors is for everybody: axe, 360 px, both languages."""

import os

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from engine.domain.actor import system
from engine.store.tables.work import OutboxRow
from engine.usecases.long_work import ask_long_work, cancel_long_work
from tests.e2e import county, people
from tests.e2e.conftest import PHONE
from tests.e2e.looking import assert_english, fits, look, look_here, sound
from tests.usecases.acting import COUNTY, played


@pytest.fixture(scope="module")
def person(site):
    return county.household(site.app, county.offices(site.app).division, 2)


@pytest.fixture(scope="module")
def cases(site) -> dict[str, str]:
    """Numbers of cases that stand at different places."""
    stands = {
        "to_claim": ("township_review", "straight"),
        "in_publicity": ("contract_publicity", "straight"),
        "surveyed": ("close_survey_publicity", "with_survey"),
        "handed_over": ("registry_receipt", "straight"),
    }
    numbers = {name: str(played(site.app, *where).number) for name, where in stands.items()}
    site.pump()
    return numbers


def test_staff_lists_and_the_register(visit, cases, person):
    page = visit.staff("village1")
    for path in (
        "/inbox",
        "/inbox?tab=recent",
        "/register",
        f"/register/{person.code}",
        "/map",
    ):
        look(page, path)
    look(page, "/cases/new/contract_signing")
    look(page, "/cases/many/contract_change")
    free = free_household(page)
    look(page, f"/cases/new/contract_signing?contractor={free}")
    every_kind_of_change(page, free)
    page.goto("/cases/99010120990101000001")
    look_here(page)


def every_kind_of_change(page: Page, code: str) -> None:
    """What each kind asks shows up when it is chosen: in English, on a telephone; axe too with LONG=1."""
    seen = 0
    for origin in ("village", "issuer"):
        page.goto(f"/cases/new/contract_change?contractor={code}&origin={origin}&lang=en")
        many = page.locator("select[name=kind]")
        listed = many.locator("option") if many.count() else page.locator("[name=kind]")
        for value in listed.evaluate_all("all => all.map(e => e.value).filter(Boolean)"):
            if many.count():
                many.select_option(value)
            else:
                page.locator(f"[name=kind][value={value}]").check()
            (sound if os.environ.get("LONG") else fits)(page, PHONE)
            assert_english(page)
            seen += 1
    assert seen == 14
    page.context.clear_cookies(name="lang")


def free_household(page: Page) -> str:
    page.goto("/register?lang=zh")
    href = page.get_by_role("link", name="代为申请").first.get_attribute("href") or ""
    return href.rpartition("=")[2]


def test_a_case_and_a_task(visit, cases):
    page = visit.staff("county")
    look(page, f"/cases/{cases['in_publicity']}")
    look(page, f"/cases/{cases['surveyed']}")
    desk = visit.staff("township1")
    desk.goto(f"/cases/{cases['to_claim']}?lang=zh")
    desk.locator("#now").get_by_role("link").click()
    look_here(desk)
    desk.get_by_role("button", name="签收并办理").click()
    people.form_of(desk)
    look(desk, desk.url.removeprefix(desk.url.split("/cases/")[0]).partition("?")[0])
    desk.goto(desk.url.partition("?")[0])
    people.submit_refused(desk, "审核意见")
    look_here(desk)


def test_the_registry(visit, cases, shot):
    """A hand-over waits for its receipt; what the receipt tells of a parcel stands on the parcel's page."""
    page = visit.staff("county")
    for path in ("/registry", "/registry/certificates", "/registry/feed"):
        look(page, path)
    page.goto("/registry?lang=zh")
    page.get_by_role("link", name=f"{cases['handed_over']}-01").click()
    look(page, page.url.removeprefix(page.url.split("/registry/")[0]).partition("?")[0])
    page.goto(page.url.partition("?")[0])
    unit = page.locator("input[name^='units-']").first
    parcel = (unit.get_attribute("name") or "").removeprefix("units-")
    unit.fill("990101 001001 JD")
    page.get_by_role("button", name="登记回执").click()
    expect(page.locator(".govuk-error-summary")).to_contain_text("请选择登记机构的结果")
    page.get_by_label("准予登记").check()
    page.get_by_label("回执日期").fill("2026-03-17")
    page.get_by_label("登记编号").fill("田溪登记2026第000001号")
    page.get_by_role("button", name="登记回执").click()
    expect(page.get_by_role("link", name="不动产单元号应为28位")).to_be_visible()
    look_here(page, PHONE)
    shot(page, "receipt")
    unit.fill("990101 001001 JD00001 W00000000")
    page.get_by_role("button", name="登记回执").click()
    expect(page.locator("#facts")).to_contain_text("990101001001JD00001W00000000")
    shot(page, "answered")
    page.goto(f"/register/parcels/{parcel}")
    expect(page.locator("#units")).to_contain_text("990101001001JD00001W00000000")
    look_here(page, PHONE)
    shot(page, "unit")


def test_disputes_and_surveys(visit, site, shot):
    """With a hearing that is called."""
    number = played(site.app, "hold_hearing", "straight", "dispute_arbitration").number
    site.pump()
    page = visit.staff("secretary")
    for path in (
        "/disputes",
        "/disputes/hearings",
        "/disputes/commission",
        f"/cases/{number}/acts",
        f"/cases/{number}/acts?act=participant",
    ):
        look(page, path)
        shot(page, path.rpartition("/")[2].partition("?")[0])
    page = visit.staff("county")
    for path in ("/survey/firms", "/survey/firms/new"):
        look(page, path)


def test_background_work(visit, site, cases):
    """With something that failed, something that is under way and something that was stopped."""
    with site.app.sessions(COUNTY) as session:
        row = session.scalars(select(OutboxRow).where(OutboxRow.kind == "publish_case")).first()
        row.status, row.error = "failed", "OSError: [Errno 28] No space left on device"
        works = [
            ask_long_work(session, site.app.clock, system(COUNTY), "verify_history", {}) for _ in range(2)
        ]
        cancel_long_work(session, COUNTY, works[0])
        session.commit()
    look(visit.staff("admin"), "/jobs")
    site.pump()  # a page of work under way comes again by itself, under the eyes of axe
    page = visit.staff("auditor")
    look(page, f"/audit/verifications/{works[0]}")
    look(page, f"/audit/verifications/{works[1]}")


def test_the_pages_of_the_stores(visit, site):
    page = visit.staff("steward")
    look(page, "/stores")
    page.goto("/stores?lang=zh")
    page.get_by_role("button", name="核对三库").click()
    expect(page.get_by_role("heading", name="核对三库")).to_be_visible()
    site.pump()
    look(visit.staff("auditor"), page.url.removeprefix(site.url).partition("?")[0])


def test_the_auditors_pages(visit, cases):
    page = visit.staff("auditor")
    for path in ("/audit", f"/audit/cases/{cases['surveyed']}", "/audit/reads"):
        look(page, path)
    page.goto("/audit?lang=zh")
    page.get_by_role("button", name="验证全部记录").click()
    expect(page.get_by_role("heading", name="验证结果")).to_be_visible()
    look_here(page)


RARE = {  # task: the story that comes to it; signing on a telephone is looked at in test_signing
    "allot_pieces": ("survey_apart", "contract_change"),
    "sign_at_counter": ("loss", "contract_change"),
    "supply_papers": ("by_village", "contract_signing"),
}


@pytest.mark.long
@pytest.mark.parametrize("task", RARE)
def test_tasks_that_few_cases_come_to(site, visit, shot, task):
    """On a telephone too, and as sent with something missing."""
    play = played(site.app, task, *RARE[task])
    site.pump()
    assert play.before
    division = play.before.household.division
    offices = (county.offices(site.app, nth) for nth in range(9))
    page = visit.staff(next(one.village for one in offices if division.startswith(one.division)))
    page.goto(f"/cases/{play.number}")
    page.locator("#now").get_by_role("link").first.click()
    page.get_by_role("button", name="签收并办理").click()
    form = people.form_of(page)
    look_here(page)
    shot(page, task)
    form.get_by_role("button", name="提交", exact=True).last.click()
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    look_here(page, PHONE)
    shot(page, f"{task}-refused")
