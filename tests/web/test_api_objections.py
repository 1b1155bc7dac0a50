"""Publicity and objections for programs: listed, filed once, refused to others, answered; withdrawal and its papers."""

from uuid import UUID, uuid4

import pytest
from api_support import is_problem, picture, sign_in, work

from engine.store.tables.reference import Person
from tests.usecases.acting import COUNTY, played, waited_for

SAID = {"objector": "李秀英", "category": "parcel", "text": "东边田埂应归我家。"}
ANSWER = {"outcome": "dismissed", "finding": "与测绘一致。", "answer": "界线与登记一致，异议不成立。"}


@pytest.fixture(scope="module")
def shown(running):
    play = played(running, until="contract_publicity")
    work(running)
    return play


@pytest.fixture
def clerk(web, running, shown):
    """The clerk of the case's own village, and one of another."""
    with running.sessions(COUNTY) as session:
        name = session.get_one(Person, UUID(shown.actor("village").id)).username
    return sign_in(web, name), sign_in(web, "village2" if name != "village2" else "village1")


def test_an_objection_from_filing_to_answer(shown, clerk, web):
    own, other = clerk
    at = f"/cases/{shown.number}"
    [display] = own.get(f"{at}/publicities").json
    asked = SAID | {"publicity": display["id"]}
    is_problem(other.get(f"{at}/publicities"), 404)
    is_problem(other.post(f"{at}/objections", asked), 404)
    is_problem(own.post(f"{at}/objections", asked | {"category": "weather"}), 422)
    is_problem(own.post(f"{at}/objections", asked | {"publicity": str(uuid4())}), 404)
    key = str(uuid4())
    filed = own.post(f"{at}/objections", asked, key=key)
    assert (filed.status_code, filed.json["number"], filed.json["status"]) == (201, 1, "open")
    assert own.post(f"{at}/objections", asked, key=key).json == filed.json
    assert [row["case"] for row in own.get("/objections").json["items"]] == [shown.number]
    assert other.get("/objections").json["items"] == []
    assert "settle_objection" in waited_for(shown)

    is_problem(sign_in(web, "county").post(f"{at}/objections/1/answer", ANSWER), 403)
    is_problem(own.post(f"{at}/objections/9/answer", ANSWER), 404)
    is_problem(own.post(f"{at}/objections/1/answer", ANSWER | {"answer": ""}), 422)
    settled = own.post(f"{at}/objections/1/answer", ANSWER)
    assert (settled.status_code, settled.json["status"]) == (200, "dismissed")
    assert settled.json["answer"] == ANSWER["answer"]
    is_problem(own.post(f"{at}/objections/1/answer", ANSWER), 409)
    assert own.get("/objections").json["items"] == []
    assert own.get("/objections?status=dismissed").json["items"] == [settled.json]


def test_a_place_is_proved_and_the_case_withdrawn(shown, clerk):
    own, other = clerk
    at = f"/cases/{shown.number}"
    [display] = own.get(f"{at}/publicities").json
    handed = own.upload("/papers", "publicity_photo", picture(), case_type="contract_signing").json["id"]
    photos = f"{at}/publicities/{display['id']}/photos"
    is_problem(own.post(photos, {"place": 99, "paper": handed}), 404)
    assert own.post(photos, {"place": 0, "paper": handed}).json["postings"][0]["photo"] == handed
    is_problem(other.post(f"{at}/errors", {"finding": "写错了"}), 404)
    is_problem(own.post(f"{at}/errors", {"finding": "写错了"}), 422)  # not filed yet
    is_problem(other.post(f"{at}/withdrawal", {"reason": "替他撤"}), 404)
    is_problem(own.post(f"{at}/withdrawal", {"reason": ""}), 422)
    assert own.post(f"{at}/withdrawal", {"reason": "农户来村里说不办了。"}).json["status"] == "withdrawn"
    is_problem(own.post(f"{at}/withdrawal", {"reason": "再撤"}), 422)
    is_problem(own.post(f"{at}/representative-died"), 422)
    void = {row["kind"] for row in own.get(f"{at}/papers").json if row["void"]}
    assert void == {"publicity_sheet"}
