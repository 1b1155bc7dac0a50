"""Row level security's half in the application: each transaction says what it may see.

The policies (migrations) show a row of a scoped table only if its division begins with ``app.scope``; a
transaction that says nothing sees nothing. Queries scope themselves too: this is the net under them.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event, text
from sqlalchemy.orm import Session

from engine.store.together import pipeline


@event.listens_for(Session, "after_begin")
def _say_scope(session: Session, transaction, connection) -> None:
    scope = session.info.get("scope")
    if scope:
        with pipeline(connection) as driver:  # the transaction's beginning goes along
            driver.execute("select set_config('app.scope', %(scope)s, true)", {"scope": scope})
    if session.info.get("read_only"):
        connection.execute(text("set transaction read only"))


@contextmanager
def session_for(engine: Engine, scope: str = "") -> Iterator[Session]:
    """A session whose transactions see the divisions that begin with ``scope``; commits nothing by itself."""
    with Session(engine, expire_on_commit=False, info={"scope": scope}) as session:
        yield session


def rescope(session: Session, scope: str) -> None:
    """From now on (this transaction included) the session sees ``scope``: for sessions made by Flask."""
    session.info["scope"] = scope
    if session.in_transaction():
        with pipeline(session.connection()) as driver:
            driver.execute("select set_config('app.scope', %(scope)s, true)", {"scope": scope})


def one_view(session: Session) -> None:
    """The transaction sees the database as it is now, however long it reads. To be called before anything else."""
    session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def read_only(session: Session) -> None:
    """From now on every transaction of the session refuses to write anything."""
    session.info["read_only"] = True
    session.execute(text("set transaction read only"))
