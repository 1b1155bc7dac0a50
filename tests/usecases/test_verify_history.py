"""Whoever can write to the database itself is found out: events, payloads, cases, checkpoints, files.

Each test plays the attacker as the owner of the database, with the triggers off, and verifies within the same
transaction, which is then rolled back.
"""
# ruff: noqa: S608  these statements are the tests' own

from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import create_engine, text

from engine.domain.chain import GENESIS, canonical, next_hash, payload_hash
from engine.domain.errors import Refused
from engine.store import cases, history
from engine.store.scope import session_for
from engine.usecases.replay_case import replay_case
from engine.usecases.verify_history import make_checkpoint, verify_history
from tests.usecases.acting import COUNTY, played

KEY = Ed25519PrivateKey.generate()


@pytest.fixture(scope="module")
def two_cases(running):
    """Two cases under way; a checkpoint was signed after the first acts, and more happened since."""
    first, second = played(running, until="township_review"), played(running, until="township_review")
    with running.sessions(COUNTY) as session:
        make_checkpoint(session, COUNTY, KEY, running.clock.now())
        session.commit()
    first.act("township", "township_review", {"data": {"decision": "pass", "opinion": "通过。"}})
    with running.sessions(COUNTY) as session:
        make_checkpoint(session, COUNTY, KEY, running.clock.now())
        session.commit()
    second.act("township", "township_review", {"data": {"decision": "pass", "opinion": "通过。"}})
    return first, second


@pytest.fixture
def attacker(running, two_cases):
    engine = create_engine(running.settings.owner_database_url)
    with session_for(engine, COUNTY) as session:
        for table in ("events", "checkpoints"):
            session.execute(text(f"alter table operational.{table} disable trigger append_only"))
        yield session
        session.rollback()
    engine.dispose()


def faults(running, session):
    found = verify_history(session, COUNTY, running.files, KEY.public_key()).faults
    return [(fault.subject, fault.seq, fault.reason) for fault in found]


def run(session, statement, case_id, **values):
    done = session.execute(text(statement), {"case": case_id} | values)
    assert done.rowcount > 0, "the attack missed"


def test_an_honest_record_has_no_faults(running, two_cases):
    with running.sessions(COUNTY) as session:
        found = verify_history(session, COUNTY, running.files, KEY.public_key())
        heads = history.heads(session, COUNTY)
    assert found.faults == ()
    assert (found.cases, found.checkpoints) == (2, 2)
    assert found.events == sum(seq for seq, _ in heads.values()) > 20
    assert found.papers >= 2


EDITS = {
    "actor_name": "'别人'",
    "actor": "'00000000-0000-0000-0000-000000000000'",
    "position": "'county_officer@990101'",
    "at": "at - interval '1 microsecond'",
    "kind": "'task_released'",
    "element": "'county_decision'",
    "task_number": "coalesce(task_number, 0) + 1",
    "payload_hash": "sha256('x')",
    "hash": "sha256('x')",
}


@pytest.mark.parametrize("column", EDITS)
def test_an_edited_event(running, two_cases, attacker, column):
    first, _ = two_cases
    statement = f"update operational.events set {column} = {EDITS[column]} where case_id = :case and seq = 3"
    run(attacker, statement, first.case_id)
    assert (first.number, 3) in [found[:2] for found in faults(running, attacker)]


def test_an_edited_payload(running, two_cases, attacker):
    first, _ = two_cases
    statement = """update operational.event_payloads set body = replace(body, '通过', '不通过')
        where case_id = :case and body like '%通过%'"""
    run(attacker, statement, first.case_id)
    [(subject, _, reason)] = faults(running, attacker)
    assert (subject, reason) == (first.number, "payload altered")


def test_half_an_erasure_is_no_erasure(running, two_cases, attacker):
    first, _ = two_cases
    run(
        attacker,
        "update operational.event_payloads set salt = null where case_id = :case and seq = 2",
        first.case_id,
    )
    assert (first.number, 2, "payload altered") in faults(running, attacker)


def test_an_erasure_by_law_leaves_the_chain_whole(running, two_cases, attacker):
    first, _ = two_cases
    statement = (
        "update operational.event_payloads set body = null, salt = null where case_id = :case and seq = 1"
    )
    run(attacker, statement, first.case_id)
    assert faults(running, attacker) == []


def test_what_the_replay_needs_may_be_erased_and_it_says_so(running, two_cases, attacker):
    first, _ = two_cases
    run(
        attacker,
        "update operational.event_payloads set body = null, salt = null where case_id = :case",
        first.case_id,
    )
    assert faults(running, attacker) == []
    with pytest.raises(Refused) as refused:
        replay_case(attacker, COUNTY, first.number)
    assert refused.value.code == "erased"


@pytest.mark.parametrize("place", ["first", "middle"])
def test_a_deleted_event(running, two_cases, attacker, place):
    first, _ = two_cases
    seq = {"first": 1, "middle": 5}[place]
    for table in ("event_payloads", "events"):
        run(
            attacker,
            f"delete from operational.{table} where case_id = :case and seq = :seq",
            first.case_id,
            seq=seq,
        )
    assert (first.number, seq, "missing event") in faults(running, attacker)


def test_a_truncated_tail_differs_from_the_checkpoint(running, two_cases, attacker):
    first, _ = two_cases
    seq, _ = history.head(attacker, COUNTY, first.case_id)
    for table in ("event_payloads", "events"):
        run(
            attacker,
            f"delete from operational.{table} where case_id = :case and seq >= :seq",
            first.case_id,
            seq=seq,
        )
    assert (first.number, seq, "events differ from the signed checkpoint") in faults(running, attacker)


def test_a_tail_written_anew_differs_from_the_checkpoint(running, two_cases, attacker):
    """The attacker knows how hashes are made and chains a forged event on correctly."""
    first, _ = two_cases
    rows = list(history.chained_rows(attacker, COUNTY, first.case_id))
    link, _, _, _ = rows[-1]
    previous = rows[-2][1]
    body, salt = canonical({"forged": True}), b"0" * 16
    values = vars(link) | {"payload_hash": payload_hash(salt, body), "actor_name": "别人"}
    forged = next_hash(previous, type(link)(**values))
    run(
        attacker,
        "update operational.events set actor_name = '别人', payload_hash = :ph, hash = :h"
        " where case_id = :case and seq = :seq",
        first.case_id, ph=values["payload_hash"], h=forged, seq=link.seq,
    )  # fmt: skip
    run(
        attacker,
        "update operational.event_payloads set body = :body, salt = :salt where case_id = :case and seq = :seq",
        first.case_id, body=body, salt=salt, seq=link.seq,
    )  # fmt: skip
    assert faults(running, attacker) == [(first.number, link.seq, "events differ from the signed checkpoint")]


def test_what_happened_since_the_last_checkpoint_is_told_by_the_next_alone(running, two_cases, attacker):
    """The limit of the means: a tail nobody has signed yet can be cut; so checkpoints are made often."""
    _, second = two_cases
    signed = history.checkpoints(attacker, COUNTY)[-1].heads[str(second.case_id)][0]
    seq, _ = history.head(attacker, COUNTY, second.case_id)
    assert seq > signed
    for table in ("event_payloads", "events"):
        run(
            attacker,
            f"delete from operational.{table} where case_id = :case and seq > :seq",
            second.case_id,
            seq=signed,
        )
    assert faults(running, attacker) == []


def drop_case(session, case_id: UUID) -> None:
    tables = ("event_payloads", "events")
    for table in tables:
        run(session, f"delete from operational.{table} where case_id = :case", case_id)


def drop_rows(session, case_id: UUID) -> None:
    rest = (
        "case_states",
        "case_texts",
        "event_waits",
        "tasks",
        "deadlines",
        "changesets",
        "reservations",
        "papers",
    )
    for table in rest:
        run(session, f"delete from operational.{table} where case_id = :case", case_id)
    run(session, "delete from operational.cases where id = :case", case_id)


def test_a_case_that_vanished_whole(running, two_cases, attacker):
    first, _ = two_cases
    drop_case(attacker, first.case_id)
    drop_rows(attacker, first.case_id)
    assert (str(first.case_id), 0, "case vanished since the checkpoint") in faults(running, attacker)


def test_a_case_without_its_events(running, two_cases, attacker):
    first, _ = two_cases
    drop_case(attacker, first.case_id)
    assert (first.number, 0, "case without events") in faults(running, attacker)


def test_events_without_their_case(running, two_cases, attacker):
    first, _ = two_cases
    run(
        attacker,
        "delete from operational.checkpoints where county is not null and :case is not null",
        first.case_id,
    )
    drop_rows(attacker, first.case_id)
    found = faults(running, attacker)
    assert found[0] == (str(first.case_id), 0, "events without a case")
    assert {fault[2] for fault in found[1:]} == {"paper is gone"}


CHECKPOINT_EDITS = {
    "heads": ("heads - (select min(k) from jsonb_object_keys(heads) k)", "heads altered"),
    "root": ("sha256('x')", "heads altered"),
    "events": ("events + 1", "signature does not match"),
    "cases": ("cases + 1", "signature does not match"),
    "at": ("at - interval '1 hour'", "signature does not match"),
    "signature": ("decode(repeat('00', 64), 'hex')", "signature does not match"),
}


@pytest.mark.parametrize("column", CHECKPOINT_EDITS)
def test_an_edited_checkpoint(running, two_cases, attacker, column):
    value, reason = CHECKPOINT_EDITS[column]
    run(
        attacker,
        f"update operational.checkpoints set {column} = {value} where seq = 1 and :case is not null",
        1,
    )
    assert ("checkpoint", 1, reason) in faults(running, attacker)


def test_a_checkpoint_taken_out(running, two_cases, attacker):
    run(attacker, "delete from operational.checkpoints where seq = 1 and :case is not null", 1)
    assert ("checkpoint", 2, "checkpoint missing before this one") in faults(running, attacker)


def test_another_s_signature_is_worth_nothing(running, two_cases):
    with running.sessions(COUNTY) as session:
        stranger = Ed25519PrivateKey.generate().public_key()
        found = verify_history(session, COUNTY, running.files, stranger).faults
    assert {fault.reason for fault in found} == {"signature does not match"}


@pytest.mark.parametrize(("harm", "reason"), [("alter", "file was altered"), ("remove", "file is missing")])
def test_a_paper_s_file(running, two_cases, harm, reason):
    with running.sessions(COUNTY) as session:
        _, sha256 = cases_first_file(session)
        path = running.files._path(sha256)
        body = path.read_bytes()
        try:
            path.unlink()
            if harm == "alter":
                path.write_bytes(body + b" ")
            assert reason in [found[2] for found in faults(running, session)]
        finally:
            path.write_bytes(body)
        assert faults(running, session) == []


def test_a_paper_exchanged_for_another_file_that_is_kept(running, two_cases, attacker):
    """The row and the file agree with each other, but not with what the record says was handed in."""
    first, second = two_cases
    run(
        attacker,
        "update operational.papers set sha256 = encode(sha256('x'), 'hex') where case_id = :case",
        first.case_id,
    )
    other = running.files.put(b"x")
    assert {fault[2] for fault in faults(running, attacker)} == {"file is not the recorded one"}
    running.files._path(other).unlink()
    run(attacker, "delete from operational.papers where case_id = :case", second.case_id)
    assert "paper is gone" in {fault[2] for fault in faults(running, attacker)}


@pytest.mark.parametrize(
    "body", ["{", "[]", "{}", '{"paper": 1, "sha256": 2}', '{"paper": "x", "sha256": null}']
)
def test_a_payload_that_cannot_be_read_any_more_is_the_chain_s_fault(running, two_cases, attacker, body):
    first, _ = two_cases
    run(attacker,
        "update operational.event_payloads p set body = :body from operational.events e"
        " where e.case_id = p.case_id and e.seq = p.seq and e.kind = 'material_added' and e.case_id = :case",
        first.case_id, body=body)  # fmt: skip
    assert {fault[2] for fault in faults(running, attacker)} == {"payload altered"}


def cases_first_file(session):
    from engine.store.papers import kept_files

    return kept_files(session, COUNTY)[0]


def test_a_state_that_was_changed_no_longer_follows_from_the_commands(running, two_cases, attacker):
    first, _ = two_cases
    assert replay_case(attacker, COUNTY, first.number).differences == []
    run(attacker, "update operational.case_states set state = replace(state, 'county', 'village') where case_id = :case",
        first.case_id)  # fmt: skip
    assert replay_case(attacker, COUNTY, first.number).differences != []


def test_replaying_the_first_commands_shows_where_the_case_then_stood(running, two_cases):
    first, _ = two_cases
    with running.sessions(COUNTY) as session:
        whole = replay_case(session, COUNTY, first.number)
        part = replay_case(session, COUNTY, first.number, until=1)
        state, _ = cases.read_state(session, cases.find_case(session, COUNTY, first.number))
    assert part.steps == whole.steps[:1]
    assert whole.steps[-1].current == ["county_check"]
    assert state


def test_the_chain_begins_where_everybody_can_begin_it(running, two_cases):
    first, _ = two_cases
    with running.sessions(COUNTY) as session:
        link, recorded, _, _ = next(iter(history.chained_rows(session, COUNTY, first.case_id)))
    assert next_hash(GENESIS, link) == recorded
