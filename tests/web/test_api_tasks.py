"""Tasks over the API: scope, idempotency keys, revisions, races; a list that loses and repeats nothing."""

import re
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from api_support import (
    COUNTY,
    PASS,
    Program,
    clerk_of,
    households_of,
    is_problem,
    other_clerk,
    picture,
    sign_in,
    start,
)
from sqlalchemy import func, select, text

from engine.store.tables.cases import Case


@pytest.fixture(scope="module")
def people(web, running):
    """The county sees all; the household's own village; another village."""
    county = sign_in(web, "county")
    household = households_of(running, county)[0]
    own = sign_in(web, clerk_of(running, household))
    other = sign_in(web, other_clerk(running, household))
    return {"county": county, "own": own, "other": other, "free": iter(households_of(running, own))}


@pytest.fixture
def case(people):
    """A fresh case of the own village; gives its number."""
    answer = start(people["own"], next(people["free"]))
    assert answer.status_code == 201, answer.text
    return answer.json["case"]


def address(program: Program, number: str) -> str:
    return f"/cases/{number}/tasks/{program.get(f'/cases/{number}').json['tasks'][0]['number']}"


def count_cases(running) -> int:
    with running.sessions(COUNTY) as session:
        return session.scalar(select(func.count()).select_from(Case))


# ---- scope


def test_another_villages_case_is_not_there(people, case):
    task = address(people["own"], case)
    other = people["other"]
    missing = is_problem(other.get("/cases/99010120990101999999"), 404)
    for path in (f"/cases/{case}", f"/cases/{case}/events", f"/cases/{case}/papers", task, f"{task}/draft"):
        assert set(is_problem(other.get(path), 404)) == set(missing)
    is_problem(other.post(f"{task}/claim"), 404)
    is_problem(other.post(f"{task}/release"), 404)
    is_problem(other.put(f"{task}/draft", {"data": {}}), 404)
    is_problem(other.post(f"{task}/complete", {"answers": PASS}, match='"1"'), 404)
    assert case not in {row["case"] for row in other.get("/cases?limit=100").json["items"]}
    assert case not in {row["case"] for row in other.get("/tasks?list=claimable&limit=100").json["items"]}


def test_another_villages_papers_and_households_are_not_there(people, case):
    paper = people["own"].get(f"/cases/{case}/papers").json[0]
    is_problem(people["other"].get(f"/papers/{paper['id']}/file"), 404)
    code = people["own"].get(f"/cases/{case}").json["contractor_code"]
    is_problem(people["other"].get(f"/households/{code}"), 404)
    is_problem(start(people["other"], next(people["free"])), 404)


def test_a_higher_office_sees_but_does_not_do(people, case):
    task = address(people["own"], case)
    assert people["county"].get(task).status_code == 200
    is_problem(people["county"].post(f"{task}/claim"), 403)
    is_problem(start(people["county"], next(people["free"])), 403)


# ---- what a task tells


def test_a_task_has_everything_to_decide_on(people, case):
    task = people["own"].get(address(people["own"], case))
    told = task.json
    assert task.headers["ETag"] == f'"{told["revision"]}"'
    assert told["form"]["schema"]["properties"]["decision"]["enum"] == ["pass", "supplement", "reject"]
    assert told["application"]["kind"] == "renew"
    assert told["facts"]["parcels"]
    assert told["summary"]["deadlines"]
    assert told["summary"]["contractor"]
    assert all("*" in member["id_number"] for member in told["facts"]["members"])


def test_identity_numbers_are_masked_everywhere(people, running, case):
    household = people["county"].get(f"/cases/{case}").json["contractor_code"]
    shown = people["county"].get(f"/households/{household}").json
    assert (
        re.fullmatch(r"\d{3}\*{11}\d{3}[\dX]", shown["id_number"].replace("****", "****"))
        or "*" in shown["id_number"]
    )
    assert all("*" in member["id_number"] for member in shown["members"])


def test_the_papers_of_a_case_can_be_fetched(people, case):
    paper = next(p for p in people["own"].get(f"/cases/{case}/papers").json if p["kind"] == "id_card")
    answer = people["county"].get(f"/papers/{paper['id']}/file")
    assert answer.content_type == "image/png"
    assert answer.data.startswith(b"\x89PNG")
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_events_are_the_chain(people, case):
    first = people["own"].get(f"/cases/{case}/events?limit=2").json
    rest = people["own"].get(f"/cases/{case}/events?cursor={first['next']}&limit=100").json
    assert [event["seq"] for event in first["items"] + rest["items"]] == list(
        range(1, 3 + len(rest["items"]))
    )
    assert "case_started" in {event["kind"] for event in first["items"] + rest["items"]}
    assert all(len(event["hash"]) == 64 for event in rest["items"])


# ---- one answer per key


def test_the_same_key_gets_the_same_answer_and_one_case(people, running):
    household, key, before = next(people["free"]), uuid4().hex, count_cases(running)
    papers = {
        kind: [people["own"].upload("/papers", kind, picture(), case_type="contract_signing").json["id"]]
        for kind in ("id_card", "mandate")
    }
    answers = {
        "contractor_code": household.code,
        "kind": "renew",
        "on_behalf_reason": "health",
        "members_right": "right",
        "parcels": [p.code for p in household.parcels],
        "parcels_right": "right",
        "phone": "13800138000",
        "papers": papers,
    }
    content = {"case_type": "contract_signing", "contractor": household.code, "answers": answers}
    first = people["own"].post("/cases", content, key=key)
    again = people["own"].post("/cases", dict(reversed(content.items())), key=key)
    assert first.status_code == again.status_code == 201
    assert first.json == again.json
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["Location"] == first.headers["Location"]
    assert count_cases(running) == before + 1
    assert (
        is_problem(people["own"].post("/cases", content | {"contractor": "x"}, key=key), 422)["title"]
        == "key_reused"
    )
    with running.sessions(COUNTY) as session:
        kept = session.execute(text("select answer::text from operational.idempotency_keys")).scalars().all()
    assert not any(first.json["lookup_code"] in line for line in kept)


def test_a_refused_request_leaves_its_key_free(people, case):
    task, key = address(people["own"], case), uuid4().hex
    is_problem(people["own"].post(f"{task}/release", key=key), 403)
    people["own"].post(f"{task}/claim")
    assert people["own"].post(f"{task}/release", key=key).status_code == 200


def test_keys_are_ones_own(people, case):
    key = uuid4().hex
    task = address(people["own"], case)
    assert people["own"].post(f"{task}/claim", key=key).status_code == 200
    assert (
        "Idempotency-Replayed"
        not in people["county"].post("/demo/clock", {"working_days": 1}, key=key).headers
    )


@pytest.mark.parametrize("key", ["x" * 201, "a b", ""])
def test_a_key_that_is_none_is_refused(people, case, key):
    is_problem(
        people["own"].ask("POST", f"{address(people['own'], case)}/claim", headers={"Idempotency-Key": key}),
        422,
    )


def test_an_upload_sent_twice_is_one_paper(people):
    key = uuid4().hex
    first, again = (
        people["own"].upload("/papers", "id_card", picture(), key=key, case_type="contract_signing")
        for _ in "ab"
    )
    assert first.json == again.json
    other = people["own"].upload("/papers", "id_card", picture("#fed"), key=key, case_type="contract_signing")
    assert is_problem(other, 422)["title"] == "key_reused"


def test_two_at_once_with_one_key_have_one_effect(web, people, running, case):
    task, key = address(people["own"], case), uuid4().hex
    people["own"].post(f"{task}/claim")
    match = people["own"].get(task).headers["ETag"]
    answers = together(
        lambda: Program(web.test_client(), people["own"].token).post(
            f"{task}/complete", {"answers": PASS}, key, match
        ),
        2,
    )
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json == answers[1].json
    kinds = [e["kind"] for e in people["own"].get(f"/cases/{case}/events?limit=100").json["items"]]
    assert kinds.count("task_completed") == 1


# ---- revisions and races


def test_completing_asks_for_the_revision(people, case):
    task = address(people["own"], case)
    people["own"].post(f"{task}/claim")
    is_problem(people["own"].post(f"{task}/complete", {"answers": PASS}), 428)
    for stale in ('"0"', '"x"', "nonsense", 'W/"1"', '"99999999999999999999"'):
        is_problem(people["own"].post(f"{task}/complete", {"answers": PASS}, match=stale), 412)
    match = people["own"].get(task).headers["ETag"]
    done = people["own"].post(f"{task}/complete", {"answers": PASS}, match=match)
    assert done.status_code == 200, done.text
    assert done.json["tasks"][0]["element"] == "township_review"
    assert done.headers["ETag"] != match
    assert (
        is_problem(people["own"].post(f"{task}/complete", {"answers": PASS}, match=match), 409)["title"]
        == "done"
    )


def test_wrong_answers_are_named_by_field_and_change_nothing(people, case):
    task = address(people["own"], case)
    people["own"].post(f"{task}/claim")
    match = people["own"].get(task).headers["ETag"]
    told = is_problem(
        people["own"].post(f"{task}/complete", {"answers": {"decision": "maybe", "x": 1}}, match=match), 422
    )
    assert {"decision", "x"} <= set(told["errors"])
    english = people["own"].post(f"{task}/complete?lang=en", {"answers": {"decision": "pass"}}, match=match)
    assert all(
        message.isascii() or "“" in message for message in is_problem(english, 422)["errors"]["checked"]
    )
    assert people["own"].get(task).headers["ETag"] == match
    assert people["own"].get(task).json["mine"] is True


def test_two_officers_one_task_the_loser_is_told_who(web, people, running, case):
    """The village has one clerk, so the county's two meet at the third task."""
    own = people["own"]
    finish(own, case, PASS)
    township = sign_in(
        web,
        f"township{1 if own.get(f'/cases/{case}').json['division'][6:9] == first_township(running) else 2}",
    )
    finish(township, case, {"decision": "pass", "opinion": "同意"})
    rivals = [sign_in(web, "county"), sign_in(web, "county2")]
    task = address(rivals[0], case)
    turns = iter(rivals)
    answers = together(lambda: next(turns).post(f"{task}/claim"), 2)
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    won = next(answer for answer in answers if answer.status_code == 200)
    lost = next(answer for answer in answers if answer.status_code == 409)
    assert won.json["assignee"] in is_problem(lost, 409)["detail"]


def first_township(running) -> str:
    from engine.queries.counties import divisions_within

    with running.sessions(COUNTY) as session:
        return divisions_within(session, COUNTY, 9)[0].code[6:9]


def finish(program: Program, case: str, answers: dict) -> None:
    task = address(program, case)
    assert program.post(f"{task}/claim").status_code == 200
    done = program.post(f"{task}/complete", {"answers": answers}, match=program.get(task).headers["ETag"])
    assert done.status_code == 200, done.text


def together(call, times: int) -> list:
    """All at the same moment."""
    gate, answers = Barrier(times), []

    def run():
        gate.wait(20)
        answers.append(call())

    threads = [Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


def test_drafts_of_two_windows_do_not_overwrite_each_other(people, case):
    task = address(people["own"], case)
    empty = people["own"].get(f"{task}/draft")
    assert (empty.json, empty.headers["ETag"]) == ({"data": {}, "saved_at": None}, '"0"')
    kept = people["own"].put(f"{task}/draft", {"data": {"opinion": "一"}}, match='"0"')
    assert kept.json["data"] == {"opinion": "一"}
    is_problem(people["own"].put(f"{task}/draft", {"data": {"opinion": "二"}}, match='"0"'), 412)
    assert people["own"].get(f"{task}/draft").json["data"] == {"opinion": "一"}
    is_problem(people["county"].put(f"{task}/draft", {"data": {}}), 403)


# ---- lists


def test_pages_lose_and_repeat_nothing(people, running):
    for _ in range(4):
        assert start(people["own"], next(people["free"])).status_code == 201
    for path in ("/tasks?list=claimable", "/cases", "/households"):
        whole = people["own"].get(f"{path}{'&' if '?' in path else '?'}limit=100").json["items"]
        found, cursor = [], ""
        while True:
            page = people["own"].get(f"{path}{'&' if '?' in path else '?'}limit=2{cursor}")
            found += page.json["items"]
            assert len(page.json["items"]) <= 2
            if not page.json["next"]:
                break
            assert page.json["next"] in page.headers["Link"]
            cursor = f"&cursor={page.json['next']}"
        assert found == whole
        assert len(whole) > 4


def test_a_list_goes_on_where_it_was_though_rows_are_gone(people, running):
    first = people["own"].get("/tasks?list=claimable&limit=2").json
    whole = people["own"].get("/tasks?list=claimable&limit=100").json["items"]
    gone = first["items"][0]
    people["own"].post(f"/cases/{gone['case']}/tasks/{gone['task']}/claim")
    rest = people["own"].get(f"/tasks?list=claimable&limit=100&cursor={first['next']}").json["items"]
    assert rest == whole[2:]
    assert gone["case"] in {row["case"] for row in people["own"].get("/tasks?limit=100").json["items"]}


@pytest.mark.parametrize(
    "cursor", ["x", "____", "bnVsbA", "WzFd", "W10", "WyJcdTAwMDAiXQ", "é", "a" * 500, "W1tdXQ"]
)
def test_a_forged_cursor_is_refused(people, cursor):
    for path in ("/tasks", "/cases", "/households"):
        answer = people["own"].get(path, query_string={"cursor": cursor})
        if cursor == "W10":  # an empty place is the beginning
            assert answer.status_code == 200
        else:
            is_problem(answer, 422)


@pytest.mark.parametrize("words", ["limit=0", "limit=101", "limit=x", "limit=" + "9" * 5000, "list=all"])
def test_a_wrong_list_is_refused(people, words):
    is_problem(people["own"].get(f"/tasks?{words}"), 422)
