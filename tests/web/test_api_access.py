"""Tokens: how they are got, what voids them, what each position may open."""

from datetime import UTC, date, datetime, timedelta

import pytest
from api_support import API, COUNTY, PASSWORD, Program, households_of, is_problem, sign_in, sign_in_household
from sqlalchemy import delete, text, update

from engine.store.tables.reference import ApiToken, Person, Position, SignInTries
from engine.store.tokens import digest
from engine.usecases.load_demonstration import stable_id


def ask_token(web, **form):
    return web.test_client().post(
        f"{API}/token", data={"grant_type": "password", "password": PASSWORD} | form
    )


@pytest.fixture
def change(running):
    """Change rows behind the application's back."""

    def apply(statement):
        with running.sessions(COUNTY) as session:
            session.execute(statement)
            session.commit()

    return apply


def test_a_token_names_its_position(web):
    me = sign_in(web, "county").get("/me").json
    assert (me["role"], me["division"], me["county"]) == ("county_officer", COUNTY, COUNTY)
    assert [position["current"] for position in me["positions"]] == [True]


def test_a_token_is_short_lived_and_kept_only_as_its_hash(web, running):
    answer = ask_token(web, username="county")
    token = answer.json["access_token"]
    assert answer.json["token_type"] == "Bearer"
    assert answer.json["expires_in"] == 3600
    assert answer.headers["Cache-Control"] == "no-store"
    with running.sessions() as session:
        row = session.get(ApiToken, digest(token))
        assert row.expires_at - row.issued_at == timedelta(hours=1)
        rows = session.execute(text("select t::text from reference.api_tokens t")).scalars().all()
        assert not any(token in line for line in rows)


def test_another_position_of_ones_own_can_be_asked_for(web, running):
    with running.sessions(COUNTY) as session:
        second = Position(
            id=stable_id("test:second"),
            person_id=stable_id("person:surveyor"),
            role="county_officer",
            division=COUNTY,
            valid_from=date(2020, 1, 1),
        )
        session.add(second)
        session.commit()
    given = ask_token(web, username="surveyor", position=str(stable_id("test:second"))).json
    assert Program(web.test_client(), given["access_token"]).get("/me").json["role"] == "county_officer"
    refused = is_problem(ask_token(web, username="county2", position=str(stable_id("test:second"))), 400)
    assert refused["error"] == "invalid_grant"
    with running.sessions(COUNTY) as session:
        session.execute(delete(ApiToken).where(ApiToken.position_id == stable_id("test:second")))
        session.execute(delete(Position).where(Position.id == stable_id("test:second")))
        session.commit()


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"username": "county", "password": "wrong"}, "invalid_grant"),
        ({"username": "nobody"}, "invalid_grant"),
        ({"username": "a\0b"}, "invalid_grant"),
        ({"username": "x" * 101}, "invalid_grant"),
        ({}, "invalid_request"),
        ({"grant_type": "magic", "username": "county"}, "unsupported_grant_type"),
        ({"username": "county", "client_id": "somebody-else"}, "invalid_client"),
    ],
)
def test_refused_sign_ins_say_so_as_oauth_and_as_a_problem(web, form, error):
    assert is_problem(ask_token(web, **form), 400)["error"] == error


def test_five_wrong_passwords_lock_the_account(web, change):
    for _ in range(5):
        ask_token(web, username="county2", password="wrong")
    assert "15" in is_problem(ask_token(web, username="county2"), 400)["detail"]
    change(delete(SignInTries))


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer x", "Basic Y291bnR5Og==", "Bearer tqs_\xff", "Bearer tqs_x y"]
)
def test_without_a_token_there_is_no_answer(web, header):
    headers = {"Authorization": header} if header is not None else {}
    answer = web.test_client().get(f"{API}/tasks", headers=headers)
    is_problem(answer, 401)
    assert answer.headers["WWW-Authenticate"].lower().startswith("bearer")


def test_a_revoked_token_is_void_and_revoking_tells_nothing(web):
    program = sign_in(web, "county")
    for token in (program.token, program.token, "tqs_never", "tqp_never", "nonsense"):
        answer = program.client.post(f"{API}/revoke", data={"token": token})
        assert (answer.status_code, answer.json) == (200, {})
    is_problem(program.get("/me"), 401)


def test_an_expired_token_is_void(web, change):
    program = sign_in(web, "county")
    gone = datetime.now(UTC) - timedelta(seconds=1)
    change(update(ApiToken).where(ApiToken.token_sha256 == digest(program.token)).values(expires_at=gone))
    is_problem(program.get("/me"), 401)


def test_ending_a_persons_sessions_voids_their_tokens(web, change):
    program = sign_in(web, "auditor")
    change(update(Person).where(Person.username == "auditor").values(sessions_from=datetime.now(UTC)))
    is_problem(program.get("/me"), 401)
    assert sign_in(web, "auditor").get("/me").status_code == 200


def test_a_token_ends_with_the_position(web, change):
    program = sign_in(web, "township1")
    held = Position.person_id == stable_id("person:township1")
    change(update(Position).where(held).values(valid_to=date(2026, 3, 1)))
    is_problem(program.get("/me"), 401)
    change(update(Position).where(held).values(valid_to=None))
    assert program.get("/me").status_code == 200


def test_a_locked_out_person_has_no_token(web, change):
    program = sign_in(web, "admin2")
    change(update(Person).where(Person.username == "admin2").values(active=False))
    is_problem(program.get("/me"), 401)
    change(update(Person).where(Person.username == "admin2").values(active=True))


OPEN = {
    "village1": {"/tasks", "/cases", "/households"},
    "township1": {"/tasks", "/cases", "/households"},
    "county": {"/tasks", "/cases", "/households"},
    "surveyor": {"/tasks", "/cases"},
    "admin": {"/case-types"},
    "auditor": {"/cases", "/audit/verification"},
    "court": set(),
}
PLACES = sorted(set().union(*OPEN.values()) | {"/portal/me", "/portal/cases"})


@pytest.mark.parametrize("username", sorted(OPEN))
def test_each_position_opens_its_own_places(web, username):
    program = sign_in(web, username)
    found = {place for place in PLACES if program.get(place).status_code == 200}
    assert found == OPEN[username]
    for place in set(PLACES) - found:
        is_problem(program.get(place), 403)


def test_a_households_token_opens_nothing_of_the_staff(web, running):
    household = households_of(running, sign_in(web, "county"))[0]
    program = sign_in_household(web, running, household)
    assert program.get("/portal/me").json["contractor_code"] == household.code
    for place in ("/me", "/tasks", "/cases", "/households", "/audit/verification", "/case-types"):
        is_problem(program.get(place), 403)
    program.client.post(f"{API}/revoke", data={"token": program.token})
    is_problem(program.get("/portal/me"), 401)


def test_a_code_is_good_once_and_for_its_own_sign_in(web, running):
    household = households_of(running, sign_in(web, "county"))[1]
    stranger = Program(web.test_client())
    who = {"name": household.name, "id_number": household.id_number, "phone": household.phone}
    asked = stranger.post("/portal/sign-ins", who).json["id"]
    form = {
        "grant_type": "urn:tianqi:params:oauth:grant-type:one-time-code",
        "sign_in": asked,
        "code": "000000",
    }
    assert is_problem(stranger.ask("POST", "/token", data=form), 400)["error"] == "invalid_grant"
    assert (
        is_problem(stranger.ask("POST", "/token", data=form | {"sign_in": "x"}), 400)["error"]
        == "invalid_request"
    )


def test_a_session_cookie_is_no_token(web, client_for):
    """Pages and API do not share a way in, so no page of another site can make the API do anything."""
    answer = client_for("county").get(f"{API}/me")
    is_problem(answer, 401)
