"""Accounts, deputies and reassigning through the API, as the pages have them."""

import io

import pytest

from engine.usecases.load_demonstration import add_account, stable_id
from engine.usecases.sign_in import HASHER
from tests.web.api_support import API, Program, is_problem, sign_in
from tests.web.staff import COUNTY, Staff
from tests.web.test_county_workbook import book

VILLAGE = "990101100201"
NEW = {"username": "apiclerk", "name": "接口员", "role": "village_clerk", "division": VILLAGE}


@pytest.fixture(scope="module")
def offices(web) -> dict[str, Program]:
    return {name: sign_in(web, name) for name in ("sysadmin", "secadmin", "village1", "township1")}


def test_an_account_from_making_to_its_end(web, offices):
    system, guard = offices["sysadmin"], offices["secadmin"]
    asked = {"headers": {"Idempotency-Key": "make-1"}}
    made = system.ask("POST", "/accounts", json=NEW, **asked)
    assert made.status_code == 201, made.json
    again = system.ask("POST", "/accounts", json=NEW, **asked)
    assert again.json == made.json  # the code is told again to who asks with the same key, and rests sealed
    assert "username" in is_problem(system.post("/accounts", NEW), 422)["errors"]
    assert system.post("/accounts", NEW | {"username": "x2"}).status_code == 422
    assert guard.post("/accounts", NEW | {"username": "another"}).status_code == 403
    found = system.get("/accounts?q=apiclerk").json
    assert [one["username"] for one in found["items"]] == ["apiclerk"] and found["total"] == 1
    [position] = found["items"][0]["positions"]
    assert position["state"] == "asked"
    assert system.post(f"/positions/{position['id']}/decision", {"grant": True}).status_code == 403
    granted = guard.post(f"/positions/{position['id']}/decision", {"grant": True})
    assert granted.json["positions"][0]["state"] == "granted"
    assert is_problem(guard.post(f"/positions/{position['id']}/decision", {"grant": True}), 409)
    who = made.json["id"]
    assert guard.post(f"/accounts/{who}/lock", {}).json["state"] == "locked"
    assert guard.post(f"/accounts/{who}/unlock", {}).json["state"] == "new"
    for act in ("sessions/end", "second-factor/end"):
        assert guard.post(f"/accounts/{who}/{act}", {}).status_code == 200
    assert system.post(f"/accounts/{who}/code", {}).json["activation_code"] != made.json["activation_code"]
    more = system.post(f"/accounts/{who}/positions", {"role": "auditor", "division": COUNTY})
    assert "不能同时担任" in is_problem(more, 422)["detail"]
    assert guard.post(f"/positions/{position['id']}/end", {}).status_code == 204
    assert system.get("/accounts/00000000-0000-0000-0000-000000000001").status_code == 404


def test_a_workbook_whole_or_not_at_all(offices):
    system = offices["sysadmin"]
    good = [("apibook1", "甲", "village_clerk", VILLAGE, "", "", "")]
    bad = [*good, ("apibook2", "", "village_clerk", VILLAGE, "", "", "")]

    def send(rows):
        data = {"file": (book(accounts=rows), "book.xlsx")}
        return system.ask("POST", "/accounts/workbook", data=data, content_type="multipart/form-data")

    told = is_problem(send(bad), 422)["errors"]
    assert list(told) == ["账号 3"]
    taken = send(good)
    assert taken.status_code == 201, taken.json
    assert [one["username"] for one in taken.json["accounts"]] == ["apibook1"]
    data = {"file": (io.BytesIO(b"x"), "x.xlsx")}
    wrong = system.ask("POST", "/accounts/workbook", data=data, content_type="multipart/form-data")
    assert is_problem(wrong, 422)


def test_deputies(web, offices):
    clerk = offices["village1"]
    asked = {
        "position": str(stable_id("position:village1")), "username": "village2",
        "since": "2026-03-02", "until": "2026-03-09", "reason": "培训",
    }  # fmt: skip
    told = is_problem(clerk.post("/deputies", asked | {"username": "township1"}), 422)["errors"]
    assert "同样的岗位" in told["username"][0]
    assert is_problem(offices["township1"].post("/deputies", asked), 404)
    made = clerk.post("/deputies", asked)
    assert made.status_code == 201, made.json
    assert [one["id"] for one in clerk.get("/deputies").json] == [made.json["id"]]
    token = (
        web.test_client()
        .post(
            f"{API}/token",
            data={
                "grant_type": "password",
                "username": "village2",
                "password": "tianqi-demo",
                "position": asked["position"],
            },
        )
        .json["access_token"]
    )
    deputy = Program(web.test_client(), token)
    me = deputy.get("/me").json
    assert me["role"] == "village_clerk"
    [current] = [one for one in me["positions"] if one["current"]]
    assert current["id"] == asked["position"] and current["stands_in_for"]
    assert is_problem(deputy.post("/deputies", asked), 403)  # a deputy names no deputy
    assert clerk.post(f"/deputies/{made.json['id']}/end", {}).status_code == 204
    assert deputy.get("/me").status_code == 401


def test_reassigning(web, running, offices):
    pages = web.test_client()
    pages.post("/sign-in", data={"username": "village1", "password": "tianqi-demo"})
    person = Staff(pages)
    number = person.start(person.households()[0])
    path = person.claim(number)
    task = int(path.rpartition("/")[2])
    division = person.households()[0][:12]
    with running.sessions(COUNTY) as session:
        add_account(session, "zhuwu", "村经办 朱五", "village_clerk", division, HASHER.hash("tianqi-demo"))
        session.commit()
    clerk = offices["village1"]
    takers = clerk.get(f"/cases/{number}/tasks/{task}/takers").json
    to = next(one["id"] for one in takers if one["username"] == "zhuwu")
    asked = {
        "items": [{"case": number, "task": task}, {"case": number, "task": 999}],
        "to": to,
        "reason": "出差",
    }
    assert is_problem(clerk.post("/tasks/reassign", asked | {"reason": " "}), 422)
    outcomes = clerk.post("/tasks/reassign", asked).json["outcomes"]
    assert [one["done"] for one in outcomes] == [True, False] and outcomes[1]["why"]
    back = {"to": str(stable_id("person:village1")), "reason": "回来了"}
    told = offices["secadmin"].post(f"/accounts/{to}/reassign", back).json["outcomes"]
    assert [one["done"] for one in told] == [True]
