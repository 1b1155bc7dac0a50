"""Tokens, and who one is."""

from flask import current_app, g

from engine.domain.roles import AREAS, TITLES
from engine.queries.scoped import places
from engine.store.people import seats_on
from web.api import schemas
from web.api.access import staff
from web.api.blueprint import blueprint
from web.api.tokens import GRANTS, Server, today
from web.db import db, running
from web.i18n import lang
from web.limits import limiter

blp = blueprint("sign-in", "令牌与当前身份 / Tokens, and who one is")

TOKEN_FORM = {
    "required": True,
    "content": {
        "application/x-www-form-urlencoded": {
            "schema": {
                "type": "object",
                "required": ["grant_type"],
                "properties": {
                    "grant_type": {"type": "string", "enum": list(GRANTS)},
                    "username": {"type": "string", "maxLength": 100},
                    "password": {"type": "string", "maxLength": 200},
                    "position": {
                        "type": "string",
                        "format": "uuid",
                        "description": "another position of one's own",
                    },
                    "otp": {
                        "type": "string",
                        "maxLength": 20,
                        "description": "six digits of the second factor, for accounts that have one",
                    },
                    "sign_in": {
                        "type": "string",
                        "format": "uuid",
                        "description": "of POST /portal/sign-ins",
                    },
                    "code": {"type": "string", "description": "six digits, from the message"},
                    "client_id": {"type": "string", "enum": ["tianqi"]},
                },
            }
        }
    },
}
REVOKE_FORM = {
    "required": True,
    "content": {
        "application/x-www-form-urlencoded": {
            "schema": {
                "type": "object",
                "required": ["token"],
                "properties": {"token": {"type": "string"}, "token_type_hint": {"type": "string"}},
            }
        }
    },
}


@blp.route("/token", methods=["POST"])
@blp.doc(requestBody=TOKEN_FORM, security=[])
@blp.response(200, schemas.Token)
@limiter.limit("30/minute")
def token():
    """Get a bearer token: OAuth 2.0, staff by password, applicants by one-time code.

    It lasts an hour. Errors carry OAuth's `error` beside the problem details.
    """
    return running_server().create_token_response()


@blp.route("/revoke", methods=["POST"])
@blp.doc(requestBody=REVOKE_FORM, security=[])
@blp.response(200, description="void, whether or not it was a token")
@limiter.limit("60/minute")
def revoke():
    """Give a token up (RFC 7009)."""
    return running_server().create_endpoint_response("revocation")


@blp.route("/me")
@staff()
@blp.response(200, schemas.Me)
def me():
    """Who the token is for, and the positions held today."""
    session, actor = db.session(), g.actor
    seats = seats_on(session, actor.person_id, today())
    held = [seat.position for seat in seats]
    named = places(session, {position.division for position in held})
    return {
        "id": actor.id,
        "name": actor.name,
        "county": actor.county,
        "role": actor.role,
        "division": actor.division,
        "areas": sorted(AREAS.get(actor.role, ())),
        "positions": [
            {
                "id": str(position.id),
                "role": position.role,
                "division": position.division,
                "title": f"{named[position.division]} {TITLES.get(position.role, {}).get(lang(), position.role)}",
                "current": (position.role, position.division) == (actor.role, actor.division)
                and actor.stands_as == (seat.principal.id if seat.principal else actor.person_id),
                "stands_in_for": seat.principal.name if seat.principal else None,
            }
            for seat, position in zip(seats, held, strict=True)
        ],
        "now": running().clock.now().isoformat(),
    }


def running_server() -> Server:
    return current_app.extensions["tianqi-oauth"]
