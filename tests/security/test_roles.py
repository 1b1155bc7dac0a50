"""Each store's role, tried with itself: it reads and writes its own tables and nothing else, and alters none.

Schemas and tables come from the database: one that nobody has decided about here fails.
"""

# ruff: noqa: S608  names of our own tables

import psycopg
import pytest

from engine.embedded.databases import OWNER, ROLES

READ, ADD, WRITE = {"select"}, {"select", "insert"}, {"select", "insert", "update", "delete"}
# Schema -> the role whose it is, and what it may do with a table that is not named in EXCEPT.
OWNED = {
    "reference": ("tianqi_app", WRITE),
    "operational": ("tianqi_app", WRITE),
    "portal": ("tianqi_portal", WRITE),
    "vault": ("tianqi_vault", None),  # every table of these two is named
    "query": ("tianqi_query", None),
}
EXCEPT = {
    "reference.alembic_version": READ,
    "reference.account_events": ADD,
    "reference.process_versions": ADD,
    "reference.process_files": ADD,
    "operational.events": ADD,
    "operational.event_payloads": ADD,
    "operational.checkpoints": ADD,
    "operational.read_records": ADD,
    "operational.map_changes": ADD,
    "operational.register_changes": ADD,
    "operational.quality_settings_changes": ADD,
    "operational.quality_steps": ADD,
    "operational.statistics_confirmations": ADD,
    "operational.statistics_entries": ADD,
    "operational.exchange_files": {"select", "insert", "update"},
    "reference.deputies": {"select", "insert", "update"},
    "operational.channel_settings": ADD,
    "reference.api_clients": {"select", "insert", "update"},
    "operational.print_settings": ADD,
    "operational.survey_firms": {"select", "insert", "update"},
    "operational.fact_checks": ADD,
    "operational.party_acts": ADD,
    "operational.supervision_events": ADD,
    "operational.signatures": ADD,  # one column more: when it was given anew
    "operational.signing_codes": {"select", "insert", "update"},
    "operational.feed_messages": {"select", "insert", "update"},
    "vault.masters": ADD,
    "vault.exchange_files": {"select", "insert", "update"},
    "vault.exchange_known": WRITE,
    "query.counties": WRITE,
    "query.divisions": WRITE,
    "query.parcels": WRITE,
}
COMPARED = ("differences", "fingerprints")  # what the application finds out about staged rows
POSTGIS = {"public.spatial_ref_sys"}  # no data of ours


@pytest.fixture(scope="module")
def connect(running, services):
    database = running.settings.database_url.rpartition("/")[2]

    def as_role(role: str) -> psycopg.Connection:
        return psycopg.connect(services.url(role, database).replace("+psycopg", ""), autocommit=True)

    return as_role


@pytest.fixture(scope="module")
def tables(connect) -> list[tuple[str, str]]:
    with connect(OWNER) as owner:
        rows = owner.execute(
            "select table_schema, table_name from information_schema.tables"
            " where table_schema not in ('pg_catalog', 'information_schema')"
            " and (table_type <> 'VIEW' or table_schema <> 'public') order by 1, 2"  # PostGIS has two views
        ).fetchall()
    assert len(rows) > 40
    return [(schema, name) for schema, name in rows]


@pytest.fixture(scope="module")
def columns(connect, tables) -> dict[tuple[str, str], str]:
    """The first column of each table that one could write into."""
    with connect(OWNER) as owner:
        rows = owner.execute(
            "select table_schema, table_name, min(column_name) from information_schema.columns group by 1, 2"
        ).fetchall()
    return {(schema, name): column for schema, name, column in rows}


def allowed(role: str, schema: str, name: str) -> set[str]:
    """What was decided; KeyError for what was not."""
    table = f"{schema}.{name}"
    if table in POSTGIS:
        return READ
    if schema == "staging":  # of delivery packages on their way; filled by functions of its owner
        return (WRITE if name in COMPARED else READ) if role == "tianqi_app" else set()
    owner, usual = OWNED[schema]
    acts = EXCEPT[table] if usual is None else EXCEPT.get(table, usual)
    return acts if role == owner else set()


def tried(connection: psycopg.Connection, schema: str, name: str, column: str) -> set[str]:
    """What the role can do, found by doing it with no row: permission is asked before any row is looked for."""
    table = f'"{schema}"."{name}"'
    statements = {
        "select": f"select 1 from {table} limit 0",
        "insert": f"insert into {table} select * from (select (null::{table}).*) nothing where false",
        "update": f'update {table} set "{column}" = default where false',
        "delete": f"delete from {table} where false",
        "truncate": f"truncate {table}",
        "alter": f"alter table {table} add column mine int",
        "drop": f"drop table {table}",
    }
    done = set()
    for act, statement in statements.items():
        try:
            with connection.transaction(force_rollback=True):
                connection.execute(statement)
            done.add(act)
        except psycopg.errors.InsufficientPrivilege:
            continue
        except psycopg.Error:  # a trigger or a generated column refuses it, not the permission
            done.add(act)
    return done


@pytest.mark.parametrize("role", [role for role in ROLES if role != OWNER])
def test_a_role_does_what_was_decided_and_nothing_else(connect, tables, columns, role):
    wrong = []
    with connect(role) as connection:
        for schema, name in tables:
            wanted = allowed(role, schema, name)
            found = tried(connection, schema, name, columns[schema, name])
            if found != wanted:
                wrong.append((f"{schema}.{name}", sorted(found), sorted(wanted)))
    assert wrong == []


@pytest.mark.parametrize("role", [role for role in ROLES if role != OWNER])
def test_no_role_makes_anything(connect, role):
    with connect(role) as connection:
        for schema in ("public", *OWNED):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"create table {schema}.mine (x int)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("create schema mine")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("set role tianqi_owner")
        assert not connection.execute(
            "select rolsuper or rolbypassrls or rolcreaterole or rolcreatedb from pg_roles where rolname = current_user"
        ).fetchone()[0]  # type: ignore[index]


@pytest.mark.parametrize("role", ["tianqi_portal", "tianqi_vault", "tianqi_query"])
def test_functions_that_run_as_their_owner_are_the_applications_alone(connect, role):
    with connect(OWNER) as owner:
        functions = owner.execute(
            "select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = pronamespace"
            " where prosecdef and nspname not in ('pg_catalog', 'public')"
        ).fetchall()
        assert functions
        open_to = [
            name
            for (name,) in functions
            if owner.execute("select has_function_privilege(%s, %s, 'execute')", [role, name]).fetchone()[0]  # type: ignore[index]
        ]
    assert open_to == []


def test_masters_are_never_changed_not_even_by_their_owner(connect):
    with connect(OWNER) as owner:
        for statement in (
            "update vault.masters set cause = 'x'",
            "delete from vault.masters",
            "truncate vault.masters",
        ):
            with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
                owner.execute(statement)
