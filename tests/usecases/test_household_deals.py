"""What runs of a household's land is offered to pick from; a changed transfer says and keeps of it what it should."""

from datetime import date
from types import SimpleNamespace

from engine.operations.transfers import rent
from engine.operations.transfers.context import terms_changed
from engine.queries.household_deals import GUARANTEES, TRANSFERS, deal_options, household_deals
from engine.queries.ledgers.land_transfers import standing
from engine.store.register import read_household
from tests.usecases.acting import COUNTY, playing


def test_what_runs_is_offered(running):
    play = playing(running, "released", "transfer_filing")
    with running.sessions(COUNTY) as session:
        told = household_deals(
            session, read_household(session, COUNTY, play.code), 2, play.story.start.date()
        )
    options = deal_options(told)
    [row], [option] = told["transfers"], options[TRANSFERS]
    assert row["mine"] and row["land"]
    assert option["code"] == row["number"] == play.words["$transfer"]
    assert row["recipient"] in option["label"]["zh"] and row["to"] in option["label"]["en"]
    assert [one["code"] for one in options[GUARANTEES]] == [play.words["$guarantee"]]
    assert told["guarantees"][0]["land"]


def test_what_a_supplement_changes():
    known = SimpleNamespace(
        term_start=date(2026, 1, 1), term_end=date(2027, 1, 1), use="水稻", price="八百元"
    )
    change = SimpleNamespace(**vars(known) | {"price": "九百元"})
    assert terms_changed(known, change) == ["price"]


def test_the_old_rent_goes_on_only_where_the_price_stays(monkeypatch):
    old = SimpleNamespace(number="甲流1", price="每亩800元")
    work = SimpleNamespace(session=None, case=SimpleNamespace(county=COUNTY))
    monkeypatch.setattr(rent.supervision, "transfer", lambda *_: old)
    monkeypatch.setattr(rent.supervision, "rent_of", lambda _s, _c, number: number)
    same = SimpleNamespace(replaces="甲流1", price="每亩800元")
    assert rent.rent_before(work, same) == "甲流1"
    assert rent.rent_before(work, SimpleNamespace(replaces="甲流1", price="每亩900元")) is None


def test_a_transfer_runs_until_the_day_for_which_it_was_ended():
    row = SimpleNamespace(state="ended", term_end=date(2028, 1, 1), ended_on=date(2026, 12, 31))
    assert [standing(row, date(2026, 12, day)) for day in (30, 31)] == ["running", "ended"]
    row = SimpleNamespace(state="running", term_end=date(2026, 12, 31), ended_on=None)
    assert [standing(row, day) for day in (date(2026, 12, 31), date(2027, 1, 1))] == ["running", "over"]
