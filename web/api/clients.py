"""Other systems as clients, made by the system administrator. Positions, locking and ending are those of every account."""

from typing import Any
from uuid import UUID

from flask import g, url_for
from marshmallow import Schema, fields

from engine.store.tables.reference import Person
from engine.usecases import api_clients
from engine.usecases.accounts.noted import account
from web.api.access import staff
from web.api.blueprint import blueprint
from web.api.once import once
from web.db import office_session, running

blp = blueprint("clients", "外部系统 / Other systems")


class ClientIn(Schema):
    client_id = fields.String(required=True)
    name = fields.String(required=True)
    division = fields.String(required=True, metadata={"description": "all that its tokens see"})
    scopes = fields.List(fields.String(), required=True, metadata={"description": "areas, agreed with it"})


class ClientOut(Schema):
    id = fields.String(required=True, metadata={"description": "of its account"})
    client_id = fields.String(required=True)
    name = fields.String()
    client_secret = fields.String(
        metadata={"description": "told once, and nowhere else; void when a new one is given"}
    )


@blp.route("/clients", methods=["POST"])
@staff("accounts")
@blp.arguments(ClientIn)
@blp.response(201, ClientOut)
@once
def make_client(args: dict[str, Any]):
    """Another system, with a secret of its own. Its position waits for the security administrator; then it gets tokens
    by `client_credentials`, for the scopes given here at most."""
    person, secret = api_clients.create_client(office_session(), running().clock, g.actor, **args)
    where = url_for("api-accounts.one", person_id=person.id)
    return _client(person, secret), 201, {"Location": where}


@blp.route("/clients/<uuid:person_id>/secret", methods=["POST"])
@staff("accounts")
@blp.response(201, ClientOut)
@once
def new_secret(person_id: UUID):
    """A new secret; the old one and all of its tokens are void."""
    session = office_session()
    secret = api_clients.new_secret(session, running().clock, g.actor, person_id)
    return _client(account(session, g.actor, person_id), secret), 201


def _client(person: Person, secret: str) -> dict[str, Any]:
    return {
        "id": str(person.id),
        "client_id": person.username,
        "name": person.name,
        "client_secret": secret,
    }
