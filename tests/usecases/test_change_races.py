"""Contract changes at the same moment: one of two gets the land; what is filed is filed once; who was late is told why."""

from dataclasses import replace

import pytest

from engine.domain.errors import Conflict, Invalid, Refused
from engine.queries.scenario_facts import read_holding
from engine.store import history, outbox, reservations
from engine.usecases.claim_task import claim_task
from engine.usecases.complete_task import complete_task
from engine.usecases.scenarios.play import Play
from tests.usecases.acting import COUNTY, at_once, colleague, played, playing, step_that_does

CHANGE = "contract_change"
APPROVED = {"decision": "approve", "opinion": "同意。"}
WITHDRAWN = {"data": {"reason": "不办了。"}}


def other_side(play: Play) -> Play:
    """The other household of the swap applies, too, for the same exchange seen from its side."""
    words = dict(play.words)
    words |= {
        "$other_code": play.code,
        "$parcel_1": words["$other_parcel_1"],
        "$other_parcel_1": words["$parcel_1"],
    }
    return replace(play, code=play.other, other=play.code, words=words, number=None, case_id=None, vacant=[])


def asked(play: Play):
    story = iter(play.story.steps)
    return next(step for step in story if step.get("does") == "apply")


def test_both_sides_of_a_swap_apply_at_once(running):
    first = playing(running, "withdrawn", CHANGE)
    second = other_side(first)
    results = at_once(
        *[lambda play=play: play.act("household", "apply", asked(play)) for play in (first, second)]
    )
    [refused] = [result for result in results if result is not None]
    assert isinstance(refused, Refused), refused
    winner, loser = (first, second) if first.number else (second, first)
    assert loser.number is None
    with running.sessions(COUNTY) as session:
        for code in (first.code, second.code):
            assert reservations.holder(session, COUNTY, "contractor", code) == winner.number
    winner.act("household", "withdraw", WITHDRAWN)


def test_a_change_is_approved_once_and_filed_once(running):
    """No contract is signed anew: the approving officer's word files it. Two of them, and one of them twice."""
    play = played(running, "county_decision", "members", CHANGE)
    approver, number = play.actor("approver"), play.case_number()
    task = play.task("county_decision")
    other = colleague(approver)

    def decide(actor, claims):
        with running.sessions(COUNTY) as session:
            if claims:
                claim_task(session, running.clock, actor, number, task)
                session.commit()
            complete_task(session, running.clock, actor, number, task, APPROVED)
            session.commit()

    results = at_once(lambda: decide(approver, True), lambda: decide(other, True))
    assert results.count(None) == 1
    [late] = [result for result in results if result]
    assert isinstance(late, Conflict), late
    done = at_once(lambda: decide(approver, False), lambda: decide(approver, False))
    assert all(isinstance(one, Conflict) for one in done), done
    with running.sessions(COUNTY) as session:
        case = play.case(session)
        kinds = [link.kind for link, _ in history.read(session, COUNTY, case.id)]
        assert kinds.count("changeset_applied") == 1
        rows = outbox.of_case(session, COUNTY, case.id)
        told = [row for row in rows if row.kind == "tell_applicant" and row.payload["kind"] == "result"]
        assert len(told) == 1
        assert (
            len(read_holding(session, COUNTY, play.code).household.members)
            == len(play.before.household.members) + 1
        )


def test_an_answer_after_its_deadline_is_told_so(running):
    """The issuing party's days are over while its form is open: the township answers, and whoever sends it is told."""
    play = played(running, "issuer_answer", "assign_refused", CHANGE)
    step = step_that_does(play, "issuer_answer")
    play.claim("village", "issuer_answer")
    play.wait({"until": "2026-05-12 09:00"})
    with pytest.raises(Conflict, match="期限已到"):
        play.act("village", "issuer_answer", step)


def test_an_applicant_is_not_told_of_another_household_s_case(running):
    """Who asks to swap with a household that has a case under way hears that it cannot be, not which case it is."""
    first = played(running, "collect_consent", "withdrawn", CHANGE)
    step = step_that_does(first, "collect_consent")
    later = [row | {"signed_on": "2026-05-01"} for row in first.words["$signatures"]]
    with pytest.raises(Invalid) as fault:  # nobody has signed tomorrow
        first.act("village", "collect_consent", step | {"data": step["data"] | {"signatures": later}})
    assert "signatures-0-signed_on" in fault.value.fields
    third = playing(running, "withdrawn", CHANGE)
    third.words |= {"$other_code": first.code, "$other_parcel_1": first.words["$parcel_1"]}
    with pytest.raises(Refused, match="请向村委会询问") as refused:
        third.act("household", "apply", asked(third))
    assert first.number not in str(refused.value)
