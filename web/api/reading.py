"""What comes in: JSON that the database can keep, and faults told by field in the reader's language."""

import json
import math
from collections.abc import Mapping
from typing import Any

from flask import request
from flask_babel import gettext as _
from webargs import core
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from engine.domain.errors import Invalid
from web.i18n import N_

MOST_JSON = 4 * 1024 * 1024
DEEPEST = 40

# marshmallow's own messages, in Chinese
WORDS = {
    "Missing data for required field.": N_("缺少这一项"),
    "Field may not be null.": N_("这一项不能为空"),
    "Unknown field.": N_("没有这个栏目"),
    "Not a valid string.": N_("应为文字"),
    "Not a valid integer.": N_("应为整数"),
    "Not a valid boolean.": N_("应为 true 或 false"),
    "Not a valid UUID.": N_("应为编号（UUID）"),
    "Not a valid mapping type.": N_("应为由栏目组成的对象"),
    "Not a valid datetime.": N_("应为带时区的时间，例如 2026-03-15T09:00:00+08:00"),
    "Invalid input type.": N_("应为由栏目组成的对象"),
}
OTHERWISE = N_("内容不对")


def read_json(body: bytes) -> Any:
    """BadRequest for what is no JSON, is nested too deep, or holds what no text or number may be."""
    try:
        value = json.loads(body, parse_constant=_no_number)
        return checked(value)
    except (ValueError, RecursionError):
        raise BadRequest from None


def _no_number(name: str) -> Any:
    raise ValueError(name)


def checked(value: Any, depth: int = 0) -> Any:
    """The value, if it holds no NUL, no half character, no infinite number. ValueError otherwise."""
    if depth > DEEPEST:
        raise ValueError("too deep")
    if isinstance(value, str):
        value.encode("utf-8")  # half a surrogate pair is no text: UnicodeEncodeError is a ValueError
        if "\0" in value:
            raise ValueError("NUL")
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError("not finite")
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            checked(name, depth + 1)
            checked(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            checked(inner, depth + 1)
    return value


class Parser(FlaskParser):
    """Arguments of a request; faults become `Invalid`, so that web/errors.py answers as for forms."""

    def _raw_load_json(self, req: Any) -> Any:
        body = req.get_data(cache=True)
        if not body:
            return core.missing
        if not core.is_json(req.mimetype):
            raise UnsupportedMediaType
        return read_json(body)

    def load_querystring(self, req: Any, schema: Any) -> Any:
        for value in req.args.values():
            _plain(value)
        return super().load_querystring(req, schema)

    def handle_error(self, error: Any, req: Any, schema: Any, **_more: Any) -> Any:
        messages = error.messages
        if (
            isinstance(messages, dict)
            and len(messages) == 1
            and not isinstance(next(iter(messages.values())), list)
        ):
            messages = next(iter(messages.values()))  # webargs puts the location around them
        raise Invalid(flat(messages))


def _plain(text: str) -> None:
    try:
        checked(text)
    except ValueError:
        raise BadRequest from None


def flat(messages: Any, name: str = "") -> dict[str, list[str]]:
    """marshmallow's nested messages by dotted field name."""
    if isinstance(messages, Mapping):
        found: dict[str, list[str]] = {}
        for key, inner in messages.items():
            inside = str(key) if not name else f"{name}.{key}"
            for field, texts in flat(inner, "" if key == "_schema" and not name else inside).items():
                found.setdefault(field, []).extend(texts)
        return found
    listed = messages if isinstance(messages, list) else [messages]
    return {name or "_": [worded(str(text)) for text in listed]}


def worded(text: str) -> str:
    if text in WORDS:
        return _(WORDS[text])
    return text if any("\u4e00" <= c <= "\u9fff" for c in text) else f"{_(OTHERWISE)}（{text}）"


def limit_body() -> None:
    """Before every request of the API: only uploads may be large."""
    if request.mimetype != "multipart/form-data":
        request.max_content_length = MOST_JSON
