"""Publishing refuses what the law or the counting of days does not allow, with where and how to mend it."""

import pytest
import yaml

from engine.domain.errors import Refused
from engine.domain.from_yaml import read_yaml
from engine.store.versions import read_folder
from engine.usecases.publish_process import check_files, publish_process
from tests.usecases.acting import COUNTY, FOLDER


def with_period(name, **values):
    files = read_folder(FOLDER)
    parameters = read_yaml(files["parameters.yaml"])
    parameters["deadlines"][name] |= values
    return files | {"parameters.yaml": yaml.safe_dump(parameters, allow_unicode=True).encode()}


def test_the_shipped_case_type_has_no_problems():
    assert check_files(read_folder(FOLDER)) == []


def test_a_publicity_shorter_than_the_law_s_is_refused_by_name():
    values = [{"from": "2023-06-25", "value": 15}, {"from": "2026-06-01", "value": 9}]
    files = with_period("contract_publicity", values=[v | {"from": read_yaml(v["from"])} for v in values])
    [problem] = check_files(files)
    assert (problem.rule, problem.severity, problem.file) == ("at-least", "error", "parameters.yaml")
    assert "合同公示" in problem.message
    assert "2026-06-01" in problem.message
    assert "10" in problem.fix


def test_a_longer_one_is_the_county_s_to_set():
    assert (
        check_files(
            with_period("contract_publicity", values=[{"from": read_yaml("2023-06-25"), "value": 15}])
        )
        == []
    )


BAD = {
    "kind": "sometime",
    "unit": "moons",
    "values": [],
}


@pytest.mark.parametrize("key", BAD)
def test_a_period_that_cannot_be_counted_is_refused(key):
    problems = check_files(with_period("village_check", **{key: BAD[key]}))
    assert problems
    assert all(problem.severity == "error" for problem in problems)
    assert any("village_check" in problem.message for problem in problems)


@pytest.mark.parametrize("value", [0, -3, "5", 2.5, True, None])
def test_days_are_whole_and_at_least_one(value):
    row = {"from": read_yaml("2023-06-25"), "value": value}
    assert any(
        problem.severity == "error" for problem in check_files(with_period("village_check", values=[row]))
    )


def test_one_person_alone_publishes_nothing(running):
    files = read_folder(FOLDER)
    with running.sessions(COUNTY) as session:
        with pytest.raises(Refused) as alone:
            publish_process(session, running.clock, COUNTY, files, "admin", "admin")
        assert alone.value.code == "second_person"
        short = with_period("contract_publicity", values=[{"from": read_yaml("2023-06-25"), "value": 1}])
        with pytest.raises(Refused) as faulty:
            publish_process(session, running.clock, COUNTY, short, "admin", "admin2")
        assert faulty.value.code == "problems"
        assert publish_process(session, running.clock, COUNTY, files, "admin", "admin2").problems == ()
