"""/api/v1: what a page can do, a program can do. Thin: parse, one use case or query, render."""

from flask import Flask, request
from flask_wtf.csrf import CSRFProtect

from web.api import (
    account_events,
    accounts,
    archives,
    audit,
    board,
    cases,
    changes,
    channels,
    clients,
    counter,
    deals,
    demo,
    desk,
    disputes,
    drafts,
    drawn,
    events,
    feed,
    held,
    jobs,
    lookups,
    many,
    maps,
    migration,
    objections,
    open,
    own,
    packages,
    papers,
    portal,
    portal_acts,
    portal_disputes,
    portal_signing,
    printing,
    public,
    quality,
    reassigning,
    register,
    register_numbers,
    registry,
    sign_in,
    statistics,
    stores,
    studio,
    supervision,
    surveys,
    tasks,
)
from web.api.blueprint import PREFIX
from web.api.openapi import configure
from web.api.reading import limit_body
from web.api.tokens import make_server

SIDES = (
    sign_in,
    tasks,
    held,
    cases,
    events,
    objections,
    papers,
    register,
    feed,
    registry,
    disputes,
    supervision,
    board,
    archives,
    packages,
    audit,
    studio,
    jobs,
    portal,
    portal_acts,
    portal_disputes,
    portal_signing,
    deals,
    public,
    quality,
    many,
    maps,
    changes,
    statistics,
    stores,
    open,
    own,
    desk,
    accounts,
    account_events,
    clients,
    reassigning,
    printing,
    channels,
    surveys,
    counter,
    drawn,
    drafts,
    migration,
    register_numbers,
    lookups,
)


def init_api(app: Flask, csrf: CSRFProtect) -> None:
    """Bearer tokens instead of cookies, so there is no form to forge: these addresses need no CSRF token."""
    app.extensions["tianqi-oauth"] = make_server(app)
    api = configure(app)
    for side in (*SIDES, demo) if app.config["DEMO"] else SIDES:
        csrf.exempt(side.blp)
        api.register_blueprint(side.blp)

    @app.before_request
    def only_uploads_are_large() -> None:
        if request.path.startswith(PREFIX):
            limit_body()
