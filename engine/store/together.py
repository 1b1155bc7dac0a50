"""Several plain statements in one round trip: the hot transaction goes round the ORM, on the session's own connection.

A statement through SQLAlchemy costs its round trip and as much again in Python; a command reads six things and
writes ten. psycopg's pipeline sends them all at once and then waits once.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeVar

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from sqlalchemy import Connection, Table
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, make_transient_to_detached

Kept = TypeVar("Kept")
Row = dict[str, Any]
Query = tuple[str, Mapping[str, Any]]  # SQL with %(name)s, its values


def read(session: Session, queries: Iterable[Query]) -> list[list[Row]]:
    """The rows of each query, in order. What the session has not flushed yet is not seen."""
    with pipeline(session.connection()) as connection:
        cursors = [connection.cursor(row_factory=dict_row).execute(sql, values) for sql, values in queries]
        return [cursor.fetchall() for cursor in cursors]


def adopted(session: Session, kind: type[Kept], row: Row) -> Kept:
    """The session's object for a row that was read beside it, as it now stands."""
    fresh = kind(**row)
    make_transient_to_detached(fresh)
    return session.merge(fresh, load=False)


class Writes:
    """Statements of one command, collected in order and sent together."""

    def __init__(self) -> None:
        self._queries: list[Query] = []

    def __len__(self) -> int:
        return len(self._queries)

    def cut(self, length: int) -> None:
        """Forget what came after the first ``length`` statements."""
        del self._queries[length:]

    def add(self, sql: str, values: Mapping[str, Any]) -> None:
        self._queries.append((sql, values))

    def insert(self, table: Any, rows: Sequence[Mapping[str, Any]]) -> None:
        """One statement. ``table`` is a mapped class; the rows name the same columns, others get their default."""
        if rows:
            sql, documents = _insert(table.__table__, tuple(rows[0]), len(rows))
            values = {f"{name}{n}": row[name] for n, row in enumerate(rows) for name in row}
            documents_of = [f"{name}{n}" for n in range(len(rows)) for name in documents]
            self._queries.append((sql, values | {name: Jsonb(values[name]) for name in documents_of}))

    def send(self, session: Session) -> None:
        """After the session's own pending changes: rows here may hang on rows there."""
        session.flush()
        queries, self._queries = self._queries, []
        with pipeline(session.connection()) as connection:
            for sql, values in queries:
                connection.execute(sql, values)


@cache
def _insert(table: Table, names: Sequence[str], rows: int) -> tuple[str, tuple[str, ...]]:
    """(the statement, the columns that are JSON)"""
    listed = ", ".join("(" + ", ".join(f"%({name}{n})s" for name in names) + ")" for n in range(rows))
    documents = tuple(name for name in names if isinstance(table.c[name].type, JSONB))
    return f"insert into {table.fullname} ({', '.join(names)}) values {listed}", documents  # noqa: S608


@contextmanager
def pipeline(connection: Connection) -> Iterator[psycopg.Connection]:
    """psycopg's own connection, sending without waiting. Faults come as SQLAlchemy's, as everywhere else."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    try:
        with driver.pipeline():
            yield driver
    except psycopg.Error as fault:
        raise DBAPIError.instance(None, None, fault, psycopg.Error) from fault
