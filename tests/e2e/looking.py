"""A page in its appearances: no axe violation wide and narrow, in both languages; nothing scrolls sideways at 360 px;
nothing stays Chinese in English."""

import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.e2e.conftest import DESK, PHONE

AXE = {
    "resultTypes": ["violations"]
}  # what passed is counted by nobody, and telling it takes most of the time
CHINESE = re.compile(r"[\u4e00-\u9fff]")
SAID_BY_PAGES = (
    ":is(main, nav) :is(h2, button, legend, thead th, dt, summary > *, .govuk-hint, .govuk-button)"
)


def ready(page: Page) -> None:
    for mark in ("[data-map]", "[data-bpmn-viewer]"):
        if page.locator(mark).count():
            page.locator(f"{mark}[data-ready]").first.wait_for()


def sound(page: Page, width: int) -> None:
    fits(page, width)
    found = Axe().run(page, options=AXE)
    assert found.violations_count == 0, f"{page.url} at {width}\n{found.generate_report()}"


def fits(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
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


def look(page: Page, path: str, narrow: int = PHONE) -> None:
    """Chinese and wide, English and ``narrow``; in Chinese it fits a telephone too."""
    arrive(page, path, "lang=zh")
    sound(page, DESK)
    fits(page, PHONE)
    arrive(page, path, "lang=en")
    sound(page, narrow)
    assert_english(page)
    page.context.clear_cookies(name="lang")


def look_here(page: Page, *widths: int) -> None:
    """The page as it stands, which an address cannot bring back."""
    ready(page)
    for width in widths or (DESK, PHONE):
        sound(page, width)


def arrive(page: Page, path: str, choice: str) -> None:
    answer = page.goto(f"{path}{'&' if '?' in path else '?'}{choice}")
    assert answer is not None
    assert answer.ok, f"{answer.status} {path}"
    ready(page)


def assert_english(page: Page) -> None:
    """What pages say themselves; names of people and places within are another element's text."""
    own = "all => all.map(e => [...e.childNodes].filter(n => n.nodeType === 3).map(n => n.data).join(' '))"
    left = [text.strip() for text in page.locator(SAID_BY_PAGES).evaluate_all(own) if CHINESE.search(text)]
    assert left == [], f"{page.url}: {left}"
