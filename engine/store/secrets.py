"""Secrets that an installation makes for itself: 32 random bytes in a file that only its owner reads."""

import os
from pathlib import Path


def own_secret(var: Path, name: str) -> bytes:
    """Read the secret, making it first where there is none; two makers at once end up with one."""
    path = var / "secrets" / name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return bytes.fromhex(path.read_text().strip())
    secret = os.urandom(32)
    with os.fdopen(handle, "w") as file:
        file.write(secret.hex())
        file.flush()
        os.fsync(file.fileno())
    return secret
