"""Connections that may have died are tried before use, those in constant use are not: a ping is a round trip."""

from time import monotonic
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import DisconnectionError

IDLE_SECONDS = 1.0


def ping_idle(engine: Engine) -> Engine:
    """A connection that rested longer is tried first and replaced if it is gone.

    One that dies in use fails its request, which the client sends again; SQLAlchemy then replaces them all.
    """

    @event.listens_for(engine, "checkout")
    def try_it(connection: Any, record: Any, _proxy: Any) -> None:
        if monotonic() - record.info.get("used", 0.0) < IDLE_SECONDS:
            return
        try:
            alive = engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as fault:
            raise DisconnectionError from fault
        if not alive:
            raise DisconnectionError

    @event.listens_for(engine, "checkin")
    def note(_connection: Any, record: Any) -> None:
        record.info["used"] = monotonic()

    return engine
