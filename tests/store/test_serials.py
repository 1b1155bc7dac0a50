"""Numbers in a row: no gap and no double, also when several take them at once or give up."""

from engine.store import serials
from tests.usecases.acting import COUNTY, at_once


def take(running, owner, commit=True):
    with running.sessions(COUNTY) as session:
        number = serials.take(session, COUNTY, "test", owner)
        session.commit() if commit else session.rollback()
        return number


def test_many_at_once_get_a_row_without_gaps(running):
    assert sorted(at_once(*[lambda: take(running, "many")] * 8)) == list(range(1, 9))


def test_a_number_that_was_given_up_is_given_again(running):
    assert take(running, "gap") == 1
    assert take(running, "gap", commit=False) == 2
    assert take(running, "gap") == 2


def test_every_owner_has_its_own_row(running):
    assert [take(running, "one"), take(running, "two"), take(running, "one")] == [1, 1, 2]
