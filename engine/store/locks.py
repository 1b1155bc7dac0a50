"""A lock on a name, held until the transaction ends."""

from sqlalchemy import text
from sqlalchemy.orm import Session

LOCK = "select pg_advisory_xact_lock(hashtextextended(%(name)s, 0))"
"""The statement, to be sent together with others (store/together.py)."""

_LOCK = text("select pg_advisory_xact_lock(hashtextextended(:name, 0))")


def lock_name(session: Session, name: str) -> None:
    session.connection().execute(_LOCK, {"name": name})
