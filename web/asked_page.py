"""Which page of a list is asked for."""

from flask import request


def asked_page() -> int:
    """The page of a list; anything that is not a sensible number is the first."""
    asked = request.args.get("page", "1")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
