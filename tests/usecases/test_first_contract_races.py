"""Two first contracts ask for one parcel at once: one of them gets it, and the other is not told which case has it."""

from engine.domain.errors import DomainError, Refused
from engine.store import reservations
from tests.usecases.acting import COUNTY, at_once, playing, step_that_does


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
