"""Signing in: what was planted before is worth nothing after, nobody is led away, no answer tells which names exist."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from engine.domain.errors import NotAllowed
from engine.store.tables.reference import Person
from engine.usecases.sign_in import FAILURES, sign_in
from tests.portal_steps import Browser, code_sent, household, inside, who
from tests.usecases.acting import at_once

RIGHT = {"username": "village1", "password": "tianqi-demo"}
NOW = datetime.now(UTC)


@pytest.fixture
def free(running):
    """Whoever a test locks out is let in again."""
    yield
    with running.sessions() as session:
        session.execute(update(Person).values(failed_sign_ins=0, locked_until=None))
        session.commit()


def cookie(client) -> str:
    return client.get_cookie("tianqi").value


def test_staff_get_a_new_session_id(web):
    client = web.test_client()
    client.get("/sign-in?lang=en")
    before = cookie(client)
    client.post("/sign-in", data=RIGHT)
    assert cookie(client) != before
    thief = web.test_client()
    thief.set_cookie("tianqi", before)
    assert thief.get("/inbox").status_code == 302
    assert client.get("/inbox").status_code == 200


def test_applicants_get_a_new_session_id(web, running):
    browser, home = Browser(running, web.test_client()), household(running, 0)
    name, number = who(home)
    browser.post("/portal/sign-in", name=name, id_number=number, phone=home.phone)
    before = cookie(browser.client)
    inside(running)
    browser.post("/portal/sign-in/code", code=code_sent(running, home.phone))
    assert cookie(browser.client) != before
    thief = web.test_client()
    thief.set_cookie("tianqi", before)
    for client, signed_in in ((thief, False), (browser.client, True)):
        with client.session_transaction() as session:
            assert ("applicant" in session) is signed_in


@pytest.mark.parametrize(
    "target",
    [
        "//e.test",
        "/\\e.test",
        "/\t/e.test",
        "/\n/e.test",
        "/\r/e.test",
        "\t//e.test",
        "https://e.test",
        "e.test",
        "/a\\..\\b",
    ],
)
def test_nobody_is_led_away(web, target):
    answer = web.test_client().post("/sign-in", data=RIGHT | {"next": target})
    assert (answer.status_code, answer.location) == (302, "/")


def test_one_is_led_on_within_the_site(web):
    answer = web.test_client().post("/sign-in", data=RIGHT | {"next": "/register?q=李&page=2"})
    assert answer.location.startswith("/register?q=")


def test_a_locked_name_is_answered_like_one_that_is_not_there(web, free):
    def told(username: str, password: str = "x") -> str:
        answer = web.test_client().post("/sign-in", data={"username": username, "password": password})
        assert answer.status_code == 403
        return without_nonces(answer.text.replace(username, ""))

    tries = range(FAILURES + 2)
    assert [told("township2") for _ in tries] == [told("nobody-at-all") for _ in tries]
    assert "锁定15分钟" in told("township2", "tianqi-demo")


def without_nonces(page: str) -> str:
    return re.sub(r'(nonce|value|content)="[^"]*"', "", page)


def test_guesses_sent_at_once_are_all_counted(running, free):
    def guess():
        with running.sessions() as session, pytest.raises(NotAllowed):
            sign_in(session, NOW, "county2", "wrong")

    at_once(*[guess] * (FAILURES - 1))
    with running.sessions() as session:
        person = session.scalar(select(Person).where(Person.username == "county2"))
        assert person.failed_sign_ins == FAILURES - 1
    guess()
    with running.sessions() as session:
        with pytest.raises(NotAllowed):
            sign_in(session, NOW + timedelta(minutes=14), "county2", "tianqi-demo")
        assert sign_in(session, NOW + timedelta(minutes=16), "county2", "tianqi-demo").username == "county2"
