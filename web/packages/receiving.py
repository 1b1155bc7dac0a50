"""Uploads of gigabytes: allowed at two addresses, and only after it is known who sends them."""

import os
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import request

PACKAGE_MB = int(os.environ.get("TIANQI_PACKAGE_MB", "4096"))


View = Callable[..., Any]


def large(view: View) -> View:
    """The request may be as long as a package. To stand inside the guard, and before anything of the body is read."""

    @wraps(view)
    def allowed(*args: Any, **kwargs: Any) -> Any:
        request.max_content_length = PACKAGE_MB << 20
        return view(*args, **kwargs)

    return allowed
