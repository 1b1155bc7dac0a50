"""A case type read from its files: roles by origin, periods in force on a day, reasons, what an end means."""

from datetime import date

import pytest

from engine.domain.case_type import CaseType, RoleAtLevel, in_force
from engine.domain.deadline import Kind, Unit

ABOUT = """
case_type: sample
title: {zh: 样例, en: Sample}
groups:
  applicant:
    role: applicant
    level: household
    by_origin: {village: {role: village_clerk, level: village}}
  officer: {role: county_officer, level: county}
start:
  variable: application
  origins:
    self: {form: own, group: applicant}
    village: {form: on_behalf, group: officer}
lists:
  village_rejection_reasons:
    - {code: V01, label: {zh: 甲, en: A}}
    - {code: V02, label: {zh: 乙, en: B}}
  application_kinds:
    - {code: V01, label: {zh: 不是理由, en: Not a reason}}
"""
PARAMETERS = """
deadlines:
  check: {kind: limit, unit: working_days, title: {zh: 初审, en: Check}, source: 县里,
          values: [{from: 2026-01-01, value: 5}, {from: 2023-01-01, value: 10}]}
  whole: {kind: limit, scope: case, unit: calendar_days, title: {zh: 全案, en: Case}, source: 县里,
          values: [{from: 2023-01-01, value: 60}]}
numbers:
  years: {values: [{from: 2003-03-01, value: 30}]}
"""
FILES = {
    "case_type.yaml": ABOUT.encode(),
    "parameters.yaml": PARAMETERS.encode(),
    "forms/own.yaml": b"form: own",
    "forms/on_behalf.yaml": b"form: on_behalf",
    "documents/notice.html": "通知".encode(),
    "process.bpmn": b"<x/>",
    "rate.dmn": b"<y/>",
}
CASE_TYPE = CaseType(FILES)


def test_the_village_stands_in_for_a_household_that_it_applied_for():
    assert CASE_TYPE.role_of("applicant") == RoleAtLevel("applicant", "household")
    assert CASE_TYPE.role_of("applicant", "village") == RoleAtLevel("village_clerk", "village")
    assert CASE_TYPE.role_of("officer", "village") == RoleAtLevel("county_officer", "county")
    assert CASE_TYPE.is_household("applicant")
    assert not CASE_TYPE.is_household("officer")


def test_who_starts_with_which_form():
    assert (CASE_TYPE.starter("self"), CASE_TYPE.start_form("self")) == ("applicant", "own")
    assert (CASE_TYPE.starter("village"), CASE_TYPE.start_form("village")) == ("county_officer", "on_behalf")
    assert CASE_TYPE.starter("unheard_of") is None


@pytest.mark.parametrize(
    ("day", "length"),
    [(date(2023, 1, 1), 10), (date(2025, 12, 31), 10), (date(2026, 1, 1), 5), (date(2030, 1, 1), 5)],
)
def test_a_period_is_the_one_in_force_on_the_day(day, length):
    rule = CASE_TYPE.deadline("check", day)
    assert (rule.length, rule.kind, rule.unit) == (length, Kind.LIMIT, Unit.WORKING_DAYS)


def test_nothing_is_in_force_before_the_first_day():
    with pytest.raises(ValueError, match="2022-12-31"):
        CASE_TYPE.deadline("check", date(2022, 12, 31))
    with pytest.raises(KeyError):
        CASE_TYPE.deadline("unheard_of", date(2026, 1, 1))
    with pytest.raises(ValueError, match="no value"):
        in_force([], date(2026, 1, 1))


def test_numbers_and_limits_of_the_whole_case():
    assert CASE_TYPE.value("years", date(2026, 1, 1)) == 30
    assert CASE_TYPE.case_limits() == ["whole"]


def test_reasons_come_from_the_lists_of_reasons_in_their_order():
    assert [row["label"]["zh"] for row in CASE_TYPE.reasons(["V02", "V01"])] == ["甲", "乙"]
    assert CASE_TYPE.reasons(["V99"]) == []


@pytest.mark.parametrize(
    ("end", "status"), [("end_rejected", "rejected"), ("end_completed", "completed"), (None, "completed")]
)
def test_what_an_end_means(end, status):
    assert CASE_TYPE.status_at_end(end) == status


def test_its_files_by_what_they_are():
    assert CASE_TYPE.form_names == ["on_behalf", "own"]
    assert set(CASE_TYPE.model_files()) == {"process.bpmn", "rate.dmn"}
    assert CASE_TYPE.template("notice") == "通知"
    assert CASE_TYPE.form_source("own") == {"form": "own"}
