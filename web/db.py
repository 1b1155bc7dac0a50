"""Flask-SQLAlchemy over the store's metadata: one session a request for each side."""

from flask import current_app, g
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Session

from engine.bootstrap import App
from engine.domain.errors import NotFound
from engine.store.base import Base
from engine.store.scope import read_only, rescope

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


def query_session() -> Session:
    """What is open to the public, as the query store's own role; it can write nothing. NotFound where nothing is."""
    engine = running().query_engine
    if engine is None:
        raise NotFound("open", "本系统没有开放公开查询")
    if "query_session" not in g:
        g.query_session = Session(engine, expire_on_commit=False)
        read_only(g.query_session)
    return g.query_session


def close_own_sessions(_error: BaseException | None = None) -> None:
    for name in ("portal_session", "query_session"):
        session = g.pop(name, None)
        if session is not None:
            session.close()
