"""Reassigning: by whom, to whom, with a reason; each task for itself; the chain says so; duties stay apart."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session

from engine.domain import events
from engine.domain.actor import Actor
from engine.domain.errors import Conflict, Invalid, NotAllowed, NotFound, Refused
from engine.queries.reassigning import holders
from engine.store import cases, history
from engine.store.tables.reference import Person
from engine.usecases.claim_task import claim_task
from engine.usecases.complete_task import complete_task
from engine.usecases.load_demonstration import add_account, stable_id
from engine.usecases.reassign_tasks import reassign_all, reassign_task, reassign_tasks
from engine.usecases.save_draft import save_draft
from tests.usecases.acting import COUNTY, played

REASON = "休产假"
OTHER = stable_id("person:zhaoer")


@pytest.fixture
def play(running):
    """A case that waits at the township, for which there is a second reviewer."""
    found = played(running, until="township_review")
    reviewer = found.actor("township")
    with running.sessions(COUNTY) as session:
        add_account(session, "zhaoer", "审核二", "township_reviewer", reviewer.division, "x")
        session.commit()
    return found


@pytest.fixture
def reviewer(play):
    return play.actor("township")


def within(play, actor: Actor, act):
    with play.stage.sessions(actor.scope) as session:
        result = act(session)
        session.commit()
    return result


def claim(play, actor):
    number = play.task("township_review")
    within(play, actor, lambda s: claim_task(s, play.stage.clock, actor, play.number, number))
    return number


def give(play, actor, number, to=OTHER, reason=REASON):
    within(play, actor, lambda s: reassign_task(s, play.stage.clock, actor, play.number, number, to, reason))


def assignee(play, number) -> UUID | None:
    with play.stage.sessions(COUNTY) as session:
        return cases.find_task(session, play.case(session), number).assignee


def told(play):
    with play.stage.sessions(COUNTY) as session:
        read = history.read(session, COUNTY, play.case_id)
    return [payload for link, payload in read if link.kind == events.TASK_REASSIGNED]


def test_the_holder_gives_it_on_with_its_draft_and_the_chain_says_why(play, reviewer):
    number = claim(play, reviewer)
    within(
        play,
        reviewer,
        lambda s: save_draft(s, play.stage.clock, reviewer, play.number, number, {"opinion": "半"}),
    )
    give(play, reviewer, number)
    assert assignee(play, number) == OTHER
    assert told(play) == [
        {
            "from": reviewer.id,
            "from_name": reviewer.name,
            "to": str(OTHER),
            "to_name": "审核二",
            "reason": REASON,
        }
    ]
    with play.stage.sessions(COUNTY) as session:
        draft = cases.read_draft(session, play.case(session), number, OTHER)
    assert draft is not None and draft.data == {"opinion": "半"}
    other = replace(reviewer, id=str(OTHER), name="审核二")
    done = {"decision": "pass", "opinion": "通过。"}
    step = within(play, other, lambda s: complete_task(s, play.stage.clock, other, play.number, number, done))
    assert [task.element for task in step.tasks] == ["county_check"]


def test_who_may(play, reviewer):
    number = claim(play, reviewer)
    colleague = replace(reviewer, id=str(OTHER))
    village = play.actor("village")
    for actor in (colleague, village, replace(village, role="auditor", division=COUNTY)):
        with pytest.raises(NotAllowed):
            give(play, actor, number, to=UUID(reviewer.id) if actor is colleague else OTHER)
    with pytest.raises(NotFound):  # another township's superior does not even see it
        give(play, replace(reviewer, division="990101999"), number)
    assert assignee(play, number) == UUID(reviewer.id)
    give(play, replace(play.actor("approver"), id=str(uuid4())), number)
    give(play, Actor(str(uuid4()), "安全", "security_admin", COUNTY, COUNTY), number, to=UUID(reviewer.id))
    assert assignee(play, number) == UUID(reviewer.id)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"reason": " \n"}, Invalid),
        ({"reason": "长" * 201}, Invalid),
        ({"to": uuid4()}, NotFound),
        ({"to": stable_id("person:village1")}, Refused),
    ],
)
def test_what_cannot_be(play, reviewer, change, error):
    number = claim(play, reviewer)
    with pytest.raises(error):
        give(play, reviewer, number, **change)
    assert assignee(play, number) == UUID(reviewer.id) and told(play) == []


def test_nobody_gets_what_they_decided_on_below(play, reviewer, running):
    """The village's clerk of this case has become a reviewer meanwhile."""
    number, clerk = claim(play, reviewer), play.actor("village")
    with running.sessions(COUNTY) as session:
        promote(session, clerk, reviewer.division)
        session.commit()
    with pytest.raises(Refused, match="经办过此件"):
        give(play, reviewer, number, to=UUID(clerk.id))


def promote(session: Session, clerk: Actor, division: str) -> None:
    from datetime import date

    from engine.store.tables.reference import Position

    session.add(
        Position(
            id=uuid4(),
            person_id=UUID(clerk.id),
            role="township_reviewer",
            division=division,
            valid_from=date(2020, 1, 1),
        )
    )


def test_many_at_once_are_counted_one_by_one(play, reviewer):
    number = claim(play, reviewer)
    items = [(play.number, number), (play.number, 9999), ("no-such-case", 1)]
    outcomes = within(
        play, reviewer, lambda s: reassign_tasks(s, play.stage.clock, reviewer, items, OTHER, REASON)
    )
    assert [one.fault is None for one in outcomes] == [True, False, False]
    again = within(
        play, reviewer, lambda s: reassign_all(s, play.stage.clock, reviewer, OTHER, OTHER, REASON)
    )
    assert [one.fault is None for one in again if one.case == play.number] == [False]


def test_all_of_somebody_who_leaves(play, reviewer):
    claim(play, reviewer)
    guard = Actor(str(uuid4()), "安全", "security_admin", COUNTY, COUNTY)
    outcomes = within(
        play, guard, lambda s: reassign_all(s, play.stage.clock, guard, UUID(reviewer.id), OTHER, "调离")
    )
    assert outcomes and all(one.fault is None for one in outcomes)
    with play.stage.sessions(COUNTY) as session:
        offered = holders(session, COUNTY, reviewer.role, reviewer.division, play.stage.clock.now().date())
    assert {one.username: one.open for one in offered}["zhaoer"] >= 1


def test_a_locked_account_takes_nothing(play, reviewer, running):
    number = claim(play, reviewer)

    def lock(active: bool) -> None:
        with running.sessions(COUNTY) as session:
            session.get_one(Person, OTHER).active = active
            session.commit()

    lock(False)
    try:
        with pytest.raises(Refused, match="已锁定"):
            give(play, reviewer, number)
    finally:
        lock(True)
    give(play, reviewer, number)
    with pytest.raises(Conflict, match="已在"):
        give(play, play.actor("approver"), number)
