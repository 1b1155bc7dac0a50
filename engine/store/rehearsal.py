"""Sessions for a rehearsal: everything happens in a real database, and nothing of it stays.

All sessions share one connection and its one transaction, which is rolled back in the end; what they commit is
kept in a savepoint, so they see each other's work and nobody else does. One may be opened inside another, as
long as they end in turn. Locks are held until the rehearsal is over: not for a database that others work in.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, text, update
from sqlalchemy.orm import Session

from engine.store.tables.register import Block, ParcelVersion


class Rehearsal:
    def __init__(self, connection: Connection):
        self._connection = connection
        self._scope: str | None = None  # of the innermost session that is open
        self._thread = threading.get_ident()

    @contextmanager
    def sessions(self, scope: str = "") -> Iterator[Session]:
        """Sees the divisions that begin with ``scope``, as ``scope.session_for`` does. RuntimeError from another thread."""
        if threading.get_ident() != self._thread:
            raise RuntimeError("a rehearsal has one connection, for one thread")
        before, self._scope = self._scope, scope
        if not scope:  # any other one is said by the session itself, as each of its transactions begins
            self._say("")
        try:
            with Session(
                self._connection,
                expire_on_commit=False,
                join_transaction_mode="create_savepoint",
                info={"scope": scope},
            ) as session:
                yield session
        finally:
            self._scope = before
            if before is not None:  # the session around this one goes on
                self._say(before)

    def _say(self, scope: str) -> None:
        """In one long transaction the last one would go on to hold."""
        self._connection.execute(text("select set_config('app.scope', :scope, true)"), {"scope": scope})


@contextmanager
def rehearsal(engine: Engine) -> Iterator[Rehearsal]:
    with engine.connect() as connection:
        transaction = connection.begin()
        try:
            yield Rehearsal(connection)
        finally:
            transaction.rollback()


def block(session: Session, county: str, division: str, at: datetime, **facts: str) -> None:
    """Set the stage: from that day on something stands against changing a thing (kind, on, code, ref: as in Block)."""
    values = facts | {"starts_on": at.date(), "recorded_at": at, "recorded_by": "stage"}
    session.add(Block(county=county, division=division, **values))
    session.flush()


def unblock(session: Session, county: str, ref: str) -> None:
    """It is lifted."""
    session.execute(delete(Block).where(Block.county == county, Block.ref == ref))


def say_of_land(session: Session, county: str, parcels: list[int], protected: bool) -> None:
    """Set the stage: these parcels are permanent basic farmland (SFJBNT), or are not."""
    v = ParcelVersion
    session.execute(
        update(v)
        .where(v.county == county, v.parcel_id.in_(parcels), v.superseded_at.is_(None))
        .values(basic_farmland="1" if protected else "2")
    )
