"""What a case changes is told though its household ends with it, and shown on the land that it is about."""

from engine.domain.clock import local_date
from engine.queries.case_file import proposed_change
from engine.queries.changed import before_and_after
from engine.store.papers import issued_of
from engine.store.register import read_household
from tests.usecases.acting import COUNTY, played


def test_a_household_that_was_split_is_shown_as_it_was(running):
    play = played(running, "registry_receipt", "split", "contract_change")
    with running.sessions(COUNTY) as session:
        case = play.case(session)
        change = proposed_change(session, case)
        assert change is not None
        assert change.applied_at is not None
        assert read_household(session, COUNTY, play.code) is None
        held = play.before.household
        assert (change.before.name, change.before.members) == (held.name, held.members)
        assert change.before.contract == held.contract
        assert [one.code for one in change.before.parcels] == [one.code for one in held.parcels]
        told = before_and_after(
            session, play.actor("approver"), case, change, local_date(running.clock.now())
        )
        kinds = {(one.kind, one.before is None, one.after is None) for one in told.things}
        assert {("contractors", False, True), ("contractors", True, False)} <= kinds


def test_the_sheet_that_is_displayed_draws_the_land_that_passes_on(running):
    play = played(running, "close_publicity", "adjustment", "contract_change")
    with running.sessions(COUNTY) as session:
        [sheet] = [p for p in issued_of(session, COUNTY, play.id_of_case()) if p.kind == "publicity_sheet"]
        drawn = [row[0] for row in sheet.context["outlines"]["parcels"]]
    assert drawn == [play.words["$parcel_1"]]
