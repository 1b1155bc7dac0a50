"""Flask-SQLAlchemy over the store's metadata: one session a request for each side."""

from flask import current_app, g
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Session

from engine.bootstrap import App
from engine.store.base import Base
from engine.store.scope import rescope

db = SQLAlchemy(metadata=Base.metadata, session_options={"expire_on_commit": False})


def running() -> App:
    """The wired application behind this web application."""
    return current_app.extensions["tianqi"]


def office_session() -> Session:
    """The operational store, scoped to the position signed in; it sees nothing when nobody is."""
    session = db.session()
    actor = g.get("actor")
    scope = actor.scope if actor else ""
    if session.info.get("scope") != scope:
        rescope(session, scope)
    return session


def portal_session() -> Session:
    """The applicants' schema, as its own database role."""
    if "portal_session" not in g:
        g.portal_session = Session(db.engines["portal"], expire_on_commit=False)
    return g.portal_session


def close_portal_session(_error: BaseException | None = None) -> None:
    session = g.pop("portal_session", None)
    if session is not None:
        session.close()
