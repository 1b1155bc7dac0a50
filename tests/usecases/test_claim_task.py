"""Claiming and giving back: one wins, the other is told who; only the task's own position may."""

from dataclasses import replace
from uuid import UUID

import pytest

from engine.domain import events
from engine.domain.errors import Conflict, NotAllowed, NotFound
from engine.store import cases, history
from engine.usecases.bulk import bulk
from engine.usecases.bulk import claim as claim_one
from engine.usecases.claim_task import claim_task, release_task
from engine.usecases.save_draft import save_draft
from engine.usecases.start_case import start_case
from tests.usecases.acting import COUNTY, at_once, colleague, played, step_that_does


@pytest.fixture(scope="module")
def play(running):
    return played(running, until="village_check")


@pytest.fixture
def clerk(play):
    return play.actor("village")


def claim(play, actor):
    with play.stage.sessions(actor.scope) as session:
        claim_task(session, play.stage.clock, actor, play.number, play.task("village_check"))
        session.commit()


def release(play, actor):
    with play.stage.sessions(actor.scope) as session:
        release_task(session, play.stage.clock, actor, play.number, play.task("village_check"))
        session.commit()


def told(play, kind):
    with play.stage.sessions(COUNTY) as session:
        return [link for link, _ in history.read(session, COUNTY, play.case_id) if link.kind == kind]


def test_of_two_at_once_one_wins_and_the_other_is_told_who(play, clerk):
    other = colleague(clerk)
    before = len(told(play, events.TASK_CLAIMED))
    results = at_once(lambda: claim(play, clerk), lambda: claim(play, other))
    [lost] = [result for result in results if result is not None]
    assert isinstance(lost, Conflict)
    assert lost.code == "taken"
    won = clerk if results[0] is None else other
    assert won is other or clerk.name in str(lost)
    assert len(told(play, events.TASK_CLAIMED)) == before + 1
    claim(play, won)  # one's own again: nothing happens
    assert len(told(play, events.TASK_CLAIMED)) == before + 1
    release(play, won)


def test_given_back_anybody_of_the_office_may_take_it(play, clerk):
    other = colleague(clerk)
    claim(play, clerk)
    with pytest.raises(NotAllowed):
        release(play, other)
    release(play, clerk)
    assert told(play, events.TASK_RELEASED)[-1].actor == clerk.id
    claim(play, other)
    release(play, other)


@pytest.mark.parametrize("who", ["township", "approver"])
def test_a_higher_office_sees_the_task_and_may_not_take_it(play, who):
    with pytest.raises(NotAllowed):
        claim(play, play.actor(who))


def test_another_village_is_not_told_that_there_is_a_case(play):
    with pytest.raises(NotFound):
        claim(play, play.actor("other_village"))


def test_not_even_with_the_database_s_own_net_taken_away(play):
    """The session sees the whole county, as it would without row level security; the use case still says no."""
    other = play.actor("other_village")
    with play.stage.sessions(COUNTY) as session:
        for act in (claim_task, release_task):
            with pytest.raises(NotFound):
                act(session, play.stage.clock, other, play.number, play.task("village_check"))
        with pytest.raises(NotFound):
            save_draft(session, play.stage.clock, other, play.number, play.task("village_check"), {})
        with pytest.raises(NotFound):
            start_case(session, play.stage.clock, other, play.case_type.name, play.code, "village", {})


def test_another_role_of_the_same_office_may_not(play, clerk):

    with pytest.raises(NotAllowed):
        claim(play, replace(clerk, role="township_reviewer"))


def test_a_task_that_never_was(play, clerk):
    with play.stage.sessions(clerk.scope) as session, pytest.raises(NotFound):
        claim_task(session, play.stage.clock, clerk, play.number, 999)
    with play.stage.sessions(clerk.scope) as session, pytest.raises(NotFound):
        claim_task(session, play.stage.clock, clerk, "99010120260101000999", 1)


def test_nothing_of_all_this_broke_the_record(play):
    from engine.domain.chain import Broken, verify_case

    with play.stage.sessions(COUNTY) as session:
        assert not isinstance(verify_case(history.chained_rows(session, COUNTY, play.case_id)), Broken)
        assert cases.find_case(session, COUNTY, play.number).revision == 1  # claims are no commands


def test_of_several_two_are_refused_and_the_rest_are_claimed(running, monkeypatch):
    """One was claimed meanwhile, in one the same person acted below: both are told why, and nothing else is lost."""
    below, taken, free = (
        played(running, until=until) for until in ("village_check", "township_review", "township_review")
    )
    person, other = colleague(free.actor("township")), colleague(free.actor("township"))
    clerk = replace(below.actor("village"), id=person.id)
    monkeypatch.setattr(below, "actor", lambda _who: clerk)
    step = step_that_does(below, "village_check")
    below.act(step["who"], step["does"], step)
    task = free.task("township_review")
    with running.sessions(other.scope) as session:
        claim_task(session, free.stage.clock, other, taken.number, task)
        session.commit()
    picked = [(play.number, play.task("township_review")) for play in (below, taken, free)]
    with running.sessions(person.scope) as session:
        found = {one.number: one for one in bulk(session, free.stage.clock, person, claim_one, picked)}
        session.commit()
    assert [found[number].fault for number, _ in picked] == ["separation", "taken", None]
    assert "下级" in str(found[below.number].refused)
    with running.sessions(COUNTY) as session:
        held = {
            play.number: cases.find_task(session, play.case(session), play.task("township_review")).assignee
            for play in (below, taken, free)
        }
    assert held == {below.number: None, taken.number: UUID(other.id), free.number: UUID(person.id)}
