"""A page in its appearances: no axe violation, nothing scrolls sideways at 360 px, nothing stays Chinese in English.

Both languages share the markup, so axe looks at the English page too only with LONG=1.
"""

import os
import re

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Page

from tests.e2e.conftest import DESK, PHONE

# Nine tenths of axe's time on a page with a long list goes to measuring the contrast of each cell. So colours are
# looked at once in rows that look alike (same list, same elements, classes and states, odd or even); every other
# rule at everything, which pays from some rows on. Style sheets are not fetched again for a rule that is off by default.
VIOLATIONS = """async () => {
    const looks = new Map(), like = [];
    const look = (e) => e.tagName + e.getAttributeNames().join() + ["class", "style", "aria-current", "aria-selected"]
        .map((name) => e.getAttribute(name)).join();
    for (const row of document.querySelectorAll("tr, li")) {
        const place = [...row.parentElement.children].indexOf(row) % 2;
        const own = place + [row, ...row.querySelectorAll("*")].map(look).join();
        const known = looks.get(row.parentElement) ?? looks.set(row.parentElement, new Set()).get(row.parentElement);
        if (known.has(own)) like.push(row);
        known.add(own);
    }
    const told = { resultTypes: ["violations"], preload: false };
    if (like.length < 10) return { violations: (await axe.run(told)).violations };
    const all = await axe.run({ ...told, rules: { "color-contrast": { enabled: false } } });
    const colours = await axe.run({ exclude: like }, { ...told, runOnly: ["color-contrast"] });
    return { violations: [...all.violations, ...colours.violations] };
}"""
CHINESE = re.compile(r"[\u4e00-\u9fff]")
SAID_BY_PAGES = (
    ":is(main, nav) :is(h2, button, legend, thead th, dt, summary > *, .govuk-hint, .govuk-button)"
)


def ready(page: Page) -> None:
    page.locator("main h1").first.wait_for()  # after a click the next page may still be on its way
    for mark in ("[data-map]", "[data-bpmn-viewer]"):
        if page.locator(mark).count():
            page.locator(f"{mark}[data-ready]").first.wait_for()


def sound(page: Page, width: int) -> None:
    fits(page, width)
    found = axe(page)
    assert found.violations_count == 0, f"{page.url} at {width}\n{found.generate_report()}"


def axe(page: Page) -> AxeResults:
    """What axe has against the page as it stands."""
    page.evaluate(AXE_SCRIPT)
    return AxeResults(page.evaluate(VIOLATIONS))


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
    (sound if os.environ.get("LONG") else fits)(page, narrow)
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
