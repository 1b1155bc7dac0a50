"""The demonstration's page: households to play, the messages, the clock."""

import re
from datetime import UTC, datetime

import pytest

from engine.bootstrap import DemonstrationClock
from engine.commands.trial import START
from engine.usecases.move_clock import set_clock
from tests.portal_steps import Browser, household, words


@pytest.fixture
def browser(running, web):
    return Browser(running, web.test_client())


@pytest.fixture
def moving(running):
    before = running.clock
    with running.sessions() as session:
        set_clock(session, datetime.now(UTC), START)
        session.commit()
    running.clock = DemonstrationClock(running.engine)
    yield
    running.clock = before


def test_offers_households_that_can_sign_in(browser, running):
    page = browser.get("/demo/messages")
    home = household(running, 0)
    assert home.name in page.text
    assert home.id_number in page.text
    assert "village1" in words(page)


def test_the_clock_is_moved_from_the_page(browser, moving):
    before = running_now(browser)
    assert "时钟已往后拨11个工作日" in words(browser.post("/demo/clock", working_days="11"))
    assert (running_now(browser) - before).days >= 14


@pytest.mark.parametrize("days", ["", "0", "251", "-1", "1.5", "x", "9999"])
def test_the_clock_moves_by_sensible_days_alone(browser, moving, days):
    before = running_now(browser)
    assert "没有拨动时钟" in words(browser.post("/demo/clock", working_days=days))
    assert (running_now(browser) - before).days == 0


def test_in_production_there_is_no_clock_to_move(browser, web):
    web.config["DEMO"] = False
    try:
        assert browser.post("/demo/clock", working_days="1").status_code == 404
    finally:
        web.config["DEMO"] = True


def running_now(browser) -> datetime:
    shown = re.search(r"现在是 <strong>([^<]+)<", browser.get("/demo/messages").text)
    assert shown
    return datetime.strptime(shown[1], "%Y年%m月%d日 %H:%M")
