"""Addresses of the built front-end files, with their fingerprint, so that they may be cached for long.

`web/frontend/build.mjs` writes the files and manifest.json into web/static/dist.
"""

import json
from functools import lru_cache
from pathlib import Path

from flask import url_for

DIST = Path(__file__).parent / "static" / "dist"


@lru_cache(maxsize=2)
def _manifest(changed: float) -> dict[str, str]:
    return json.loads((DIST / "manifest.json").read_text("utf-8"))


def asset_url(name: str) -> str:
    """`/static/dist/site.css?v=352b5b0c3489`; without a fingerprint where nothing was built yet."""
    path = DIST / "manifest.json"
    known = _manifest(path.stat().st_mtime) if path.exists() else {}
    return url_for("static", filename=f"dist/{name}", v=known.get(name))
