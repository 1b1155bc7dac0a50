"""Is this paper genuine? Anyone who holds it can compare its number, date and file with what was issued."""

import hashlib
import re

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _

from engine.domain.errors import Refused
from engine.queries import portal_pages
from engine.queries.verified_file import MOST as MOST_FILE
from engine.queries.verified_file import check_file
from web.db import portal_session
from web.errors import message_of
from web.limits import limiter

MOST = 60 * 1024 * 1024
CODE = re.compile(r"[0-9A-Z]{6,32}")


def add_routes(blueprint: Blueprint) -> None:
    often = limiter.limit("30/minute")
    blueprint.get("/verify", strict_slashes=False)(often(verify_any))
    blueprint.post("/verify", strict_slashes=False)(limiter.limit("10/minute;60/hour")(verify_file))
    blueprint.get("/verify/<code>")(often(verify))
    blueprint.post("/verify/<code>")(often(compare))


def verify_any():
    """Where a code is typed in by hand."""
    typed = re.sub(r"[\s\-]", "", request.args.get("code", "")).upper()[:40]
    if typed and CODE.fullmatch(typed):
        return redirect(url_for("portal.verify", code=typed))
    return render_template("verify/ask.html", typed=typed, wrong=bool(typed))


def verify_file():
    """A PDF without any code: its seals are read off it. It stays nowhere."""
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return render_template("verify/ask.html", typed="", wrong=False, trouble=_("请先选择文件")), 422
    try:
        found = check_file(portal_session(), upload.stream.read(MOST_FILE + 1))
    except Refused as error:
        return render_template("verify/ask.html", typed="", wrong=False, trouble=message_of(error)), 422
    return render_template("verify/file.html", found=found, states=states())


def states() -> dict[str, str]:
    return {
        "issued": _("已出具，未签订或未备案"),
        "sealed": _("已签订，未备案"),
        "filed": _("已签订，已备案"),
        "void": _("已作废"),
    }


def _paper(code: str):
    plain = code.upper()
    return portal_pages.paper_by_code(portal_session(), plain) if CODE.fullmatch(plain) else None


def verify(code: str):
    return _answer(code, None)


def _answer(code: str, same: bool | None, missing: bool = False):
    paper = _paper(code)
    if paper is None:
        cards = portal_pages.counties(portal_session())
        return render_template("verify/unknown.html", counties=cards), 404
    return render_template(
        "verify/paper.html", paper=paper, same=same, missing=missing, states=states()
    ), 422 if missing else 200


def compare(code: str):
    """The file stays nowhere: only its hash is computed."""
    upload, paper = request.files.get("file"), _paper(code)
    if paper is None:
        return _answer(code, None)
    if upload is None or not upload.filename:
        return _answer(code, None, missing=True)
    digest = hashlib.sha256()
    while chunk := upload.stream.read(1 << 20):
        digest.update(chunk)
    return _answer(code, digest.hexdigest() in (paper.sha256, paper.facts.get("sealed_sha256")))
