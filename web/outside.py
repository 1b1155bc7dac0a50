"""Signing in with the county's identity provider: OpenID Connect by Authlib, code flow with state, nonce and PKCE.

Nothing is called but the configured issuer, and nothing of it comes from a request or a model.
"""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import Blueprint, abort, current_app, render_template, url_for
from flask_babel import gettext as _
from requests import RequestException

from engine.domain.errors import NotAllowed
from engine.settings import Oidc
from engine.usecases.accounts.outside import person_behind
from web.db import db, running
from web.limits import limiter

blueprint = Blueprint("outside", __name__)
TIMEOUT = 10  # seconds that the provider has for an answer


def settings() -> Oidc:
    """404 where the installation has no provider."""
    found = running().settings.oidc
    if found is None:
        abort(404)
    return found


def client(oidc: Oidc) -> Any:
    """Authlib's, with the issuer's metadata; they must name the issuer that was configured."""
    registry = OAuth()
    registry.register(
        "outside",
        client_id=oidc.client_id,
        client_secret=oidc.client_secret,
        server_metadata_url=f"{oidc.issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid profile", "code_challenge_method": "S256", "timeout": TIMEOUT},
    )
    registry.init_app(current_app)
    found = registry.create_client("outside")
    if found.load_server_metadata().get("issuer") != oidc.issuer:
        raise NotAllowed("issuer", "统一身份认证的地址与配置不符，请联系管理员")
    return found


def back_address() -> str:
    return running().settings.public_url + url_for("outside.back")


@blueprint.get("/sign-in/outside")
@limiter.limit("30/minute")
def start():
    oidc = settings()
    asked = {"acr_values": " ".join(oidc.acr)} if oidc.acr else {}
    try:
        return client(oidc).authorize_redirect(back_address(), **asked)
    except (AuthlibBaseError, RequestException, ValueError):
        return _failed(_("统一身份认证现在没有回应，请稍后再试，或用密码登录"))
    except NotAllowed as error:
        return _failed(_(error.message, **error.facts))


@blueprint.get("/sign-in/outside/back")
@limiter.limit("30/minute")
def back():
    """State, nonce, PKCE, signature, issuer and audience are checked by Authlib; anything amiss and nobody is in."""
    from web.auth import after_password, let_in

    oidc = settings()
    try:
        found = client(oidc)
        token = found.authorize_access_token(
            claims_options={
                "iss": {"essential": True, "value": oidc.issuer},
                "aud": {"essential": True, "value": oidc.client_id},
            }
        )
        claims = token["userinfo"]
        person = person_behind(db.session(), running().clock, datetime.now(UTC), oidc, claims)
    except NotAllowed as error:
        db.session.rollback()
        return _failed(_(error.message, **error.facts))
    except (AuthlibBaseError, RequestException, KeyError, ValueError):
        db.session.rollback()
        return _failed(_("统一身份认证没有通过，请重新登录"))
    kept = {"id_token": token.get("id_token", ""), "outside_factor": bool(oidc.acr or oidc.amr)}
    if kept["outside_factor"]:
        return let_in(person, "", "oidc", **kept)
    return after_password(person, "", "oidc", **kept)


def _failed(told: str):
    return render_template("auth/sign_in.html", username="", error=told, next=""), 403


def way_out(oidc: Oidc, id_token: str) -> str | None:
    """Where the provider's own session is ended (RP-initiated logout); None where it offers no such place."""
    try:
        place = client(oidc).load_server_metadata().get("end_session_endpoint")
    except (AuthlibBaseError, RequestException, ValueError, NotAllowed):
        return None
    if not place:
        return None
    onward = running().settings.public_url + url_for("auth.sign_in_page")
    asked = {"id_token_hint": id_token, "post_logout_redirect_uri": onward, "client_id": oidc.client_id}
    return f"{place}?{urlencode(asked)}"


def origin(oidc: Oidc) -> str:
    """For the content security policy: the form that signs out leads there."""
    parts = urlsplit(oidc.issuer)
    return f"{parts.scheme}://{parts.netloc}"


@blueprint.app_context_processor
def words() -> dict[str, Any]:
    oidc = running().settings.oidc
    return {"outside_name": (oidc.name or _("统一身份认证")) if oidc else None}
