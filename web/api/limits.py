"""How often one program may ask: counted by its token, so that an office behind one address is not one program."""

import hashlib

from flask import request
from flask_limiter.util import get_remote_address
from flask_smorest import Blueprint

from web.limits import limiter

OFTEN = "1200/minute"


def whose() -> str:
    """The token's hash; the address of who has none."""
    given = request.headers.get("Authorization", "")
    if not given.startswith("Bearer "):
        return get_remote_address()
    return "token:" + hashlib.sha256(given.encode("utf-8", "replace")).hexdigest()[:32]


def limit(blueprint: Blueprint) -> None:
    """All operations of a program count together; what an operation says for itself comes on top."""
    limiter.shared_limit(lambda: OFTEN, scope="api", key_func=whose)(blueprint)
