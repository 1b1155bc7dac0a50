"""OAuth 2.0 by Authlib: how a bearer token is got, given up and checked.

Staff: resource-owner password grant. Applicants: an extension grant, the one-time code that proves their telephone.
Both through one client, the programs of the county itself, which has no secret and need not name itself. Other systems:
client credentials, each with its own secret. A token's scope is the areas that it opens (engine/domain/roles.py):
narrower on request, and never wider than the position or what was agreed with the system.
"""

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector
from authlib.oauth2.rfc6749 import ClientMixin, InvalidGrantError, InvalidRequestError, InvalidScopeError
from authlib.oauth2.rfc6749.grants import (
    BaseGrant,
    ClientCredentialsGrant,
    ResourceOwnerPasswordCredentialsGrant,
    TokenEndpointMixin,
)
from authlib.oauth2.rfc6750 import BearerTokenValidator, InvalidTokenError
from authlib.oauth2.rfc7009 import RevocationEndpoint
from flask import Flask, Response, g, json, request
from flask_babel import gettext as _

from engine.domain.actor import Actor
from engine.domain.clock import local_date
from engine.domain.errors import NotAllowed
from engine.domain.roles import AREAS
from engine.store.sign_in_tries import network
from engine.store.tables.portal import Applicant
from engine.store.tables.reference import ApiClient, Person
from engine.usecases import api_clients, api_tokens
from engine.usecases.portal_sign_in import enter_code
from engine.usecases.sign_in import wrong
from web.db import db, portal_session, running
from web.errors import HTTP_TEXTS, message_of

ONE_TIME_CODE = "urn:tianqi:params:oauth:grant-type:one-time-code"
OWN_GRANTS = ("password", ONE_TIME_CODE)
CLIENT_CREDENTIALS = "client_credentials"
GRANTS = (*OWN_GRANTS, CLIENT_CREDENTIALS)


class OwnClient(ClientMixin):
    """The county's own programs."""

    client_id = "tianqi"

    def get_client_id(self) -> str:
        return self.client_id

    def get_allowed_scope(self, scope: str | None) -> str:
        return scope or ""

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "own"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in OWN_GRANTS


CLIENT = OwnClient()


class OtherSystem(ClientMixin):
    """One that was made under its own id, with a secret."""

    def __init__(self, person: Person, row: ApiClient):
        self.person, self.row = person, row

    def get_client_id(self) -> str:
        return self.person.username

    def get_allowed_scope(self, scope: str | None) -> str:
        return scope or ""

    def check_client_secret(self, client_secret: str) -> bool:
        return api_clients.is_secret(self.row, client_secret)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method in SECRET_METHODS

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == CLIENT_CREDENTIALS


SECRET_METHODS = ["client_secret_basic", "client_secret_post"]


def other_system(client_id: str) -> OtherSystem | None:
    found = api_clients.client_of(db.session(), client_id[:100])
    return OtherSystem(*found) if found else None


def narrowed(asked: str | None, most: Iterable[str]) -> str | None:
    """The scope of a new token: what was asked for; None where nothing was. OAuth's invalid_scope beyond ``most``."""
    wanted = set((asked or "").split())
    if not wanted <= set(most):
        raise InvalidScopeError
    return " ".join(sorted(wanted)) or None


def own_client(query_client: Any, request: Any) -> OwnClient | None:
    """Nobody but us: a program that names another client is not let in."""
    return CLIENT if request.payload.client_id in (None, "", CLIENT.client_id) else None


def now() -> datetime:
    """Real time; see engine/usecases/api_tokens.py."""
    return datetime.now(UTC)


def today():
    """The day on which positions count: the application's clock."""
    return local_date(running().clock.now())


class PasswordGrant(ResourceOwnerPasswordCredentialsGrant):
    """Parameter ``position`` (an id from GET /me) asks for a token of another position than the first; ``otp`` is
    the second factor, for accounts that have one."""

    TOKEN_ENDPOINT_AUTH_METHODS = ["own"]

    def authenticate_user(self, username: str, password: str) -> api_tokens.SignedIn:
        position = self.request.form.get("position") or None
        try:
            if len(username) > 100 or len(password) > 200:
                raise wrong()
            who = signed_in(self.request.form, username, password, position)
        except NotAllowed as error:
            raise refused(error) from None
        g.oauth_scope = narrowed(self.request.form.get("scope"), AREAS.get(who.position.role, ()))
        return who


def signed_in(form: Any, username: str, password: str, position: str | None) -> api_tokens.SignedIn:
    """By the second factor, or past it by a recovery code."""
    session, address = db.session(), network(request.remote_addr)
    if recovery := form.get("recovery_code", "")[:40]:
        return api_tokens.recover_for_token(
            session, running().clock, now(), username, password, position, recovery, address
        )
    second = form.get("otp", "")[:20]
    return api_tokens.sign_in_for_token(
        session, now(), today(), username, password, position, second, address
    )


class OneTimeCodeGrant(BaseGrant, TokenEndpointMixin):
    """Parameters ``sign_in`` (from POST /portal/sign-ins) and ``code`` (six digits from the message)."""

    GRANT_TYPE = ONE_TIME_CODE
    TOKEN_ENDPOINT_AUTH_METHODS = ["own"]

    def validate_token_request(self) -> None:
        self.request.client = self.authenticate_token_endpoint_client()
        sign_in, code = self.request.form.get("sign_in", ""), self.request.form.get("code", "")
        if not sign_in or not code:
            raise InvalidRequestError("Missing 'sign_in' or 'code' in request.")
        try:
            self.request.user = enter_code(portal_session(), running().clock, _uuid(sign_in), code[:12])
        except NotAllowed as error:
            raise refused(error) from None

    def create_token_response(self) -> tuple[int, dict[str, Any], Any]:
        token = self.generate_token(user=self.request.user)
        self.save_token(token)
        return 200, token, self.TOKEN_RESPONSE_HEADER


class SystemGrant(ClientCredentialsGrant):
    """Client id and secret in HTTP Basic or in the form; ``scope`` asks for fewer areas than were agreed."""

    TOKEN_ENDPOINT_AUTH_METHODS = SECRET_METHODS

    def validate_token_request(self) -> None:
        super().validate_token_request()
        system: OtherSystem = self.request.client
        who = api_clients.position_of(db.session(), system.person, today())
        if who is None:
            raise InvalidGrantError("the position is not granted")
        agreed = system.row.scope
        g.oauth_scope = narrowed(self.request.form.get("scope"), agreed.split()) or agreed
        self.request.user = who

    def create_token_response(self) -> tuple[int, dict[str, Any], Any]:
        token = self.generate_token(user=self.request.user)
        self.save_token(token)
        return 200, token, self.TOKEN_RESPONSE_HEADER


def refused(error: NotAllowed) -> InvalidGrantError:
    """OAuth's own description may only be ASCII (RFC 6749, 5.2); the words for people go into the detail."""
    g.oauth_detail = message_of(error)
    return InvalidGrantError(error.code)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise InvalidRequestError("'sign_in' is not an id.") from None


class Revocation(RevocationEndpoint):
    """RFC 7009: a token that is void already, or never was one, is answered alike; whoever has it may give it up."""

    def authenticate_endpoint_client(self, request: Any) -> OwnClient:
        return CLIENT

    def query_token(self, token_string: str, token_type_hint: str | None) -> None:
        api_tokens.revoke(db.session(), portal_session(), now(), token_string)
        db.session.commit()
        portal_session().commit()

    def revoke_token(self, token: Any, request: Any) -> None:
        """Done where it is looked up: one statement, no answer tells whether there was one."""


class Server(AuthorizationServer):
    """Errors are OAuth's and problem details at once, so that both kinds of client understand them."""

    def handle_response(self, status_code: int, payload: Any, headers: Any) -> Response:
        if status_code < 400 or not isinstance(payload, dict):
            return super().handle_response(status_code, payload, headers)
        error = payload.get("error", "invalid_request")
        problem = {"type": f"urn:tianqi:{error}", "title": error, "status": status_code}
        problem["detail"] = g.pop("oauth_detail", None) or _(HTTP_TEXTS[400])
        kept = [(name, value) for name, value in headers if name.lower() != "content-type"]
        body = json.dumps(problem | payload)
        return Response(body, status_code, kept, content_type="application/problem+json")


def make_token(client: Any, grant_type: str, user: Any, scope: str) -> str:
    """Written down as it is made: the row and the token belong together."""
    if isinstance(user, Applicant):
        token = api_tokens.issue_applicant_token(portal_session(), now(), user.id)
        portal_session().commit()
        return token
    kept = g.get("oauth_scope")
    token = api_tokens.issue_staff_token(db.session(), now(), user.person.id, user.position.id, kept)
    db.session.commit()
    return token


def told_scope(token: dict[str, Any], _request: Any) -> None:
    """RFC 6749, 5.1: the answer says which scope the token has."""
    if g.get("oauth_scope"):
        token["scope"] = g.oauth_scope


def make_server(app: Flask) -> Server:
    # Talisman turns plain http away where the county's address is https; Authlib would look at the inner address alone,
    # and fail behind a proxy that ends TLS.
    os.environ.setdefault("AUTHLIB_INSECURE_TRANSPORT", "1")
    seconds = int(api_tokens.LASTS.total_seconds())
    app.config["OAUTH2_ACCESS_TOKEN_GENERATOR"] = make_token
    app.config["OAUTH2_TOKEN_EXPIRES_IN"] = dict.fromkeys(GRANTS, seconds)
    server = Server(app, query_client=other_system, save_token=told_scope)
    server.register_client_auth_method("own", own_client)
    server.register_grant(PasswordGrant)
    server.register_grant(OneTimeCodeGrant)
    server.register_grant(SystemGrant)
    server.register_endpoint(Revocation)
    return server


class Bearer(BearerTokenValidator):
    """Gives the person behind a token: an Actor, or an Applicant. Void in any way is invalid_token."""

    def authenticate_token(self, token_string: str) -> Actor | Applicant | None:
        if token_string.startswith(api_tokens.STAFF):
            found = api_tokens.staff_behind(db.session(), now(), today(), token_string)
            g.token_areas = found.areas if found else None
            g.token_id = found.token_id if found else None
            return found.actor if found else None
        if token_string.startswith(api_tokens.APPLICANT):
            return api_tokens.applicant_behind(portal_session(), now(), token_string)
        return None

    def validate_token(self, token: Any, scopes: Any, request: Any) -> None:
        if token is None:
            raise InvalidTokenError(realm=self.realm)


protector = ResourceProtector()
protector.register_token_validator(Bearer(realm="tianqi"))
