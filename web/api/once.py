"""`Idempotency-Key`: a POST that is sent again with the same key gets the first answer again, and has one effect."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import g, request
from flask_babel import gettext as _

from engine.domain.errors import Invalid
from engine.failpoints import reach
from engine.store.sealed import SealedText
from engine.usecases.answer_once import earlier_answer, remember_answer
from engine.usecases.portal_answer_once import earlier_portal_answer, remember_portal_answer
from web.api.access import View, documented, one_commit
from web.api.reading import read_json
from web.db import office_session, running

HEADER = "Idempotency-Key"
LONGEST = 200
PARAMETER = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "description": "Send the same key again and you get the first answer again; another body with it is refused (422).",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": "^[!-~]+$"},
}
SECRETS = ("lookup_code", "activation_code", "client_secret")  # told once: they rest sealed beside the answer
_SEALED = SealedText()

Answer = dict[str, Any]  # {status, data, headers}; the data ready for JSON, since it is kept and given again


def once(view: View) -> View:
    """For staff: effect and answer in the transaction of the operational store. The view does not commit."""

    @wraps(view)
    def kept(*args: Any, **kwargs: Any) -> Any:
        session, key = office_session(), asked_key()
        if key is None:
            answer = as_answer(view(*args, **kwargs))
            session.commit()
            return given(answer)
        body = asked_body()
        earlier = earlier_answer(session, g.actor, f"api:{key}", body)
        if earlier is not None:
            return given(opened(earlier), replayed=True)
        answer = as_answer(view(*args, **kwargs))
        remember_answer(session, running().clock, g.actor, f"api:{key}", body, sealed(answer))
        reach("saved")
        session.commit()
        reach("committed")
        return given(answer)

    return documented(kept, parameters=[PARAMETER])


def portal_once(owner: Callable[[], str]) -> Callable[[View], View]:
    """For applicants: in the transaction of the portal's schema (access.OneCommit)."""

    def wrap(view: View) -> View:
        @wraps(view)
        def kept(*args: Any, **kwargs: Any) -> Any:
            portal, key = one_commit(), asked_key()
            if key is None:
                answer = as_answer(view(*args, **kwargs))
                portal.settle()
                return given(answer)
            body = asked_body()
            earlier = earlier_portal_answer(portal, owner(), key, body)
            if earlier is not None:
                return given(earlier, replayed=True)
            answer = as_answer(view(*args, **kwargs))
            remember_portal_answer(portal, running().clock, owner(), key, body, answer)
            portal.settle()
            return given(answer)

        return documented(kept, parameters=[PARAMETER])

    return wrap


def asked_key() -> str | None:
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not 1 <= len(key) <= LONGEST or not all("!" <= c <= "~" for c in key):
        raise Invalid({HEADER: [_("应为1至200个可见的ASCII字符")]})
    return key


def asked_body() -> dict[str, Any]:
    """What was asked: where, and the content; JSON by its meaning, files by their hash."""
    asked: dict[str, Any] = {"to": f"{request.method} {request.path}"}
    if request.files or request.form:
        # a part of multipart/form-data may come without a name
        asked["fields"] = sorted([str(name), value] for name, value in request.form.items(multi=True))
        asked["files"] = sorted(
            [str(name), hash_of(upload)] for name, upload in request.files.items(multi=True)
        )
    elif request.get_data(cache=True):
        asked["json"] = read_json(request.get_data(cache=True))
    return asked


def hash_of(upload: Any) -> str:
    found = hashlib.file_digest(upload.stream, "sha256").hexdigest()
    upload.stream.seek(0)
    return found


def as_answer(result: Any) -> Answer:
    """A view gives data, or (data, status), or (data, status, headers)."""
    data, status, headers = result if isinstance(result, tuple) and len(result) == 3 else (result, None, {})
    if isinstance(result, tuple) and len(result) == 2:
        data, status = result
    return {"status": status, "data": data, "headers": dict(headers)}


def given(answer: Answer, replayed: bool = False) -> tuple[Any, int | None, dict[str, str]]:
    headers = dict(answer["headers"]) | ({"Idempotency-Replayed": "true"} if replayed else {})
    return answer["data"], answer["status"], headers


def sealed(answer: Answer) -> Answer:
    return answer | {"data": _with_secrets(answer["data"], _seal)}


def opened(answer: Answer) -> Answer:
    return answer | {"data": _with_secrets(answer["data"], _open)}


def _seal(code: str) -> str:
    return (_SEALED.process_bind_param(code, None) or b"").hex()


def _open(code: str) -> str | None:
    return _SEALED.process_result_value(bytes.fromhex(code), None)


def _with_secrets(data: Any, change: Callable[[str], Any]) -> Any:
    """Wherever in the answer they stand."""
    if isinstance(data, list):
        return [_with_secrets(one, change) for one in data]
    if not isinstance(data, dict):
        return data
    return {
        name: change(value) if name in SECRETS and isinstance(value, str) else _with_secrets(value, change)
        for name, value in data.items()
    }
