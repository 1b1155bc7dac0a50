"""Tokens, and who one is."""

from uuid import UUID

from flask import current_app, g

from engine.domain.roles import AREAS, TITLES
from engine.queries.scoped import places
from engine.store.people import seats_on
from engine.store.tokens import live_tokens
from engine.usecases.api_tokens import end_own_token
from web.api import schemas
from web.api.access import staff
from web.api.blueprint import PROBLEM, blueprint
from web.api.tokens import GRANTS, Server, now, today
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
                    "recovery_code": {
                        "type": "string",
                        "maxLength": 40,
                        "description": "instead of `otp`; each is good once",
                    },
                    "sign_in": {
                        "type": "string",
                        "format": "uuid",
                        "description": "of POST /portal/sign-ins",
                    },
                    "code": {"type": "string", "description": "six digits, from the message"},
                    "client_id": {
                        "type": "string",
                        "description": "of another system, beside client_secret or in HTTP Basic; `tianqi` otherwise",
                    },
                    "client_secret": {"type": "string", "maxLength": 200},
                    "scope": {"type": "string", "description": "areas by blanks, fewer than one may open"},
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
@blp.alt_response(400, schema=schemas.OAuthProblem, content_type=PROBLEM)
@blp.alt_response(401, schema=schemas.OAuthProblem, content_type=PROBLEM)
@limiter.limit("30/minute")
def token():
    """Get a bearer token: OAuth 2.0, staff by password, applicants by one-time code, systems by their secret.

    It lasts an hour. Errors carry OAuth's `error` beside the problem details.
    """
    return running_server().create_token_response()


@blp.route("/revoke", methods=["POST"])
@blp.doc(requestBody=REVOKE_FORM, security=[])
@blp.response(200, description="void, whether or not it was a token")
@blp.alt_response(400, schema=schemas.OAuthProblem, content_type=PROBLEM)
@blp.alt_response(401, schema=schemas.OAuthProblem, content_type=PROBLEM)
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
        "areas": sorted(
            AREAS.get(actor.role, frozenset()) & (g.token_areas or AREAS.get(actor.role, frozenset()))
        ),
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


@blp.route("/tokens")
@staff()
@blp.response(200, schemas.TokenRowOut(many=True))
def tokens():
    """One's own tokens that still open something, the newest first. No token is told again."""
    rows = live_tokens(db.session(), g.actor.person_id, now())
    named = places(db.session(), {position.division for _, position in rows})
    return [
        {
            "id": str(row.id),
            "role": position.role,
            "division": position.division,
            "place": named[position.division],
            "scope": row.scope,
            "issued_at": row.issued_at.isoformat(),
            "expires_at": row.expires_at.isoformat(),
            "current": row.id == g.token_id,
        }
        for row, position in rows
    ]


@blp.route("/tokens/<uuid:token_id>", methods=["DELETE"])
@staff()
@blp.response(204)
def end(token_id: UUID):
    """Give up one of one's own tokens, by its id: for a program that was lost."""
    end_own_token(db.session(), now(), g.actor, token_id)
    db.session.commit()
    return ""


def running_server() -> Server:
    return current_app.extensions["tianqi-oauth"]
