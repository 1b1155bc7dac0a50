"""The API's blueprint and what every operation of it has in common."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint as SmorestBlueprint

from web.api import limits
from web.api.reading import Parser

PREFIX = "/api/v1"
PROBLEM = "application/problem+json"


class Blueprint(SmorestBlueprint):
    """Arguments are read by our parser; every operation may answer with problem details."""

    ARGUMENTS_PARSER = Parser()


def blueprint(name: str, description: str) -> Blueprint:
    made = Blueprint(f"api-{name}", __name__, url_prefix=PREFIX, description=description)
    made.after_request(no_store)
    limits.limit(made)
    return made


def no_store(answer: Response) -> Response:
    """Answers are about persons and land: no cache keeps them."""
    answer.headers.setdefault("Cache-Control", "no-store")
    return answer


def etag(revision: Any) -> dict[str, str]:
    return {"ETag": f'"{revision}"'}


ETAG = {"ETag": {"description": "the case's revision", "schema": {"type": "string"}}}
IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "required": True,
    "description": "ETag of the task as it was read",
    "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$', "examples": ['"3"']},
}
MAY_MATCH = IF_MATCH | {
    "required": False,
    "description": "ETag of the draft as it was read",
    "schema": {"type": "string", "pattern": '^"[0-9]{1,20}"$'},
}
