"""Objections and withdrawal through their use cases: what the portal hands in, what is refused, what is kept."""

from datetime import date
from uuid import UUID, uuid4

import pytest

from engine.domain.actor import applicant
from engine.domain.errors import Invalid, NotFound, Refused
from engine.store import cases, publicities
from engine.usecases.raise_objection import raise_objection
from tests.usecases.acting import COUNTY, played

SAID = {"objector": "李秀英", "category": "parcel", "text": "东边田埂应归我家。"}


@pytest.fixture
def shown(running):
    play = played(running, until="contract_publicity")
    with play.stage.sessions(COUNTY) as session:
        [row] = publicities.of_case(session, play.case(session))
    return play, row


def object_to(play, publicity_id, **changes):
    who = applicant(uuid4(), "李秀英", COUNTY, COUNTY)
    with play.stage.sessions(COUNTY) as session:
        row = raise_objection(
            session, play.stage.clock, who, publicity_id=publicity_id, channel="portal",
            applicant=UUID(who.id), **(SAID | changes),
        )  # fmt: skip
        session.commit()
        return row.number, row.task_number


def test_a_publicity_hangs_in_the_own_village_in_its_neighbours_and_at_the_township(shown):
    _, row = shown
    kinds = [posting["kind"] for posting in row.postings]
    assert kinds[0] == "own" and kinds[-1] == "township" and "neighbour" in kinds
    assert row.places == [posting["place"] for posting in row.postings]
    assert all(not p["division"].startswith(row.division) for p in row.postings if p["kind"] == "neighbour")


def test_each_objection_has_a_number_and_a_task_of_its_own(shown):
    play, row = shown
    first, second = object_to(play, row.id), object_to(play, row.id, category="other")
    assert [first[0], second[0]] == [1, 2]
    with play.stage.sessions(COUNTY) as session:
        tasks = {task.number for task in cases.open_tasks(session, play.case(session))}
    assert {first[1], second[1]} == tasks


@pytest.mark.parametrize(
    ("field", "value"),
    [("category", "weather"), ("text", " "), ("objector", "x" * 51), ("raised_on", date(1999, 1, 1))],
)
def test_a_gap_is_named_and_changes_nothing(shown, field, value):
    play, row = shown
    before = play.footprint()
    with pytest.raises(Invalid) as refusal:
        object_to(play, row.id, **{field: value})
    assert list(refusal.value.fields) == [field]
    assert play.footprint() == before


def test_what_is_not_shown_is_not_objected_to(shown):
    play, _ = shown
    with pytest.raises(NotFound):
        object_to(play, uuid4())


def test_after_the_last_day_it_is_too_late(shown):
    play, row = shown
    play.wait({"until": f"{row.ends_on.isoformat()} 23:00"})
    assert object_to(play, row.id)[0] == 1  # on the last day there is still time
    play = played_on(play, row)
    with pytest.raises(Refused, match="已经结束"):
        object_to(play, row.id)


def played_on(play, row):
    """The clock stands still while it is settled, so settle it, and then let the display end."""
    play.act(
        "village", "settle_objection", {"data": {"outcome": "dismissed", "finding": "无误", "answer": "无误"}}
    )
    play.wait({"days": 3})
    return play
