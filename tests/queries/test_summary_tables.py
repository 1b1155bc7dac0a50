"""The six summary tables from the register equal those of the package it was taken from, on any day, in any scope."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from engine.exchange.demo import write_demo_county
from engine.exchange.package.opening import opened
from engine.exchange.package.reading import read_package
from engine.exchange.summaries import COLUMNS, level_prefix, summarise
from engine.queries.as_of import When
from engine.queries.statistics.summary_tables import summary_tables
from engine.queries.statistics.sums import View
from engine.store.people import by_username, positions_on
from engine.usecases.sign_in import actor_for
from tests.conftest import START
from tests.usecases.acting import COUNTY

TODAY = When(date(2026, 3, 2), START)


@pytest.fixture(scope="module")
def actor(running):
    with running.sessions(COUNTY) as session:
        person = by_username(session, "county")
        return actor_for(person, positions_on(session, person.id, date(2026, 3, 2))[0])


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    """Of the package that the register was imported from: table -> division code -> values."""
    path = write_demo_county(tmp_path_factory.mktemp("county"), households=60).path
    with opened(path) as files:
        package, found = read_package(files, "GBK")
    assert not found
    tables = summarise(package.layers, package.tables, package.units)
    return {
        name: {level_prefix(code): values for code, values in rows.items()} for name, rows in tables.items()
    }


def tables_of(running, actor, division, when=TODAY, deep=True):
    with running.sessions(actor.scope) as session:
        return summary_tables(View(session, actor, when, division), deep)


def same(name, ours, theirs):
    for (column, counted), a, b in zip(COLUMNS[name], ours, theirs, strict=True):
        assert (a == b) if counted else abs(a - Decimal(str(b))) <= Decimal("0.01"), (name, column, a, b)


def test_every_unit_of_the_county_has_what_the_package_says(running, actor, expected):
    named, tables = tables_of(running, actor, COUNTY)
    assert {len(code) for code in named} == {6, 9, 12, 14}
    assert tables.keys() == COLUMNS.keys()
    for name, rows in tables.items():
        assert rows.keys() == named.keys()
        for unit, values in rows.items():
            same(name, values, expected[name][unit])


@pytest.mark.parametrize("account", ["township1", "village2"])
def test_a_narrower_scope_has_its_own_units_alone(running, expected, account):
    with running.sessions(COUNTY) as session:
        person = by_username(session, account)
        actor = actor_for(person, positions_on(session, person.id, date(2026, 3, 2))[0])
    named, tables = tables_of(running, actor, actor.division)
    assert named and all(code.startswith(actor.division) for code in named)
    for name, rows in tables.items():
        for unit, values in rows.items():
            same(name, values, expected[name][unit])


def test_one_level_down_is_enough_for_a_page(running, actor):
    named, _ = tables_of(running, actor, COUNTY, deep=False)
    assert {len(code) for code in named} == {6, 9}
    township = max(named)
    below, _ = tables_of(running, actor, township, deep=False)
    assert {len(code) for code in below} == {9, 12}


def test_before_the_register_began_everything_is_nought(running, actor):
    for when in (
        replace(TODAY, day=date(1990, 1, 1)),
        replace(TODAY, known=datetime(2020, 1, 1, tzinfo=UTC)),
    ):
        _, tables = tables_of(running, actor, COUNTY, when)
        assert all(not any(values) for rows in tables.values() for values in rows.values())
