"""Staff without a mouse: past the menu, through the inbox, a whole task; an applicant's first steps."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e import county, people
from tests.usecases.acting import played

MOST_STOPS = 120
LOOK_FROM = 12  # stops before the counted one: groups of radio buttons count once


@pytest.fixture(scope="module")
def two_cases(site) -> list[str]:
    """Numbers of two cases that wait for their township."""
    numbers = [str(played(site.app, "township_review").number) for _ in range(2)]
    site.pump()
    return numbers


STOPS = """(wanted) => {
    const stops = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')].filter(
        (e) => e.tabIndex >= 0 && !e.disabled && e.type !== 'hidden' && e.checkVisibility({ visibilityProperty: true }));
    const at = stops.findIndex((e) => e === document.activeElement || e.contains(document.activeElement));
    return stops.indexOf(wanted) - at;
}"""


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until it has the focus, which is visible and marked. Stops are counted first: radio buttons are one
    stop together, so what is counted is never too few by more than the page has groups; then it is looked each time.
    """
    far = wanted.evaluate(STOPS)
    for press in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if press >= far - LOOK_FROM and wanted.evaluate("e => e === document.activeElement"):
            assert_marked(page)
            return
    raise AssertionError(f"not reached by Tab: {wanted}")


def assert_marked(page: Page) -> None:
    """The focused element, or what it fills, shows that it is: by an outline or a shadow."""
    style = page.evaluate(
        """() => {
            const e = document.activeElement, parent = e.parentElement;
            const around = [e, e.nextElementSibling, parent, parent.parentElement].filter(Boolean);
            const seen = (x) => ['', '::before', '::after'].map((part) => getComputedStyle(x, part || null)).some(
                (s) => (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== 'none');
            const box = e.getBoundingClientRect();
            return { marked: around.some(seen), size: box.width * box.height };
        }"""
    )
    assert style["marked"], page.evaluate("document.activeElement.outerHTML")[:200]
    assert style["size"] > 0


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.innerText || document.activeElement.name || ''")


def test_an_officer_without_a_mouse(visit, two_cases):
    """Past the menu, through the inbox by letters, and a whole task: claim, a fault, choose, type, send."""
    page = visit.staff("township1")
    page.goto("/inbox?tab=claim")
    skip_the_menu(page)
    by_letters(page)
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("button", name="签收并办理"))
    page.keyboard.press("Enter")
    form = people.form_of(page)
    tab_to(page, page.get_by_role("button", name="去填写意见"))
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('#decide').contains(document.activeElement)"), (
        "the link leads there"
    )
    passed = form.get_by_label("审核通过")
    expect(passed).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(form.get_by_label("退回原因")).to_be_visible()
    page.keyboard.press("ArrowUp")
    expect(passed).to_be_checked()
    expect(form.get_by_label("退回原因")).to_be_hidden()
    send(page)
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    tab_to(page, page.get_by_role("link", name="请填写“审核意见”"))
    page.keyboard.press("Enter")
    expect(people.form_of(page).get_by_label("审核意见")).to_be_focused()
    page.keyboard.type("全程用键盘办理。")
    send(page)
    expect(page.get_by_text("已提交。办件接下来到了哪里")).to_be_visible()
    expect(page.locator("#path")).to_contain_text("全程用键盘办理。")


def skip_the_menu(page: Page) -> None:
    page.keyboard.press("Tab")
    assert "跳到正文" in focused(page)
    assert_marked(page)
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def by_letters(page: Page) -> None:
    """The first case is marked in the end, and Enter opens it."""
    page.evaluate("document.activeElement.blur()")
    rows = page.locator("[data-key-row]")
    expect(rows).to_have_count(2)
    for letter, row in (("j", 0), ("j", 1), ("k", 0)):
        page.keyboard.press(letter)
        expect(rows.nth(row)).to_have_class("govuk-table__row is-selected")
    first = rows.nth(0).get_by_role("link").inner_text()
    page.keyboard.press("?")
    expect(page.get_by_text("j 下一行，k 上一行，x 选中，回车打开")).to_be_visible()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("jk?/")
    expect(page.get_by_role("searchbox")).to_have_value("jk?/")
    page.get_by_role("searchbox").press("Escape")
    page.get_by_role("searchbox").blur()
    page.keyboard.press("k")  # the first row again
    expect(rows.nth(0).get_by_role("link", name=first)).to_be_focused()


def send(page: Page) -> None:
    tab_to(page, people.form_of(page).get_by_role("button", name="提交", exact=True).last)
    page.keyboard.press("Enter")


def test_an_applicant_signs_in_by_keyboard(site, visit):
    person = county.household(site.app, county.offices(site.app, 1).division)
    page = visit(360)
    page.goto("/portal/")
    tab_to(page, page.get_by_role("link", name="登录办理"))
    page.keyboard.press("Enter")
    for name, typed in (("name", person.name), ("id_number", person.id_number), ("phone", person.phone)):
        tab_to(page, page.locator(f"[name={name}]"))
        page.keyboard.type(typed)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="正在核对")).to_be_visible()
    site.pump()
    page.locator("[name=code]").wait_for()
    found = people.CODE.search(people.message_to(page, person.phone))
    assert found
    tab_to(page, page.locator("[name=code]"))
    page.keyboard.type(found.group())
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=f"{person.name}，您好")).to_be_visible()
    tab_to(page, page.get_by_role("button", name="开始申请 农村土地承包合同网签"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("link", name="申请事项"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label("首次签订"))
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("延包")).to_be_checked()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="登记的家庭成员有没有错")).to_be_visible()
