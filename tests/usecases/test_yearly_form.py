"""The yearly form: entered below, added up above, frozen when it is confirmed; sums that do not hold stop it."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

import pytest

from engine.domain.errors import Conflict, Invalid, NotAllowed, NotFound, Refused
from engine.domain.yearly_form import (
    added_up,
    check_values,
    form_for,
    read_forms,
    shipped_forms,
)
from engine.queries.statistics.yearly import COMPUTED, history_of
from engine.store.people import by_username, positions_on
from engine.store.register import county_of
from engine.usecases.sign_in import actor_for
from engine.usecases.yearly_form import (
    confirm_statistics,
    enter_statistics,
    read_statistics,
    withdraw_statistics,
)
from tests.usecases.acting import COUNTY, at_once

YEAR = 2025
FORM = shipped_forms()[0]


def D(text):
    return Decimal(text)


@pytest.fixture(scope="module")
def who(running):
    """Actors by account."""

    def actor(name):
        with running.sessions(COUNTY) as session:
            person = by_username(session, name)
            return actor_for(person, positions_on(session, person.id, running.clock.now().date())[0])

    return {
        name: actor(name) for name in ("village1", "village2", "township1", "county", "county2", "steward")
    }


def enter(running, actor, values, year=YEAR, division=None):
    with running.sessions(actor.scope) as session:
        done = enter_statistics(session, running.clock, actor, year, division or actor.division, values)
        session.commit()
        return done


def zeros(actor, **values):
    """Everything that the office must enter, 0 but for some."""
    return {one.id: "0" for one in FORM.entered_at(actor.division)} | values


def confirm(running, actor, year=YEAR, division=None, note=""):
    with running.sessions(actor.scope) as session:
        confirm_statistics(session, running.clock, actor, year, division or actor.division, note)
        session.commit()


def withdraw(running, actor, why, year=YEAR, division=None):
    with running.sessions(actor.scope) as session:
        withdraw_statistics(session, running.clock, actor, year, division or actor.division, why)
        session.commit()


def read(running, actor, year=YEAR, division=None):
    with running.sessions(actor.scope) as session:
        return read_statistics(session, running.clock, actor, year, division or actor.division)


def value(filled, name):
    return next(line.value for line in filled.lines if line.indicator.id == name)


LEASED = {"transferred_area": "12.5", "leased_area": "12.5", "to_households": "12.5"}


def test_the_shipped_definition_is_sound():
    assert {one.computed for one in FORM.indicators.values() if one.computed} == COMPUTED
    assert form_for(shipped_forms(), 2018) is None
    assert form_for(shipped_forms(), 2030).since == 2019


def test_a_faulty_definition_names_every_fault():
    bad = {"editions": [{"from": 2026, "source": "x", "compare": {"share": 1}, "groups": [
        {"id": "g", "title": {"zh": "一", "en": "1"}, "indicators": [
            {"id": "a", "name": {"zh": "甲", "en": "A"}, "unit": "acre", "source": "x"},
            {"id": "a", "name": {"zh": "甲", "en": "A"}, "unit": "mu", "entered": ["moon"], "source": "x"},
        ]}], "checks": [{"id": "c", "left": ["a"], "is": "equal", "right": ["z"]}]}]}  # fmt: skip
    with pytest.raises(ValueError, match=r"acre.*computed.*两次.*moon.*z"):
        read_forms(bad)


def test_computed_values_are_the_registers(running, who):
    filled = read(running, who["county"])
    from datetime import date

    from engine.exchange.summaries import BY_CERTIFICATE
    from engine.queries.as_of import When
    from tests.queries.test_summary_tables import tables_of

    _, tables = tables_of(running, who["county"], COUNTY, When(date(YEAR, 12, 31), running.clock.now()))
    issued = tables[BY_CERTIFICATE][COUNTY]
    assert [
        value(filled, n) for n in ("certificates", "certificates_family", "certificates_other")
    ] == issued[:3]
    assert value(filled, "families") == value(filled, "family_contracts") == 60
    assert value(filled, "swapped_area") == value(filled, "assigned_area") == 0


def test_entered_below_added_up_above(running, who):
    enter(running, who["village1"], LEASED)
    enter(running, who["village2"], {"transferred_area": "7.5", "shared_area": "7.5", "to_companies": "7.5"})
    filled = read(running, who["county"])
    assert value(filled, "transferred_area").quantize(D("1")) == (D("20") / D("0.0015")).quantize(D("1"))
    [waiting] = [one for one in filled.findings if one.check == "unconfirmed_below"]
    assert waiting.severity == "warning" and "稻香镇" in str(waiting.message), (
        "whoever confirms knows what is open"
    )
    assert not [one for one in read(running, who["village1"]).findings if one.check == "unconfirmed_below"]
    assert not [one for one in filled.findings if one.severity == "error"]
    own = next(
        line.own for line in read(running, who["village1"]).lines if line.indicator.id == "leased_area"
    )
    assert (own.entered_name, own.entered_at) == (who["village1"].name, running.clock.now())
    assert enter(running, who["village1"], LEASED) == []  # nothing new is nothing written
    assert enter(running, who["village1"], LEASED | {"leased_area": ""}) == ["leased_area"]
    assert any(one.check == "parts_of_transferred_area" for one in read(running, who["village1"]).errors)
    enter(running, who["village1"], LEASED)


@pytest.mark.parametrize(
    "given", ["-1", "1e9", "１２", "一", "1.23456", "99999999999", "1..2", "NaN", "=1+1"]
)
def test_what_is_no_figure_is_named_and_changes_nothing(running, who, given):
    before = [(line.indicator.id, line.value) for line in read(running, who["village1"]).lines]
    with pytest.raises(Invalid) as refused:
        enter(running, who["village1"], LEASED | {"leased_area": given})
    assert list(refused.value.fields) == ["leased_area"]
    assert [(line.indicator.id, line.value) for line in read(running, who["village1"]).lines] == before


def test_only_what_the_level_enters_and_whole_things_whole(running, who):
    for values in ({"commissions": "1"}, {"family_area": "1"}, {"unheard_of": "1"}, {"disputes": "1.5"}):
        with pytest.raises(Invalid):
            enter(running, who["village1"], values)


def test_another_area_and_other_years_are_not_there(running, who):
    for year, division in (
        (YEAR, who["village2"].division),
        (YEAR, COUNTY),
        (2027, None),
        (1999, None),
        (2018, None),
    ):
        with pytest.raises(NotFound):
            read(running, who["village1"], year, division)
        with pytest.raises(NotFound):
            enter(running, who["village1"], LEASED, year, division)


def test_confirmed_it_is_frozen_for_all_below(running, who):
    village, township, county = who["village1"], who["township1"], who["county"]
    with pytest.raises(Refused, match="没有填报"):
        confirm(running, village)
    enter(running, village, zeros(village) | {"transferred_area": "3", "to_households": "3"})
    with pytest.raises(Refused, match="核对关系"):
        confirm(running, village)
    enter(running, village, zeros(village) | LEASED)
    confirm(running, village, note="已与村务公开栏核对")
    done = read(running, village)
    assert done.confirmed.same_person and done.confirmed.note == "已与村务公开栏核对"
    with pytest.raises(Conflict):
        enter(running, village, LEASED)
    with pytest.raises(Conflict):
        confirm(running, village)
    assert read(running, township).below == (village.division,)

    enter(running, township, zeros(township))
    deputy = replace(township, id=str(uuid4()), principal=township.id, principal_name=township.name)
    for one in (township, deputy):  # who entered for the township does not confirm it, nor whoever stands in
        with pytest.raises(NotAllowed):
            confirm(running, one)
    enter(running, deputy, dict.fromkeys(zeros(township), ""))
    enter(running, deputy, zeros(township))
    for one in (deputy, township, replace(deputy, principal=None, principal_name="")):
        with pytest.raises(NotAllowed):  # what a deputy entered counts for both
            confirm(running, one)
    confirm(running, county, division=township.division)
    frozen = read(running, township)
    assert not frozen.confirmed.same_person
    seen = read(running, village)  # row security hides the township's rows, but not that it confirmed
    assert seen.closed_by.division == township.division
    with pytest.raises(Conflict):
        withdraw(running, village, "数字有误要更正")
    with pytest.raises(Invalid):
        withdraw(running, county, " 错 ", division=township.division)
    withdraw(running, county, "数字有误要更正", division=township.division)
    withdraw(running, village, "数字有误要更正")
    with running.sessions(COUNTY) as session:
        [old] = history_of(session, county, YEAR, village.division)
        assert (old.withdrawn_name, old.withdrawn_why) == (village.name, "数字有误要更正")
    enter(running, village, {"transferring_families": "2"})
    confirm(running, village)
    assert value(read(running, township), "transferring_families") == 2


def test_what_the_register_says_later_does_not_move_a_confirmed_form(running, who):
    from datetime import date

    from engine.domain.changes import SurrenderParcels
    from engine.store.changes import make
    from engine.store.register import Cause
    from tests.queries.test_ledgers import seen
    from tests.store.test_changes_stored import fresh

    village = who["village1"]
    if not read(running, village).confirmed:
        enter(running, village, zeros(village))
        confirm(running, village)
    before = value(read(running, village), "family_area")
    [code] = [c for c in fresh(running, 1) if c.startswith(village.division)]
    day = date(YEAR, 9, 1)
    parcel = seen(running, day, code).contracts[code].codes[0]
    with running.sessions(COUNTY) as session:
        change = SurrenderParcels(code, (parcel,), date(YEAR, 1, 1))
        make(session, COUNTY, [change], Cause("case", "99010120250901000009", day, running.clock.now()))
        session.commit()
    running.clock.move_to(datetime(2026, 3, 3, tzinfo=UTC))
    filled = read(running, village)
    assert value(filled, "family_area") == before
    assert "family_area" in filled.now_differs


def test_last_year_is_compared_and_only_warned_of(running, who):
    village = who["village2"]
    enter(running, village, zeros(village, transferred_area="10", leased_area="10", to_others="10"), 2024)
    confirm(running, village, 2024)
    enter(running, village, zeros(village, transferred_area="20", leased_area="20", to_others="20"))
    filled = read(running, village)
    warned = [one for one in filled.findings if one.severity == "warning"]
    assert {"transferred_area", "leased_area", "to_others"} <= {one.indicators[0] for one in warned}
    assert "上年 10" in str(next(one.message for one in warned if one.indicators == ("transferred_area",)))
    confirm(running, village)
    assert len(read(running, village).confirmed.warnings) == len(warned)


def test_a_year_that_runs_is_not_confirmed(running, who):
    enter(running, who["village1"], zeros(who["village1"]), 2026)
    with pytest.raises(Refused, match="还没有结束"):
        confirm(running, who["village1"], 2026)


def test_two_who_confirm_at_once_make_one_confirmation(running, who):
    village = replace(who["village1"], id=str(uuid4()))
    enter(running, village, zeros(village), 2023)
    results = at_once(*[lambda: confirm(running, village, 2023)] * 3)
    assert sorted(type(one).__name__ for one in results) == ["Conflict", "Conflict", "NoneType"]


def test_a_county_may_follow_a_form_of_its_own(running, who):
    own = {"editions": [{"from": 2025, "source": "县里的表", "compare": {"share": 0.1}, "groups": [
        {"id": "g", "title": {"zh": "一", "en": "1"}, "indicators": [
            {"id": "bees", "name": {"zh": "蜂箱", "en": "Hives"}, "unit": "pieces", "entered": ["village"], "source": "x"},
        ]}]}]}  # fmt: skip
    with running.sessions(COUNTY) as session:
        county = county_of(session, COUNTY)
        county.settings = county.settings | {"yearly_form": own}
        session.flush()
        filled = read_statistics(session, running.clock, who["county"], 2025, COUNTY)
        assert [line.indicator.id for line in filled.lines] == ["bees"]
        with pytest.raises(NotFound):
            read_statistics(session, running.clock, who["county"], 2024, COUNTY)
        session.rollback()


@pytest.mark.parametrize(
    ("live", "frozen", "expected"),
    [
        ({"99010120": {"a": 1}, "99010121": {"a": 2}}, {}, 3),
        ({"99010120": {"a": 1}, "99010121": {"a": 2}}, {"99010121": {"a": 5}}, 6),
        ({"9901012001": {"a": 1}}, {"99010120": {"a": 7}, "9901012001": {"a": 9}}, 7),  # the topmost counts
        ({"990101": {"a": 4}, "99010120": {"a": 1}}, {"99010120": {"a": 2}}, 6),
        ({}, {"99010120": {"a": 2}}, 2),
    ],
)
def test_what_is_confirmed_counts_as_confirmed(live, frozen, expected):
    def decimals(rows):
        return {code: {name: D(str(n)) for name, n in values.items()} for code, values in rows.items()}

    assert added_up(decimals(live), decimals(frozen), "990101") == {"a": expected}


def test_parts_may_be_off_by_their_rounding_alone():
    whole = D("100") / D("0.0015")
    values = {"transferred_area": whole, "leased_area": whole + D("30")}  # 0.045 亩
    assert not [one for one in check_values(FORM, values) if one.check == "parts_of_transferred_area"]
    values["leased_area"] += D("10")
    assert [one for one in check_values(FORM, values) if one.check == "parts_of_transferred_area"]
