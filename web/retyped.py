"""What was typed into a form whose session had ended: kept until its person has signed in again, then put back.

It holds for every form of ours, since the page is filled as it leaves (web/refill.py). Never kept: passwords, codes,
identity numbers, signatures, files. Where a person had been signed in, only that person sees it again: a browser
remembers as whom it was (a keyed hash, no name). A form that anybody may fill comes back at once.
"""

import hmac
import re
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from flask_login.utils import login_url

from web.refill import refill
from web.sessions import TYPED

NEXT = "portal_next"
NEVER = re.compile(r"csrf_token|code|pin|.*password.*|.*id_number.*|.*signature.*|.*strokes.*")
ELSEWHERE = ("auth", "own")  # signing in, and one's own passwords and keys
MOST = 40_000  # characters
REMEMBERED = 24 * 3600  # seconds; longer than any session


def side() -> str:
    return "home" if request.path.startswith("/portal") else "desk"


def cookie() -> str:
    return f"tianqi_{side()}"


def who() -> str | None:
    """Who is signed in on this side, as the browser may remember it."""
    if side() == "home":
        known = session.get("applicant")
    else:
        known = current_user.person.id if current_user.is_authenticated else None
    if not known:
        return None
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(key, f"{side()}:{known}".encode(), "sha256").hexdigest()[:32]


def came_from() -> str | None:
    """The page of ours that the form stood on; None where the browser does not say that it was one."""
    referrer = urlsplit(request.referrer or request.headers.get("Origin") or "")
    if referrer.netloc != request.host:
        return None
    adapter = current_app.create_url_adapter(request)
    path = request.path
    places = [referrer.path, path, *(path.rsplit("/", n)[0] for n in range(1, path.count("/")))]
    return next((place for place in places if place and adapter and adapter.test(place, "GET")), None)


def keep_typed() -> str | None:
    """The page that the form stood on, once what was typed is kept for it; None where it is not."""
    fields = {n: request.form.getlist(n) for n in request.form if not NEVER.fullmatch(n)}
    page = came_from()
    size = sum(len(text) for texts in fields.values() for text in texts)
    if page is None or size > MOST or request.blueprint in ELSEWHERE:
        return None
    if request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate":
        return None
    owner = request.cookies.get(cookie()) if guarded() else ""
    if owner is None:
        return None
    files = any(one.filename for texts in request.files.listvalues() for one in texts)
    session[TYPED] = {"page": page, "path": request.path, "fields": fields, "owner": owner, "files": files}
    return page


def guarded() -> bool:
    """Whether the form is for people who are signed in."""
    return hasattr(current_app.view_functions.get(request.endpoint or ""), "area")


def again() -> Response | None:
    """Where to go after a form that came too late: to sign in, or straight back to it; None: nothing was kept."""
    page = keep_typed()
    if page is None:
        return None
    if who() or not guarded():
        return _to(page)
    if side() == "home":
        session[NEXT] = page
        return _to(url_for("portal.sign_in_page"))
    return _to(login_url("auth.sign_in_page", page))


def _to(place: str) -> Response:
    return redirect(place, 303)  # type: ignore[return-value]


def unauthorized() -> Response:
    """A page of the staff's whose session is over."""
    if request.method == "POST":
        kept = again()
        if kept is not None:
            return kept
    return redirect(login_url("auth.sign_in_page", request.url))  # type: ignore[return-value]


def put_back(answer: Response) -> Response:
    """The page as it leaves, filled with what was typed into it, once."""
    kept = session.get(TYPED) if request.endpoint != "static" else None
    shown = request.method == "GET" and answer.status_code == 200 and answer.mimetype == "text/html"
    if not kept or not shown or request.path != kept["page"]:
        return answer
    session.pop(TYPED)
    if kept["owner"] and not hmac.compare_digest(kept["owner"], who() or ""):
        return answer
    notes = [_("登录过期前填的内容还在，请核对后再提交。")]
    if kept["files"]:
        notes.append(_("选择的文件没有保存，请重新选择。"))
    here, told = request.path, (" ".join(notes), _("没有放回原处的内容："))
    answer.set_data(refill(answer.get_data(as_text=True), here, kept["path"], kept["fields"], *told))
    return answer


def remember(answer: Response) -> Response:
    """Whose browser it is, so that nobody else is shown what was typed. Only by pages that know who is there anyway."""
    known = g.get("applicant") if side() == "home" else g.get("actor")
    mine = who() if known else None
    if mine and request.cookies.get(cookie()) != mine:
        answer.set_cookie(cookie(), mine, max_age=REMEMBERED, **_manner())
    return answer


def forget(answer: Response) -> Response:
    """Who signs out leaves nothing behind."""
    answer.delete_cookie(cookie(), **_manner())
    return answer


def _manner() -> dict[str, Any]:
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    return {"httponly": True, "samesite": "Lax", "secure": secure}


def init_retyped(app: Flask) -> None:
    app.after_request(put_back)
    app.after_request(remember)
