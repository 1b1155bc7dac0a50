"""The outbox: one worker at a time has a row, attempts count when they begin, and the last failure is an incident."""

import threading
from datetime import UTC, datetime, timedelta
from threading import Event
from uuid import uuid4

import pytest
from sqlalchemy import delete, func, select, update

from engine.domain.actor import system
from engine.store import incidents, outbox
from engine.store.tables.work import Message, OutboxRow
from engine.usecases import carry_out_effect as carrying
from engine.usecases.incidents import retry_incident
from engine.usecases.send_message import send_message
from tests.usecases.acting import COUNTY, at_once

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _empty(running):
    with running.sessions(COUNTY) as session:
        session.execute(delete(OutboxRow))
        session.execute(delete(Message))
        session.commit()


def put(running, n=1, kind="send_message", text="短信"):
    with running.sessions(COUNTY) as session:
        for _ in range(n):
            outbox.put(session, COUNTY, kind, {"to": "13900000000", "text": text}, NOW)
        session.commit()
        return list(session.scalars(select(OutboxRow.id).order_by(OutboxRow.id)))


def lease(running, at=NOW, row_id=None):
    with running.sessions() as session:
        row = outbox.lease(session, at, row_id)
        session.commit()
        return (row and row.status == "waiting" and row.id) or None


def row(running, row_id):
    with running.sessions() as session:
        return session.scalars(select(OutboxRow).where(OutboxRow.id == row_id)).one()


def sent(running):
    with running.sessions() as session:
        return session.scalar(select(func.count()).select_from(Message))


def test_a_row_leased_is_nobody_else_s_until_its_lease_runs_out(running):
    [row_id] = put(running)
    assert lease(running) == row_id
    assert lease(running) is None
    assert lease(running, row_id=row_id) is None
    assert lease(running, NOW + outbox.LEASE) is None
    assert lease(running, NOW + outbox.LEASE + timedelta(seconds=1)) == row_id
    assert row(running, row_id).attempts == 2  # counted as they began, though neither was heard of again


def test_workers_at_once_take_different_rows(running):
    ids = put(running, 4)
    assert sorted(at_once(*[lambda: lease(running)] * 4)) == ids
    assert at_once(lambda: lease(running), lambda: lease(running)) == [None, None]


def test_a_row_that_kills_its_worker_becomes_an_incident(running):
    """Nobody is left to say that it failed: the attempts counted at the lease do."""
    poison, healthy = put(running, 2)
    at = NOW
    for _ in range(outbox.ATTEMPTS):
        assert lease(running, at, poison) == poison
        at += outbox.LEASE + timedelta(seconds=1)
    assert lease(running, at, poison) is None
    assert row(running, poison).status == "failed"
    assert row(running, poison).error
    with running.sessions() as session:
        assert [found.id for found in incidents.failed_effects(session, COUNTY)] == [poison]
        assert outbox.waiting(session, at) == [(healthy, "send_message")]
    assert lease(running, at) == healthy


def test_a_failure_waits_longer_each_time_and_others_flow_on(running, monkeypatch):
    poison, healthy = put(running, 2)
    send = carrying.EFFECTS["send_message"]

    def failing(app, session, row):
        send(app, session, row)
        if row.id == poison:
            raise OSError("gateway away")

    monkeypatch.setitem(carrying.EFFECTS, "send_message", failing)
    assert carrying.drain(running) == 2
    assert (row(running, poison).status, row(running, healthy).status) == ("waiting", "done")
    assert row(running, poison).error == "OSError: gateway away"
    assert sent(running) == 1  # what the failed attempt had written is undone
    waits = [row(running, poison).lease_until]
    for _ in range(outbox.ATTEMPTS - 1):
        due_again(running, poison)
        assert carrying.carry_out_effect(running, poison)
        waits.append(row(running, poison).lease_until)
    assert row(running, poison).status == "failed"
    assert row(running, poison).attempts == outbox.ATTEMPTS
    assert waits[-1] is None
    assert not carrying.carry_out_effect(running, poison)
    monkeypatch.undo()
    with running.sessions(COUNTY) as session:
        retry_incident(session, running.clock, system(COUNTY), f"effect-{poison}")
        session.commit()
    assert carrying.carry_out_effect(running, poison)
    assert row(running, poison).status == "done"
    assert sent(running) == 2


def due_again(running, row_id):
    with running.sessions() as session:
        found = session.scalars(select(OutboxRow).where(OutboxRow.id == row_id)).one()
        assert found.lease_until > datetime.now(UTC)
        found.lease_until = datetime(2020, 1, 1, tzinfo=UTC)
        session.commit()


def test_a_kind_that_nobody_knows_fails_alone(running):
    [row_id] = put(running, kind="unheard_of")
    assert carrying.carry_out_effect(running)
    assert row(running, row_id).error.startswith("KeyError")


def test_a_row_is_carried_out_once_however_many_try(running):
    [row_id] = put(running)
    assert sorted(at_once(*[lambda: carrying.carry_out_effect(running, row_id)] * 4)) == [False] * 3 + [True]
    assert sent(running) == 1
    assert not carrying.carry_out_effect(running, row_id)


def test_what_is_rolled_back_was_never_wanted(running):
    with running.sessions(COUNTY) as session:
        outbox.put(session, COUNTY, "send_message", {"to": "1", "text": "x"}, NOW)
        session.rollback()
    assert lease(running) is None
    with running.sessions() as session:
        assert outbox.counts(session, COUNTY) == {}


def test_who_lost_the_lease_cannot_finish(running, monkeypatch):
    """A worker that slept through its lease: the other's effect counts, its own is undone."""
    [row_id] = put(running)
    send = carrying.EFFECTS["send_message"]

    def sleeping(app, session, row):
        send(app, session, row)
        monkeypatch.setitem(carrying.EFFECTS, "send_message", send)
        with running.sessions() as other:
            other.execute(update(OutboxRow).values(lease_until=datetime(2020, 1, 1, tzinfo=UTC)))
            assert outbox.lease(other, datetime.now(UTC), row_id)
            other.commit()

    monkeypatch.setitem(carrying.EFFECTS, "send_message", sleeping)
    assert carrying.carry_out_effect(running, row_id)
    assert (row(running, row_id).status, row(running, row_id).attempts) == ("waiting", 2)
    assert sent(running) == 0


def test_a_lease_is_renewed_by_its_holder_alone(running):
    [row_id] = put(running)
    with running.sessions() as session:
        first = outbox.lease(session, NOW, row_id)
        session.commit()
    with running.sessions() as session:
        assert outbox.renew(session, first, NOW + timedelta(minutes=3))
        session.commit()
    assert lease(running, NOW + timedelta(minutes=3), row_id) is None  # longer than the first lease
    late = NOW + timedelta(minutes=4)
    assert lease(running, late, row_id) == row_id
    with running.sessions() as session:
        assert not outbox.renew(session, first, late)
        assert not outbox.fail(session, first, "too late", late)
        with pytest.raises(outbox.LeaseLost):
            outbox.finish(session, first, late)


def test_a_living_worker_keeps_its_row(running, monkeypatch):
    """However long the effect takes: its heart renews the lease."""
    [row_id] = put(running)
    monkeypatch.setattr(outbox, "LEASE", timedelta(milliseconds=60))
    send, renewed, renew = carrying.EFFECTS["send_message"], Event(), outbox.renew

    def telling(*given):
        held = renew(*given)
        renewed.set()
        return held

    def slow(app, session, row):
        assert renewed.wait(30)
        send(app, session, row)

    monkeypatch.setattr(outbox, "renew", telling)
    monkeypatch.setitem(carrying.EFFECTS, "send_message", slow)
    assert carrying.carry_out_effect(running, row_id)
    assert (row(running, row_id).status, row(running, row_id).attempts) == ("done", 1)


def test_one_key_is_one_message(running):
    with running.sessions(COUNTY) as session:
        for _ in range(2):
            send_message(session, running.clock, COUNTY, {"to": "1", "text": "x"}, "outbox-1")
        session.commit()
    assert sent(running) == 1


def test_what_is_done_once_for_all_takes_its_likes_along(running):
    """Three publications of one case wait; the first shows the case as it stands now, which is what all wanted."""
    mine, other = uuid4(), uuid4()
    with running.sessions(COUNTY) as session:
        for case, kind in ((mine, "publish_case"), (mine, "publish_case"), (mine, "send_message")):
            outbox.put(session, COUNTY, kind, {}, NOW, case)
        outbox.put(session, COUNTY, "publish_case", {}, NOW, other)
        outbox.put(session, COUNTY, "publish_case", {}, NOW, mine)
        session.commit()
        ids = list(session.scalars(select(OutboxRow.id).order_by(OutboxRow.id)))
    assert lease(running, row_id=ids[4]) == ids[4]  # somebody else has this one: it is theirs
    with running.sessions(COUNTY) as session:
        first = outbox.lease(session, NOW, ids[0])
        session.commit()
    with running.sessions(COUNTY) as session:
        outbox.take_along(session, first, NOW)
        session.rollback()  # the effect failed
    assert {row(running, i).status for i in ids} == {"waiting"}
    with running.sessions(COUNTY) as session:
        outbox.take_along(session, first, NOW)
        outbox.finish(session, first, NOW)
        session.commit()
    assert [row(running, i).status for i in ids] == ["done", "done", "waiting", "waiting", "waiting"]
    with running.sessions(COUNTY) as session:
        outbox.put(session, COUNTY, "send_message", {}, NOW)
        outbox.put(session, COUNTY, "send_message", {}, NOW)
        session.commit()
        loose = list(session.scalars(select(OutboxRow.id).where(OutboxRow.case_id.is_(None))))
        outbox.take_along(session, session.get(OutboxRow, (COUNTY, loose[0])), NOW)
        session.commit()
    assert {row(running, i).status for i in loose} == {"waiting"}  # messages of no case are no likes


def test_a_rehearsal_has_one_thread(running, monkeypatch):
    """Its sessions share a connection: a lease renewed beside would change what the effect sees."""
    [row_id] = put(running)
    threads = []
    monkeypatch.setitem(carrying.EFFECTS, "send_message", lambda *_: threads.append(threading.active_count()))
    before = threading.active_count()
    assert carrying.carry_out_effect(running, row_id, alone=True)
    assert threads == [before]
