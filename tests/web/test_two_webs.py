"""Two webs over one database, the same command at both at once with one key: one effect, and one answer to both."""

from uuid import uuid4

import pytest
from api_support import (
    PASS,
    Program,
    clerk_of,
    households_of,
    picture,
    sign_in,
    sign_in_household,
    start,
    work,
)
from sqlalchemy import text

from tests.usecases.acting import COUNTY, at_once
from web.app import create_app

TYPE = "contract_signing"


@pytest.fixture(scope="module")
def pair(web, running):
    other = create_app(running)
    other.config["WTF_CSRF_ENABLED"] = False
    return web, other


@pytest.fixture(scope="module")
def clerk(web, running):
    county = sign_in(web, "county")
    return sign_in(web, clerk_of(running, households_of(running, county)[0]))


@pytest.fixture(scope="module")
def households(running, clerk):
    return iter(households_of(running, clerk))


def both(pair, program, send):
    """``send(program)`` at both webs; gives the one answer that both had."""
    first, second = at_once(
        *[lambda web=web: send(Program(web.test_client(), program.token)) for web in pair]
    )
    assert (first.status_code, first.json) == (second.status_code, second.json)
    assert first.status_code < 300, first.text
    replayed = [one.headers.get("Idempotency-Replayed") for one in (first, second)]
    assert sorted(replayed, key=str) == [None, "true"]
    return first


def count(running, statement, portal=False, **given):
    with running.portal_sessions() if portal else running.sessions(COUNTY) as session:
        return session.scalar(text(statement), given)


def events_of(running, number, kind):
    return count(
        running,
        "select count(*) from operational.events e join operational.cases c on c.county = e.county"
        " and c.id = e.case_id where c.number = :number and e.kind = :kind",
        number=number,
        kind=kind,
    )


def test_every_command_of_staff(pair, running, clerk, households):
    papers = "select count(*) from operational.papers where source = 'material'"
    before, key = count(running, papers), uuid4().hex
    both(pair, clerk, lambda p: p.upload("/papers", "id_card", picture(), key=key, case_type=TYPE))
    assert count(running, papers) == before + 1

    household = next(households)
    ids = {
        kind: [clerk.upload("/papers", kind, picture(), case_type=TYPE).json["id"]]
        for kind in ("id_card", "mandate")
    }
    answers = {
        "contractor_code": household.code,
        "kind": "renew",
        "on_behalf_reason": "health",
        "members_right": "right",
        "parcels": [parcel.code for parcel in household.parcels],
        "parcels_right": "right",
        "phone": "13800138000",
        "papers": ids,
    }
    content = {"case_type": TYPE, "contractor": household.code, "answers": answers}
    before, key = count(running, "select count(*) from operational.cases"), uuid4().hex
    number = both(pair, clerk, lambda p: p.post("/cases", content, key=key)).json["case"]
    assert count(running, "select count(*) from operational.cases") == before + 1

    task = f"/cases/{number}/tasks/{clerk.get(f'/cases/{number}').json['tasks'][0]['number']}"
    for act, kind, times in (
        ("claim", "task_claimed", 1),
        ("release", "task_released", 1),
        ("claim", "task_claimed", 2),
    ):
        key = uuid4().hex
        both(pair, clerk, lambda p, act=act, key=key: p.post(f"{task}/{act}", key=key))
        assert events_of(running, number, kind) == times

    key, match = uuid4().hex, clerk.get(task).headers["ETag"]
    both(pair, clerk, lambda p: p.post(f"{task}/complete", {"answers": PASS}, key, match))
    assert events_of(running, number, "task_completed") == 1


def test_every_command_of_applicants(pair, running, clerk, households):
    web, _ = pair
    stranger, household = Program(web.test_client()), next(households)
    who = {"name": household.name, "id_number": household.id_number, "phone": household.phone}
    key = uuid4().hex
    both(pair, stranger, lambda p: p.post("/portal/sign-ins", who, key=key))
    assert (
        count(running, "select count(*) from portal.sign_ins where phone = :p", True, p=household.phone) == 1
    )

    own = sign_in_household(web, running, household)
    key = uuid4().hex
    uploaded = both(
        pair, own, lambda p: p.upload("/portal/uploads", "id_card", picture(), key=key, case_type=TYPE)
    )
    assert count(running, "select count(*) from portal.uploads", True) == 1
    key = uuid4().hex
    both(pair, own, lambda p: p.post("/portal/drafts", {"case_type": TYPE}, key=key))
    assert count(running, "select count(*) from portal.drafts", True) == 1
    answers = {
        "kind": "renew",
        "members_right": "right",
        "parcels": [parcel["code"] for parcel in own.get("/portal/me").json["facts"]["parcels"]],
        "parcels_right": "right",
        "phone": "13800138000",
        "papers": {"id_card": [uploaded.json["id"]]},
        "agreed": "yes",
    }
    key = uuid4().hex
    both(
        pair, own, lambda p: p.post("/portal/applications", {"case_type": TYPE, "answers": answers}, key=key)
    )
    assert count(running, "select count(*) from portal.submissions", True) == 1
    before = count(running, "select count(*) from operational.cases")
    work(running)
    assert count(running, "select count(*) from operational.cases") == before + 1


def test_a_clock_is_moved_once(pair, running, clerk):
    ahead, key = "select coalesce(max(ahead_seconds), 0) from reference.demo_clock", uuid4().hex
    before = count(running, ahead)
    both(pair, clerk, lambda p: p.post("/demo/clock", {"working_days": 1}, key=key))
    moved = count(running, ahead) - before
    assert 0 < moved < 5 * 86400  # twice would be at least the second day


def test_the_longest_key_is_a_key(running, clerk, households):
    """200 characters; cut short, a second sending would not find its answer."""
    household, key = next(households), "k" * 200
    first = start(clerk, household, key=key)
    assert first.status_code == 201, first.text
    number = first.json["case"]
    task = f"/cases/{number}/tasks/{clerk.get(f'/cases/{number}').json['tasks'][0]['number']}"
    key = "c" * 200
    first, second = (clerk.post(f"{task}/claim", key=key) for _ in range(2))
    assert (first.json, second.headers.get("Idempotency-Replayed")) == (second.json, "true")


def test_two_officers_at_two_webs(pair, running, clerk, households):
    """Each with a key of their own: one has it, the other is told who."""
    number = start(clerk, next(households)).json["case"]
    task = f"/cases/{number}/tasks/{clerk.get(f'/cases/{number}').json['tasks'][0]['number']}"
    clerk.post(f"{task}/claim")
    clerk.post(f"{task}/complete", {"answers": PASS}, match=clerk.get(task).headers["ETag"])
    web, _ = pair
    row = clerk.get(f"/cases/{number}").json["tasks"][0]
    for name in ("township1", "township2"):
        reviewer = sign_in(web, name)
        if reviewer.get("/me").json["division"] == row["office"]:
            break
    reviewer.post(f"/cases/{number}/tasks/{row['number']}/claim")
    path = f"/cases/{number}/tasks/{row['number']}"
    reviewer.post(
        f"{path}/complete",
        {"answers": {"decision": "pass", "opinion": "同意"}},
        match=reviewer.get(path).headers["ETag"],
    )
    row = clerk.get(f"/cases/{number}").json["tasks"][0]
    path = f"/cases/{number}/tasks/{row['number']}/claim"
    tokens = [sign_in(web, name).token for name in ("county", "county2")]
    answers = at_once(
        *[
            lambda web=web, token=token: Program(web.test_client(), token).post(path, key=uuid4().hex)
            for web, token in zip(pair, tokens, strict=True)
        ]
    )
    assert sorted(one.status_code for one in answers) == [200, 409]
    assert events_of(running, number, "task_claimed") == 3
