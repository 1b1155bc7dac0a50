"""A browser and the style guide, for tests of components as people meet them."""

import threading

import pytest
from werkzeug.serving import make_server

from web.assets import DIST

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


@pytest.fixture(scope="module")
def guide():
    """Address of the style guide, served on a free port."""
    assert (DIST / "site.css").exists(), "the front end is not built: npm run build in web/frontend"
    from tests.web.components.style_guide import create_style_guide

    server = make_server("127.0.0.1", 0, create_style_guide(), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium, guide):
    """Opens a path at a width; faults on the page (scripts, policy) fail the test at its end."""
    faults, contexts = [], []

    def opened(path, width=1280, javascript=True):
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=javascript
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
        page.goto(guide + path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []
