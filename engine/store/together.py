"""Several plain statements in one round trip: the hot transaction goes round the ORM, on the session's own connection.

A statement through SQLAlchemy costs its round trip and as much again in Python; a command reads six things and
writes ten. psycopg's pipeline sends them all at once and then waits once.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

Row = dict[str, Any]
Query = tuple[str, Mapping[str, Any]]  # SQL with %(name)s, its values


def read(session: Session, queries: Iterable[Query]) -> list[list[Row]]:
    """The rows of each query, in order. What the session has not flushed yet is not seen."""
    with _pipeline(session) as connection:
        cursors = [connection.cursor(row_factory=dict_row).execute(sql, values) for sql, values in queries]
        return [cursor.fetchall() for cursor in cursors]


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

    def insert(self, table: Any, rows: Iterable[Mapping[str, Any]]) -> None:
        """``table`` is a mapped class; a column that no row names gets its default."""
        for row in rows:
            sql, documents = _insert(table.__table__, tuple(row))
            self._queries.append((sql, {**row, **{name: Jsonb(row[name]) for name in documents}}))

    def send(self, session: Session) -> None:
        """After the session's own pending changes: rows here may hang on rows there."""
        session.flush()
        queries, self._queries = self._queries, []
        with _pipeline(session) as connection:
            for sql, values in queries:
                connection.execute(sql, values)


@cache
def _insert(table: Table, names: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """(the statement, the columns that are JSON)"""
    values = ", ".join(f"%({name})s" for name in names)
    documents = tuple(name for name in names if isinstance(table.c[name].type, JSONB))
    return f"insert into {table.fullname} ({', '.join(names)}) values ({values})", documents  # noqa: S608


@contextmanager
def _pipeline(session: Session) -> Iterator[psycopg.Connection]:
    """Faults come as SQLAlchemy's, as everywhere else."""
    connection = session.connection().connection.driver_connection
    assert isinstance(connection, psycopg.Connection)
    try:
        with connection.pipeline():
            yield connection
    except psycopg.Error as fault:
        raise DBAPIError.instance(None, None, fault, psycopg.Error) from fault
