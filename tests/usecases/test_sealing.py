"""A contract signed by both parties and sealed: what is bound to what, and what is noticed when anything changes."""

import hashlib
import os
from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from sqlalchemy import select, text, update
from sqlalchemy.exc import ProgrammingError

from engine.documents.seal_services import OutsideService, OwnKey
from engine.documents.seal_signing import Statement, sealer
from engine.documents.sealing import Mark, SealLook, seal_pdf
from engine.documents.time_stamps import OwnStamps
from engine.domain.signing import SEALED, digest
from engine.queries.signing import signing_record
from engine.queries.verified_file import check_file
from engine.reading.samples import lean_contract
from engine.reading.signatures import Unreadable, read_seals
from engine.store import cases, signatures
from engine.store.papers import issued_paper
from engine.store.seals import STAMP, SealKeys
from engine.store.tables.history import EventPayload
from engine.store.tables.portal import PublishedPaper
from engine.store.tables.signing import Signature, SigningCode
from engine.usecases.carry_out_effect import drain
from engine.usecases.scenarios.samples import SIGNATURE
from engine.usecases.seals import known_certificates
from engine.usecases.take_in_submissions import take_in_submissions
from tests.contract_scan import contract_of
from tests.usecases.acting import COUNTY, played

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


def test_an_outside_service_seals_through_the_same_interface(monkeypatch, keys, stamps, contract):
    """It is sent what is to be signed, and the county; never the contract."""
    key = keys.of("990104", "丁县农业农村局", NOW)
    private = serialization.load_pem_private_key(key.key, key.phrase)
    asked = []

    def ask(self, content):
        from base64 import b64decode

        asked.append(content)
        if "data" not in content:
            return {"certificates": [key.certificate.decode()]}
        signed = private.sign(b64decode(content["data"]), padding.PKCS1v15(), hashes.SHA256())
        return {"signature": b64encode(signed).decode()}

    monkeypatch.setattr(OutsideService, "ask", ask)
    service = OutsideService("https://seal.example/sign", "token", "990104")
    out = seal_pdf(contract, [], LOOK, {}, STATEMENT, sealer(service, stamps))
    [seal] = read_seals(out, service.certificates())
    assert seal.good
    assert max(len(content.get("data", "")) for content in asked) < 2000


# --- in a case ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def signed(running):
    """A case signed on the pad and sealed; nothing filed yet."""
    play = played(running, until="certify_contract", scenario="signed_at_counter")
    take_in_submissions(running)  # the portal gets its card
    contract_of(running, play.number)
    step = {"data": {"document": "$document", "decision": "certify"}}
    play.act("village", "certify_contract", step)
    drain(running)
    return play


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
        certificates = known_certificates(session, running.settings, COUNTY)
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
