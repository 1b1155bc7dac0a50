"""Cursors: where a list goes on, opaque to whoever sends it back."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import request
from marshmallow import Schema, fields, validate

from engine.queries.cursors import bad_place
from web.api.reading import checked

PAGE, MOST = 20, 100
LAST_PAGE = 10**6


class PageArgs(Schema):
    cursor = fields.String(
        validate=validate.Length(max=400), metadata={"description": "`next` of the page before"}
    )
    limit = fields.Integer(
        load_default=PAGE,
        strict=False,
        validate=validate.Range(1, MOST),
        metadata={"description": "rows at most"},
    )


def place_of(args: dict[str, Any]) -> list[Any] | None:
    given = args.get("cursor")
    if not given:
        return None
    try:
        padded = given.encode("ascii") + b"=" * (-len(given) % 4)
        place = checked(json.loads(base64.b64decode(padded, altchars=b"-_", validate=True)))
    except (ValueError, UnicodeEncodeError, binascii.Error, RecursionError):
        raise bad_place() from None
    if not isinstance(place, list):
        raise bad_place()
    return place


def page_number(args: dict[str, Any]) -> int:
    """Of lists that are read by numbered pages: their cursor holds the number, 1 without one."""
    place = place_of(args)
    if place is None:
        return 1
    if len(place) != 1 or type(place[0]) is not int or not 1 <= place[0] <= LAST_PAGE:
        raise bad_place()
    return place[0]


def part(rows: Sequence[Any], args: dict[str, Any]) -> tuple[list[Any], list[Any] | None]:
    """Of a list that is at hand: the rows from the cursor's place on, and where it goes on."""
    start = page_number(args) - 1
    end = start + args["limit"]
    return list(rows[start:end]), [end + 1] if end < len(rows) else None


def window(args: dict[str, Any]) -> tuple[int, int]:
    """Of a list read by numbered pages: the place to begin at, and one row more than the page holds."""
    return (page_number(args) - 1) * args["limit"], args["limit"] + 1


def cut(
    rows: Sequence[Any], args: dict[str, Any], shape: Callable[[Any], Any]
) -> tuple[dict[str, Any], int, dict[str, str]]:
    """The answer of a ``window``'s rows: the one too many says that there is a next page."""
    more = len(rows) > args["limit"]
    return page([shape(row) for row in rows[: args["limit"]]], [page_number(args) + 1] if more else None)


def cursor(place: list[Any] | None) -> str | None:
    if place is None:
        return None
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def page(items: list[Any], place: list[Any] | None) -> tuple[dict[str, Any], int, dict[str, str]]:
    """The answer of a list, with RFC 8288's Link to the next page."""
    following = cursor(place)
    headers = {}
    if following:
        address = f"{request.path}?{urlencode({**request.args, 'cursor': following})}"
        headers["Link"] = f'<{address}>; rel="next"'
    return {"items": items, "next": following}, 200, headers
