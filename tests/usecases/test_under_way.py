"""The demonstration begins with cases under way, each at another desk."""

from engine.queries.sample_households import sample_households
from engine.store import cases
from engine.usecases.scenarios.under_way import UNDER_WAY, begin_cases

COUNTY = "990101"


def test_every_desk_has_something_to_do(running):
    numbers = begin_cases(running, COUNTY)
    assert len(set(numbers)) == len(UNDER_WAY)
    with running.sessions(COUNTY) as session:
        found = [cases.find_case(session, COUNTY, number) for number in numbers]
        roles = {task.role for case in found for task in cases.open_tasks(session, case)}
        assert {case.status for case in found} == {"open"}
        assert not [one for one in sample_households(session, COUNTY) if one.open_case]
    assert {"village_clerk", "township_reviewer", "county_handler", "surveyor"} <= roles
