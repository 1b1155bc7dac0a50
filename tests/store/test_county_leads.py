"""Everything belongs to a county: its code leads every key of business data, and every hot statement names it."""

import re
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import Index, UniqueConstraint

from engine.domain.calendar import shipped_calendar
from engine.jobs.ticker import fire_due
from engine.queries import inbox
from engine.queries.inbox_asked import NOTHING
from engine.store import cases
from engine.store.base import OPERATIONAL, REFERENCE, Base
from engine.store.people import by_username, positions_on
from engine.store.tables import cases as case_tables  # noqa: F401  (each module adds its tables)
from engine.store.tables import history, reference, register, work  # noqa: F401
from engine.usecases.carry_out_effect import drain
from engine.usecases.sign_in import actor_for
from tests.usecases.acting import COUNTY, played, step_that_does
from tests.usecases.opening import open_case

BUSINESS = [table for table in Base.metadata.tables.values() if table.schema == OPERATIONAL]

# Statements that may look across counties, each with its reason. A word of the statement tells it.
SWEEPS = {
    "from operational.outbox": "the sweep hands ids to the workers, whichever county they are of",
    "update operational.outbox": "a lease is taken by the row's id, which Redis carries without its county",
}


@pytest.mark.parametrize("table", BUSINESS, ids=lambda table: table.name)
def test_the_county_leads_every_key(table):
    assert next(iter(table.primary_key.columns)).name == "county"
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            assert next(iter(constraint.columns)).name == "county", constraint
    for index in table.indexes:
        assert isinstance(index, Index)
        if index.unique:
            assert next(iter(index.columns)).name == "county", index


@pytest.mark.parametrize("table", BUSINESS, ids=lambda table: table.name)
def test_business_tables_hang_on_each_other_within_a_county(table):
    for key in table.foreign_key_constraints:
        if key.referred_table.schema == REFERENCE:
            continue  # shared by all counties: divisions, people, published versions
        assert next(iter(key.columns)).name == "county", key
        assert key.elements[0].column.name == "county", key


@pytest.fixture
def statements(monkeypatch) -> list[str]:
    """Every statement that goes to PostgreSQL, whoever sends it, in one line."""
    sent: list[str] = []
    for name in ("execute", "executemany"):

        def note(cursor, query, *values, original=getattr(psycopg.Cursor, name), **more):
            sent.append(" ".join(str(query).split()).lower())
            return original(cursor, query, *values, **more)

        monkeypatch.setattr(psycopg.Cursor, name, note)
    return sent


def names_county(statement: str) -> bool:
    """It says which county: an equality, or the county among the columns that it inserts."""
    if statement.startswith("insert into"):
        return "(county," in statement
    return bool(re.search(r"\bcounty = %\(", statement))


def touches_business(statement: str) -> bool:
    return f"{OPERATIONAL}." in statement


def checked(sent: list[str]) -> list[str]:
    """Those that touch business data without naming the county."""
    touching = [s for s in sent if touches_business(s)]
    assert touching
    return [s for s in touching if not names_county(s) and not any(part in s for part in SWEEPS)]


def test_starting_a_case_names_the_county(running, statements):
    open_case(running, 3)
    assert checked(statements) == []


def test_claiming_and_completing_name_the_county(running, statements):
    play = played(running, "village_check")
    step = step_that_does(play, "village_check")
    statements.clear()
    play.act(step["who"], step["does"], step)
    assert any("update operational.case_states" in s for s in statements)
    assert checked(statements) == []


def test_a_timer_names_the_county(running, statements):
    play = played(running, "contract_publicity")
    with running.sessions(COUNTY) as session:
        [due] = [
            row.due_at
            for row in cases.active_deadlines(session, play.case(session))
            if row.element == "contract_publicity"
        ]
    running.clock.move_to(due + timedelta(minutes=1))
    statements.clear()
    assert fire_due(running) >= 1
    assert any("update operational.deadlines" in s for s in statements)
    assert checked(statements) == []


def test_the_inbox_names_the_county(running, clock, statements):
    with running.sessions(COUNTY) as session:
        person = by_username(session, "village1")
        actor = actor_for(person, positions_on(session, person.id, clock.now().date())[0])
    statements.clear()
    with running.sessions(actor.scope) as session:
        inbox.counts(session, actor, clock.now())
        for tab in inbox.TABS:
            inbox.listing(session, actor, tab, 1, NOTHING, shipped_calendar(), clock.now())
    assert checked(statements) == []


def test_the_worker_names_the_county(running, statements):
    open_case(running, 4)
    statements.clear()
    assert drain(running)
    assert checked(statements) == []


def test_a_statement_without_its_county_would_be_seen():
    assert checked(["select * from operational.tasks where case_id = %(case)s"])
    assert not checked(["update operational.tasks set status = 'x' where county = %(county)s"])
    assert not checked(["insert into operational.tasks (county, case_id) values (%(county0)s, %(case_id0)s)"])
