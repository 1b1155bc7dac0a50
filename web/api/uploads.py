"""A file and a few words beside it, as multipart/form-data."""

from typing import Any

from flask import request
from flask_babel import gettext as _
from marshmallow import Schema
from werkzeug.datastructures import FileStorage

from engine.domain.errors import Invalid
from web.api.reading import Parser

PARSER = Parser()


def upload_body(required: tuple[str, ...] = ("kind",), **words: str) -> dict[str, Any]:
    """For OpenAPI: the file, and the named words with what they mean."""
    named = {name: {"type": "string", "description": about} for name, about in words.items()}
    properties = {"file": {"type": "string", "contentMediaType": "application/octet-stream"}} | named
    schema = {"type": "object", "required": ["file", *required], "properties": properties}
    return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}


def posted_upload(words: type[Schema]) -> tuple[dict[str, Any], FileStorage]:
    """(the words, the file). Invalid by field where one is missing."""
    form = PARSER.parse(words, request, location="form")
    given = request.files.get("file")
    if given is None:
        raise Invalid({"file": [_("请选择文件")]})
    return form, given
