"""Check a version's periods and numbers before it is published: dated, whole, and never shorter than the law."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from engine.bpmn.check import Problem
from engine.domain.case_type import CaseType
from engine.domain.deadline import Kind, Unit
from engine.domain.said import say

FILE = "parameters.yaml"


def parameter_problems(case_type: CaseType) -> list[Problem]:
    found: list[Problem] = []
    for name, row in case_type.deadlines.items():
        faults = list(faults_of(row))
        found += [
            problem(
                "parameter",
                say("期限 %(name)s：%(fault)s", name=name, fault=fault),
                say("请照其他期限的写法补全"),
            )
            for fault in faults
        ]
        if not faults:
            found += too_short(row)
    for name, row in case_type.numbers.items():
        found += [
            problem(
                "parameter",
                say("数值 %(name)s：%(fault)s", name=name, fault=fault),
                say("请照其他数值的写法补全"),
            )
            for fault in number_faults(row)
        ]
    return found


def number_faults(row: Any) -> Iterator[str]:
    """What a number lacks to be relied on: since when it holds, and by which rule."""
    if not isinstance(row, dict):
        yield say("不是一组设置")
        return
    yield from undated(row)
    for value in dated(row):
        if "value" not in value:
            yield say("values 的每一项都要有生效日期 from 和数值 value")


def faults_of(row: Any) -> Iterator[str]:
    """What a period lacks to be counted at all."""
    if not isinstance(row, dict):
        yield say("不是一组设置")
        return
    if row.get("kind") not in list(Kind):
        yield say("kind 应为 wait 或 limit")
    if row.get("unit") not in list(Unit):
        yield say("unit 应为 working_days、calendar_days 或 months")
    yield from undated(row)
    for value in dated(row):
        if type(value.get("value")) is not int or value["value"] < 1:
            yield say("自%(since)s起的天数应为正整数", since=value["from"])


def undated(row: dict[str, Any]) -> Iterator[str]:
    """What any parameter needs: its source, and from which day each value holds."""
    if not row.get("source"):
        yield say("没有写依据 source")
    values = row.get("values")
    if not isinstance(values, list) or not values:
        yield say("没有写 values")
    elif len(dated(row)) < len(values):
        yield say("values 的每一项都要有生效日期 from")


def dated(row: dict[str, Any]) -> list[dict[str, Any]]:
    values = row.get("values")
    found = values if isinstance(values, list) else []
    return [one for one in found if isinstance(one, dict) and isinstance(one.get("from"), date)]


def too_short(row: dict[str, Any]) -> Iterator[Problem]:
    """A county may lengthen what the law asks for, never shorten it (``at_least``)."""
    least = row.get("at_least", 1)
    for value in row["values"]:
        if value["value"] < least:
            message = say(
                "期限“%(title)s”自%(since)s起为%(days)s天，少于法定的%(least)s天",
                title=row["title"]["zh"],
                since=value["from"],
                days=value["value"],
                least=least,
            )
            yield problem(
                "at-least",
                message,
                say("请改为不少于%(least)s天，依据：%(source)s", least=least, source=row["source"]),
            )


def problem(rule: str, message: str, fix: str) -> Problem:
    return Problem(None, rule, "error", message, fix, FILE)
