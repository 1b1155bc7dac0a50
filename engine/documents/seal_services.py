"""Who seals: the county's own key, or a seal service outside that holds it. Both behind one interface.

An outside service is sent the bytes to be signed (attributes with the document's hash), never the contract itself;
its address is a setting of the installation and comes from nowhere else.
"""

import json
import urllib.request
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Protocol

from asn1crypto import pem, x509
from cryptography.hazmat.primitives import serialization
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.sign.signers import Signer, SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from engine.store.seals import SealKey

TIMEOUT = 20  # seconds


class SealService(Protocol):
    """Gives what signs a county's papers. ``certificates``: PEM, whoever checks a seal must know them."""

    def signer(self) -> Signer: ...

    def certificates(self) -> list[str]: ...


@dataclass(frozen=True)
class OwnKey:
    """The key that the installation made for the county."""

    key: SealKey

    def signer(self) -> Signer:
        opened = serialization.load_pem_private_key(self.key.key, password=self.key.phrase)
        der = opened.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        from asn1crypto.keys import PrivateKeyInfo

        return SimpleSigner(
            signing_cert=_certificate(self.key.certificate.decode()),
            signing_key=PrivateKeyInfo.load(der),
            cert_registry=SimpleCertificateStore(),
        )

    def certificates(self) -> list[str]:
        return [self.key.certificate.decode()]


@dataclass(frozen=True)
class OutsideService:
    """POST ``address`` ``{"county", "digest_algorithm", "data"}`` (base64), answered by ``{"signature"}`` (base64);
    ``{"county"}`` alone is answered by ``{"certificates": [PEM, ...]}``, the signer's first. RSA or ECDSA.
    """

    address: str
    token: str
    county: str

    def signer(self) -> Signer:
        chain = [_certificate(text) for text in self.certificates()]
        return _Outside(self, chain)

    def certificates(self) -> list[str]:
        return list(self.ask({})["certificates"])

    def ask(self, content: dict[str, str]) -> dict:
        body = json.dumps(content | {"county": self.county}).encode()
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}
        asked = urllib.request.Request(self.address, data=body, headers=headers, method="POST")
        with urllib.request.urlopen(asked, timeout=TIMEOUT) as answer:
            return json.load(answer)


class _Outside(Signer):
    def __init__(self, service: OutsideService, chain: list[x509.Certificate]):
        registry = SimpleCertificateStore()
        registry.register_multiple(chain[1:])
        super().__init__(signing_cert=chain[0], cert_registry=registry)
        self.service = service

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        if dry_run:
            return bytes(512)
        asked = {"digest_algorithm": digest_algorithm, "data": b64encode(data).decode()}
        return b64decode(self.service.ask(asked)["signature"])


def _certificate(text: str) -> x509.Certificate:
    return next(iter(load_certs_from_pemder_data(text.encode())))


def fingerprint(text: str) -> str:
    """SHA-256 of a certificate in PEM."""
    _, _, der = pem.unarmor(text.encode())
    return x509.Certificate.load(der).sha256.hex()
