"""The applicants' side of the API: apply, follow, supply; each sees their own alone."""

from uuid import uuid4

import pytest
from api_support import (
    Program,
    clerk_of,
    households_of,
    is_problem,
    picture,
    sign_in,
    sign_in_household,
    work,
)

from web.app import create_app
from web.limits import limiter

TYPE = "contract_signing"


@pytest.fixture(scope="module")
def two(web, running):
    """Two households of one village, signed in, and their village's clerk."""
    county = sign_in(web, "county")
    first = households_of(running, county)[0]
    clerk = sign_in(web, clerk_of(running, first))
    households = households_of(running, clerk)[:2]
    programs = [sign_in_household(web, running, household) for household in households]
    return clerk, households, programs


def answers(program: Program) -> dict:
    known = program.get("/portal/me").json["facts"]
    card = program.upload("/portal/uploads", "id_card", picture(), case_type=TYPE)
    assert card.status_code == 201, card.text
    return {
        "kind": "renew",
        "members_right": "right",
        "parcels": [parcel["code"] for parcel in known["parcels"]],
        "parcels_right": "right",
        "phone": "13800138000",
        "papers": {"id_card": [card.json["id"]]},
        "agreed": "yes",
    }


@pytest.fixture(scope="module")
def applied(two, running):
    """The first household's case, applied for through the API; gives (number, lookup code, submission)."""
    program = two[2][0]
    content, key = {"case_type": TYPE, "answers": answers(program)}, uuid4().hex
    handed_in = program.post("/portal/applications", content, key=key)
    assert handed_in.status_code == 202, handed_in.text
    assert program.get(handed_in.headers["Location"]).json["status"] == "waiting"
    again = program.post("/portal/applications", content, key=key)
    assert (again.json, again.headers["Idempotency-Replayed"]) == (handed_in.json, "true")
    work(running)
    taken = program.get(handed_in.headers["Location"]).json
    assert taken["status"] == "taken", taken
    return taken["case"], taken["lookup_code"], handed_in.json["id"]


def test_the_household_follows_its_case(two, applied):
    program, number = two[2][0], applied[0]
    assert [case["number"] for case in program.get("/portal/cases").json] == [number]
    case = program.get(f"/portal/cases/{number}").json
    assert case["turn"]["text"]["zh"]
    assert any(step["state"] == "now" for step in case["steps"])


def test_its_papers_can_be_fetched_and_verified_by_anyone(two, applied, web):
    program, number = two[2][0], applied[0]
    papers = program.get(f"/portal/cases/{number}/papers").json
    assert [paper["kind"] for paper in papers] == ["acceptance_notice"]
    code = papers[0]["verify_code"]
    assert program.get(f"/portal/cases/{number}/papers/{code}/file").data.startswith(b"%PDF")
    genuine = Program(web.test_client()).get(f"/verify/{code}").json
    assert (genuine["number"], genuine["sha256"]) == (papers[0]["number"], papers[0]["sha256"])
    assert "case" not in genuine


def test_another_household_sees_nothing_of_it(two, applied):
    other, number, submission = two[2][1], applied[0], applied[2]
    code = two[2][0].get(f"/portal/cases/{number}/papers").json[0]["verify_code"]
    assert other.get("/portal/cases").json == []
    for path in (
        f"/portal/cases/{number}",
        f"/portal/cases/{number}/papers",
        f"/portal/cases/{number}/papers/{code}/file",
        f"/portal/submissions/{submission}",
    ):
        is_problem(other.get(path), 404)
    is_problem(other.post(f"/portal/cases/{number}/supplements", {"answers": {}}), 404)


def test_anyone_with_number_and_code_sees_where_it_stands_and_no_names(two, applied, web):
    stranger, household = Program(web.test_client()), two[1][0]
    found = stranger.post("/lookup", {"number": applied[0], "code": applied[1]})
    assert found.json["status"] == "open"
    assert household.name not in found.text
    wrong = is_problem(stranger.post("/lookup", {"number": applied[0], "code": "AAAAAAAA"}), 404)
    assert wrong == is_problem(
        stranger.post("/lookup", {"number": "99010120260101000001", "code": applied[1]}), 404
    )


def test_a_second_application_is_refused_in_words(two, applied, running):
    program = two[2][0]
    handed_in = program.post("/portal/applications", {"case_type": TYPE, "answers": answers(program)})
    work(running)
    refused = program.get(handed_in.headers["Location"]).json
    assert refused["status"] == "refused"
    assert refused["answer"]["message"]


def test_the_lookup_code_is_forgotten_when_it_is_noted(two, applied):
    program, address = two[2][0], f"/portal/submissions/{applied[2]}"
    assert program.get(address).json["lookup_code"] == applied[1]
    is_problem(two[2][1].ask("DELETE", f"{address}/lookup-code"), 404)
    assert program.ask("DELETE", f"{address}/lookup-code").status_code == 204
    assert program.get(address).json["lookup_code"] is None


def test_a_draft_is_kept_and_handed_in_when_it_is_whole(two, running):
    mine, other = two[2][1], two[2][0]
    begun = mine.post("/portal/drafts", {"case_type": TYPE}, key=uuid4().hex)
    assert begun.status_code == 201, begun.text
    assert mine.post("/portal/drafts", {"case_type": TYPE}).json["id"] == begun.json["id"]
    address = begun.headers["Location"]
    kept = mine.put(address, {"data": {"kind": "renew"}}, match=begun.headers["ETag"])
    assert kept.json["data"]["kind"] == "renew"
    is_problem(mine.put(address, {"data": {"kind": "new"}}, match='"1"'), 412)
    assert mine.get(address).json["data"] == kept.json["data"]
    for call in (other.get(address), other.put(address, {"data": {}}), other.ask("DELETE", address)):
        is_problem(call, 404)
    assert "agreed" in is_problem(mine.post(f"{address}/submission"), 422)["errors"]
    mine.put(address, {"data": answers(mine)})
    sent, again = mine.post(f"{address}/submission"), mine.post(f"{address}/submission")
    assert sent.status_code == again.status_code == 202
    assert sent.json["id"] == again.json["id"]
    is_problem(mine.put(address, {"data": {}}), 409)
    work(running)
    assert mine.get(sent.headers["Location"]).json["status"] == "taken"


def test_what_is_missing_is_handed_in(two, applied, running):
    clerk, program, number = two[0], two[2][0], applied[0]
    task = f"/cases/{number}/tasks/{clerk.get(f'/cases/{number}').json['tasks'][0]['number']}"
    is_problem(program.post(f"/portal/cases/{number}/supplements", {"answers": {}}), 404)
    clerk.post(f"{task}/claim")
    asked = {
        "decision": "supplement",
        "supplement_items": [{"paper": "old_contract", "why": "看不清"}],
        "opinion": "请补交原合同",
    }
    schema = clerk.get(task).json["form"]["schema"]
    row = schema["$defs"]["VillageCheckFormSupplementItems"]["properties"]
    asked["supplement_items"] = [{name: _fitting(about) for name, about in row.items()}]
    done = clerk.post(f"{task}/complete", {"answers": asked}, match=clerk.get(task).headers["ETag"])
    assert done.status_code == 200, done.text
    work(running)
    assert program.get(f"/portal/cases/{number}").json["todo"]["form"] == "supply_papers"
    paper = program.upload("/portal/uploads", "old_contract", picture("#abc"), case=number).json["id"]
    given = {"answer": "补交原合同", "papers": {"old_contract": [paper]}}
    sent = program.post(f"/portal/cases/{number}/supplements", {"answers": given}, key=uuid4().hex)
    assert sent.status_code == 202, sent.text
    work(running)
    assert program.get(sent.headers["Location"]).json["status"] == "taken"
    assert clerk.get(f"/cases/{number}").json["tasks"][0]["element"] == "village_check"


def _fitting(about: dict) -> str:
    return about["enum"][0] if "enum" in about else "看不清"


def test_another_households_file_is_not_taken(two, running):
    """Whoever names a file that is not theirs is told by field, before anything is handed in."""
    mine, other = two[2]
    theirs = other.upload("/portal/uploads", "id_card", picture("#123"), case_type=TYPE).json["id"]
    given = answers(mine) | {"papers": {"id_card": [theirs]}}
    assert (
        "papers"
        in is_problem(mine.post("/portal/applications", {"case_type": TYPE, "answers": given}), 422)["errors"]
    )


def test_one_answer_for_whoever_asks_for_a_code(web, two):
    """Known or not, the answer has the same form; only a telephone in the register gets the message."""
    stranger, household = Program(web.test_client()), two[1][0]
    known = {"name": household.name, "id_number": household.id_number, "phone": "13900001111"}
    unknown = {"name": "查无此人", "id_number": "110101199003077571", "phone": "13900002222"}
    first, second = stranger.post("/portal/sign-ins", known), stranger.post("/portal/sign-ins", unknown)
    assert first.status_code == second.status_code == 202
    assert set(first.json) == set(second.json) == {"id"}


@pytest.mark.parametrize(
    "who", [{}, {"name": "x", "id_number": "1", "phone": "2"}, {"name": 1, "id_number": [], "phone": {}}]
)
def test_an_identity_that_is_none_is_named_by_field(web, who):
    assert is_problem(Program(web.test_client()).post("/portal/sign-ins", who), 422)["errors"]


@pytest.fixture
def limited(web, running, monkeypatch):
    """The application with its rate limits on."""
    monkeypatch.setenv("TIANQI_LIMITS", "on")
    app = create_app(running)
    limiter.reset()
    yield Program(app.test_client())
    limiter.reset()
    limiter.enabled = False


def test_codes_cannot_be_tried_for_ever(limited):
    asked = {"number": "99010120260101000001", "code": "AAAAAAAA"}
    assert [limited.post("/lookup", asked).status_code for _ in range(11)] == [404] * 10 + [429]
    is_problem(limited.post("/lookup", asked), 429)


@pytest.mark.parametrize("body", [b"[" * 100_000, b"[]", b'"x"', b'{"number": 1, "code": []}', b"{"])
def test_a_lookup_of_nonsense_is_counted_too(limited, body):
    answer = limited.ask("POST", "/lookup", data=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    is_problem(answer, answer.status_code)


def test_passwords_cannot_be_tried_for_ever(limited):
    form = {"grant_type": "password", "username": "nobody", "password": "x"}
    codes = [limited.ask("POST", "/token", data=form).status_code for _ in range(31)]
    assert codes == [400] * 30 + [429]
