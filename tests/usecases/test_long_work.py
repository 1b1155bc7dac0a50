"""Long work tells how far it is, ends when it is asked to, and is begun again when its worker died."""

from uuid import UUID

import pytest
from sqlalchemy import delete, select

from engine.domain.actor import system
from engine.domain.errors import NotFound
from engine.store import history, long_works, outbox
from engine.store.tables.work import OutboxRow
from engine.usecases import long_work
from engine.usecases.carry_out_effect import carry_out_effect, drain
from tests.usecases.acting import COUNTY
from tests.usecases.opening import open_case


@pytest.fixture(autouse=True)
def _empty(running):
    with running.sessions(COUNTY) as session:
        session.execute(delete(OutboxRow))
        session.commit()


def ask(running, kind="verify_history") -> UUID:
    with running.sessions(COUNTY) as session:
        work = long_work.ask_long_work(session, running.clock, system(COUNTY), kind, {"n": 3})
        session.commit()
    return work


def read(running, work):
    with running.sessions(COUNTY) as session:
        return long_work.read_long_work(session, COUNTY, work)


def cancel(running, work):
    with running.sessions(COUNTY) as session:
        long_work.cancel_long_work(session, COUNTY, work)
        session.commit()


def outbox_row(running):
    with running.sessions(COUNTY) as session:
        return session.scalars(select(OutboxRow)).one()


@pytest.fixture
def steps(running, monkeypatch):
    """A kind of work in phases, which calls back between them."""
    seen = []

    def work(app, county, asked, tell):
        for place in range(asked["n"]):
            tell(place, asked["n"], f"phase {place}")
            seen.append(read(running, steps.work))
            if steps.between:
                steps.between(place)
        return {"steps": len(seen)}

    steps = type("Steps", (), {"seen": seen, "between": None, "work": None})
    monkeypatch.setitem(long_work.WORKS, "steps", work)
    steps.work = ask(running, "steps")
    return steps


def test_the_whole_record_is_verified_as_long_work(running):
    work = ask(running)
    assert read(running, work).status == "waiting"
    assert drain(running) == 1
    done = read(running, work)
    assert (done.status, done.result["faults"]) == ("done", [])
    assert done.ended_at == running.clock.now()
    assert outbox_row(running).status == "done"


def test_what_happens_meanwhile_is_no_fault(running, monkeypatch):
    """A case that starts between two questions to the database would have events and no row."""
    chained = history.chained_cases

    def late(session, county):
        open_case(running, household=7)
        return chained(session, county)

    monkeypatch.setattr(history, "chained_cases", late)
    work = ask(running)
    assert carry_out_effect(running)
    assert read(running, work).result["faults"] == []


def test_it_tells_how_far_it_is(running, steps):
    drain(running)
    assert [(row.status, row.phase, row.done, row.total) for row in steps.seen] == [
        ("running", f"phase {place}", place, 3) for place in range(3)
    ]
    assert read(running, steps.work).result == {"steps": 3}


def test_it_ends_when_it_is_asked_to(running, steps):
    steps.between = lambda place: cancel(running, steps.work) if place == 1 else None
    drain(running)
    ended = read(running, steps.work)
    assert (ended.status, ended.result, len(steps.seen)) == ("cancelled", None, 2)
    assert outbox_row(running).status == "done"
    cancel(running, steps.work)  # too late changes nothing
    assert read(running, steps.work).status == "cancelled"


def test_it_may_be_stopped_before_it_begins(running, steps):
    cancel(running, steps.work)
    drain(running)
    assert (read(running, steps.work).status, steps.seen) == ("cancelled", [])


def test_what_fails_is_tried_again_and_says_why(running, steps):
    def fail(place):
        raise OSError("disk away")

    steps.between = fail
    assert carry_out_effect(running)
    row = outbox_row(running)
    assert (row.status, row.attempts) == ("waiting", 1)
    assert (read(running, steps.work).status, read(running, steps.work).error) == (
        "waiting",
        "OSError: disk away",
    )
    steps.between = None
    with running.sessions(COUNTY) as session:
        session.get(OutboxRow, (COUNTY, row.id)).lease_until = None
        session.commit()
    drain(running)
    assert (read(running, steps.work).status, read(running, steps.work).error) == ("done", None)


def test_it_is_done_once_however_often_its_row_is_taken(running, steps):
    drain(running)
    long_work.carry_out_long_work(running, COUNTY, steps.work)
    assert len(steps.seen) == 3


def test_another_countys_and_unknown_work_is_not_there(running, steps):
    with running.sessions(COUNTY) as session:
        with pytest.raises(NotFound):
            long_work.read_long_work(session, "990102", steps.work)
        with pytest.raises(KeyError):
            long_work.ask_long_work(session, running.clock, system(COUNTY), "unheard_of", {})
        assert steps.work in [row.id for row in long_works.newest(session, COUNTY)]
        assert outbox.counts(session, COUNTY) == {"waiting": 1}
