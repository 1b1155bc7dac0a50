"""A household and a parcel as they stood on a day, and as they were known on another."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from click.testing import CliRunner

from engine.cli import main
from engine.domain.changes import CorrectValue, EndHousehold, SwapParcels
from engine.domain.errors import NotFound
from engine.queries.as_of import When, household_as_of, parcel_as_of
from engine.store.changes import make, register_for
from engine.store.people import by_username, positions_on
from engine.store.register import Cause
from engine.usecases.sign_in import actor_for
from tests.store.test_changes_stored import fresh, halved
from tests.usecases.acting import COUNTY

RECORDED = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
BEFORE, MOMENT = RECORDED - timedelta(days=1), timedelta(microseconds=1)
SOON = RECORDED + timedelta(days=1)


@pytest.fixture(scope="module")
def actor(running):
    with running.sessions(COUNTY) as session:
        person = by_username(session, "county")
        return actor_for(person, positions_on(session, person.id, date(2026, 11, 23))[0])


def do(running, change, on, at=RECORDED, ref="99010120261123000001"):
    with running.sessions(COUNTY) as session:
        make(session, COUNTY, [change], Cause("case", ref, on, at))
        session.commit()


@pytest.fixture(scope="module")
def swapped(running):
    """Two households that swapped a parcel; it took effect ten days before it was recorded."""
    first, second = fresh(running, 2)
    with running.sessions(COUNTY) as session:
        register = register_for(
            session, COUNTY, [EndHousehold(first, ""), EndHousehold(second, "")], date(2026, 11, 13)
        )
    own, other = register.contracts[first].codes[0], register.contracts[second].codes[0]
    do(running, SwapParcels(first, (own,), second, (other,)), on=date(2026, 11, 13))
    return first, second, own, other


DAYS = {
    "the day before": (date(2026, 11, 12), SOON, False),
    "the day it took effect": (date(2026, 11, 13), SOON, True),
    "today": (date(2026, 11, 23), SOON, True),
    "as known before it was recorded": (date(2026, 11, 23), BEFORE, False),
    "as known just before": (date(2026, 11, 23), RECORDED - MOMENT, False),
    "as known from then on": (date(2026, 11, 23), RECORDED, True),
}


@pytest.mark.parametrize("name", DAYS)
def test_who_held_the_parcel(running, actor, swapped, name):
    day, known, done = DAYS[name]
    first, second, own, other = swapped
    when = When(day, known)
    with running.sessions(COUNTY) as session:
        household = household_as_of(session, actor, first, when)
        parcel = parcel_as_of(session, actor, own, when)
    assert (other in household.contract.codes, own in household.contract.codes) == (done, not done)
    assert parcel.holder == (second if done else first)
    assert household.contract_version.cause == ("case" if done else "import")
    assert household.contractor.members


def test_a_parcel_that_is_no_more_is_there_on_earlier_days_and_names_what_came_of_it(running, actor):
    [code] = fresh(running, 1)
    with running.sessions(COUNTY) as session:
        register = register_for(session, COUNTY, [EndHousehold(code, "")], date(2026, 11, 23))
    parcel = register.contracts[code].codes[0]
    change = halved(register, parcel, (95001, 95002))
    do(running, change, on=date(2026, 11, 23), ref="99010120261123000002")
    then, now = When(date(2026, 11, 22), SOON), When(date(2026, 11, 23), SOON)
    with running.sessions(COUNTY) as session:
        old = parcel_as_of(session, actor, parcel, then)
        assert (old.holder, old.children, old.version.valid_to) == (code, (), date(2026, 11, 23))
        assert old.parcel == register.parcels[parcel]
        with pytest.raises(NotFound, match=parcel):
            parcel_as_of(session, actor, parcel, now)
        child = parcel_as_of(session, actor, change.pieces[0].code, now)
        assert (child.parents, child.holder) == ((parcel,), code)
        assert child.version.ref == "99010120261123000002"
        with pytest.raises(NotFound):
            parcel_as_of(session, actor, change.pieces[0].code, then)
        elsewhere = replace(actor, division="99010199")
        with pytest.raises(NotFound):
            parcel_as_of(session, elsewhere, parcel, then)
        with pytest.raises(NotFound):
            household_as_of(session, elsewhere, code, then)


def test_a_correction_of_the_past_shows_what_was_thought_then(running, actor):
    [code] = fresh(running, 1)
    with running.sessions(COUNTY) as session:
        register = register_for(session, COUNTY, [EndHousehold(code, "")], date(2026, 11, 1))
    was = register.contractors[code].address
    do(
        running,
        CorrectValue("contractors", code, "address", was, "石桥村一组9号", "原登记笔误"),
        on=date(2026, 11, 1),
    )
    with running.sessions(COUNTY) as session:
        day = date(2026, 11, 10)
        assert household_as_of(session, actor, code, When(day, BEFORE)).contractor.address == was
        assert household_as_of(session, actor, code, When(day, SOON)).contractor.address == "石桥村一组9号"


def test_the_command_shows_it(running, actor, swapped, monkeypatch):
    settings = running.settings
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    monkeypatch.setenv("PORTAL_DATABASE_URL", settings.portal_database_url)
    monkeypatch.delenv("OWNER_DATABASE_URL", raising=False)
    monkeypatch.setenv("TIANQI_SECRET_KEY", settings.secret_key.hex())
    first, second, own, _ = swapped
    show = ["register", "show", "--by", "county", "--on", "2026-11-23"]
    result = CliRunner().invoke(main, [*show, own, "--known", "2026-11-22"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["holder"] == first
    result = CliRunner().invoke(main, [*show, own, "--known", "2026-11-23"])
    assert json.loads(result.stdout)["holder"] == second
    result = CliRunner().invoke(main, [*show, first, "--known", "2026-11-23"])
    assert own not in [row["parcel"] for row in json.loads(result.stdout)["contract"]["parcels"]]
    result = CliRunner().invoke(main, [*show, "9" * 18])
    assert (result.exit_code, "没有" in result.output) == (1, True)
