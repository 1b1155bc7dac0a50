"""The key that signs checkpoints of the history (Ed25519), made when it is first needed."""

from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from engine.store.secrets import own_secret


def checkpoint_key(var: Path) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(own_secret(var, "checkpoint.key"))


def public_key_hex(key: Ed25519PrivateKey) -> str:
    """What an auditor keeps outside to verify signatures with."""
    raw = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return raw.hex()


def exchange_key(var: Path, side: str) -> Ed25519PrivateKey:
    """The key that signs this side's exchange files (vault or operational), made when it is first needed."""
    return Ed25519PrivateKey.from_private_bytes(own_secret(var, f"exchange-{side}.key"))


def trust(var: Path, side: str, public_key: str) -> None:
    """From now on files of that side are believed that this key signed. ValueError where it is no key."""
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
    path = _trusted(var, side)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_text(public_key.strip().lower() + "\n")


def trusted_key(var: Path, side: str) -> Ed25519PublicKey:
    """The other side's key, as it was carried here by hand. FileNotFoundError before that."""
    return Ed25519PublicKey.from_public_bytes(bytes.fromhex(_trusted(var, side).read_text().strip()))


def _trusted(var: Path, side: str) -> Path:
    return var / "secrets" / f"trusted-{side}.pub"
