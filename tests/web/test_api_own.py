"""One's own account through the API: as the page does it, for a program or a telephone."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pyotp
import pytest

from engine.usecases.load_demonstration import PASSWORD, add_account
from engine.usecases.sign_in import HASHER
from tests.web.api_support import API, Program

COUNTY = "990101"
ACCOUNT = "/me/account"
CHOSEN = "lan-tian-he-pan-7241"


@pytest.fixture
def who(running):
    """An account of its own: what is tried here shuts nobody else out."""
    name = f"own{uuid4().hex[:8]}"
    with running.sessions(COUNTY) as session:
        add_account(session, name, "自己 试用", "county_officer", COUNTY, HASHER.hash(PASSWORD))
        session.commit()
    return name


def ask_token(web, **form):
    return web.test_client().post(f"{API}/token", data={"grant_type": "password", **form})


def signed_in(web, who, password=PASSWORD, **more) -> Program:
    answer = ask_token(web, username=who, password=password, **more)
    assert answer.status_code == 200, answer.json
    return Program(web.test_client(), answer.json["access_token"])


def test_a_password_is_changed_and_every_token_is_out(web, who):
    program, other = signed_in(web, who), signed_in(web, who)
    wrong = program.put(f"{ACCOUNT}/password", {"old": "guessed", "password": CHOSEN})
    assert (wrong.status_code, list(wrong.json["errors"])) == (422, ["old"])
    short = program.put(f"{ACCOUNT}/password", {"old": PASSWORD, "password": "short"})
    assert (short.status_code, list(short.json["errors"])) == (422, ["password"])
    assert program.put(f"{ACCOUNT}/password", {"old": PASSWORD, "password": CHOSEN}).status_code == 204
    assert [one.get("/me").status_code for one in (program, other)] == [401, 401]
    assert signed_in(web, who, CHOSEN).get(ACCOUNT).json["username"] == who


def test_a_second_factor_with_recovery_codes_and_a_code_that_works_once(web, who):
    program = signed_in(web, who)
    asked = program.get(f"{ACCOUNT}/second-factor").json
    assert asked["address"].startswith("otpauth://totp/")
    assert not program.get(ACCOUNT).json["second_factor"], "nothing is set yet"
    totp = pyotp.TOTP(asked["secret"])
    code = totp.at(datetime.now(UTC))
    far = totp.at(datetime.now(UTC) - timedelta(hours=1))
    assert (
        program.put(f"{ACCOUNT}/second-factor", {"secret": asked["secret"], "code": far}).status_code == 422
    )
    given = program.put(f"{ACCOUNT}/second-factor", {"secret": asked["secret"], "code": code})
    assert given.status_code == 200, given.json
    assert len(given.json["codes"]) == 10
    assert program.get(ACCOUNT).json["second_factor"]
    assert program.get(f"{ACCOUNT}/second-factor").status_code == 422, "only the administrator takes it away"
    # the code that set it up was used by that, and a later one works once
    assert ask_token(web, username=who, password=PASSWORD, otp=code).status_code == 400
    later = totp.at(datetime.now(UTC) + timedelta(seconds=30))
    assert ask_token(web, username=who, password=PASSWORD, otp=later).status_code == 200
    assert ask_token(web, username=who, password=PASSWORD, otp=later).status_code == 400
    fresh = program.put(f"{ACCOUNT}/recovery-codes", {"old": PASSWORD})
    assert len(fresh.json["codes"]) == 10
    assert program.put(f"{ACCOUNT}/recovery-codes", {"old": "guessed"}).status_code == 422
    one = fresh.json["codes"][0]
    assert ask_token(web, username=who, password=PASSWORD, recovery_code=one).status_code == 200
    assert ask_token(web, username=who, password=PASSWORD, recovery_code=one).status_code == 400


def test_browsers_are_listed_and_ended(web, who):
    browsers = [web.test_client() for _ in range(2)]
    for browser in browsers:
        browser.post("/sign-in", data={"username": who, "password": PASSWORD})
    program = signed_in(web, who)
    first, second = program.get(ACCOUNT).json["sessions"]
    assert delete(program, f"{ACCOUNT}/sessions/{first['id']}").status_code == 204
    assert [row["id"] for row in program.get(ACCOUNT).json["sessions"]] == [second["id"]]
    assert delete(program, f"{ACCOUNT}/sessions/{uuid4()}").status_code == 404
    assert delete(program, f"{ACCOUNT}/sessions").status_code == 204
    assert program.get("/me").status_code == 200, "a token is ended for itself"
    assert [browser.get("/inbox").status_code for browser in browsers] == [302, 302]


def delete(program: Program, path: str):
    return program.ask("DELETE", path)
