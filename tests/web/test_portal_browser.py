"""Every page of the portal in a real browser at 360 px: no axe finding, nothing wider than the phone, no dead keys."""

import re
import threading

import pytest
from playwright.sync_api import sync_playwright
from werkzeug.serving import make_server

from tests.e2e.looking import axe
from tests.portal_steps import COUNTY, MISSING, Browser, household, inside, office_does

WIDTH = 360
READERS = {"zh": {"lang": "zh"}, "en": {"lang": "en"}, "elder": {"lang": "zh", "elder": "1"}}


@pytest.fixture(scope="module")
def address(web):
    server = make_server("127.0.0.1", 0, web, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def signed_in(running, web):
    """An applicant with a case that waits for papers, and a second application begun: (cookie, pages)."""
    home = household(running, 20)
    person = Browser(running, web.test_client())
    person.sign_in(home)
    at = person.post("/portal/apply/contract_signing").request.path
    person.fill_in(at, home)
    waiting = person.post(f"{at}/check", agreed="yes")
    inside(running)
    taken = waiting.request.path
    number = re.search(rf"{COUNTY}\d{{14}}", person.get(taken).text)[0]
    code = re.search(rf"/portal/cases/{number}/papers/(\w+)", person.get(f"/portal/cases/{number}").text)[1]
    office_does(running, number, MISSING)
    draft = person.post("/portal/apply/contract_signing").request.path
    pages = [
        taken, "/portal/", "/portal/household", f"/portal/cases/{number}", f"/portal/cases/{number}/supply",
        draft, f"{draft}/kind", f"{draft}/members_right", f"{draft}/parcels", f"{draft}/phone",
        f"{draft}/papers-id_card", f"{draft}/check", f"/verify/{code}",
    ]  # fmt: skip
    return person.client.get_cookie("tianqi").value, pages


def opened(chromium, address, reader, cookie=None, **options):
    context = chromium.new_context(viewport={"width": WIDTH, "height": 740}, bypass_csp=True, **options)
    cookies = READERS[reader] | ({"tianqi": cookie} if cookie else {})
    context.add_cookies([{"name": name, "value": value, "url": address} for name, value in cookies.items()])
    return context


def faults(page, path):
    """What axe finds, and whether the page is wider than the phone."""
    found = [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in axe(page).response["violations"]]
    width = page.evaluate("document.documentElement.scrollWidth")
    where = re.sub(r"[0-9a-f-]{36}", "…", path)
    return [f"{where} {fault}" for fault in found + ([f"{width} px wide"] if width > WIDTH else [])]


@pytest.mark.parametrize("reader", ["zh", "elder", pytest.param("en", marks=pytest.mark.long)])
def test_public_pages(chromium, address, reader):
    context = opened(chromium, address, reader)
    page, found = context.new_page(), []
    paths = (
        "/portal/",
        "/portal/sign-in",
        "/portal/lookup",
        "/verify",
        "/verify/ABCDEFGHJKLM",
        "/demo/messages",
    )
    for path in paths:
        page.goto(address + path)
        found += faults(page, path)
    for path in ("/portal/sign-in", "/portal/lookup"):  # with every error shown
        page.goto(address + path)
        page.click("main form button")
        page.wait_for_selector(".govuk-error-summary")
        found += faults(page, f"{path} with errors")
    context.close()
    assert found == []


@pytest.mark.parametrize("reader", ["zh", "elder", pytest.param("en", marks=pytest.mark.long)])
def test_own_pages(chromium, address, signed_in, reader):
    cookie, paths = signed_in
    context = opened(chromium, address, reader, cookie)
    page, found = context.new_page(), []
    for path in paths:
        answer = page.goto(address + path)
        assert (answer.status, page.url) == (200, address + path)
        found += faults(page, path)
    context.close()
    assert found == []


SMALL = """() => {
  const inline = (e) => e.matches('a') && [...e.parentElement.childNodes].some(
    (n) => n !== e && n.textContent.trim() && getComputedStyle(e).display === 'inline');
  const shown = (e) => e.checkVisibility({ visibilityProperty: true }) && !e.closest('.govuk-visually-hidden, .govuk-skip-link');
  const targets = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]
    .filter((e) => shown(e) && !inline(e) && !e.matches('.govuk-skip-link'))
    .map((e) => [e, (e.closest('.govuk-radios__item, .govuk-checkboxes__item, .tq-door, .tq-card, .govuk-task-list__item')
      || (e.matches('[type=checkbox], [type=radio]') && e.closest('label')) || e).getBoundingClientRect()])
    .filter(([, box]) => box.height < 44 || box.width < 44)
    .map(([e, box]) => `${Math.round(box.width)}x${Math.round(box.height)} ${e.outerHTML.slice(0, 90)}`);
  const texts = [...document.querySelectorAll('main p, main li, main td, main th, main label, main legend, main dd, main dt, main a')]
    .filter((e) => shown(e) && e.textContent.trim() && parseFloat(getComputedStyle(e).fontSize) < 24)
    .map((e) => `${getComputedStyle(e).fontSize} ${e.outerHTML.slice(0, 90)}`);
  return [...targets, ...texts];
}"""


def test_the_elder_version_is_large_everywhere(chromium, address, signed_in):
    """Targets of 44 px and more, buttons of 60; text of 18 pt (24 px) and more; telephones can be tapped."""
    cookie, paths = signed_in
    context = opened(chromium, address, "elder", cookie)
    page, small = context.new_page(), []
    more = ["/portal/household/check", "/portal/history", "/portal/messages", "/portal/settings", "/portal/offices",
            "/portal/guides", "/portal/notices", "/portal/lookup", "/verify"]  # fmt: skip
    for path in paths + more:
        page.goto(address + path)
        where = re.sub(r"[0-9a-f-]{36}", "…", path)
        small += [f"{where} {found}" for found in page.evaluate(SMALL)]
        for button in page.locator("main .govuk-button:visible").all():
            assert button.bounding_box()["height"] >= 60, path
    page.goto(address + "/portal/offices")
    assert page.locator("main td a[href^='tel:']").count() == page.locator("main tbody tr").count() > 0
    context.close()
    assert not small, "\n".join(small)


def test_by_keyboard_alone_and_without_scripts(chromium, address, signed_in):
    """A question is answered, saved and left with Tab, Space and Enter; no script runs."""
    cookie, paths = signed_in
    kind = next(path for path in paths if path.endswith("/kind"))
    context = opened(chromium, address, "zh", cookie, java_script_enabled=False)
    page = context.new_page()
    page.goto(address + kind)
    page.locator("input[name=kind]").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/members_right")
    page.goto(address + kind)
    assert page.locator("input[name=kind]:checked").input_value() == "renew"
    context.close()
