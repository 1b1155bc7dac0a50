"""A file as an answer: never guessed at by the browser, never kept."""

from flask import Response, make_response

from web.inbox.download import disposition


def attached(body: bytes, name: str, media_type: str, inline: bool = False) -> Response:
    answer = make_response(body)
    answer.headers["Content-Type"] = media_type
    answer.headers["Content-Disposition"] = disposition(name, inline)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
