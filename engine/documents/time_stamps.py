"""Who says when a paper was sealed: the county's own time-stamper, or an authority outside. Both behind one interface.

A time stamp (RFC 3161) is a signed statement that a hash existed at a moment. Without one a seal's time is only what
the sealer claims, and a certificate that has run out takes every old seal with it.
"""

import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from asn1crypto import tsp, x509
from asn1crypto.keys import PrivateKeyInfo
from cryptography.hazmat.primitives import serialization
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper

from engine.store.seals import SealKey

TIMEOUT = 20  # seconds
MOST = 1 << 20  # bytes of an answer
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
        asked = urllib.request.Request(self.address, data=query, headers=headers, method="POST")
        with urllib.request.urlopen(asked, timeout=TIMEOUT) as answer:
            body = answer.read(MOST + 1)
        if len(body) > MOST:
            raise OSError("the time-stamping authority's answer is too long")
        return bytes(body)


class _Outside(TimeStamper):
    def __init__(self, service: OutsideStamps):
        super().__init__()
        self.service = service

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        return tsp.TimeStampResp.load(self.service.ask(req.dump()), strict=True)


_END = "-----END CERTIFICATE-----"
