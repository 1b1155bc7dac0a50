"""Who says when a paper was sealed: the county's own time-stamper, or an authority outside. Both behind one interface.

A time stamp (RFC 3161) is a signed statement that a hash existed at a moment. Without one a seal's time is only what
the sealer claims, and a certificate that has run out takes every old seal with it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from asn1crypto import cms, tsp, x509
from asn1crypto.keys import PrivateKeyInfo
from cryptography.hazmat.primitives import serialization
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper

from engine.outgoing import post
from engine.store.seals import SealKey

TIMEOUT = 20  # seconds
MOST = 1 << 20  # bytes of an answer
AWAY = timedelta(minutes=5)  # of an authority's clock from ours
POLICY = "2.25.200854992083791730242820450785006620460"  # ours: the arc of a UUID (ITU-T X.667)


class TimeStamps(Protocol):
    """``certificates``: PEM of whom a reader must know to trust the stamps; empty where that is not known here."""

    def stamper(self) -> TimeStamper: ...

    def certificates(self) -> list[str]: ...


@dataclass(frozen=True)
class OwnStamps:
    """By a key that the installation made for the county, which does nothing else. It goes by the machine's clock,
    and so proves as much as the county's word does; a dispute wants an authority outside."""

    key: SealKey
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def stamper(self) -> TimeStamper:
        opened = serialization.load_pem_private_key(self.key.key, password=self.key.phrase)
        der = opened.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        [certificate] = load_certs_from_pemder_data(self.key.certificate)
        return _Own(certificate, PrivateKeyInfo.load(der), self.now)

    def certificates(self) -> list[str]:
        return [self.key.certificate.decode()]


class _Own(DummyTimeStamper):
    """The library's own stamper, named so because it asks nobody: with our clock and our policy."""

    def __init__(self, certificate: x509.Certificate, key: PrivateKeyInfo, now: Callable[[], datetime]):
        super().__init__(certificate, key)
        self.now = now

    def request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        self.fixed_dt = self.now().replace(microsecond=0)
        return super().request_tsa_response(req)

    def _build_tst_info(
        self, message_imprint: tsp.MessageImprint, dt: datetime, req: tsp.TimeStampReq
    ) -> tsp.TSTInfo:
        told = super()._build_tst_info(message_imprint, dt, req)
        told["policy"] = POLICY
        return told


@dataclass(frozen=True)
class OutsideStamps:
    """An authority that speaks RFC 3161 over HTTP. ``roots``: a PEM file of the certificates that its stamps end in."""

    address: str
    token: str
    roots: Path | None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def stamper(self) -> TimeStamper:
        return _Outside(self)

    def certificates(self) -> list[str]:
        if self.roots is None:
            return []
        found = self.roots.read_text("utf-8").split(_END)
        return [f"{one.strip()}\n{_END}\n" for one in found if "BEGIN CERTIFICATE" in one]

    def ask(self, query: bytes) -> bytes:
        headers = {"Content-Type": "application/timestamp-query"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        return post(self.address, query, headers, TIMEOUT, MOST)


class Answer(tsp.TimeStampResp):  # type: ignore[misc]
    """One that refuses has no stamp (RFC 3161, 2.4.2); the library's own wants one."""

    _fields = [("status", tsp.PKIStatusInfo), ("time_stamp_token", cms.ContentInfo, {"optional": True})]


class _Outside(TimeStamper):
    """The library compares the nonce alone: what was stamped, and when, is judged here; whose stamp it is, afterwards."""

    def __init__(self, service: OutsideStamps):
        super().__init__()
        self.service = service

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        return Answer.load(self.service.ask(req.dump()), strict=True)

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        try:
            token = await super().async_timestamp(message_digest, md_algorithm)
            told = token["content"]["encap_content_info"]["content"].parsed
            stamped, at = told["message_imprint"]["hashed_message"].native, told["gen_time"].native
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            raise OSError(f"the time-stamping authority's answer cannot be read: {error}") from error
        if stamped != message_digest:
            raise OSError("the time-stamping authority stamped something else than it was asked to")
        if abs(at - self.service.now()) > AWAY:
            raise OSError(f"the time-stamping authority says that it is {at:%Y-%m-%d %H:%M:%S} UTC")
        return token


_END = "-----END CERTIFICATE-----"
