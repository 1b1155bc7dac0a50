"""Deadlines: a wait goes on once and never early; a limit is noted once; both stand still during a supplement."""

import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import update

from engine.domain import events
from engine.domain.actor import system
from engine.domain.clock import VirtualClock
from engine.domain.errors import NotFound
from engine.jobs import ticker
from engine.jobs.ticker import fire_due
from engine.store import cases, deadlines, history
from engine.store.tables.cases import Deadline
from engine.usecases.fire_deadline import fire_deadline
from engine.usecases.incidents import retry_incident
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
    closing = next(row for row in rows(supplement).values() if row.kind == "wait")  # the case is closed then
    at(supplement, closing.due_at - SECOND)
    assert closing.due_at > own.due_at and not fire(supplement, of_case)
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


@pytest.fixture
def broken(running, monkeypatch):
    """A due publicity whose firing fails, and a switch that mends it."""
    play = played(running, until="contract_publicity")
    at(play, rows(play)["contract_publicity"].due_at)
    whole = ticker.fire_deadline

    def failing(session, clock, county, case_id, deadline_id):
        if session.get_one(Deadline, (county, deadline_id)).name == "contract_publicity":
            whole(session, clock, county, case_id, deadline_id)
            raise RuntimeError("the model cannot go on")
        return whole(session, clock, county, case_id, deadline_id)

    monkeypatch.setattr(ticker, "fire_deadline", failing)
    return play, monkeypatch.undo


def claims_are_over(play):
    with play.stage.sessions(COUNTY) as session:
        session.execute(update(Deadline).values(claimed_until=None))
        session.commit()


def test_a_deadline_that_cannot_fire_is_an_incident_and_the_others_fire(broken, running):
    play, mend = broken
    limit = rows(play)["case_handling"]
    at(play, limit.due_at)
    assert fire_due(running) >= 1
    assert rows(play)["contract_publicity"].attempts == 1
    assert fire_due(running) == 0  # not before a while: nothing is tried every second for ever
    assert rows(play)["contract_publicity"].attempts == 1
    for _ in range(deadlines.ATTEMPTS):
        claims_are_over(play)
        fire_due(running)
    failed = rows(play)["contract_publicity"]
    assert (failed.status, failed.attempts) == ("failed", deadlines.ATTEMPTS)
    assert [body["name"] for _, body in told(play, events.DEADLINE_PASSED)] == ["case_handling"]
    [(_, raised)] = told(play, events.INCIDENT_RAISED)
    assert raised == {"of": "contract_publicity", "error": "RuntimeError: the model cannot go on"}
    assert told(play, events.TIMER_FIRED) == []

    mend()
    with play.stage.sessions(COUNTY) as session:
        retry_incident(session, play.stage.clock, system(COUNTY), f"deadline-{failed.id}")
        session.commit()
    with play.stage.sessions(COUNTY) as session, pytest.raises(NotFound):
        retry_incident(session, play.stage.clock, system(COUNTY), f"deadline-{failed.id}")
    assert fire_due(running) == 1
    assert waited_for(play) == ["close_publicity"]
    assert len(told(play, events.INCIDENT_RETRIED)) == 1


def test_a_deadline_that_kills_its_ticker_is_an_incident(running):
    """Nobody is left to say that it failed: the attempts counted at the claim do."""
    play = played(running, until="contract_publicity")
    wait = rows(play)["contract_publicity"]
    at(play, wait.due_at)
    for _ in range(deadlines.ATTEMPTS):
        claims_are_over(play)
        with play.stage.sessions(COUNTY) as session:
            assert deadlines.claim_due(session, COUNTY, wait.due_at, datetime.now(UTC)).id == wait.id
            session.commit()  # and the process is gone
    claims_are_over(play)
    assert fire_due(running) == 0
    assert rows(play)["contract_publicity"].status == "failed"
    assert [body["error"] for _, body in told(play, events.INCIDENT_RAISED)] == [deadlines.DIED]


def test_what_had_not_come_after_all_counts_no_attempt(running):
    play = played(running, until="contract_publicity")
    wait = rows(play)["contract_publicity"]
    with play.stage.sessions(COUNTY) as session:
        deadlines.claim_due(session, COUNTY, wait.due_at, datetime.now(UTC))
        session.commit()
    at(play, wait.due_at - SECOND)
    assert not ticker.fire(running, COUNTY, play.case_id, wait.id)
    after = rows(play)["contract_publicity"]
    assert (after.attempts, after.claimed_until) == (0, None)


def test_a_backlog_drains_in_rounds(running, monkeypatch):
    monkeypatch.setattr(ticker, "MOST_DEADLINES", 1)
    plays = [played(running, until="contract_publicity") for _ in range(2)]
    at(plays[-1], max(rows(play)["contract_publicity"].due_at for play in plays))
    while fire_due(running):
        pass
    assert [waited_for(play) for play in plays] == [["close_publicity"]] * 2


def test_two_tickers_share_a_backlog(running):
    plays = [played(running, until="contract_publicity") for _ in range(3)]
    at(plays[-1], max(rows(play)["contract_publicity"].due_at for play in plays))
    fired = at_once(lambda: fire_due(running), lambda: fire_due(running))
    assert sum(fired) >= len(plays)
    assert [waited_for(play) for play in plays] == [["close_publicity"]] * 3
    assert [len(told(play, events.TIMER_FIRED)) for play in plays] == [1] * 3
    assert fire_due(running) == 0


def test_the_ticker_itself_does_every_kind_of_round(running, monkeypatch):
    """Reminders of rent, and days that pass, were only in the round that tests call."""

    class Once(threading.Event):
        def wait(self, timeout=None):
            self.set()
            return True

    names = []
    monkeypatch.setattr(ticker, "app", lambda: running)
    monkeypatch.setattr(ticker, "threading", SimpleNamespace(Event=Once))
    monkeypatch.setattr(ticker, "signal", SimpleNamespace(signal=lambda *_: None, SIGTERM=15, SIGINT=2))
    monkeypatch.setattr(ticker.Round, "run", lambda self, name: names.append(name))
    ticker.main()
    assert names == list(ticker.rounds_of(running, None)) == list(ticker.tick(running, None))
    assert {"deadlines", "submissions", "reminders", "days", "queued"} == set(names)
