"""Signing in: what was planted before is worth nothing after, nobody is led away, no answer tells which names exist."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, event, select, update

from engine.domain.accounts import limit
from engine.domain.errors import NotAllowed
from engine.store.recovery import digest
from engine.store.sign_in_tries import EVERYWHERE, is_shut_out, network
from engine.store.tables.reference import Person, RecoveryCode, SignInTries, StaffSession
from engine.usecases.accounts.own import new_recovery_codes
from engine.usecases.sign_in import HERE, sign_in
from tests.portal_steps import Browser, code_sent, household, inside, who
from tests.usecases.acting import at_once
from web.app import create_app
from web.db import db

RIGHT = {"username": "village1", "password": "tianqi-demo"}
NOW = datetime.now(UTC)
FAILURES = limit("failures")


@pytest.fixture
def free(running):
    """Whoever a test locks out is let in again."""
    yield
    with running.sessions() as session:
        session.execute(delete(SignInTries))
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
    assert "该地址15分钟内不能" in told("township2", "tianqi-demo")


def without_nonces(page: str) -> str:
    return re.sub(r'(nonce|value|content)="[^"]*"', "", page)


def guess(running, username: str, address: str = HERE, now: datetime = NOW) -> None:
    with running.sessions() as session, pytest.raises(NotAllowed):
        sign_in(session, now, username, "wrong", address)


def gets_in(running, username: str, address: str = HERE, now: datetime = NOW) -> bool:
    with running.sessions() as session:
        try:
            return bool(sign_in(session, now, username, "tianqi-demo", address))
        except NotAllowed:
            return False


def test_guesses_sent_at_once_are_all_counted(running, free):
    at_once(*[lambda: guess(running, "county2")] * (FAILURES - 1))
    with running.sessions() as session:
        rows = session.execute(select(SignInTries.address, SignInTries.failures)).all()
    assert {row.address: row.failures for row in rows} == {HERE: FAILURES - 1, EVERYWHERE: FAILURES - 1}
    guess(running, "county2")
    assert not gets_in(running, "county2", now=NOW + timedelta(minutes=14))
    assert gets_in(running, "county2", now=NOW + timedelta(minutes=16))


def test_a_strangers_guesses_shut_out_the_stranger_alone_and_longer_each_time(running, free):
    office, stranger = "10.0.0.5", "203.0.113.9"
    for _ in range(FAILURES):
        guess(running, "county2", stranger)
    assert not gets_in(running, "county2", stranger)
    assert gets_in(running, "county2", office)
    later = NOW + timedelta(minutes=16)
    for _ in range(FAILURES):
        guess(running, "county2", stranger, later)
    assert not gets_in(running, "county2", stranger, later + timedelta(minutes=29))
    assert gets_in(running, "county2", stranger, later + timedelta(minutes=31))


def test_many_strangers_shut_out_new_addresses_not_the_known_one(running, free):
    assert gets_in(running, "county2", "10.0.0.5")
    for n in range(limit("failures_everywhere")):
        guess(running, "county2", f"203.0.113.{n}")
    assert not gets_in(running, "county2", "198.51.100.1")
    assert gets_in(running, "county2", "10.0.0.5")
    with running.sessions() as session:  # a name that nobody has is counted just so
        for n in range(limit("failures_everywhere")):
            with pytest.raises(NotAllowed):
                sign_in(session, NOW, "nobody-at-all", "x", f"203.0.113.{n}")
        assert is_shut_out(session, NOW, "nobody-at-all", "198.51.100.1")


def test_one_household_of_addresses_counts_as_one():
    assert network("2001:db8:1:2:3:4:5:6") == network("2001:db8:1:2::9") != network("2001:db8:1:3::9")
    assert (network("10.0.0.5"), network(None), network("x")) == ("10.0.0.5", HERE, HERE)


def test_activating_does_the_same_work_for_a_name_that_is_there_and_one_that_is_not(web, running, free):
    """Statement by statement: nothing is to be measured, so nothing is to be learned."""
    with web.app_context():
        engine = db.engine

    def statements(username: str) -> list[str]:
        said: list[str] = []

        def hear(conn, cursor, statement, *rest) -> None:
            said.append(statement)

        event.listen(engine, "before_cursor_execute", hear)
        try:
            typed = {"username": username, "code": "AAAA-AAAA-AAAA", "password": "x", "again": "x"}
            assert web.test_client().post("/activate", data=typed).status_code == 422
        finally:
            event.remove(engine, "before_cursor_execute", hear)
        return said

    assert statements("county2") == statements("nobody-at-all-2")


def test_a_recovery_code_lets_in_once_past_the_lock_and_the_lost_telephone(web, running, free):
    with running.sessions() as session:
        person = session.scalars(select(Person).where(Person.username == "county2")).one()
        codes = new_recovery_codes(session, running.clock, person)
        person.totp_secret = "JBSWY3DPEHPK3PXP"
        session.commit()
    try:
        for _ in range(FAILURES):
            web.test_client().post("/sign-in", data={"username": "county2", "password": "x"})
        asked = {"username": "county2", "password": "tianqi-demo", "code": codes[0].lower()}
        client = web.test_client()
        assert client.post("/sign-in/recover", data=asked | {"password": "x"}).status_code == 403
        assert client.post("/sign-in/recover", data=asked | {"code": "AAAA"}).status_code == 403
        assert client.post("/sign-in/recover", data=asked | {"username": "county"}).status_code == 403
        assert client.post("/sign-in/recover", data=asked).status_code == 302
        assert client.get("/inbox").status_code == 200
        assert "还有9个" in client.get("/account").text
        assert web.test_client().post("/sign-in/recover", data=asked).status_code == 403  # used
        with running.sessions() as session:
            used = session.scalars(
                select(RecoveryCode.code_sha256).where(RecoveryCode.used_at.is_not(None))
            ).all()
            assert [bytes(one) for one in used] == [digest(codes[0])]
    finally:
        with running.sessions() as session:
            session.execute(update(Person).where(Person.username == "county2").values(totp_secret=None))
            session.commit()


def signed_in(web, agent: str):
    client = web.test_client()
    assert client.post("/sign-in", data=RIGHT, headers={"User-Agent": agent}).status_code == 302
    return client


def alive(client) -> bool:
    return client.get("/inbox").status_code == 200


def test_ones_own_sessions_are_listed_and_ended_one_by_one(web):
    here, there, third = (signed_in(web, f"browser-{n}") for n in range(3))
    page = here.get("/account").text
    assert "browser-1" in page and "这里" in page
    block = page[page.index("browser-1") :]
    chosen = re.search(r'name="session" value="([0-9a-f-]{36})"', block)[1]
    assert here.post("/account/sessions", data={"session": chosen}).status_code == 303
    assert (alive(here), alive(there), alive(third)) == (True, False, True)
    assert third.post("/account/sessions").status_code == 303
    assert (alive(here), alive(third)) == (False, True)
    third.post("/sign-out")
    assert not alive(third)


def test_anothers_session_cannot_be_ended(web):
    mine, other = signed_in(web, "mine"), web.test_client()
    other.post("/sign-in", data={"username": "village2", "password": "tianqi-demo"})
    with mine.session_transaction() as session:
        chosen = session["session_id"]
    assert (
        "没有找到这次登录"
        in other.post("/account/sessions", data={"session": chosen}, follow_redirects=True).text
    )
    assert alive(mine)


@pytest.mark.parametrize("column", ["seen_at", "opened_at"])
def test_a_session_ends_when_it_is_idle_or_old(web, running, column):
    client = signed_in(web, "slow")
    assert alive(client)
    settings = running.settings
    age = {
        "seen_at": timedelta(minutes=settings.session_idle_minutes + 1),
        "opened_at": timedelta(hours=settings.session_hours, minutes=1),
    }[column]
    with client.session_transaction() as session:
        chosen = session["session_id"]
    with running.sessions() as session:
        session.execute(
            update(StaffSession).where(StaffSession.id == chosen).values({column: datetime.now(UTC) - age})
        )
        session.commit()
    assert not alive(client)


@pytest.mark.parametrize(("proxies", "told"), [(0, "127.0.0.1"), (1, "198.51.100.7")])
def test_where_one_comes_from_is_believed_of_our_own_proxies_alone(running, proxies, told):
    before = running.settings
    running.settings = replace(before, proxies=proxies)
    try:
        app = create_app(running)
        app.config["WTF_CSRF_ENABLED"] = False
        client = app.test_client()
        client.post("/sign-in", data=RIGHT, headers={"X-Forwarded-For": "203.0.113.1, 198.51.100.7"})
        assert (
            f'<span class="tq-code">{told}</span>'
            in client.get("/account", headers={"X-Forwarded-For": "203.0.113.1, 198.51.100.7"}).text
        )
    finally:
        running.settings = before
