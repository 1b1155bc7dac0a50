"""A short run of `make faults`: every failpoint once, kills, a stop of PostgreSQL, both losses of Redis. And the
counting itself: it must find what is lost or doubled.
"""

from random import Random

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from engine.failpoints import NAMES
from engine.settings import ROOT
from tests.faults.agreement import CHECKS, in_cases, in_sql, of_acknowledgements
from tests.faults.breaking import Amount
from tests.faults.clients import Acknowledged, Asked, Clients
from tests.faults.run import run, told
from tests.usecases.acting import COUNTY, played


@pytest.mark.long
def test_nothing_is_lost_or_doubled():
    amount = Amount(kills=2 * len(NAMES), stops=1, flushes=2, seconds=30)
    report = run(ROOT / "var" / "faults-test", amount, clients=4, households=40, seed=2)
    assert report.violations == [], told(report)
    assert report.acknowledged["start"] + report.acknowledged["apply"] > 0
    assert report.acknowledged["complete"] > 0
    assert report.faults["immediate stop of PostgreSQL"] == 1
    at_points = [name for name, n in report.faults.items() if name.startswith("kill at ") and n]
    assert len(at_points) >= len(NAMES) - 4, told(report)  # the clock may not have moved, nobody have applied


@pytest.fixture
def case(running):
    """A case that agrees with itself; gives its play."""
    play = played(running, until="contract_publicity")
    assert [found for found in in_cases(running) if play.number in found and "published" not in found] == []
    return play


BREAKS = {  # what is done to the tables -> the check that must notice
    "a task completed twice": "insert into operational.events select county, case_id, 900 + seq, at, actor, actor_name,"
    " position, kind, element, task_number, payload_hash, hash from operational.events where kind = 'task_completed'",
    "a task done without its event": "update operational.tasks set number = number + 500 where status = 'done'",
    "an outbox row that is not done": "update operational.outbox set status = 'failed'",
    "a message wanted and not sent": "insert into operational.outbox (county, kind, payload, created_at)"
    " values ('990101', 'send_message', '{}', now())",
    "a due deadline that did not fire": "update operational.deadlines set due_at = '2001-01-01' where status = 'running'",
    "a closed case that holds something": "update operational.cases set status = 'completed'",
    "a revision that does not count the commands": "update operational.cases set revision = revision + 1",
    "a gap in the case numbers": "update operational.serials set last = last + 1 where kind = 'case'",
}


@pytest.mark.parametrize("what", BREAKS)
def test_the_count_finds_what_is_wrong(running, case, what):
    """As the tables' owner, past all rules, in a transaction that is undone."""
    engine = create_engine(running.settings.owner_database_url)
    with Session(engine) as session:
        session.execute(text("select set_config('app.scope', :county, true)"), {"county": COUNTY})
        session.execute(text("update operational.outbox set status = 'done'"))
        before = len(session.execute(text(CHECKS[what])).all())
        session.execute(text(BREAKS[what]))
        assert len(session.execute(text(CHECKS[what])).all()) > before
        session.rollback()
    engine.dispose()


def test_every_check_is_a_statement_that_runs(running):
    assert [found for found in in_sql(running) if found.startswith("a task")] == []


def test_a_client_that_was_told_something_else_is_heard(running, case):
    clients = Clients([], [], {}, Random(1))
    asked = Asked("county", "POST", "/x", b"{}", ())
    clients.ledger.acknowledge(Acknowledged(asked, 201, {"case": "99010120990101000001"}, "start"))
    clients.ledger.acknowledge(Acknowledged(asked, 200, {}, "complete", case.number, 99, "mark"))
    found = list(of_acknowledgements(running, clients))
    assert any("99010120990101000001" in one for one in found)
    assert any("not in the history" in one for one in found)
    assert any("nobody was told" in one for one in found)
