"""Periods and years of a case type's parameters as papers write them: 十个工作日, 六十日, 二年. Pure.

A template says ``{{ law.suit_period }}``; what it says is the number in force on the day of the paper, so that a change of the law
is a row of parameters.yaml and no template stays behind.
"""

import re
from collections.abc import Iterator
from datetime import date

from engine.domain.case_type import CaseType
from engine.domain.remedies import in_characters

UNITS = {"working_days": "个工作日", "calendar_days": "日", "months": "个月", "years": "年"}
COMMENT = re.compile(r"\{#.*?#\}", re.S)
NAMED = re.compile(r"\blaw\.(\w+)")


def names_in(template: str) -> set[str]:
    return set(NAMED.findall(COMMENT.sub("", template)))


def law_of(case_type: CaseType, template: str, on: date) -> dict[str, str]:
    """{name: words} of what the template names. KeyError for a name that ``unknown_in`` would have told."""
    return {name: _words(case_type, name, on) for name in sorted(names_in(template))}


def unknown_in(case_type: CaseType, template: str) -> Iterator[str]:
    """Names that are neither a period nor a number with a unit of time."""
    for name in sorted(names_in(template)):
        number = case_type.numbers.get(name)
        if name not in case_type.deadlines and not (isinstance(number, dict) and number.get("unit") in UNITS):
            yield name


def _words(case_type: CaseType, name: str, on: date) -> str:
    if name in case_type.deadlines:
        rule = case_type.deadline(name, on)
        return f"{in_characters(rule.length)}{UNITS[rule.unit.value]}"
    return f"{in_characters(int(case_type.value(name, on)))}{UNITS[case_type.numbers[name]['unit']]}"
