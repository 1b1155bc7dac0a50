"""Who is at the other end? The provider of identity checks, with a default that needs nothing outside.

The default: a one-time code to the telephone that the register has of the person, their identity number, the
signature that they write, and the scan of their card among the case's papers. A county that has a face recognition
service configures its address (``TIANQI_IDENTITY_URL``); it is asked before a code is sent, and everything else stays.
"""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import structlog
from sqlalchemy.orm import Session

from engine.domain.case_type import CaseType
from engine.domain.clock import local_date
from engine.domain.errors import Invalid, Refused
from engine.domain.register import Household
from engine.domain.said import say
from engine.domain.signing import CARD, CODE, DRAWN, HOUSEHOLD, ISSUER, NUMBER, OUTSIDE, Claim
from engine.outgoing import post
from engine.store.papers import newest_file
from engine.store.sealed import fingerprint
from engine.store.signatures import latest_code
from engine.store.tables.cases import Case
from engine.store.tables.signing import SigningCode

log = structlog.get_logger()

TIMEOUT = 10  # seconds
MOST = 1 << 16  # bytes of an answer


class IdentityProvider(Protocol):
    """``begin`` is asked before a code is sent, outside every lock; what it gives is kept with the signature."""

    @property
    def name(self) -> str: ...

    def begin(self, claim: Claim, reference: str | None) -> dict[str, Any]: ...


class NothingOutside:
    """The default: what the person proves here is enough."""

    name = "default"

    def begin(self, claim: Claim, reference: str | None) -> dict[str, Any]:
        return {}


@dataclass(frozen=True)
class OutsideService:
    """POST ``address`` ``{"name", "id_number", "reference"}``, answered by the same three, ``passed`` and ``transaction``.

    ``reference`` is what the person's face check at the provider ended with; pictures never come here. An answer that
    repeats somebody else, or another check, passes nobody.
    """

    address: str
    token: str
    name: str = OUTSIDE

    def begin(self, claim: Claim, reference: str | None) -> dict[str, Any]:
        if not reference:
            raise Refused("no_reference", "请先完成人脸核验，填写核验编号")
        asked = {"name": claim.name, "id_number": claim.id_number, "reference": reference}
        told = self._told(asked)
        if told.get("passed") is not True:
            raise Refused("identity_failed", "身份核验没有通过，请由本人重新核验")
        if any(told.get(name) != value for name, value in asked.items()):
            raise Refused(
                "identity_other", "身份核验的结果不是%(name)s本人这一次的，请由本人重新核验", name=claim.name
            )
        transaction = told.get("transaction")
        if not isinstance(transaction, str) or not transaction:
            raise _away()
        return {"provider": self.name, "transaction": transaction[:100], "reference": reference}

    def _told(self, asked: dict[str, str]) -> dict[str, Any]:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}
        try:
            told = json.loads(post(self.address, json.dumps(asked).encode(), headers, TIMEOUT, MOST))
        except (OSError, ValueError, RecursionError) as error:
            log.warning("identity provider", error=str(error))
            raise _away() from None
        if not isinstance(told, dict):
            raise _away()
        return told


def _away() -> Refused:
    return Refused("identity_away", "身份核验服务暂时连不上，请稍后再试，或改用纸质合同")


_provider: list[IdentityProvider] = [NothingOutside()]


def use_provider(provider: IdentityProvider) -> None:
    """Called once by the wiring."""
    _provider[0] = provider


def provider() -> IdentityProvider:
    return _provider[0]


def claimed(household: Household, party: str) -> Claim:
    """The person who must sign for the party, as the register has them. Refused where it lacks what proves them, or
    where one person, or one telephone, would stand for both parties (民法典 art 168; 电子签名法 art 13)."""
    issuer = household.issuing_party
    mine = Claim(HOUSEHOLD, household.name, household.id_number, household.phone or "")
    theirs = Claim(ISSUER, issuer.head_name, issuer.head_id_number or "", issuer.phone or "")
    claim = mine if party == HOUSEHOLD else theirs
    if not (claim.id_number and claim.phone):
        raise Refused(
            "unknown_signer",
            "登记簿中没有%(name)s的证件号码或手机号码，不能电子签名，请先补录或改用纸质合同",
            name=claim.name,
        )
    if mine.id_number == theirs.id_number:
        raise Refused(
            "one_for_both",
            "承包方代表就是发包方负责人%(name)s，一个人不能代表双方电子签名，请改用纸质合同，由发包方委托的其他人签字",
            name=claim.name,
        )
    if mine.phone == theirs.phone:
        raise Refused(
            "one_telephone",
            "承包方和发包方登记的是同一个手机号码，验证码证明不了是谁在签，请先更正手机号码或改用纸质合同",
        )
    return claim


@dataclass(frozen=True)
class Rules:
    """The dated numbers of the case type."""

    minutes: int
    tries: int
    per_hour: int

    @staticmethod
    def of(case_type: CaseType, at: datetime) -> "Rules":
        day = local_date(at)
        names = ("signing_code_minutes", "signing_code_tries", "signing_codes_per_hour")
        return Rules(*(int(case_type.value(name, day)) for name in names))


def prove(
    session: Session,
    case: Case,
    task: int,
    claim: Claim,
    given: Mapping[str, Any],
    rules: Rules,
    at: datetime,
    party: str = "",
) -> dict[str, Any]:
    """What was proved, for the signature. Raises Invalid by field.

    A wrong try is counted and committed before that, so that nothing else of this transaction may be written yet.
    """
    sent = latest_code(session, case.county, case.id, task, party)
    if sent is None or sent.status != "sent" or sent.expires_at <= at:
        raise Invalid({"code": [say("验证码已失效或还没有发送，请点“发送验证码”")]})
    right_code = hmac.compare_digest(sent.code_hash, code_hash(sent, str(given.get("code"))))
    right_number = hmac.compare_digest(fingerprint(claim.id_number), fingerprint(str(given.get("id_number"))))
    if right_code and right_number:
        sent.status = "used"
        session.flush()
        card = None if party else newest_file(session, case.county, case.id, "id_card")
        return proved(sent, card, at)
    sent.tries += 1
    left = rules.tries - sent.tries
    sent.status = "sent" if left > 0 else "over"
    session.commit()
    wrong: dict[str, list[str]] = {}
    if not right_code:
        wrong["code"] = [
            say("验证码不对，还可以试%(left)s次", left=left)
            if left > 0
            else say("验证码错误次数过多，请重新发送")
        ]
    if not right_number:
        wrong["id_number"] = [say("与登记的%(name)s的证件号码不一致，须由本人签名", name=claim.name)]
    raise Invalid(wrong)


def code_hash(sent: SigningCode, code: str) -> bytes:
    return fingerprint(f"{sent.id}:{code}")


def proved(sent: SigningCode, card: str | None, at: datetime) -> dict[str, Any]:
    """Facts for the signing record. ``card``: the scan of the person's card; of a deal's many parties nothing says whose
    a scan among the papers is.
    """
    factors = [CODE, NUMBER, DRAWN, *([CARD] if card else []), *([OUTSIDE] if sent.outside else [])]
    return {
        "provider": provider().name,
        "factors": factors,
        "phone": sent.phone_masked,
        "document_sha256": sent.document_sha256,
        "code_sent_at": sent.sent_at.isoformat(),
        "code_proved_at": at.isoformat(),
        "card_sha256": card,
        "outside": sent.outside,
    }
