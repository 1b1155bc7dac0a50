"""The one table from what went wrong to a status, as a page or as problem details (RFC 9457)."""

from math import ceil
from time import time
from typing import Any

from flask import Flask, current_app, g, jsonify, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError
from werkzeug.exceptions import HTTPException

from engine.domain.errors import (
    Conflict,
    DomainError,
    Invalid,
    NotAllowed,
    NotFound,
    Refused,
)
from web.db import db
from web.i18n import N_, in_words
from web.limits import limiter
from web.retyped import again

STATUS: dict[type[DomainError], int] = {
    NotFound: 404,
    NotAllowed: 403,
    Conflict: 409,
    Invalid: 422,
    Refused: 422,
}

# Chinese text of what the framework itself refuses; anything else gets the first line.
HTTP_TEXTS = {
    400: N_("请求的内容不完整或格式不对，请返回检查后再试"),
    401: N_("请先登录；令牌没有、过期或已作废"),
    403: N_("您的岗位没有打开这一页的权限"),
    404: N_("没有这一页，请核对地址"),
    405: N_("不能这样使用这个地址"),
    412: N_("内容在您读取之后有了变化，请重新读取再提交"),
    413: N_("上传的内容太大，请分开上传或压缩后再试"),
    415: N_("不接受这种格式的内容"),
    422: N_("填写的内容有误，请更正"),
    428: N_("请用 If-Match 写明您读取时的版本（ETag）"),
    429: N_("操作太频繁，请稍等一分钟再试"),
    500: N_("系统出了问题，您的内容没有提交。请稍后再试；一直这样，请联系管理员"),
}

KEPT_HEADERS = ("Allow", "Retry-After", "WWW-Authenticate")  # what a refusal must still say

# PostgreSQL's codes for: NUL (None: the driver itself refuses it), not in the encoding, number too large
NOT_STORABLE = (None, "22021", "22P05", "22003")


def status_of(error: DomainError) -> int:
    return next((status for kind, status in STATUS.items() if isinstance(error, kind)), 422)


def message_of(error: DomainError) -> str:
    """In the reader's language."""
    return in_words(error.said)


def faults_of(error: Invalid) -> dict[str, list[str]]:
    """What is wrong, by field, in the reader's language."""
    return {name: [in_words(one) for one in said] for name, said in error.fields.items()}


def init_errors(app: Flask) -> None:
    app.register_error_handler(DomainError, _domain)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(DataError, _unstorable)
    app.register_error_handler(Exception, _unexpected)


def _domain(error: DomainError):
    extra: dict[str, Any] = {}
    if isinstance(error, Invalid):
        extra["errors"] = faults_of(error)
    return _answer(status_of(error), error.code, message_of(error), **extra)


def _csrf(error: CSRFError):
    """The token goes with the session: whoever it was signs in again, and finds what was typed."""
    kept = again() if not request.path.startswith("/api/") else None
    if kept is not None:
        return kept
    return _answer(400, "csrf", _("页面打开太久，已失效。请返回刷新后再提交"))


def _http(error: HTTPException):
    status = error.code or 500
    if 300 <= status < 400:
        return error
    answer = _answer(status, "http", _(HTTP_TEXTS.get(status, HTTP_TEXTS[400])))
    kept = [(name, value) for name, value in error.get_headers() if name in KEPT_HEADERS]
    return *answer, kept + (_later() if status == 429 else [])


def _later() -> list[tuple[str, str]]:
    """When the one who asks too often may ask again: seconds."""
    hit = limiter.current_limit
    return [("Retry-After", str(max(1, ceil(hit.reset_at - time()))))] if hit else []


def _unstorable(error: DataError):
    """Nothing that a person typed, so in no field's words. The database's other complaints are faults of ours."""
    if getattr(error.orig, "sqlstate", "") not in NOT_STORABLE:
        return _unexpected(error)
    current_app.logger.warning("not storable at %s: %s", request.path, error.orig)
    _roll_back()
    return _answer(400, "http", _(HTTP_TEXTS[400]))


def _unexpected(error: Exception):
    current_app.logger.exception("unexpected error at %s", request.path)
    _roll_back()
    return _answer(500, "unexpected", _(HTTP_TEXTS[500]))


def _roll_back() -> None:
    """The transactions may be broken, and the page that says so reads from them."""
    db.session.rollback()
    if "portal_session" in g:
        g.portal_session.rollback()


def _answer(status: int, code: str, detail: str, **extra: Any):
    if request.path.startswith("/api/"):
        body = {"type": f"urn:tianqi:{code}", "title": code, "status": status, "detail": detail} | extra
        answer = jsonify(body)
        answer.content_type = "application/problem+json"
        return answer, status
    shell = "portal.html" if request.path.startswith(("/portal", "/verify", "/open")) else "base.html"
    return render_template("errors/error.html", status=status, detail=detail, shell=shell), status
