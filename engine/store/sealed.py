"""Identity numbers at rest: encrypted for reading, a keyed hash beside them for finding.

One key per installation (``TIANQI_SECRET_KEY``, 32 bytes as hex, made at set-up) gives both; whoever holds
a copy of the database alone can neither read a number nor test a guess.
"""

import hashlib
import hmac
import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import LargeBinary
from sqlalchemy.types import TypeDecorator

_keys: dict[str, bytes] = {}


def use_key(secret: bytes) -> None:
    """Take the installation's secret; called once by the wiring before any row is read."""
    for purpose in ("seal", "find"):
        _keys[purpose] = hmac.digest(secret, purpose.encode(), "sha256")


def fingerprint(text: str) -> bytes:
    """Keyed hash of an identity number or phone, upper case and trimmed: equal numbers, equal bytes."""
    return hmac.digest(_keys["find"], text.strip().upper().encode(), hashlib.sha256)


def seal(text: str) -> bytes:
    """AES-GCM: nonce (12 bytes) + ciphertext."""
    nonce = os.urandom(12)
    return nonce + AESGCM(_keys["seal"]).encrypt(nonce, text.encode(), None)


def unseal(sealed: bytes) -> str:
    return AESGCM(_keys["seal"]).decrypt(sealed[:12], sealed[12:], None).decode()


class SealedText(TypeDecorator[str]):
    """Text kept sealed."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value, dialect):
        return None if value is None else seal(value)

    def process_result_value(self, value, dialect):
        return None if value is None else unseal(value)
