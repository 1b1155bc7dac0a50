"""Deputies: named within rules, they act in the principal's position and name, duties stay apart through them, it ends."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from engine.domain import events
from engine.domain.actor import Actor
from engine.domain.clock import local_date
from engine.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from engine.queries.inbox import counts
from engine.store import cases, history
from engine.store.people import by_username, positions_on, seats_on
from engine.store.tables.reference import Deputy, Person, Position
from engine.usecases import api_tokens
from engine.usecases.accounts.deputise import Wanted, end_deputy, name_deputy
from engine.usecases.claim_task import check_separation, claim_task
from engine.usecases.complete_task import complete_task
from engine.usecases.load_demonstration import add_account, stable_id
from engine.usecases.scenarios.story import filled
from engine.usecases.sign_in import actor_for
from tests.usecases.acting import COUNTY, played

DONE = {"decision": "pass", "opinion": "通过。"}


@pytest.fixture
def play(running):
    """A case that waits at the township; the other township has a reviewer who can stand in."""
    return played(running, until="township_review")


@pytest.fixture
def today(play) -> date:
    return local_date(play.stage.clock.now())


@pytest.fixture(autouse=True)
def nobody_stands_in(running):
    """Each test begins without deputies."""
    yield
    with running.sessions(COUNTY) as session:
        for row in session.query(Deputy).filter(Deputy.ended_at.is_(None)):
            row.ended_at, row.ended_by = row.named_at, row.named_by
        session.commit()


def own(running, username: str) -> tuple[Actor, UUID]:
    """Somebody in their first position, and its id."""
    with running.sessions(COUNTY) as session:
        person = by_username(session, username)
        position = positions_on(session, person.id, date(2026, 6, 1))[0]
        return actor_for(person, position), position.id


def name(running, clock, actor, position, username, since, until, reason="休假") -> UUID:
    with running.sessions(COUNTY) as session:
        row = name_deputy(session, clock, actor, position, Wanted(username, since, until, reason))
        session.commit()
        return row.id


def seat(running, username: str, day: date) -> Actor | None:
    """The deputy in the first position stood in for."""
    with running.sessions(COUNTY) as session:
        person = by_username(session, username)
        found = [s for s in seats_on(session, person.id, day) if s.principal]
        return actor_for(person, found[0].position, found[0].principal) if found else None


def reviewers(play) -> tuple[str, str]:
    """(user name of the case's reviewer, of another township's)."""
    here = play.actor("township")
    with play.stage.sessions(COUNTY) as session:
        mine = session.get_one(Person, UUID(here.id)).username
    return mine, "township2" if mine != "township2" else "township1"


def test_a_deputy_does_the_principals_tasks_and_the_record_says_for_whom(running, play, today):
    mine, other = reviewers(play)
    principal, position = own(running, mine)
    clock = play.stage.clock
    name(running, clock, principal, position, other, today, today + timedelta(days=7))
    deputy = seat(running, other, today)
    assert (deputy.division, deputy.stands_as, deputy.name) == (
        principal.division,
        UUID(principal.id),
        f"{own(running, other)[0].name}（代{principal.name}）",
    )
    number = play.task("township_review")
    with running.sessions(deputy.scope) as session:
        before = counts(session, deputy, clock.now())["mine"]
        claim_task(session, clock, deputy, play.number, number)
        session.commit()
        assert counts(session, deputy, clock.now())["mine"] == before + 1
    with running.sessions(
        principal.scope
    ) as session:  # the task is the principal's: it stays theirs afterwards
        assert counts(session, principal, clock.now())["mine"] == before + 1
    with running.sessions(deputy.scope) as session:
        complete_task(session, clock, deputy, play.number, number, DONE)
        session.commit()
    with running.sessions(COUNTY) as session:
        told = [e for e in history.read(session, COUNTY, play.case_id) if e[0].kind == events.TASK_COMPLETED][
            -1
        ]
    assert told[0].actor == deputy.id and told[0].actor_name == deputy.name
    assert told[1]["for"] == {"id": principal.id, "name": principal.name}


def test_it_ends_by_itself_and_tokens_end_with_it(running, play, today):
    mine, other = reviewers(play)
    principal, position = own(running, mine)
    name(running, play.stage.clock, principal, position, other, today, today)
    deputy, now = seat(running, other, today), play.stage.clock.now()
    with running.sessions() as session:
        token = api_tokens.issue_staff_token(session, now, deputy.person_id, position)
        session.commit()
        assert api_tokens.staff_behind(session, now, today, token).actor == deputy
        assert api_tokens.staff_behind(session, now, today + timedelta(days=1), token) is None
    assert seat(running, other, today + timedelta(days=1)) is None
    assert seat(running, other, today - timedelta(days=1)) is None


def test_an_end_before_its_time(running, play, today):
    mine, other = reviewers(play)
    principal, position = own(running, mine)
    row = name(running, play.stage.clock, principal, position, other, today, today + timedelta(days=30))
    stranger = own(running, other)[0]

    def end(actor):
        with running.sessions(COUNTY) as session:
            end_deputy(session, play.stage.clock, actor, row)
            session.commit()

    with pytest.raises(NotFound):
        end(stranger)
    end(own(running, "sysadmin")[0])
    assert seat(running, other, today) is None
    with pytest.raises(Conflict):
        end(principal)


@pytest.mark.parametrize(
    ("change", "field", "told"),
    [
        ({"since": -1}, "since", "早于今天"),
        ({"until": -2}, "until", "早于起日"),
        ({"username": "nobody"}, "username", "本县没有"),
        ({"username": "self"}, "username", "本人"),
        ({"username": "village1"}, "username", "同样的岗位"),
        ({"reason": " "}, "reason", "原因"),
        ({"reason": "长" * 201}, "reason", "不超过"),
    ],
)
def test_what_is_refused(running, play, today, change, field, told):
    mine, other = reviewers(play)
    principal, position = own(running, mine)
    days = {name: today + timedelta(days=change.get(name, at)) for name, at in (("since", 0), ("until", 5))}
    who = {"self": mine}.get(change.get("username"), change.get("username", other))
    with pytest.raises(Invalid) as refused:
        name(running, play.stage.clock, principal, position, who, **days, reason=change.get("reason", "休假"))
    assert told in str(refused.value.fields[field][0])


def test_no_two_at_a_time_and_no_chains(running, play, today):
    mine, other = reviewers(play)
    (principal, position), (second, second_position) = own(running, mine), own(running, other)
    with running.sessions(COUNTY) as session:
        add_account(session, "zhaosan", "审核三", "township_reviewer", principal.division, "x")
        session.commit()
    clock, week = play.stage.clock, today + timedelta(days=7)
    name(running, clock, principal, position, other, today, week)
    with pytest.raises(Invalid, match="更正") as taken:
        name(running, clock, principal, position, "zhaosan", week, week + timedelta(days=3))
    assert "已请" in str(taken.value.fields["since"][0])
    with pytest.raises(Invalid) as chained:  # who stands in has no deputy meanwhile
        name(running, clock, second, second_position, "zhaosan", today, today)
    assert "请先结束" in str(chained.value.fields["since"][0])
    third, third_position = own(running, "zhaosan")
    with pytest.raises(Invalid) as chained:  # nor does one who is away stand in
        name(running, clock, third, third_position, mine, today, today)
    assert "不能再代理别人" in str(chained.value.fields["username"][0])
    deputy = seat(running, other, today)
    with pytest.raises(NotAllowed):  # a deputy cannot deputise further
        name(running, clock, deputy, position, "zhaosan", week + timedelta(days=1), week + timedelta(days=2))
    name(running, clock, principal, position, "zhaosan", week + timedelta(days=1), week + timedelta(days=2))


def test_administrators_name_them_for_others_and_strangers_do_not(running, play, today):
    mine, other = reviewers(play)
    _, position = own(running, mine)
    for stranger in (own(running, "county")[0], own(running, other)[0]):
        with pytest.raises(NotFound):
            name(running, play.stage.clock, stranger, position, other, today, today)
    name(running, play.stage.clock, own(running, "secadmin")[0], position, other, today, today)


def test_duties_stay_apart_through_deputies(running, play, today):
    """The clerk who checked the case stands in for a reviewer; and a reviewer whose deputy checked it decides."""
    clerk, reviewer = play.actor("village"), play.actor("township")
    number, clock = play.task("township_review"), play.stage.clock

    def refused(actor: Actor) -> None:
        with running.sessions(COUNTY) as session:
            with pytest.raises(NotAllowed, match="下级经办过"):
                claim_task(session, clock, actor, play.number, number)

    # the deputy decided below, whoever they stand in for
    refused(replace(clerk, role="township_reviewer", division=reviewer.division, principal=reviewer.id))
    # the principal decided below, whoever stands in for them
    stranger = replace(reviewer, id=str(uuid4()))
    refused(replace(stranger, principal=clerk.id, principal_name=clerk.name))


def test_what_a_deputy_did_below_counts_as_the_principals(running):
    """The village's check is done by a deputy; the principal, reviewer meanwhile, may not go on to decide."""
    play = played(running, until="village_check")
    clerk, clock = play.actor("village"), play.stage.clock
    deputy = replace(clerk, id=str(uuid4()), name="代办", principal=clerk.id, principal_name=clerk.name)
    answers = next(step for step in play.story.steps if step.get("does") == "village_check")["data"]
    with running.sessions(clerk.scope) as session:
        number = play.task("village_check")
        claim_task(session, clock, deputy, play.number, number)
        complete_task(session, clock, deputy, play.number, number, filled(answers, play.words))
        session.commit()
    reviewer = replace(play.actor("township"), id=clerk.id)
    with running.sessions(COUNTY) as session:
        number = play.task("township_review")
        with pytest.raises(NotAllowed, match="下级经办过"):
            claim_task(session, clock, reviewer, play.number, number)


def test_who_handles_does_not_approve(running):
    """Two county roles in one case; the undivided officer may do both, and the record says so."""
    play = played(running, until="township_review")
    with running.sessions(COUNTY) as session:
        task = cases.find_task(session, play.case(session), play.task("township_review"))
        task.role, task.office = "county_approver", COUNTY
        with pytest.raises(NotAllowed, match="经办和审批"):
            check_separation([f"county_handler@{COUNTY}"], task)
        check_separation([f"county_officer@{COUNTY}"], task)
        session.rollback()


def test_a_position_that_ended_takes_its_deputy_along(running, play, today):
    mine, other = reviewers(play)
    principal, position = own(running, mine)
    name(running, play.stage.clock, principal, position, other, today, today + timedelta(days=7))
    with running.sessions(COUNTY) as session:
        held = session.get_one(Position, stable_id(f"position:{other}"))
        held.valid_to = today
        session.commit()
    try:
        assert seat(running, other, today) is not None
        assert seat(running, other, today + timedelta(days=1)) is None  # holds the role no longer
    finally:
        with running.sessions(COUNTY) as session:
            session.get_one(Position, stable_id(f"position:{other}")).valid_to = None
            session.commit()
