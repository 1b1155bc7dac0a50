"""Answers are never lost: a form that is sent after the session ended is there again, filled, once one is signed in."""

import re

import pytest
from sqlalchemy import select

from engine.store.tables.portal import Applicant
from tests.portal_steps import MISSING, Browser, applied, household, inside, office_does, signed_in
from tests.usecases.acting import played
from tests.web.staff import words

TYPED = "填了一半的话"
DESK = {  # account, page, where its form goes, field that is typed into
    "remark": ("county", "/cases/{case}", "/cases/{case}/remarks", "text"),
    "receipt": (
        "county",
        "/registry/hand-overs/{case}-01",
        "/registry/hand-overs/{case}-01/receipt",
        "reason",
    ),
    "firm": ("county", "/survey/firms/new", "/survey/firms/new", "name"),
    "person": ("sysadmin", "/accounts/new", "/accounts/new", "name"),
}
HOME = {  # page, where its form goes, field
    "supplement": ("/portal/cases/{number}/supply", "/portal/cases/{number}/supply", "answer"),
    "settings": ("/portal/settings", "/portal/settings/email", "code"),
    "withdrawal": ("/portal/cases/{number}/withdraw", "/portal/cases/{number}/withdraw", "reason"),
}


@pytest.fixture(scope="module")
def case(running):
    """Waits for the registry."""
    return str(played(running, "registry_receipt").number)


@pytest.fixture(scope="module")
def asked(running):
    """A household, and the number of its case that wants something more from it."""
    home = household(running, 5)
    with running.portal_sessions() as portal:
        number, _code = applied(running, portal, signed_in(running, portal, home))
        portal.commit()
    office_does(running, number, MISSING)
    inside(running)
    return home, number


@pytest.fixture
def late(web):
    """Sends a form as a browser whose session is over, with the forgery check on, as people have it."""

    def send(client, page, address, **fields):
        client.delete_cookie("tianqi")
        web.config["WTF_CSRF_ENABLED"] = True
        try:
            return client.post(address, data=fields, headers={"Referer": f"http://localhost{page}"})
        finally:
            web.config["WTF_CSRF_ENABLED"] = False

    return send


def stands_in(page, name):
    """In its own control, not beside it."""
    return re.search(rf'name="{name}"[^>]*(value="{TYPED}"|>{TYPED}</textarea>)', page.text)


def signs_in(client, account, page):
    client.post("/sign-in", data={"username": account, "password": "tianqi-demo", "next": page})
    return client.get(page)


@pytest.mark.parametrize("name", DESK)
def test_at_the_desk(client_for, late, case, name):
    account, page, address, field = (text.format(case=case) for text in DESK[name])
    client = client_for(account)
    assert client.get(page).status_code == 200
    sent = late(client, page, address, **{field: TYPED, "password": "geheim"})
    assert (sent.status_code, sent.location.partition("?")[0]) == (303, "/sign-in")
    shown = signs_in(client, account, page)
    assert "登录过期前填的内容还在" in words(shown)
    assert stands_in(shown, field), shown.text
    assert "geheim" not in shown.text
    assert TYPED not in client.get(page).text  # once


def lets_in(browser, running, home):
    """As signing in does, without its code, of which a telephone gets few."""
    with running.portal_sessions() as portal:
        person = portal.scalars(select(Applicant.id).where(Applicant.contractor_code == home.code)).one()
    with browser.client.session_transaction() as session:
        session["applicant"] = str(person)


@pytest.mark.parametrize("name", HOME)
def test_at_home(running, web, late, asked, name):
    home, number = asked
    browser = Browser(running, web.test_client())
    lets_in(browser, running, home)
    page, address, field = HOME[name]
    page, address = (text.format(number=number) for text in (page, address))
    assert browser.get(page).request.path == page
    sent = late(browser.client, page, address, **{field: TYPED})
    assert (sent.status_code, sent.location) == (303, "/portal/sign-in")
    lets_in(browser, running, home)
    shown = browser.get(page)
    assert "登录过期前填的内容还在" in words(shown)
    assert bool(stands_in(shown, field)) == (field != "code")  # a one-time code is never kept


def test_the_whole_way_back(running, web, late):
    """Sign in with a code: back on the page that the form stood on; another household is shown nothing of it."""
    browser, home = Browser(running, web.test_client()), household(running, 31)
    browser.sign_in(home)
    page = f"{browser.post('/portal/apply/contract_signing').request.path}/phone"
    for number, seen in ((31, True), (32, False)):
        late(browser.client, page, page, phone="13911112222")
        shown = browser.sign_in(household(running, number))
        assert shown.request.path == page
        assert ('value="13911112222"' in shown.text) == seen
        assert 'value="13911112222"' not in browser.get(page).text
        lets_in(browser, running, home)
        browser.get(page)


def test_a_form_that_anybody_may_fill_comes_back_at_once(web, late):
    client = web.test_client()
    client.get("/portal/lookup")
    sent = late(client, "/portal/lookup", "/portal/lookup", number=TYPED)
    assert (sent.status_code, sent.location) == (303, "/portal/lookup")
    assert stands_in(client.get("/portal/lookup"), "number")


def test_nobody_else_is_shown_it(client_for, late, case, web):
    client, page = client_for("county"), f"/cases/{case}"
    client.get(page)
    late(client, page, f"{page}/remarks", text=TYPED)
    assert TYPED not in signs_in(client, "county2", page).text
    elsewhere = client_for("county")
    elsewhere.get(page)
    elsewhere.post("/sign-out")
    sent = late(elsewhere, page, f"{page}/remarks", text=TYPED)
    assert sent.status_code == 400  # who signed out leaves nothing behind
    foreign = client_for("county")
    foreign.get(page)
    foreign.delete_cookie("tianqi")
    web.config["WTF_CSRF_ENABLED"] = True
    try:
        answer = foreign.post(
            f"{page}/remarks", data={"text": TYPED}, headers={"Referer": "http://evil.example/"}
        )
    finally:
        web.config["WTF_CSRF_ENABLED"] = False
    assert answer.status_code == 400  # not a form of ours
