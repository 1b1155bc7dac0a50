"""A contract signed by both parties and sealed: what is bound to what, and what is noticed when anything changes."""

import hashlib
import os
import signal
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from sqlalchemy import select, text, update
from sqlalchemy.exc import ProgrammingError

from engine import failpoints
from engine.documents import time_stamps
from engine.documents.seal_services import OwnKey
from engine.documents.seal_signing import Statement, sealer
from engine.documents.sealing import Mark, SealLook, seal_pdf
from engine.documents.time_stamps import OwnStamps
from engine.domain import events
from engine.domain.actor import system
from engine.domain.errors import Refused
from engine.domain.signing import SEALED, digest
from engine.operations import identity
from engine.queries.signing import signing_record
from engine.queries.verified_file import check_file
from engine.reading.samples import lean_contract
from engine.reading.signatures import Unreadable, read_seals
from engine.store import cases, event_waits, outbox, signatures
from engine.store.papers import issued_paper
from engine.store.seals import STAMP, SealKeys
from engine.store.signatures import reference_taken
from engine.store.tables.history import Event, EventPayload
from engine.store.tables.portal import PublishedPaper
from engine.store.tables.signing import Signature, SigningCode
from engine.store.tables.work import OutboxRow
from engine.usecases.carry_out_effect import carry_out_effect, drain
from engine.usecases.claim_task import claim_task
from engine.usecases.incidents import retry_incident
from engine.usecases.scenarios import read_story
from engine.usecases.scenarios.samples import SIGNATURE
from engine.usecases.seals import known_certificates
from engine.usecases.send_signing_code import send_signing_code
from engine.usecases.take_in_submissions import take_in_submissions
from tests.contract_scan import contract_of
from tests.outside import Authority, another_hash, answering, declined, serving
from tests.usecases.acting import COUNTY, FOLDER, play_on, playing

NOW = datetime.now(UTC)
STATEMENT = Statement(
    "田溪县合同电子签章", "合同鉴证；核验码 ABCDEFGH2345", "柳湾村", "https://tianqi.example/verify/A"
)
LOOK = SealLook("鉴证单位（章）：", "田溪县柳湾村村民委员会", "合同鉴证专用章")


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return SealKeys(tmp_path_factory.mktemp("seals"), b"k" * 32)


@pytest.fixture(scope="module")
def own(keys):
    return OwnKey(keys.of("990101", "田溪县农业农村局", NOW))


@pytest.fixture(scope="module")
def stamps(keys):
    return OwnStamps(SealKeys(keys.folder, keys.secret, STAMP).of("990101", "田溪县农业农村局", NOW))


@pytest.fixture(scope="module")
def contract():
    return lean_contract("https://tianqi.example/verify/ABCDEFGH2345", 2)


@pytest.fixture(scope="module")
def sealed(contract, own, stamps):
    marks = [Mark("承包方代表（签章）：", SIGNATURE, "承包方代表 田大禾 2026-10-09 10:15 电子签名")]
    return seal_pdf(contract, marks, LOOK, {"签订日期：": NOW.date()}, STATEMENT, sealer(own, stamps))


def test_a_sealed_contract_begins_with_what_was_signed_and_verifies(contract, sealed, own, stamps):
    assert sealed.startswith(contract)
    [seal] = read_seals(sealed, [*own.certificates(), *stamps.certificates()])
    assert seal.good
    assert (seal.level, seal.stamped_by, seal.stamp_known) == ("B-LTA", "田溪县农业农村局时间戳", True)
    assert datetime.fromisoformat(seal.stamped_at) >= NOW.replace(microsecond=0)
    [stranger] = read_seals(sealed, own.certificates())
    assert stranger.good
    assert not stranger.stamp_known
    assert (seal.by, seal.reason) == ("田溪县农业农村局合同电子签章", STATEMENT.reason)


@pytest.mark.parametrize("where", [0.1, 0.5, 0.93])
def test_a_byte_that_is_altered_is_noticed(sealed, own, where):
    spoilt = bytearray(sealed)
    spoilt[int(len(spoilt) * where)] ^= 1
    try:
        found = read_seals(bytes(spoilt), own.certificates())
    except Unreadable:
        return
    assert not found or not all(seal.good for seal in found)


def test_what_is_added_behind_the_seal_is_noticed(sealed, own):
    import io

    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer = IncrementalPdfFileWriter(io.BytesIO(sealed))
    stream = generic.StreamObject(stream_data=b"q 0 0 0 rg 100 100 200 40 re f Q")
    writer.add_stream_to_page(0, writer.add_object(stream))
    out = io.BytesIO()
    writer.write(out)
    [seal] = read_seals(out.getvalue(), own.certificates())
    assert not seal.good


def test_a_seal_of_somebody_elses_key_is_not_ours(sealed, keys):
    other = OwnKey(keys.of("990102", "别县农业农村局", NOW))
    [seal] = read_seals(sealed, other.certificates())
    assert seal.intact
    assert not seal.ours


def test_a_key_lies_encrypted_for_its_owner_alone_and_an_old_one_still_verifies(keys, stamps, contract):
    first = keys.of("990103", "丙县农业农村局", NOW)
    path = keys.folder / "seal-990103.pem"
    assert os.stat(path).st_mode & 0o077 == 0
    assert b"BEGIN ENCRYPTED PRIVATE KEY" in path.read_bytes()
    assert keys.of("990103", "丙县农业农村局", NOW + timedelta(days=1)).fingerprint == first.fingerprint
    with pytest.raises(ValueError, match=r"(?i)password|decrypt"):
        serialization.load_pem_private_key(first.key, password=b"guessed")
    old = seal_pdf(contract, [], LOOK, {}, STATEMENT, sealer(OwnKey(first), stamps))
    second = keys.renew("990103", "丙县农业农村局", NOW)
    assert second.fingerprint != first.fingerprint
    [seal] = read_seals(old, keys.certificates("990103"))
    assert seal.good
    assert seal.fingerprint == first.fingerprint


# --- in a case ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def steps():
    return iter(read_story(FOLDER / "scenarios" / "signed_at_counter.yaml").steps)


@pytest.fixture(scope="module")
def asked(running, steps):
    """A case whose household is asked to sign on the pad."""
    play = playing(running, "signed_at_counter")
    play_on(play, steps, "sign_at_counter")
    take_in_submissions(running)  # the portal gets its card
    contract_of(running, play.number)
    drain(running)
    return play


@pytest.fixture(scope="module")
def certified(running, steps, asked):
    """Both have signed, the village has certified; the seal is not there yet."""
    play_on(asked, steps, "certify_contract")
    step = {"data": {"document": "$document", "decision": "certify"}}
    asked.act("village", "certify_contract", step)
    return asked


@pytest.fixture(scope="module")
def signed(running, certified):
    """Sealed; nothing filed yet."""
    drain(running)
    return certified


def asks_for_a_code(running, play, reference=None):
    """The village, on its pad. The transaction is that of a request."""
    with running.sessions(COUNTY) as session:
        case = play.case(session)
        [task] = cases.open_tasks(session, case)
        village = play.actor("village")
        claim_task(session, running.clock, village, case.number, task.number)
        session.commit()
        send_signing_code(session, running.clock, village, case.number, task.number, reference)
        session.commit()


def codes_of(running, play):
    with running.sessions(COUNTY) as session:
        return session.scalars(select(SigningCode).where(SigningCode.case_id == play.id_of_case())).all()


def test_no_code_goes_out_before_the_identity_provider_has_passed_the_person(running, asked, monkeypatch):
    """It refuses, is away, or answers for another: no code, no message. Passed once, the check serves one signature."""
    monkeypatch.setattr(identity, "TIMEOUT", 0.3)
    before = len(codes_of(running, asked))
    passing = lambda told: told | {"passed": True, "transaction": "T-77"}  # noqa: E731
    answers = [
        (answering(lambda told: told | {"passed": False}), "identity_failed"),
        (lambda *_: None, "identity_away"),
        (answering(lambda told: passing(told) | {"name": "别人"}), "identity_other"),
    ]
    try:
        for answer, code in answers:
            with serving(answer) as desk:
                identity.use_provider(identity.OutsideService(desk.address, "t"))
                with pytest.raises(Refused) as refused:
                    asks_for_a_code(running, asked, "R-1")
                assert refused.value.code == code
        assert len(codes_of(running, asked)) == before
        with serving(answering(passing)) as desk:
            identity.use_provider(identity.OutsideService(desk.address, "t"))
            asks_for_a_code(running, asked, "R-1")
            sent = max(codes_of(running, asked), key=lambda row: row.sent_at)
            assert sent.outside == {"provider": "outside", "transaction": "T-77", "reference": "R-1"}
            with running.sessions(COUNTY) as session:
                assert reference_taken(session, COUNTY, "R-1", sent.case_id, sent.task_number + 1)
                assert not reference_taken(session, COUNTY, "R-1", sent.case_id, sent.task_number)
    finally:
        identity.use_provider(identity.NothingOutside())


def sealing(running, play):
    """(the paper, its effect, what waits) as they stand in the database."""
    with running.sessions(COUNTY) as session:
        case = play.case(session)
        paper = issued_paper(session, COUNTY, case.id, SEALED)
        [row] = [row for row in outbox.of_case(session, COUNTY, case.id) if row.kind == "seal_paper"]
        return paper, row, event_waits.elements(session, case)


def again(running, row):
    """The worker's next attempt, without waiting for its turn."""
    with running.sessions(COUNTY) as session:
        session.execute(update(OutboxRow).where(OutboxRow.id == row.id).values(lease_until=None))
        session.commit()
    assert carry_out_effect(running, row.id)


def stamped_by(running, address, roots):
    running.settings = replace(running.settings, tsa_url=address, tsa_roots=roots)


def test_while_the_authority_is_away_or_lies_nothing_is_sealed_and_an_incident_tells(
    running, certified, tmp_path, monkeypatch
):
    """Five attempts with five troubles; then an administrator has it tried again, a kill -9 falls between seal and
    record, and the attempt after that records the very file that was sealed."""
    monkeypatch.setattr(time_stamps, "TIMEOUT", 0.5)
    settings, right = running.settings, Authority()
    roots = tmp_path / "roots.pem"
    roots.write_text(right.root_pem)
    troubles = [
        lambda *_: None,
        declined,
        Authority(lie=another_hash).answer,
        Authority("冒名者").answer,
        lambda *_: (500, {}, b""),
    ]
    try:
        for number, answer in enumerate(troubles, 1):
            with serving(answer) as tsa:
                stamped_by(running, tsa.address, roots)
                again(running, sealing(running, certified)[1])
            paper, row, waits = sealing(running, certified)
            assert (row.attempts, bool(row.error)) == (number, True)
            assert (paper.status, paper.sha256, waits) == ("waiting", None, ["contract_sealed"])
            assert running.files.held(f"seal-{paper.id}") is None
        assert row.status == "failed"
        with running.sessions(COUNTY) as session:
            told = session.scalars(select(Event.kind).where(Event.case_id == row.case_id)).all()
            assert events.INCIDENT_RAISED in told
            assert events.PAPER_SEALED not in told
            retry_incident(session, running.clock, system(COUNTY), f"effect-{row.id}")
            session.commit()
        with serving(right.answer) as tsa:
            stamped_by(running, tsa.address, roots)
            killed_at("sealed", running, row.id, tmp_path / "failpoints", monkeypatch)
        paper, row, waits = sealing(running, certified)
        held = running.files.held(f"seal-{paper.id}")
        assert (paper.status, waits, held is None) == ("waiting", ["contract_sealed"], False)
        again(running, row)  # nobody listens there any more: nothing is stamped a second time
        paper, row, waits = sealing(running, certified)
        assert (paper.status, row.status, waits) == ("ready", "done", [])
        assert running.files.get(paper.sha256) == held
        assert running.files.held(f"seal-{paper.id}") is None
        [seal] = read_seals(held, paper.facts["certificates"])
        assert (seal.good, seal.level, seal.stamped_by, seal.stamp_known) == (True, "B-LTA", right.name, True)
    finally:
        running.settings = settings


def killed_at(place, running, row_id, folder, monkeypatch):
    """A process of its own carries the effect out and dies there, as by a power cut."""
    folder.mkdir()
    (folder / place).touch()
    monkeypatch.setattr(failpoints, "_FOLDER", str(folder))
    child = os.fork()
    if child == 0:
        for engine in (running.engine, running.portal_engine):
            engine.dispose(close=False)
        carry_out_effect(running, row_id)
        os._exit(0)
    _, ended = os.waitpid(child, 0)
    assert os.WTERMSIG(ended) == signal.SIGKILL
    monkeypatch.setattr(failpoints, "_FOLDER", None)


def test_the_seal_carries_the_case_on_and_its_record_holds(running, signed):
    with running.sessions(COUNTY) as session:
        case = signed.case(session)
        assert [task.element for task in cases.open_tasks(session, case)] == ["file_contract"]
        contract = issued_paper(session, COUNTY, case.id, "contract")
        sealed = issued_paper(session, COUNTY, case.id, SEALED)
        body = running.files.get(sealed.sha256)
        assert hashlib.sha256(body[: sealed.facts["document_bytes"]]).hexdigest() == contract.sha256
        given = signatures.of_case(session, case)
        assert [one.party for one in given] == ["household", "issuer"]
        assert {one.document_sha256 for one in given} == {contract.sha256}
        certificates = known_certificates(running.settings, COUNTY)
        record = signing_record(session, running.files, case, certificates)
        assert record is not None
        assert [point.holds for point in record.points] == [True] * 5
        assert record.seals[0].good


def test_nothing_that_proves_the_person_is_kept_readable(running, signed):
    """Neither code nor identity number stands in the variables, the history or the signature."""
    with running.sessions(COUNTY) as session:
        case = signed.case(session)
        _, data = cases.read_state(session, case)
        assert data["sign_at_counter"].keys() == {"document", "agreed"}
        number = signed.words["$contractor_id_number"]
        payloads = session.scalars(select(EventPayload).where(EventPayload.case_id == case.id))
        told = [str(row.body) for row in payloads if "document_sha256" in str(row.body)]
        assert told
        assert not [one for one in told if number in one or "strokes" in one]
        codes = session.scalars(select(SigningCode).where(SigningCode.case_id == case.id)).all()
        assert all(len(code.code_hash) == 32 for code in codes)


def test_a_signature_cannot_be_altered_and_one_that_was_is_noticed(running, signed):
    with running.sessions(COUNTY) as session:
        case = signed.case(session)
        one = signatures.of_case(session, case)[0]
        change = update(Signature).where(Signature.id == one.id).values(signer_name="别人")
        with pytest.raises(ProgrammingError):
            session.execute(change)
        session.rollback()
        case = signed.case(session)
        one = signatures.of_case(session, case)[0]
        session.expunge(one)
        one.signer_name = "别人"
        assert digest(case.number, one) != one.digest


def test_anyone_may_check_the_sealed_file_and_reads_no_name(running, signed):
    with running.sessions(COUNTY) as session, running.portal_sessions() as portal:
        case = signed.case(session)
        sealed = issued_paper(session, COUNTY, case.id, SEALED)
        body = running.files.get(sealed.sha256)
        found = check_file(portal, body)
        assert found.same
        assert found.good
        assert found.shown
        assert found.paper.facts["state"] == "sealed"
        assert case.contractor_name not in str(found.paper.facts)
        spoilt = bytearray(body)
        spoilt[len(spoilt) // 2] ^= 1
        worse = check_file(portal, bytes(spoilt))
        assert not worse.same
        assert not worse.good
        assert worse.shown is None or worse.paper is not None


def test_filing_shows_to_whoever_checks(running, signed):
    signed.act("handler", "file_contract", {"data": {"decision": "file", "opinion": "同意备案。"}})
    drain(running)
    with running.portal_sessions() as portal:
        rows = portal.scalars(select(PublishedPaper).where(PublishedPaper.case_number == signed.number))
        states = {row.kind: row.facts.get("state") for row in rows if row.facts}
    assert states == {"contract": "filed", SEALED: "filed"}


def test_row_security_covers_signatures(running, signed):
    with running.sessions("990101999") as session:
        assert session.execute(text("select count(*) from operational.signatures")).scalar() == 0
        assert session.execute(text("select count(*) from operational.signing_codes")).scalar() == 0
