"""The outbox: one worker at a time has a row, attempts count when they begin, and the last failure is an incident."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, func, select

from engine.store import outbox
from engine.store.tables.work import Message, OutboxRow
from engine.usecases import carry_out_effect as carrying
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
        return row and row.id


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
        assert [found.id for found in outbox.incidents(session, COUNTY)] == [poison]
        assert outbox.waiting_ids(session, at) == [healthy]
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
        outbox.retry(session, COUNTY, poison)
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
