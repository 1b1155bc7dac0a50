"""The demonstration begins with cases under way, each at another desk."""

from sqlalchemy import func, select

from engine.queries.sample_households import sample_households
from engine.store import cases
from engine.store.tables.register import ParcelVersion
from engine.usecases.scenarios.under_way import UNDER_WAY, begin_cases

COUNTY = "990101"
FARMLAND = select(func.count()).where(ParcelVersion.basic_farmland == "1")


def test_every_desk_has_something_to_do(running):
    with running.sessions(COUNTY) as session:
        protected = session.scalar(FARMLAND)
    numbers = begin_cases(running, COUNTY)
    assert len(set(numbers)) == len(UNDER_WAY)
    with running.sessions(COUNTY) as session:
        found = [cases.find_case(session, COUNTY, number) for number in numbers]
        assert session.scalar(FARMLAND) == protected  # the register is as it was brought
        roles = {task.role for case in found for task in cases.open_tasks(session, case)}
        assert {case.status for case in found} == {"open"}
        assert not [one for one in sample_households(session, COUNTY) if one.open_case]
    assert {"village_clerk", "township_reviewer", "county_handler", "surveyor"} <= roles
