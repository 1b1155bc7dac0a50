"""Every page of applicants and staff: no axe violation, wide and narrow, in both languages and in large text;
nothing scrolls sideways at 360 px; nothing stays Chinese in English."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e import county, people
from tests.e2e.conftest import DESK, PHONE
from tests.usecases.acting import played

CHINESE = re.compile(r"[\u4e00-\u9fff]")
SAID_BY_PAGES = ":is(main, nav) :is(h2, button, legend, thead th, dt, summary > *, .govuk-hint, .govuk-button)"


def ready(page: Page) -> None:
    for mark in ("[data-map]", "[data-bpmn-viewer]"):
        if page.locator(mark).count():
            page.locator(f"{mark}[data-ready]").first.wait_for()


def sound(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    found = Axe().run(page)
    assert found.violations_count == 0, f"{page.url} at {width}\n{found.generate_report()}"
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width, f"{page.url} is {wide} px wide at {width}: {culprits(page, width)}"


def culprits(page: Page, width: int) -> list[str]:
    """What sticks out."""
    return page.evaluate(
        """(width) => [...document.querySelectorAll('main *, header *, footer *')]
            .filter((e) => e.getBoundingClientRect().right > width + 1)
            .slice(0, 5).map((e) => e.outerHTML.slice(0, 120))""",
        width,
    )


def look(page: Page, path: str | None = None, portal: bool = False) -> None:
    """The page in all its appearances. Without a path the page as it stands, which an address cannot bring back."""
    if path is None:
        ready(page)
        sound(page, DESK)
        sound(page, PHONE)
        return
    for choice in ("lang=zh&elder=0", "elder=1", "lang=en&elder=0"):
        if choice == "elder=1" and not portal:
            continue
        answer = page.goto(f"{path}{'&' if '?' in path else '?'}{choice}")
        assert answer is not None
        assert answer.ok, f"{answer.status} {path}"
        ready(page)
        if choice.startswith("lang=zh"):
            sound(page, DESK)
        sound(page, PHONE)
    assert_english(page)
    page.context.clear_cookies(name="lang")


def assert_english(page: Page) -> None:
    """What pages say themselves; names of people and places within are another element's text."""
    own = "all => all.map(e => [...e.childNodes].filter(n => n.nodeType === 3).map(n => n.data).join(' '))"
    left = [text.strip() for text in page.locator(SAID_BY_PAGES).evaluate_all(own) if CHINESE.search(text)]
    assert left == [], f"{page.url}: {left}"


@pytest.fixture(scope="module")
def person(site):
    return county.household(site.app, county.offices(site.app).division, 2)


def test_portal_pages_for_everybody(visit):
    page = visit(PHONE)
    for path in ("/portal/", "/portal/sign-in", "/portal/lookup", "/verify", "/sign-in"):
        look(page, path, portal=path != "/sign-in")
    page.goto("/portal/sign-in")
    page.get_by_role("button", name="下一步").click()
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    look(page)
    page.goto("/verify/ABCDEFGHJKLM")
    look(page)


def test_portal_pages_of_a_household(site, visit, person):
    """From the first page to a case that asks for papers and one that is followed."""
    page = visit(PHONE)
    people.ask_code(page, person)
    expect(page.get_by_role("heading", name="正在核对")).to_be_visible()
    people.sign_in_applicant(page, site, person)
    look(page, "/portal/", portal=True)
    look(page, "/portal/household", portal=True)
    page.goto("/portal/")
    page.get_by_role("button", name="开始申请").click()
    expect(page.get_by_text("上面填好后才能提交")).to_be_visible()
    parts = page.url.removeprefix(site.url)
    look(page, parts, portal=True)
    for slug in ("members_right", "parcels", "papers-id_card"):
        look(page, f"{parts}/{slug}", portal=True)
    page.goto(f"{parts}/members_right")
    people.go_on(page)
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    look(page)
    page.goto("/portal/")
    page.get_by_role("button", name="删除草稿").click()
    number = people.apply_online(page, site, person)
    look(page)
    look(page, f"/portal/cases/{number}", portal=True)
    ask_for_papers(visit, site, number)
    look(page, f"/portal/cases/{number}/supply", portal=True)


def ask_for_papers(visit, site, number) -> None:
    desk = visit.staff("village1")
    form = people.claim(desk, number)
    form.get_by_label("材料不全，要求补正").check()
    for label, text in (("材料", "户口簿"), ("缺少或有误之处", "成员有变化"), ("怎样补正", "拍照上传")):
        form.get_by_label(label, exact=True).fill(text)
    form.get_by_label("初审意见").fill("请补交户口簿。")
    people.submit(desk)
    site.pump()


@pytest.fixture(scope="module")
def cases(site) -> dict[str, str]:
    """Numbers of cases that stand at different places."""
    stands = {
        "to_claim": ("township_review", "straight"),
        "in_publicity": ("contract_publicity", "straight"),
        "surveyed": ("close_survey_publicity", "with_survey"),
    }
    numbers = {name: str(played(site.app, *where).number) for name, where in stands.items()}
    site.pump()
    return numbers


def test_staff_lists_and_the_register(visit, cases, person):
    page = visit.staff("village1")
    for path in ("/inbox", "/inbox?tab=claim", "/inbox?tab=recent", "/register", f"/register/{person.code}", "/map"):
        look(page, path)
    look(page, "/cases/new/contract_signing")
    look(page, f"/cases/new/contract_signing?contractor={free_household(page)}")
    page.goto("/cases/99010120990101000001")
    look(page)


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
    look(desk)
    desk.get_by_role("button", name="签收并办理").click()
    people.form_of(desk)
    look(desk, desk.url.removeprefix(desk.url.split("/cases/")[0]).partition("?")[0])
    desk.goto(desk.url.partition("?")[0])
    people.submit_refused(desk, "审核意见")
    look(desk)


def test_the_auditors_pages(visit, cases):
    page = visit.staff("auditor")
    for path in ("/audit", f"/audit/cases/{cases['surveyed']}", "/audit/reads"):
        look(page, path)
    page.goto("/audit?lang=zh")
    page.get_by_role("button", name="验证全部记录").click()
    expect(page.get_by_role("heading", name="验证结果")).to_be_visible()
    look(page)
