"""Starting: one case per household at a time, numbers in a row, nothing left of what was refused."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from engine.domain.errors import Invalid, NotAllowed, NotFound, Refused
from engine.store import reservations
from engine.store.tables.cases import Case, Paper
from engine.usecases.answer_once import earlier_answer, remember_answer
from engine.usecases.scenarios.papers import upload
from engine.usecases.start_case import start_case
from tests.usecases.acting import COUNTY, at_once, playing, step_that_does


@pytest.fixture
def play(running):
    return playing(running)


def application(play, actor):
    """What the household hands in, with its papers uploaded."""
    step = step_that_does(play, "apply")
    from engine.usecases.scenarios.story import filled

    answers = filled(step["data"], play.words)
    return answers | {"papers": {kind: upload(play, actor, kind) for kind in step["papers"]}}


def start(play, actor, answers, *, code=None, origin="self", key=None, body=None):
    """As a page does it: with ``key``, the first answer is given again."""
    with play.stage.sessions(actor.scope) as session:
        if key:
            before = earlier_answer(session, actor, key, body or answers)
            if before is not None:
                return before["case"]
        started = start_case(
            session, play.stage.clock, actor, play.case_type.name, code or play.code, origin, answers,
            applicant=actor.person_id,
        )  # fmt: skip
        if key:
            remember_answer(session, play.stage.clock, actor, key, body or answers, {"case": started.number})
        session.commit()
    return started.number


def open_cases(play):
    with play.stage.sessions(COUNTY) as session:
        query = select(func.count()).where(Case.contractor_code == play.code, Case.status == "open")
        return session.scalar(query)


def test_two_applications_at_once_make_one_case(play):
    actor = play.actor("household")
    answers = [application(play, actor) for _ in range(3)]
    results = at_once(*[lambda given=given: start(play, actor, given) for given in answers])
    [number] = [result for result in results if isinstance(result, str)]
    refused = [result for result in results if isinstance(result, Refused)]
    assert [error.facts["number"] for error in refused] == [number, number]
    assert open_cases(play) == 1


def test_one_key_has_one_effect_and_one_answer(play):
    actor = play.actor("household")
    answers = application(play, actor)
    results = at_once(*[lambda: start(play, actor, answers, key="k1")] * 4)
    assert len(set(results)) == 1, results
    assert open_cases(play) == 1
    assert start(play, actor, answers, key="k1") == results[0]
    with pytest.raises(Refused) as reused:
        start(play, actor, answers, key="k1", body={"another": "form"})
    assert reused.value.code == "key_reused"


def test_what_was_refused_is_not_remembered_under_its_key(play):
    actor = play.actor("household")
    with pytest.raises(Invalid):
        start(play, actor, {}, key="k2")
    assert open_cases(play) == 0
    assert start(play, actor, application(play, actor), key="k2", body={})


def test_a_refused_application_leaves_nothing(play):
    actor = play.actor("household")
    first = start(play, actor, application(play, actor))
    before = play.footprint()
    with play.stage.sessions(COUNTY) as session:
        cases = session.scalar(select(func.count()).select_from(Case))
    again = application(play, actor)
    with pytest.raises(Refused) as held:
        start(play, actor, again)
    assert held.value.facts["number"] == first
    with play.stage.sessions(COUNTY) as session:
        assert session.scalar(select(func.count()).select_from(Case)) == cases
        paper = session.scalars(select(Paper).where(Paper.id == again["papers"]["id_card"][0])).one()
        assert paper.case_id is None  # the upload stays the household's own
    assert play.footprint() == before


def test_numbers_of_a_day_are_in_a_row(play, running):
    one = start(play, play.actor("household"), application(play, play.actor("household")))
    other = playing(running)
    two = start(other, other.actor("household"), application(other, other.actor("household")))
    assert one[:14] == COUNTY + "20260914"
    assert int(two[14:]) == int(one[14:]) + 1
    assert len(one) == 20


def test_who_may_start_what(play):
    household, clerk = play.actor("household"), play.actor("village")
    answers = application(play, household)
    for actor, origin in ((clerk, "self"), (household, "village"), (play.actor("handler"), "village")):
        with pytest.raises(NotAllowed):
            start(play, actor, answers, origin=origin)
    with pytest.raises(NotAllowed):
        start(play, household, answers, origin="unheard_of")
    with pytest.raises(NotFound):
        start(play, play.actor("other_village"), answers, origin="village")
    with pytest.raises(NotFound):
        start(play, household, answers, code="990101999999999999")


def test_another_s_papers_and_land_are_refused_by_field(play, running):
    household = play.actor("household")
    answers = application(play, household)
    neighbour = replace(household, id="00000000-0000-0000-0000-000000000001")
    theirs = answers | {"papers": {"id_card": upload(play, neighbour, "id_card")}}
    with pytest.raises(Invalid) as strange:
        start(play, household, theirs)
    assert list(strange.value.fields) == ["papers"]
    for codes in (["9901010000000000001"], [], ["x"], "all of them"):
        with pytest.raises(Invalid) as land:
            start(play, household, answers | {"parcels": codes})
        assert list(land.value.fields) == ["parcels"]
    assert open_cases(play) == 0


def test_a_thing_is_held_once(play, running):
    """Two transactions reserve the same parcel: the second waits, and is told the first one's case."""
    start(play, play.actor("household"), application(play, play.actor("household")))
    other = playing(running)
    start(other, other.actor("household"), application(other, other.actor("household")))

    def reserve(holder):
        with holder.stage.sessions(COUNTY) as session:
            found = reservations.reserve(session, holder.case(session), "parcel", "a-parcel")
            session.commit()
            return found

    for plays in (play, other):
        with plays.stage.sessions(COUNTY) as session:
            case = session.scalars(
                select(Case).where(Case.contractor_code == plays.code, Case.status == "open")
            ).one()
            plays.number, plays.case_id = case.number, case.id
    results = at_once(lambda: reserve(play), lambda: reserve(other))
    assert results in ([None, play.number], [other.number, None])
    winner = play if results[0] is None else other
    with winner.stage.sessions(COUNTY) as session:
        reservations.release(session, winner.case(session), winner.stage.clock.now())
        session.commit()
    assert reserve(other if winner is play else play) is None
