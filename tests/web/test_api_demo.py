"""The demonstration's clock and messages; and `tianqi demo`'s story from application to certificate."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from api_support import COUNTY, Program, clerk_of, households_of, is_problem, sign_in, work

from engine import bootstrap
from engine.bootstrap import DemonstrationClock
from engine.commands import demo_story
from engine.commands.demo_http import Answer, Answered, Client
from engine.commands.trial import START
from engine.domain.division import at_level
from engine.queries.counties import divisions_within
from engine.usecases.move_clock import set_clock


@pytest.fixture
def moving(running):
    """The application on the clock that the demonstration moves."""
    before = running.clock
    with running.sessions() as session:
        set_clock(session, datetime.now(UTC), START)
        session.commit()
    running.clock = DemonstrationClock(running.engine)
    yield
    running.clock = before


def now(program: Program) -> datetime:
    return datetime.fromisoformat(program.get("/me").json["now"])


def test_the_clock_moves_by_working_days_and_to_an_instant(web, moving):
    program = sign_in(web, "county")
    moved = program.post("/demo/clock", {"working_days": 5}).json["now"]
    assert moved.startswith("2026-03-09T09:00")
    assert abs(now(program) - datetime.fromisoformat(moved)) < timedelta(minutes=1)
    program.post("/demo/clock", {"to": "2026-04-01T09:00:00+08:00"})
    assert now(program).date().isoformat() == "2026-04-01"


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"working_days": 0},
        {"working_days": 251},
        {"working_days": "3"},
        {"working_days": True},
        {"to": "2020-01-01T00:00:00Z"},
        {"to": "2040-01-01T00:00:00Z"},
        {"to": "2026-04-01"},
        {"to": "2026-04-01T09:00:00"},
        {"to": "soon"},
        {"working_days": 1, "to": "2027-01-01T00:00:00Z"},
    ],
)
def test_a_clock_is_not_moved_by_nonsense(web, moving, content):
    program = sign_in(web, "county")
    before = now(program)
    is_problem(program.post("/demo/clock", content), 422)
    assert now(program) - before < timedelta(minutes=1)


def test_a_move_sent_twice_moves_once(web, moving):
    program = sign_in(web, "county")
    first = program.post("/demo/clock", {"working_days": 1}, key="once")
    assert program.post("/demo/clock", {"working_days": 1}, key="once").json == first.json
    assert now(program) - datetime.fromisoformat(first.json["now"]) < timedelta(minutes=1)


def test_a_stranger_moves_no_clock(web):
    is_problem(Program(web.test_client()).post("/demo/clock", {"working_days": 1}), 401)


def test_outside_demonstrations_there_is_no_such_address(running):
    from web.app import create_app

    app = bootstrap.app(replace(running.settings, demo=False))
    real = create_app(app)
    program = sign_in(real, "county")
    is_problem(program.post("/demo/clock", {"working_days": 1}), 404)
    is_problem(program.get("/demo/messages"), 404)
    assert not any("/demo/" in path for path in program.get("/openapi.json").json["paths"])
    app.engine.dispose()
    app.portal_engine.dispose()


def test_the_whole_story_is_played_through_the_api(web, running, moving, tmp_path, monkeypatch):
    """What `tianqi demo` prints and leaves behind, against the application of this process."""

    class InProcess(Client):
        def ask(self, method, path, body=None, headers=None):
            bearer = {"Authorization": f"Bearer {self.token}"} if self.token else {}
            answer = web.test_client().open(
                path, method=method, data=body, headers={**(headers or {}), **bearer}
            )
            if answer.status_code >= 400:
                raise Answered(f"{method} {path}", answer.status_code, answer.json)
            return Answer(answer.status_code, answer.headers, answer.data)

    monkeypatch.setattr(demo_story, "Client", InProcess)
    household = next(
        h
        for h in households_of(running, sign_in(web, "county"))
        if len(h.parcels) > 1 and any(parcel.basic_farmland == "1" for parcel in h.parcels)
    )
    with running.sessions(COUNTY) as session:
        townships = [division.code for division in divisions_within(session, COUNTY, 9)]
    accounts = {
        "village_clerk": clerk_of(running, household),
        "township_reviewer": f"township{townships.index(at_level(household.division, 'township')) + 1}",
        "county_handler": "handler",
        "county_approver": "approver",
        "auditor": "auditor",
    }
    who = demo_story.Applicant(household.name, household.id_number, household.phone)
    lines: list[str] = []
    story = demo_story.Story("", who, accounts, lambda: work(running), lines.append, tmp_path)
    assert story.play() == "completed"
    assert story.steps == len(lines) > 20
    assert all(re.match(r" *\d+  2026-\d\d-\d\d \d\d:\d\d  \S", line) for line in lines)
    assert {path.name for path in tmp_path.glob("*.pdf")} == {
        "acceptance_notice.pdf",
        "publicity_sheet.pdf",
        "contract.pdf",
        "filing_notice.pdf",
        "farmland_notice.pdf",
        "certificate_receipt.pdf",
    }
    assert all(path.read_bytes().startswith(b"%PDF") for path in tmp_path.glob("*.pdf"))
