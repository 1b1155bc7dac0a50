"""Services outside, for real on loopback: a time stamp of an authority holds, and no wrong answer gets into a seal."""

import json
import urllib.request
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

from engine import outgoing
from engine.documents import time_stamps
from engine.documents.seal_services import OutsideService as SealService
from engine.documents.seal_services import OwnKey
from engine.documents.seal_signing import Statement, sealer
from engine.documents.sealing import SealLook, seal_pdf
from engine.documents.time_stamps import OutsideStamps
from engine.domain.errors import Refused
from engine.domain.signing import Claim
from engine.operations import identity
from engine.operations.identity import OutsideService as IdentityService
from engine.operations.identity import claimed
from engine.reading.samples import lean_contract
from engine.reading.signatures import read_seals
from engine.settings import from_environment
from engine.store.seals import SealKeys
from engine.usecases.seal_proof import Known, NotSealed, prove
from tests.outside import Authority, another_hash, another_nonce, answering, declined, serving

DOCUMENT = lean_contract("https://tianqi.example/verify/A", 1)


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    keys = SealKeys(tmp_path_factory.mktemp("seals"), b"k" * 32)
    return OwnKey(keys.of("990101", "田溪县农业农村局", datetime.now(UTC)))


@pytest.fixture(scope="module")
def authority():
    return Authority()


@pytest.fixture(scope="module")
def roots(authority, tmp_path_factory):
    """As an administrator lays them down, two in one file."""
    path = tmp_path_factory.mktemp("roots") / "roots.pem"
    path.write_text("# 时间戳服务机构\n" + Authority("别的机构").root_pem + authority.root_pem)
    return path


def sealed_by(own, stamps):
    look = SealLook("鉴证单位（章）：", "柳湾村", "合同鉴证专用章")
    return seal_pdf(DOCUMENT, [], look, {}, Statement("县", "合同鉴证", "柳湾村", ""), sealer(own, stamps))


def test_an_authoritys_stamp_holds_for_long(own, authority, roots):
    with serving(authority.answer) as tsa:
        stamps = OutsideStamps(tsa.address, "secret", roots)
        out = sealed_by(own, stamps)
        prove(out, DOCUMENT, Known.of(own, stamps))
    [seal] = read_seals(out, [*own.certificates(), authority.root_pem])
    assert seal.good
    assert (seal.level, seal.stamped_by, seal.stamp_known) == ("B-LTA", authority.name, True)
    assert {headers["Authorization"] for headers, _ in tsa.asked} == {"Bearer secret"}
    assert max(len(body) for _, body in tsa.asked) < 200  # a hash, never the contract


def test_without_its_roots_a_stamp_is_taken_and_not_judged(own, authority):
    with serving(authority.answer) as tsa:
        stamps = OutsideStamps(tsa.address, "", None)
        out = sealed_by(own, stamps)
        prove(out, DOCUMENT, Known.of(own, stamps))
    [seal] = read_seals(out, own.certificates())
    assert (seal.good, seal.level, seal.stamp_known) == (True, "B-T", False)


def lying(**told):
    return lambda: Authority(**told).answer


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lying(lie=another_hash), "something else"),
        (lying(lie=another_nonce), "nonce|cannot be read"),
        (lying(now=lambda: datetime.now(UTC) - timedelta(days=9000)), "says that it is"),
        (lambda: declined, "refused"),
        (lambda: lambda *_: (200, {}, b"<html>sign in first</html>"), "cannot be read"),
        (lambda: lambda *_: (200, {}, b""), "cannot be read"),
        (lambda: lambda *_: (503, {}, b""), "503"),
        (lambda: lambda *_: (200, {}, bytes((1 << 20) + 1)), "more than"),
    ],
)
def test_a_wrong_answer_of_the_authority_seals_nothing(own, answer, says):
    with serving(answer()) as tsa, pytest.raises(OSError, match=says):
        sealed_by(own, OutsideStamps(tsa.address, "", None))


def test_a_strangers_stamp_does_not_pass_for_the_authoritys(own, authority, roots):
    """Its answer has all that was asked, and another key: the library or the proof says no."""
    with serving(Authority("冒名者").answer) as tsa:
        stamps = OutsideStamps(tsa.address, "", roots)
        with pytest.raises(Exception, match=r"(?i)path|trust|stamp|certificate"):
            prove(sealed_by(own, stamps), DOCUMENT, Known.of(own, stamps))


def test_one_who_signs_with_a_key_that_is_not_the_certificates_is_noticed(own, authority):
    forged = Authority(authority.name)
    forged.stamper.tsa_cert = authority.stamper.tsa_cert  # the right name and certificate, the wrong key
    with serving(forged.answer) as tsa:
        stamps = OutsideStamps(tsa.address, "", None)
        with pytest.raises((OSError, NotSealed)):
            prove(sealed_by(own, stamps), DOCUMENT, Known.of(own, stamps))


def test_a_service_that_is_silent_or_gone_is_given_up(own, monkeypatch):
    monkeypatch.setattr(time_stamps, "TIMEOUT", 0.3)
    with serving(lambda *_: None) as tsa, pytest.raises(OSError, match=r"within 0\.3 s|timed out"):
        sealed_by(own, OutsideStamps(tsa.address, "", None))
    with pytest.raises(OSError, match="refused"):  # nobody listens there any more
        sealed_by(own, OutsideStamps(tsa.address, "", None))


def test_a_service_that_drips_is_given_up_too():
    """Each byte comes in time, the answer never does."""
    endless = {"Content-Length": "100000", "Drip": "yes"}
    with serving(lambda *_: (200, endless.copy(), b".")) as slow:
        with pytest.raises(outgoing.NoAnswer, match="within"):
            outgoing.post(slow.address, b"", {}, seconds=0.4, most=1 << 20)


def test_one_who_sends_elsewhere_is_not_followed():
    with serving(lambda *_: (200, {}, b"here")) as other:
        for status in (301, 302, 307, 308):
            with serving(lambda *_, status=status: (status, {"Location": other.address}, b"")) as moved:
                with pytest.raises(outgoing.NoAnswer, match=str(status)):
                    outgoing.post(moved.address, b"secret", {"Authorization": "Bearer t"}, 5, 100)
        assert not other.asked


def test_the_environment_puts_nobody_between(monkeypatch):
    with serving(lambda *_: (200, {}, b"proxy")) as proxy, serving(lambda *_: (200, {}, b"right")) as right:
        monkeypatch.setenv("http_proxy", proxy.address)
        assert urllib.request.getproxies()
        assert outgoing.post(right.address, b"", {}, 5, 100) == b"right"


@pytest.mark.parametrize("name", ["TIANQI_SEAL_URL", "TIANQI_IDENTITY_URL", "TIANQI_TSA_URL"])
def test_secrets_do_not_travel_in_the_clear(name):
    needed = {
        "DATABASE_URL": "a",
        "PORTAL_DATABASE_URL": "b",
        "TIANQI_SECRET_KEY": "00",
        "TIANQI_TSA_TOKEN": "t",
    }
    with pytest.raises(ValueError, match=f"{name}: https only"):
        from_environment(needed | {name: "http://outside.example.cn/"})
    with pytest.raises(ValueError, match="no address"):
        from_environment(needed | {name: "outside.example.cn"})
    from_environment(needed | {name: "https://outside.example.cn/"})
    public = needed | {"TIANQI_TSA_TOKEN": "", "TIANQI_TSA_URL": "http://tsa.example.cn/"}
    assert from_environment(public).tsa_url  # a hash goes there, a signed stamp comes back


# --- seal service -------------------------------------------------------------------------------------------


def test_an_outside_service_seals_through_the_same_interface(own, authority):
    """It is sent what is to be signed, and the county; never the contract."""
    private = serialization.load_pem_private_key(own.key.key, own.key.phrase)

    def answer(asked):
        if "data" not in asked:
            return {"certificates": own.certificates()}
        signed = private.sign(b64decode(asked["data"]), padding.PKCS1v15(), hashes.SHA256())
        return {"signature": b64encode(signed).decode()}

    with serving(answering(answer)) as service, serving(authority.answer) as tsa:
        outside, stamps = SealService(service.address, "t", "990101"), OutsideStamps(tsa.address, "", None)
        prove(sealed_by(outside, stamps), DOCUMENT, Known.of(outside, stamps))
    assert {json.loads(body)["county"] for _, body in service.asked} == {"990101"}
    assert max(len(body) for _, body in service.asked) < 2000


@pytest.mark.parametrize("told", [{"signature": "AAAA"}, {"signature": 5}, {}, [], "no"])
def test_a_seal_service_that_signs_nothing_right_seals_nothing(own, authority, told):
    def answer(asked):
        return told if "data" in asked else {"certificates": own.certificates()}

    with serving(answering(answer)) as service, serving(authority.answer) as tsa:
        outside, stamps = SealService(service.address, "t", "990101"), OutsideStamps(tsa.address, "", None)
        with pytest.raises((OSError, NotSealed)):
            prove(sealed_by(outside, stamps), DOCUMENT, Known.of(outside, stamps))


# --- identity provider --------------------------------------------------------------------------------------

CLAIM = Claim("household", "田大禾", "990101197001010011", "13800000001")


def passing(asked, **changes):
    return asked | {"passed": True, "transaction": "T1"} | changes


def test_the_identity_provider_is_asked_and_what_it_says_is_kept():
    with serving(answering(passing)) as desk:
        told = IdentityService(desk.address, "secret").begin(CLAIM, "R1")
    assert told == {"provider": "outside", "transaction": "T1", "reference": "R1"}
    [(headers, body)] = desk.asked
    assert headers["Authorization"] == "Bearer secret"
    assert CLAIM.phone.encode() not in body


@pytest.mark.parametrize(
    ("told", "code"),
    [
        (lambda asked: passing(asked, passed=False), "identity_failed"),
        (lambda asked: passing(asked, passed="yes"), "identity_failed"),
        (lambda asked: {}, "identity_failed"),
        (lambda asked: passing(asked, id_number="990101197001010022"), "identity_other"),
        (lambda asked: passing(asked, name="田小禾"), "identity_other"),
        (lambda asked: passing(asked, reference="R2"), "identity_other"),
        (lambda asked: {"passed": True, "transaction": "T1"}, "identity_other"),
        (lambda asked: passing(asked, transaction=""), "identity_away"),
        (lambda asked: ["passed"], "identity_away"),
    ],
)
def test_nobody_passes_by_a_wrong_answer(told, code):
    with serving(answering(told)) as desk, pytest.raises(Refused) as refused:
        IdentityService(desk.address, "t").begin(CLAIM, "R1")
    assert refused.value.code == code


@pytest.mark.parametrize("answer", [lambda *_: None, lambda *_: (200, {}, b"{"), answering({}, 500)])
def test_nobody_passes_while_the_provider_is_away(monkeypatch, answer):
    monkeypatch.setattr(identity, "TIMEOUT", 0.3)
    with serving(answer) as desk, pytest.raises(Refused, match="暂时连不上"):
        IdentityService(desk.address, "t").begin(CLAIM, "R1")
    with pytest.raises(Refused, match="暂时连不上"):  # gone
        IdentityService(desk.address, "t").begin(CLAIM, "R1")
    with pytest.raises(Refused, match="人脸核验"):
        IdentityService(desk.address, "t").begin(CLAIM, None)


def home(**changes):
    issuer = SimpleNamespace(head_name="柳长青", head_id_number="990101196001010018", phone="13900000001")
    facts = {
        "name": "田大禾",
        "id_number": "990101197001010011",
        "phone": "13800000001",
        "issuing_party": issuer,
    }
    return SimpleNamespace(**facts | changes)


@pytest.mark.parametrize("party", ["household", "issuer"])
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"id_number": "990101196001010018", "name": "柳长青"}, "one_for_both"),
        ({"phone": "13900000001"}, "one_telephone"),
    ],
)
def test_one_person_or_one_telephone_does_not_stand_for_both_parties(party, changes, code):
    assert claimed(home(), party).party == party
    with pytest.raises(Refused) as refused:
        claimed(home(**changes), party)
    assert refused.value.code == code
