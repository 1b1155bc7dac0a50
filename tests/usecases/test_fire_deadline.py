"""Deadlines: a wait goes on once and never early; a limit is noted once; both stand still during a supplement."""

from datetime import timedelta

import pytest

from engine.domain import events
from engine.domain.clock import VirtualClock
from engine.jobs.ticker import fire_due
from engine.store import cases, history
from engine.usecases.fire_deadline import fire_deadline
from tests.usecases.acting import COUNTY, at_once, played, waited_for

SECOND = timedelta(seconds=1)


def rows(play):
    with play.stage.sessions(COUNTY) as session:
        return {row.name: row for row in cases.active_deadlines(session, play.case(session))}


def told(play, kind):
    with play.stage.sessions(COUNTY) as session:
        return [
            (link, body) for link, body in history.read(session, COUNTY, play.case_id) if link.kind == kind
        ]


def fire(play, deadline):
    with play.stage.sessions(COUNTY) as session:
        fired = fire_deadline(session, play.stage.clock, COUNTY, play.case_id, deadline.id)
        session.commit()
        return fired


def at(play, instant):
    """Any moment, also an earlier one: each act takes the clock as it finds it."""
    play.stage.clock = VirtualClock(instant)


def test_a_publicity_is_never_cut_short_by_a_second(running):
    play = played(running, until="contract_publicity")
    wait = rows(play)["contract_publicity"]
    at(play, wait.due_at - SECOND)
    assert not fire(play, wait)
    assert fire_due(running) == 0
    assert waited_for(play) == ["contract_publicity"]
    at(play, wait.due_at)
    assert fire(play, wait)
    assert waited_for(play) == ["close_publicity"]


def test_of_two_tickers_one_fires(running):
    play = played(running, until="contract_publicity")
    wait = rows(play)["contract_publicity"]
    at(play, wait.due_at)
    assert sorted(at_once(*[lambda: fire(play, wait)] * 3)) == [False, False, True]
    assert len(told(play, events.TIMER_FIRED)) == 1
    assert not fire(play, wait)


def test_after_days_off_everything_missed_fires_once(running):
    play = played(running, until="contract_publicity")
    at(play, rows(play)["case_handling"].due_at + timedelta(days=400))
    assert fire_due(running) >= 2  # the publicity, and the limit of the whole case
    assert waited_for(play) == ["close_publicity"]
    assert [body["name"] for _, body in told(play, events.DEADLINE_PASSED)] == ["case_handling"]
    assert fire_due(running) == 0


def test_a_limit_is_noted_as_passed_and_does_nothing_else(running):
    play = played(running, until="village_check")
    limit = rows(play)["village_check"]
    at(play, limit.due_at)
    before = waited_for(play)
    assert fire(play, limit)
    assert not fire(play, limit)
    assert waited_for(play) == before == ["village_check"]
    assert [body["name"] for _, body in told(play, events.DEADLINE_PASSED)] == ["village_check"]


def test_a_limit_that_passed_does_not_begin_again(running):
    """The whole case's time is over; the case goes on, and no command starts that clock anew."""
    play = played(running, until="village_check")
    at(play, rows(play)["case_handling"].due_at)
    assert fire(play, rows(play)["case_handling"])
    step = {
        "data": {"decision": "pass", "checked": ["household"], "term_start": "2028-01-01", "opinion": "好"}
    }
    play.act("village", "village_check", step)
    assert set(rows(play)) == {"township_review"}
    started = [body["name"] for _, body in told(play, events.DEADLINE_STARTED)]
    assert started.count("case_handling") == 1


@pytest.fixture
def supplement(running):
    return played(running, until="supply_papers", scenario="supplement")


def test_while_papers_are_missing_nothing_else_runs(running, supplement):
    of_case, own = rows(supplement)["case_handling"], rows(supplement)["supply_papers"]
    assert (of_case.status, of_case.due_at) == ("stopped", None)
    assert own.status == "running"
    at(supplement, own.due_at + timedelta(days=365))
    assert not fire(supplement, of_case)
    fire_due(running)
    assert rows(supplement)["case_handling"].status == "stopped"
    assert [body["name"] for _, body in told(supplement, events.DEADLINE_PASSED)] == ["supply_papers"]


def test_what_was_left_is_left_when_it_goes_on(supplement):
    before = rows(supplement)["case_handling"]
    assert [stop[1] for stop in before.stops] == [None]
    supplement.act("household", "supply_papers", {"data": {"answer": "已补交。"}})
    after = rows(supplement)["case_handling"]
    assert after.status == "running"
    assert after.due_at is not None
    assert after.stops[0][1] is not None
    kinds = [events.DEADLINE_STOPPED, events.DEADLINE_RESUMED]
    assert [[body["name"] for _, body in told(supplement, kind)] for kind in kinds] == [["case_handling"]] * 2


def test_a_case_that_has_ended_has_no_clocks(running):
    play = played(running, until="village_check", scenario="rejection_village")
    limit = rows(play)["village_check"]
    reject = {"data": {"decision": "reject", "reasons": ["V03"], "opinion": "有争议。"}}
    play.act("village", "village_check", reject)
    assert rows(play) == {}
    at(play, limit.due_at + timedelta(days=400))
    assert not fire(play, limit)
    assert told(play, events.DEADLINE_PASSED) == []
