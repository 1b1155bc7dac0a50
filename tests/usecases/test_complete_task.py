"""Completing: once, by the one who holds it, on the case as it was read, and never by who decided below."""

from dataclasses import replace
from uuid import uuid4

import pytest

from engine.domain import events
from engine.domain.errors import Conflict, Invalid, NotAllowed
from engine.store import cases, history
from engine.usecases.claim_task import claim_task
from engine.usecases.complete_task import complete_task
from engine.usecases.save_draft import save_draft
from tests.usecases.acting import COUNTY, at_once, colleague, played

PASS = {"decision": "pass", "opinion": "通过。"}


@pytest.fixture
def play(running):
    """A case that the township has in hand: a new one for every test."""
    return played(running, until="township_review")


@pytest.fixture
def reviewer(play):
    return play.actor("township")


def claim(play, actor, element="township_review"):
    with play.stage.sessions(actor.scope) as session:
        claim_task(session, play.stage.clock, actor, play.number, play.task(element))
        session.commit()


def complete(play, actor, answers=PASS, element="township_review", **more):
    with play.stage.sessions(actor.scope) as session:
        step = complete_task(
            session, play.stage.clock, actor, play.number, play.task(element), answers, **more
        )
        session.commit()
    return [task.element for task in step.tasks]


def completions(play):
    with play.stage.sessions(COUNTY) as session:
        told = history.read(session, COUNTY, play.case_id)
    return [link.element for link, _ in told if link.kind == events.TASK_COMPLETED]


def revision(play):
    with play.stage.sessions(COUNTY) as session:
        return play.case(session).revision


def test_sent_twice_at_once_it_counts_once(play, reviewer):
    claim(play, reviewer)
    results = at_once(*[lambda: complete(play, reviewer)] * 3)
    assert results.count(["county_check"]) == 1
    lost = [result for result in results if isinstance(result, Conflict)]
    assert [error.code for error in lost] == ["done", "done"]
    assert reviewer.name in str(lost[0])
    assert completions(play).count("township_review") == 1


def test_a_form_older_than_the_case_is_not_taken(play, reviewer):
    claim(play, reviewer)
    before = play.footprint()
    with pytest.raises(Conflict) as stale:
        complete(play, reviewer, revision=revision(play) - 1)
    assert stale.value.code == "stale"
    assert play.footprint() == before
    assert complete(play, reviewer, revision=revision(play)) == ["county_check"]


def test_not_without_claiming_it(play, reviewer):
    with pytest.raises(Conflict) as unclaimed:
        complete(play, reviewer)
    assert unclaimed.value.code == "unclaimed"


def test_not_what_a_colleague_has_claimed(play, reviewer):
    claim(play, reviewer)
    with pytest.raises(Conflict) as taken:
        complete(play, colleague(reviewer))
    assert taken.value.code == "taken"
    assert reviewer.name in str(taken.value)


def test_nobody_decides_above_what_they_decided_below(play, reviewer):
    """The village's clerk has been made a reviewer of the township meanwhile."""
    clerk = play.actor("village")
    promoted = replace(reviewer, id=clerk.id, name=clerk.name)
    before = play.footprint()
    with pytest.raises(NotAllowed) as separated:
        claim(play, promoted)
    assert separated.value.code == "separation"
    assert play.footprint() == before


def test_the_same_person_may_do_several_steps_of_one_office(play, reviewer):
    claim(play, reviewer)
    complete(play, reviewer, {"decision": "send_back", "send_back_reason": "请核实。", "opinion": "退回。"})
    step = {
        "data": {"decision": "pass", "checked": ["household"], "term_start": "2028-01-01", "opinion": "好"}
    }
    play.act("village", "village_check", step)
    claim(play, reviewer)
    assert complete(play, reviewer) == ["county_check"]


def test_gaps_are_told_by_field_and_change_nothing(play, reviewer):
    claim(play, reviewer)
    before = play.footprint()
    with pytest.raises(Invalid) as gaps:
        complete(play, reviewer, {"decision": "reject"})
    assert set(gaps.value.fields) == {"reasons", "opinion"}
    assert play.footprint() == before


@pytest.mark.parametrize("answers", [[], "text", None, 7, {"decision": {"a": 1}, "opinion": ["x"]}])
def test_answers_of_another_shape_are_faults_not_breakdowns(play, reviewer, answers):
    claim(play, reviewer)
    with pytest.raises(Invalid):
        complete(play, reviewer, answers)


def test_a_household_answers_for_its_own_case_alone(running):
    play = played(running, until="supply_papers", scenario="supplement")
    owner = play.actor("household")
    step = {"answer": "已补交。"}
    for stranger in (replace(owner, id=str(uuid4())), replace(owner, role="village_clerk")):
        with pytest.raises(NotAllowed):
            complete(play, stranger, step, "supply_papers")
    assert complete(play, owner, step, "supply_papers") == ["village_check"]


def test_a_draft_survives_a_lost_race_and_goes_with_a_won_one(play, reviewer):
    task = play.task("township_review")
    loser = colleague(reviewer)
    for actor in (reviewer, loser):
        with play.stage.sessions(actor.scope) as session:
            save_draft(session, play.stage.clock, actor, play.number, task, {"opinion": actor.name})
            session.commit()
    claim(play, reviewer)
    complete(play, reviewer)
    with play.stage.sessions(loser.scope) as session:
        save_draft(session, play.stage.clock, loser, play.number, task, {"opinion": "写完才发现"})
        session.commit()
        case = play.case(session)
        assert cases.read_draft(session, case, task, reviewer.person_id) is None
        assert cases.read_draft(session, case, task, loser.person_id).data == {"opinion": "写完才发现"}


def test_what_is_done_says_who_did_it(play, reviewer):
    claim(play, reviewer)
    complete(play, reviewer)
    with pytest.raises(Conflict) as done:
        complete(play, reviewer)
    assert done.value.code == "done"
    with play.stage.sessions(COUNTY) as session:
        task = cases.find_task(session, play.case(session), play.task("township_review"))
        assert (task.status, task.decision, task.ended_by) == ("done", "pass", reviewer.name)


def test_every_command_counts_once_in_the_revision(play, reviewer):
    before = revision(play)
    claim(play, reviewer)
    complete(play, reviewer)
    assert revision(play) == before + 1
