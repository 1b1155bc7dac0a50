"""Bearer tokens: scope, list, giving up; other systems' own credentials; how often one may ask."""

import base64

import pytest
from api_support import API, Program, is_problem, sign_in
from redis import Redis

from web.app import create_app

DIVISION = "990101"


@pytest.fixture
def county(web) -> Program:
    return sign_in(web, "county")


def token(web, **form) -> dict:
    answer = web.test_client().post(f"{API}/token", data=form)
    return answer.json | {"status_code": answer.status_code}


def clerk(web, **more) -> dict:
    return token(web, grant_type="password", username="village1", password="tianqi-demo", **more)


def test_a_narrow_token_opens_what_it_was_asked_for_and_no_more(web):
    told = clerk(web, scope="register map")
    assert told["scope"] == "map register"
    program = Program(web.test_client(), told["access_token"])
    assert program.get("/me").json["areas"] == ["map", "register"]
    assert program.get("/households").status_code == 200
    problem = is_problem(program.get("/tasks"), 403)
    assert problem["title"] == "insufficient_scope"
    assert "inbox" in problem["detail"]


def test_nobody_gets_a_wider_token_than_the_position(web):
    told = clerk(web, scope="register audit")
    assert (told["status_code"], told["error"]) == (400, "invalid_scope")


def test_ones_own_tokens_are_listed_and_given_up(web):
    mine, lost = sign_in(web, "township1"), sign_in(web, "township1")
    rows = mine.get("/tokens").json
    assert [row["current"] for row in rows].count(True) == 1
    assert lost.token not in str(rows)
    other = next(row["id"] for row in lost.get("/tokens").json if row["current"])
    stranger = sign_in(web, "township2")
    is_problem(stranger.ask("DELETE", f"/tokens/{other}"), 404)
    assert mine.ask("DELETE", f"/tokens/{other}").status_code == 204
    is_problem(lost.get("/me"), 401)
    is_problem(mine.ask("DELETE", f"/tokens/{other}"), 404)
    assert mine.get("/me").status_code == 200


@pytest.fixture(scope="module")
def system(web) -> dict:
    """Made by one administrator, granted by another."""
    made = sign_in(web, "sysadmin").post(
        "/clients",
        {
            "client_id": "realestate",
            "name": "不动产登记",
            "division": DIVISION,
            "scopes": ["register", "map"],
        },
        key="one",
    )
    assert made.status_code == 201, made.text
    security = sign_in(web, "secadmin")
    asked = [
        row for row in security.get("/positions/waiting").json["items"] if row["username"] == "realestate"
    ]
    before = credentials(web, made.json)
    assert before["error"] == "invalid_grant"  # nobody has granted it yet
    assert security.post(f"/positions/{asked[0]['id']}/decision", {"grant": True}).status_code == 200
    return made.json


def credentials(web, system: dict, **more) -> dict:
    form = {"grant_type": "client_credentials", "client_id": system["client_id"]}
    return token(web, **form, client_secret=system["client_secret"], **more)


def test_another_system_reads_what_was_agreed(web, system):
    told = credentials(web, system)
    assert told["scope"] == "map register"
    program = Program(web.test_client(), told["access_token"])
    assert program.get("/me").json["role"] == "outside_system"
    assert program.get("/households").json["items"]
    for path in ("/statistics/ledgers", "/cases", "/tasks", "/accounts"):
        is_problem(program.get(path), 403)


def test_by_http_basic_and_narrower(web, system):
    pair = base64.b64encode(f"{system['client_id']}:{system['client_secret']}".encode()).decode()
    answer = web.test_client().post(
        f"{API}/token",
        data={"grant_type": "client_credentials", "scope": "map"},
        headers={"Authorization": f"Basic {pair}"},
    )
    assert answer.json["scope"] == "map"
    assert credentials(web, system, scope="cases")["error"] == "invalid_scope"


def test_a_wrong_secret_and_a_wrong_system_are_answered_alike(web, system):
    wrong = credentials(web, system | {"client_secret": "tqc_x"})
    unheard = credentials(web, system | {"client_id": "unheard"})
    assert wrong["error"] == unheard["error"] == "invalid_client"


def test_it_has_no_password_and_cannot_get_one(web, system):
    is_problem(sign_in(web, "sysadmin").post(f"/accounts/{system['id']}/code", {}), 403)


def test_what_was_done_to_it_is_told(web, system):
    kinds = [one["kind"] for one in sign_in(web, "secadmin").get("/accounts/events").json["items"]]
    assert {"created", "position_asked", "position_granted"} <= set(kinds)


def test_locked_it_is_out_and_a_new_secret_voids_the_old(web, system):
    program = Program(web.test_client(), credentials(web, system)["access_token"])
    security, administrator = sign_in(web, "secadmin"), sign_in(web, "sysadmin")
    assert security.post(f"/accounts/{system['id']}/lock", {}).json["state"] == "locked"
    is_problem(program.get("/households"), 401)
    assert credentials(web, system)["error"] == "invalid_client"
    security.post(f"/accounts/{system['id']}/unlock", {})
    renewed = administrator.post(f"/clients/{system['id']}/secret", {}, key="new").json
    assert credentials(web, system)["error"] == "invalid_client"
    assert credentials(web, renewed)["access_token"]
    again = administrator.post(f"/clients/{system['id']}/secret", {}, key="new").json
    assert again == renewed  # the answer was kept, sealed


def test_only_what_such_systems_may_have_can_be_agreed(web):
    asked = {"client_id": "x", "name": "", "division": "110101", "scopes": ["accounts"]}
    errors = is_problem(sign_in(web, "sysadmin").post("/clients", asked), 422)["errors"]
    assert set(errors) == {"client_id", "name", "division", "scopes"}
    is_problem(sign_in(web, "secadmin").post("/clients", asked), 403)


def test_a_person_cannot_be_another_system(web):
    wanted = {"username": "somebody", "name": "某", "role": "outside_system", "division": DIVISION}
    errors = is_problem(sign_in(web, "sysadmin").post("/accounts", wanted), 422)["errors"]
    assert list(errors) == ["role"]


def test_a_program_that_asks_too_often_waits(running, monkeypatch):
    monkeypatch.setenv("TIANQI_LIMITS", "on")
    monkeypatch.setattr("web.api.limits.OFTEN", "3/minute")
    Redis.from_url(running.settings.redis_url).flushdb()
    web = create_app(running)
    program, other = sign_in(web, "county"), sign_in(web, "steward")
    seen = [program.get("/me").status_code for _ in range(5)]
    assert seen[:3] == [200, 200, 200]
    problem = is_problem(program.get("/me"), 429)
    assert problem["detail"]
    assert program.get("/me").headers["Retry-After"]
    assert other.get("/me").status_code == 200  # counted by token, not by address
