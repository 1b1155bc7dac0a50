"""Who seals: the county's own key, or a seal service outside that holds it. Both behind one interface.

An outside service is sent the bytes to be signed (attributes with the document's hash), never the contract itself;
its address is a setting of the installation and comes from nowhere else.
"""

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Any, Protocol

from asn1crypto import pem, x509
from cryptography.hazmat.primitives import serialization
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.sign.signers import Signer, SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from engine.outgoing import NoAnswer, post
from engine.store.seals import SealKey

TIMEOUT = 20  # seconds
MOST = 1 << 20  # bytes of an answer


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
        told = self._ask({}).get("certificates")
        if not isinstance(told, list) or not told or not all(isinstance(pem, str) for pem in told):
            raise NoAnswer("the seal service gave no certificates")
        return told

    def sign(self, data: bytes, digest_algorithm: str) -> bytes:
        asked = {"digest_algorithm": digest_algorithm, "data": b64encode(data).decode()}
        told = self._ask(asked).get("signature")
        if not isinstance(told, str):
            raise NoAnswer("the seal service gave no signature")
        return b64decode(told)

    def _ask(self, content: dict[str, str]) -> dict[str, Any]:
        body = json.dumps(content | {"county": self.county}).encode()
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}
        try:
            told = json.loads(post(self.address, body, headers, TIMEOUT, MOST))
        except (ValueError, RecursionError) as error:
            raise NoAnswer(f"the seal service's answer cannot be read: {error}") from error
        return told if isinstance(told, dict) else {}


class _Outside(Signer):
    def __init__(self, service: OutsideService, chain: list[x509.Certificate]):
        registry = SimpleCertificateStore()
        registry.register_multiple(chain[1:])
        super().__init__(signing_cert=chain[0], cert_registry=registry)
        self.service = service

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        if dry_run:
            return bytes(512)
        return self.service.sign(data, digest_algorithm)


def _certificate(text: str) -> x509.Certificate:
    return next(iter(load_certs_from_pemder_data(text.encode())))


def fingerprint(text: str) -> str:
    """SHA-256 of a certificate in PEM."""
    _, _, der = pem.unarmor(text.encode())
    return x509.Certificate.load(der).sha256.hex()
