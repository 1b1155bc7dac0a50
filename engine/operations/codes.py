"""Codes by which anyone may check a paper."""

import secrets

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0 O 1 I: people type these codes


def new_code(length: int = 12) -> str:
    """A code that cannot be guessed and can be read aloud."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
