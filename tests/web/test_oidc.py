"""Signing in through a certified OpenID provider on loopback: the whole code flow, and what must not be let through."""

import socket
import subprocess
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from sqlalchemy import delete, select

from engine.settings import ROOT, Oidc, from_environment
from engine.store.tables.reference import AccountEvent, OutsideIdentity, Person
from engine.usecases.load_demonstration import stable_id
from tests.web.staff import COUNTY, words

HERE = ROOT / "tests" / "oidc"
BACK, AFTER = "http://127.0.0.1:8000/sign-in/outside/back", "http://127.0.0.1:8000/sign-in"
SECRET = "a-secret-of-the-tests"


@pytest.fixture(scope="module")
def issuer():
    """The address of a provider that runs as long as the module's tests."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["node", "provider.mjs", str(port), BACK, AFTER]
    with subprocess.Popen(
        command, cwd=HERE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        said = []
        for line in process.stdout:
            said.append(line)
            if line.strip() == "ready":
                break
        else:
            pytest.fail("".join(said))
        yield f"http://127.0.0.1:{port}"
        process.kill()


@pytest.fixture
def configured(running, issuer):
    """``configured(acr=...)`` puts the provider into the settings."""
    before = running.settings

    def put(**changes) -> Oidc:
        oidc = replace(Oidc(issuer, "tianqi", SECRET), **changes)
        running.settings = replace(before, oidc=oidc)
        return oidc

    put()
    yield put
    running.settings = before
    with running.sessions(COUNTY) as session:
        session.execute(delete(OutsideIdentity))
        session.commit()


@pytest.fixture(scope="module")
def guard(web):
    client = web.test_client()
    client.post("/sign-in", data={"username": "secadmin", "password": "tianqi-demo"})
    return client


def link(guard, username: str, subject: str):
    return guard.post(
        f"/accounts/{stable_id(f'person:{username}')}/identity",
        data={"subject": subject},
        follow_redirects=True,
    )


def through(issuer: str, asked: str, **who) -> str:
    """Sign in there; gives the address that the browser is sent back to."""
    browser = requests.Session()
    browser.post(f"{issuer}/next", json=who)
    address = asked
    for _ in range(10):
        answer = browser.get(address, allow_redirects=False)
        assert answer.is_redirect, answer.text
        address = requests.compat.urljoin(address, answer.headers["Location"])
        if address.startswith(BACK):
            return address
    raise AssertionError(address)


def arrive(web, issuer: str, **who):
    """(client, its answer on coming back)"""
    client = web.test_client()
    asked = client.get("/sign-in/outside")
    assert asked.status_code == 302
    parts = urlsplit(through(issuer, asked.location, **who))
    return client, client.get(f"{parts.path}?{parts.query}")


def test_the_whole_flow_and_out_again(web, running, issuer, configured, guard):
    assert "统一身份认证" in web.test_client().get("/sign-in").text
    assert "关联已更改" in words(link(guard, "village1", "clerk-1"))
    client, answer = arrive(web, issuer, account="clerk-1")
    assert answer.status_code == 302, words(answer)
    assert client.get("/inbox").status_code == 200 and "统一身份认证" in client.get("/account").text
    out = client.post("/sign-out")
    parts = urlsplit(out.location)
    assert out.location.startswith(issuer) and parse_qs(parts.query)["post_logout_redirect_uri"] == [AFTER]
    assert client.get("/inbox").status_code == 302
    assert requests.get(out.location, timeout=10).status_code == 200
    with running.sessions(COUNTY) as session:
        kinds = session.scalars(select(AccountEvent.kind).where(AccountEvent.kind == "identity_set")).all()
    assert kinds


def test_what_is_asked_for_is_state_nonce_and_pkce(web, issuer, configured):
    asked = parse_qs(urlsplit(web.test_client().get("/sign-in/outside").location).query)
    assert asked["response_type"] == ["code"] and asked["code_challenge_method"] == ["S256"]
    assert asked["state"][0] and asked["nonce"][0] and asked["code_challenge"][0]


def test_who_is_not_linked_is_not_let_in_and_no_account_is_made(web, running, issuer, configured):
    client, answer = arrive(web, issuer, account="nobody-here")
    assert answer.status_code == 403 and "没有与您的统一身份关联" in answer.text
    assert client.get("/inbox").status_code == 302
    with running.sessions(COUNTY) as session:
        assert not session.scalars(select(Person).where(Person.username.startswith("oidc-"))).all()


def test_an_account_is_made_where_the_installation_wants_it_without_positions(
    web, running, issuer, configured
):
    configured(create_in=COUNTY)
    client, answer = arrive(web, issuer, account="new-one")
    assert answer.status_code == 302
    assert client.get("/inbox").status_code == 403 and "姓名new-one" in client.get("/account").text


def test_another_claim_may_tell_accounts_apart(web, issuer, configured, guard):
    configured(claim="employee_number")
    link(guard, "village2", "E-clerk-2")
    assert arrive(web, issuer, account="clerk-2")[1].status_code == 302
    assert arrive(web, issuer, account="E-clerk-2")[1].status_code == 403


def test_a_locked_account_stays_out(web, running, issuer, configured, guard):
    link(guard, "village2", "clerk-3")
    who = stable_id("person:village2")
    guard.post(f"/accounts/{who}/lock")
    try:
        assert arrive(web, issuer, account="clerk-3")[1].status_code == 403
    finally:
        guard.post(f"/accounts/{who}/unlock")
    assert arrive(web, issuer, account="clerk-3")[1].status_code == 302


def test_how_one_signed_in_there_counts_where_the_county_says_so(web, issuer, configured, guard):
    link(guard, "village1", "clerk-1")
    configured(acr=("urn:tests:two",))
    assert "认证方式" in arrive(web, issuer, account="clerk-1", acr="urn:tests:one")[1].text
    assert arrive(web, issuer, account="clerk-1", acr="urn:tests:two")[1].status_code == 302
    configured(amr=("otp", "pwd"))
    assert arrive(web, issuer, account="clerk-1", amr=["pwd"])[1].status_code == 403
    assert arrive(web, issuer, account="clerk-1", amr=["pwd", "otp", "x"])[1].status_code == 302


def test_the_own_second_factor_is_asked_for_where_the_provider_asks_for_none(
    web, running, issuer, configured, guard
):
    link(guard, "village1", "clerk-1")

    def secret(value: str | None) -> None:
        with running.sessions(COUNTY) as session:
            session.get_one(Person, stable_id("person:village1")).totp_secret = value
            session.commit()

    secret("JBSWY3DPEHPK3PXP")
    try:
        client, answer = arrive(web, issuer, account="clerk-1")
        assert answer.location.endswith("/sign-in/second") and client.get("/inbox").status_code == 302
    finally:
        secret(None)


def test_an_answer_to_somebody_elses_question_is_refused(web, issuer, configured, guard):
    """A code that belongs to another browser's state, no state at all, a code used twice."""
    link(guard, "village1", "clerk-1")
    asker, victim = web.test_client(), web.test_client()
    parts = urlsplit(through(issuer, asker.get("/sign-in/outside").location, account="clerk-1"))
    victim.get("/sign-in/outside")
    for query in (parts.query, "code=x", "error=access_denied&state=x", ""):
        answer = victim.get(f"{parts.path}?{query}")
        assert answer.status_code == 403 and "没有通过" in answer.text
    assert asker.get(f"{parts.path}?{parts.query}").status_code == 302
    assert asker.get(f"{parts.path}?{parts.query}").status_code == 403


def test_an_issuer_that_calls_itself_otherwise_or_is_away_is_refused(web, issuer, configured):
    configured(issuer=f"{issuer}/")
    assert "与配置不符" in web.test_client().get("/sign-in/outside").text
    configured(issuer="http://127.0.0.1:9")
    answer = web.test_client().get("/sign-in/outside")
    assert answer.status_code == 403 and "没有回应" in answer.text


def test_one_identity_is_one_account_and_only_the_security_administrator_links(web, configured, guard):
    link(guard, "village1", "clerk-1")
    assert "另一个账号" in words(link(guard, "village2", "clerk-1"))
    assert "不能关联自己" in words(link(guard, "secadmin", "me"))
    system = web.test_client()
    system.post("/sign-in", data={"username": "sysadmin", "password": "tianqi-demo"})
    assert "只有安全管理员" in words(link(system, "village2", "clerk-9"))
    link(guard, "village1", "")
    assert 'value="clerk-1"' not in guard.get(f"/accounts/{stable_id('person:village1')}").text


def test_without_a_provider_there_is_no_such_page(web):
    assert web.test_client().get("/sign-in/outside").status_code == 404
    assert "统一身份认证" not in web.test_client().get("/sign-in").text


def test_settings(monkeypatch):
    base = {
        "DATABASE_URL": "x", "PORTAL_DATABASE_URL": "x", "TIANQI_SECRET_KEY": "00", "OIDC_ISSUER": "https://id.test",
        "OIDC_CLIENT_ID": "a", "OIDC_CLIENT_SECRET": "b", "OIDC_ACR": "one two",
    }  # fmt: skip
    assert from_environment(base).oidc == Oidc("https://id.test", "a", "b", acr=("one", "two"))
    with pytest.raises(ValueError):
        from_environment(base | {"OIDC_ISSUER": "http://id.test"})
    with pytest.raises(ValueError):
        from_environment(base | {"TIANQI_SESSION_IDLE_MINUTES": "0"})
    assert from_environment(base | {"OIDC_ISSUER": "", "TIANQI_SESSION_HOURS": "8"}).session_hours == 8
