"""A live server over a fresh demonstration county, and a browser in front of it.

Whatever goes wrong behind a page fails the test: a script's error, a breach of the content policy, a file that is
missing, an answer of 500 or more. Time stands still until a test moves it, and what ticker and worker do is done
when a test says so.
"""

import os
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    expect,
    sync_playwright,
)
from redis import Redis
from werkzeug.serving import WSGIRequestHandler, make_server

from engine.bootstrap import App
from engine.domain.register import Household
from engine.jobs.ticker import tick
from engine.usecases.carry_out_effect import drain
from tests.e2e import people

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE, DESK = 360, 1280  # px wide
PATIENCE = 60_000  # ms until something that was to appear is missed; the machine may be busy
SHOTS = os.environ.get("TIANQI_SCREENSHOTS")

expect.set_options(timeout=PATIENCE)


class Quiet(WSGIRequestHandler):
    def log(self, *_args: object, **_kwargs: object) -> None:
        """Requests are not worth a line."""


@dataclass(frozen=True)
class Site:
    """The application as people reach it."""

    url: str
    app: App
    flask: Flask

    def pump(self) -> None:
        """What the ticker and the worker would do in the next seconds: nothing waits any more afterwards."""
        while tick(self.app, None)["submissions"] + drain(self.app):
            pass

    def move_to(self, text: str) -> None:
        """Time passes: ``2026-03-20 09:00`` in China. Deadlines that came due by then have fired."""
        self.app.clock.move_to(datetime.fromisoformat(f"{text}:00+08:00"))
        self.pump()


@pytest.fixture(scope="module")
def site(running: App) -> Iterator[Site]:
    """Served on a free port, with forgery protection on and rate limits off."""
    from web.app import create_app
    from web.assets import DIST

    assert (DIST / "site.css").exists(), "the front end is not built: npm run build in web/frontend"
    before = os.environ.get("TIANQI_LIMITS")
    os.environ["TIANQI_LIMITS"] = "off"
    Redis.from_url(running.settings.redis_url).flushdb()
    try:
        flask = create_app(running)
        server = make_server("127.0.0.1", 0, flask, threaded=True, request_handler=Quiet)
    finally:
        os.environ.pop("TIANQI_LIMITS") if before is None else os.environ.update(TIANQI_LIMITS=before)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made = Site(f"http://127.0.0.1:{server.server_port}", running, flask)
    made.pump()  # the portal gets its forms
    yield made
    server.shutdown()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Visits:
    """Opens browsers that know nothing of each other; each is somebody's own."""

    site: Site
    chromium: Browser
    sessions: dict[str, Any]  # cookies of those who signed in before, by account
    contexts: list[BrowserContext] = field(default_factory=list)
    known: dict[str, Page] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def __call__(
        self, width: int = DESK, javascript: bool = True, session: Any = None, **cookies: str
    ) -> Page:
        """A page at that width. ``session``: of somebody signed in. ``cookies``: lang="en", elder="1"."""
        context = self.chromium.new_context(
            base_url=self.site.url,
            viewport={"width": width, "height": 800 if width < 600 else 900},
            java_script_enabled=javascript,
            has_touch=width < 600,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            accept_downloads=True,
            user_agent=people.BROWSER,
            storage_state=session,
        )
        context.set_default_timeout(PATIENCE)
        context.add_cookies([{"name": n, "value": v, "url": self.site.url} for n, v in cookies.items()])
        context.on("response", self._answered)
        context.on("requestfailed", self._failed)
        context.on("weberror", lambda broken: self.faults.append(str(broken.error)))
        context.on("console", self._said)
        self.contexts.append(context)
        return context.new_page()

    def staff(self, username: str) -> Page:
        """That account at its desk, in its inbox; it signs in once in a module, and not through pages."""
        if username not in self.known:
            if username not in self.sessions:
                self.sessions[username] = people.staff_session(self.site, username)
            page = self.known[username] = self(DESK, session=self.sessions[username])
            page.goto("/")
        return self.known[username]

    def household(self, person: Household, width: int = PHONE) -> Page:
        """That person's browser, signed in to the portal already, on its first page."""
        page = self(width, session=people.applicant_session(self.site, person))
        page.goto("/portal/")
        return page

    def _said(self, line: ConsoleMessage) -> None:
        """Chromium also reports refused documents here; ``_answered`` judges those."""
        if line.type == "error" and not line.text.startswith("Failed to load resource"):
            self.faults.append(f"{line.location['url']}: {line.text}")

    def _failed(self, asked: Request) -> None:
        """A page that is left gives up what it was still loading, and a download is no page; anything else broke."""
        if asked.failure != "net::ERR_ABORTED":
            self.faults.append(f"{asked.failure} {asked.url}")

    def _answered(self, answer: Response) -> None:
        """A page may well answer 404 or 422; what a page needs may not, and nothing may break."""
        document = answer.request.resource_type == "document"
        if answer.status >= (500 if document else 400):
            self.faults.append(f"{answer.status} {answer.url}")


@pytest.fixture(scope="module")
def sessions() -> dict[str, Any]:
    return {}


@pytest.fixture
def visit(site: Site, chromium: Browser, sessions: dict[str, Any]) -> Iterator[Visits]:
    visits = Visits(site, chromium, sessions)
    yield visits
    for context in visits.contexts:
        context.close()
    assert visits.faults == []


@pytest.fixture
def shot(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    """``shot(page, "name")`` keeps a picture of the whole page where TIANQI_SCREENSHOTS names a folder."""
    journey = re.sub(r"\W+", "-", request.node.name.removeprefix("test_"))

    def take(page: Page, name: str) -> None:
        if SHOTS:
            Path(SHOTS).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=Path(SHOTS) / f"{journey}.{name}.png", full_page=True)

    return take
