"""What waits for the security administrator, and what was done to accounts."""

from typing import Any

from flask import g
from marshmallow import Schema, fields

from engine.queries import accounts as queries
from web.api import schemas, shapes
from web.api.access import staff
from web.api.accounts import AccountPositionOut, position, today
from web.api.blueprint import blueprint
from web.api.paging import PageArgs, page, page_number, part
from web.api.schemas import instant
from web.db import office_session

blp = blueprint("account-events", "账号 / Accounts")


class WaitingOut(AccountPositionOut):
    account = fields.String(metadata={"description": "id of the account that is to have it"})
    username = fields.String()
    name = fields.String()


class AccountEventOut(Schema):
    at = instant()
    account = fields.String(metadata={"description": "name and user name"})
    by = fields.String()
    kind = fields.String()
    facts = fields.Dict()


@blp.route("/positions/waiting")
@staff("accounts")
@blp.arguments(PageArgs, location="query")
@blp.response(200, schemas.page_of(WaitingOut))
def waiting(args: dict[str, Any]):
    """Positions that wait to be granted, at most 200: what is decided makes room."""
    rows, following = part(queries.waiting(office_session(), g.actor, today()), args)
    named = [
        position(held) | {"account": str(who.id), "username": who.username, "name": who.name}
        for held, who in rows
    ]
    return page(named, following)


@blp.route("/accounts/events")
@staff("accounts")
@blp.arguments(PageArgs, location="query")
@blp.response(200, schemas.page_of(AccountEventOut))
def events(args: dict[str, Any]):
    """What was done to accounts, the newest first."""
    return events_page(args)


def events_page(args: dict[str, Any]):
    number = page_number(args)
    rows, more = queries.events(office_session(), g.actor.county, page=number)
    shown = [
        {"at": shapes.plain(row.at), "account": whose, "by": by, "kind": row.kind, "facts": row.facts}
        for row, whose, by in rows
    ]
    return page(shown, [number + 1] if more else None)
