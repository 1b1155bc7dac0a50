"""Browsers' sessions: in Redis, written only by who changed them, begun anew when somebody signs in."""

from datetime import timedelta
from typing import Any

from flask import Flask, current_app, session
from flask_session.base import ServerSideSession
from flask_session.redis import RedisSessionInterface
from redis import Redis

TYPED = "typed"
"""Where what was typed into a form whose session had ended waits for its person (web/retyped.py)."""


class Sessions(RedisSessionInterface):
    """A request that changed nothing only puts the end off.

    Were it to write back what it had read, a draft saved behind the page would undo what the page's own request has
    written meanwhile (the message that it worked; that the person signed out).
    """

    def _upsert_session(self, session_lifetime: timedelta, session: ServerSideSession, store_id: str) -> None:
        if session.modified:
            super()._upsert_session(session_lifetime, session, store_id)
        else:
            self.client.expire(store_id, session_lifetime)


def init_sessions(app: Flask, redis: Redis) -> None:
    app.session_interface = Sessions(app, redis)


def begin(**facts: Any) -> None:
    """An emptied session with these facts, under a new id; an id planted before is worth nothing afterwards.

    Only what was typed before goes along: it says whose it is, and nobody else is shown it.
    """
    typed = session.get(TYPED)
    session.clear()
    if typed:
        session[TYPED] = typed
    session.update(facts)  # first: an empty session would be passed over and keep its id
    session.permanent = True
    current_app.session_interface.regenerate(session)  # type: ignore[attr-defined]
