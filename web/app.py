"""The Flask application: wired once, thin everywhere."""

import os
from datetime import timedelta
from typing import Any

from flask import Flask, Response, jsonify, request
from flask_talisman import Talisman
from flask_wtf.csrf import CSRFProtect
from redis import Redis
from sqlalchemy import text
from werkzeug.middleware.proxy_fix import ProxyFix

from engine import bootstrap
from engine.bootstrap import App
from engine.settings import Oidc
from engine.store.pool import ping_idle
from web import auth, db, errors, i18n, limits, retyped
from web.outside import origin
from web.sessions import init_sessions

CSP = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": ["'self'", "data:", "blob:"],
    "font-src": ["'self'", "data:"],
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
UPLOAD_MB = 60

csrf = CSRFProtect()


def create_app(running: App | None = None) -> Flask:
    """``running`` is given by tests; a server takes its wiring from the environment."""
    running = running or bootstrap.app()
    settings = running.settings
    app = Flask(__name__)
    https = settings.public_url.startswith("https://")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_BINDS={"portal": settings.portal_database_url},
        SESSION_COOKIE_NAME="tianqi",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=https,
        PERMANENT_SESSION_LIFETIME=timedelta(minutes=settings.session_idle_minutes),
        SESSION_REFRESH_EACH_REQUEST=True,
        MAX_CONTENT_LENGTH=UPLOAD_MB * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        MAX_FORM_PARTS=2000,
        WTF_CSRF_TIME_LIMIT=None,
        RATELIMIT_STORAGE_URI=settings.redis_url,
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,  # Redis away: each process counts for itself meanwhile
        RATELIMIT_ENABLED=os.environ.get("TIANQI_LIMITS", "on") == "on",
        DEMO=settings.demo,
    )
    if settings.proxies:  # else anybody could say where they come from
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies)  # type: ignore[method-assign]
    app.extensions["tianqi"] = running
    db.db.init_app(app)
    with app.app_context():
        for engine in db.db.engines.values():
            ping_idle(engine)
    app.teardown_appcontext(db.close_own_sessions)
    init_sessions(app, Redis.from_url(settings.redis_url or ""))
    csrf.init_app(app)
    limits.limiter.init_app(app)
    Talisman(
        app,
        force_https=https,
        strict_transport_security=https,
        session_cookie_secure=https,
        content_security_policy=policy(settings.oidc),
        content_security_policy_nonce_in=["script-src", "style-src"],
        referrer_policy="same-origin",
        frame_options="DENY",
    )
    i18n.init_i18n(app)
    errors.init_errors(app)
    auth.init_auth(app)
    retyped.init_retyped(app)
    app.after_request(kept_nowhere)
    _register(app)
    return app


def policy(oidc: Oidc | None) -> dict[str, Any]:
    """The forms' targets are our own, and where signing out goes on to."""
    return CSP | ({"form-action": ["'self'", origin(oidc)]} if oidc else {})


def kept_nowhere(answer: Response) -> Response:
    """Pages are about persons and land, and village computers are shared: after signing out, Back shows nothing."""
    if request.endpoint != "static":
        answer.headers.setdefault("Cache-Control", "private, no-store")
    return answer


def _register(app: Flask) -> None:
    """Every side of the house, in the order of the menu."""
    from web.accounts.deputies import blueprint as deputies
    from web.accounts.own import blueprint as own
    from web.accounts.views import blueprint as accounts
    from web.api import init_api
    from web.audit.views import blueprint as audit
    from web.demo.views import blueprint as demo
    from web.disputes.views import blueprint as disputes
    from web.inbox.views import blueprint as inbox
    from web.jobs.views import blueprint as jobs
    from web.lookups import blueprint as lookups
    from web.map.views import blueprint as map_
    from web.open.views import blueprint as open_
    from web.outside import blueprint as outside
    from web.packages.views import blueprint as packages
    from web.packages.views import upload
    from web.portal.views import blueprint as portal
    from web.quality.views import blueprint as quality
    from web.register.views import blueprint as register
    from web.registry.views import blueprint as registry
    from web.statistics.views import blueprint as statistics
    from web.stores.views import blueprint as stores
    from web.studio.views import blueprint as studio
    from web.supervision.views import blueprint as supervision
    from web.survey.views import blueprint as survey

    blueprints = (
        inbox, map_, register, registry, disputes, supervision, survey, quality, packages, statistics, stores, studio, jobs, accounts, deputies, own, outside, audit, lookups, portal, open_, demo,
    )  # fmt: skip
    for blueprint in blueprints:
        app.register_blueprint(blueprint)
    csrf.exempt(upload)  # it looks at the token itself, once it is known who sends gigabytes
    init_api(app, csrf)

    @app.get("/healthz")
    def healthz():
        """Ready when the database answers."""
        db.db.session.execute(text("select 1"))
        return jsonify(status="ok")
