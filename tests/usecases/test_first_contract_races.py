"""Two first contracts ask for one parcel at once; a withdrawal races with the county's decision: one of them wins."""

from engine.domain.errors import Conflict, DomainError, Refused
from engine.store import reservations
from tests.usecases.acting import COUNTY, at_once, played, playing, step_that_does

DECIDED = {"data": {"decision": "approve", "opinion": "同意。"}}
WITHDRAWN = {"data": {"reason": "不办了。"}}


def test_one_of_two_first_contracts_gets_the_parcel(running):
    plays = [playing(running, "new") for _ in range(2)]
    first, second = plays
    assert first.code != second.code
    assert first.words["$free_parcel_1"] == second.words["$free_parcel_1"]
    asked = step_that_does(first, "apply")
    results = at_once(*[lambda play=play: play.act("household", "apply", asked) for play in plays])
    [refused] = [result for result in results if isinstance(result, DomainError)]
    assert isinstance(refused, Refused)
    winner = next(play for play in plays if play.number)
    assert winner.number not in str(refused)  # the other household's case is not told
    with running.sessions(COUNTY) as session:
        held = reservations.holder(session, COUNTY, "parcel", first.words["$free_parcel_1"])
    assert held == winner.number


def test_a_withdrawal_and_the_county_s_decision_do_not_both_count(running):
    play = played(running, until="county_decision")
    results = at_once(
        lambda: play.act("household", "withdraw", WITHDRAWN),
        lambda: play.act("approver", "county_decision", DECIDED),
    )
    with running.sessions(COUNTY) as session:
        case = play.case(session)
    if case.status == "withdrawn" and results[1] is not None:
        assert isinstance(results[1], Conflict)  # the decision came too late
    else:
        assert results == [None, None]  # it was decided first, and withdrawn in the publicity
        assert case.status == "withdrawn"
