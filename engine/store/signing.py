"""The key that signs checkpoints of the history (Ed25519), made when it is first needed."""

from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from engine.store.secrets import own_secret


def checkpoint_key(var: Path) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(own_secret(var, "checkpoint.key"))


def public_key_hex(key: Ed25519PrivateKey) -> str:
    """What an auditor keeps outside to verify signatures with."""
    raw = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return raw.hex()
