"""Roles, extensions and databases: what only a superuser may do, before the migrations run.

The migrations run as the owner, the programs as roles that own nothing, so that row level
security holds for them (architecture.md 15). The same steps prepare a production database:
`prepare_database` takes any superuser connection.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from engine.embedded import postgres

if TYPE_CHECKING:
    from engine.embedded.services import Services

OWNER = "tianqi_owner"  # runs migrations, owns databases and schemas
ROLES = (OWNER, "tianqi_app", "tianqi_portal", "tianqi_vault", "tianqi_query")  # one for each store
EXTENSIONS = ("postgis", "btree_gist", "pg_trgm", "pgcrypto")
# Row security keeps an index from being used by operators that could leak. These reveal nothing of
# what they compare, and give spatial and text search their indexes back (363 ms -> 0.8 ms).
LEAKPROOF = (
    "geometry_overlaps(geometry, geometry)",
    "pg_catalog.textlike(text, text)",
    "pg_catalog.ts_match_vq(tsvector, tsquery)",
)


def ensure_roles(connection: psycopg.Connection, passwords: Mapping[str, str]) -> None:
    """Create or bring up to date the login roles, with these passwords."""
    rows = connection.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", [list(ROLES)])
    known = {name for (name,) in rows}
    for role in ROLES:
        statement = sql.SQL(
            "{verb} ROLE {role} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD {password}"
        )
        verb = sql.SQL("ALTER" if role in known else "CREATE")
        connection.execute(
            statement.format(verb=verb, role=sql.Identifier(role), password=sql.Literal(passwords[role]))
        )


def prepare_database(connection: psycopg.Connection) -> None:
    """Extensions and leakproof marks in the connected database. Idempotent; needs a superuser, autocommit."""
    for extension in EXTENSIONS:
        connection.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension)))
    for function in LEAKPROOF:
        connection.execute(sql.SQL("ALTER FUNCTION {} LEAKPROOF").format(sql.SQL(function)))


def create_database(services: "Services", name: str) -> None:
    """A prepared, empty database of that name owned by the owner role; one that exists is brought up to date."""
    with _admin(services) as connection:
        if not _exists(connection, name):
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(OWNER))
            )
        _grant_access(connection, name)
    with _admin(services, name) as connection:
        prepare_database(connection)


def clone_database(services: "Services", name: str, *, template: str) -> None:
    """A copy of `template` (nobody may be connected to it), replacing a database of that name."""
    drop_database(services, name)
    with _admin(services) as connection:
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}")
        connection.execute(
            statement.format(sql.Identifier(name), sql.Identifier(template), sql.Identifier(OWNER))
        )
        _grant_access(connection, name)


def drop_database(services: "Services", name: str) -> None:
    """Drop it if it exists, throwing out who is connected."""
    with _admin(services) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _admin(services: "Services", database: str = "postgres") -> psycopg.Connection:
    if services.place is None or services.postgres_port is None:
        raise ValueError("the database of these services is not an embedded one")
    return postgres.connect(services.place, services.postgres_port, database)


def _exists(connection: psycopg.Connection, name: str) -> bool:
    return connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def _grant_access(connection: psycopg.Connection, name: str) -> None:
    """Only our roles may connect. Copies of a template do not inherit this."""
    database = sql.Identifier(name)
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
    roles = sql.SQL(", ").join(sql.Identifier(role) for role in ROLES if role != OWNER)
    connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, roles))
