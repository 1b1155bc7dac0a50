"""The net under every query: a transaction sees the divisions it said, and nothing when it said nothing."""
# ruff: noqa: S608  these statements are the tests' own

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from engine.store.base import OPERATIONAL, PORTAL, REFERENCE, Base
from engine.store.scope import rescope
from tests.usecases.acting import COUNTY, played

SCOPED = [
    "cases", "tasks", "deadlines", "changesets", "papers",
    "issuing_parties", "contractors", "parcels", "contracts", "register_entries", "certificates",
    "boundary_points", "boundary_lines", "transfer_contracts", "register_files",
    "parcel_versions", "map_changes",
]  # fmt: skip
APPEND_ONLY = ["events", "event_payloads", "checkpoints", "read_records"]


@pytest.fixture(scope="module")
def play(running):
    return played(running, until="contract_publicity")


def count(session, table, where="true"):
    return session.execute(text(f"select count(*) from operational.{table} where {where}")).scalar_one()


@pytest.mark.parametrize("table", [*SCOPED, "publicities"])
def test_without_a_scope_nothing_is_shown(running, play, table):
    with running.sessions(COUNTY) as session:
        assert count(session, table) > 0
    with running.sessions() as session:
        assert count(session, table) == 0
    for scope in (
        "",
        " ",
        "%",
        "_",
        "x",
        "99010",
        "9901010",
    ):  # the last two: no division begins so, or all do
        with running.sessions() as session:
            session.execute(text("select set_config('app.scope', :scope, true)"), {"scope": scope})
            seen = count(session, table)
        assert (seen > 0) == (scope == "99010"), scope


def test_a_village_sees_the_map_that_it_lies_on(running, play):
    """Its own features, and those of the divisions above, which reach beyond it; no other village's."""
    own = play.actor("village").division
    with running.sessions(COUNTY) as session:
        whole = set(session.scalars(text("select division from operational.map_features")))
    with running.sessions(own) as session:
        seen = set(session.scalars(text("select division from operational.map_features")))
    assert seen == {d for d in whole if d.startswith(own) or own.startswith(d)}
    assert {COUNTY, own[:9], own} <= seen < whole
    with running.sessions() as session:
        assert count(session, "map_features") == 0


def test_acts_on_certificates_are_shown_where_their_register_entry_is(running, play):
    with running.sessions(COUNTY) as session:
        assert count(session, "certificate_acts") == 3
        rows = session.scalars(
            text("""
            select e.division from operational.certificate_acts a
            join operational.register_entries e on e.county = a.county and e.id = a.register_entry_id""")
        ).all()
    with running.sessions(rows[0]) as session:
        assert count(session, "certificate_acts") == rows.count(rows[0]) < 3


@pytest.mark.parametrize("table", SCOPED)
def test_a_village_sees_its_own_alone(running, play, table):
    clerk, other = play.actor("village"), play.actor("other_village")
    with running.sessions(COUNTY) as session:
        whole = count(session, table)
        own = count(session, table, f"division like '{clerk.division}%'")
    with running.sessions(clerk.scope) as session:
        assert count(session, table) == own > 0
    with running.sessions(other.scope) as session:
        seen = count(session, table)
        assert seen == count(session, table, f"division like '{other.division}%'") <= whole - own


def test_a_scope_ends_with_its_transaction(running, play):
    with running.sessions(COUNTY) as session:
        assert count(session, "cases") == 1
        session.rollback()
        rescope(session, play.actor("other_village").scope)
        assert count(session, "cases") == 0
        rescope(session, COUNTY)
        assert count(session, "cases") == 1
    with running.engine.connect() as connection:  # the pooled connection that was just used
        assert connection.execute(text("select count(*) from operational.cases")).scalar_one() == 0


def test_nothing_is_written_into_another_s_division(running, play):
    other = play.actor("other_village")
    with running.sessions(other.scope) as session:
        done = session.execute(text("update operational.cases set status = 'rejected'"))
        assert done.rowcount == 0
        copied = "insert into operational.parcels (county, code, issuing_party_id, division) values (:c, 'x', 1, :d)"
        with pytest.raises(DBAPIError, match="row-level security"):
            session.execute(text(copied), {"c": COUNTY, "d": play.actor("village").division})


def test_the_application_owns_nothing_and_cannot_switch_it_off(running, play):
    with running.engine.connect() as connection:
        owned = "select count(*) from pg_class where relowner = (select oid from pg_roles where rolname = current_user)"
        assert connection.execute(text(owned)).scalar_one() == 0
        role = connection.execute(
            text("select rolsuper, rolbypassrls from pg_roles where rolname = current_user")
        )
        assert role.one() == (False, False)
        with pytest.raises(ProgrammingError):
            connection.execute(text("alter table operational.cases disable row level security"))


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize(
    "change", ["update operational.{} set county = county", "delete from operational.{}"]
)
def test_the_history_can_only_be_added_to(running, play, table, change):
    with running.sessions(COUNTY) as session, pytest.raises(ProgrammingError, match="permission denied"):
        session.execute(text(change.format(table)))


@pytest.mark.parametrize("table", ["process_versions", "process_files"])
def test_a_published_version_never_changes(running, table):
    with running.sessions(COUNTY) as session, pytest.raises(ProgrammingError, match="permission denied"):
        session.execute(text(f"delete from reference.{table}"))


def tables_of(*schemas):
    return [table.fullname for table in Base.metadata.sorted_tables if table.schema in schemas]


@pytest.mark.parametrize("table", tables_of(OPERATIONAL, REFERENCE))
def test_the_portal_reads_nothing_inside(running, table):
    with running.portal_sessions() as session, pytest.raises(ProgrammingError, match="permission denied"):
        session.execute(text(f"select 1 from {table} limit 1"))


@pytest.mark.parametrize("table", tables_of(PORTAL))
def test_the_inside_s_role_reads_nothing_of_the_portal(running, table):
    with running.sessions(COUNTY) as session, pytest.raises(ProgrammingError, match="permission denied"):
        session.execute(text(f"select 1 from {table} limit 1"))
