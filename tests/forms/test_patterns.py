"""Patterns of a form: those that could keep the server busy are refused before they are published."""

import re
import time

import pytest

import forms
from forms.patterns import faults

FORM = {
    "form": "f",
    "title": {"zh": "表", "en": "Form"},
    "fields": [{"name": "a", "kind": "text", "label": {"zh": "甲", "en": "A"}}],
}


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$", "(a*)*", "(a|a)*$", "(a|ab)*c", "(.*a){12}", "a*a*a*b", "(a?){20}a{20}", "(a)\\1", "(?=a)b", "(?<!a)b",
        "((a{1,999}){1,999}){1,999}", "a{1,30}a{1,30}a{1,30}a{1,30}a{1,30}b", "(ab|ab)" * 25, "a?" * 30, "x" * 201,
        "[", "(?P<a>", "a{5,2}", "a{99999999999}",
    ],
)  # fmt: skip
def test_what_would_take_for_ever_is_refused(pattern):
    assert list(faults(pattern))
    told = forms.check(FORM | {"fields": [FORM["fields"][0] | {"pattern": pattern}]})
    assert any("pattern" in fault for fault in told)


@pytest.mark.parametrize(
    "pattern",
    ["", "[0-9]{14,19}", "[0-9]{18}", "(?:[0-9]{4}-){2}[0-9]{2}", "[A-Z]{1,3}-\\d+", "云（[0-9]{4}）.*第[0-9]+号", "(京|沪)[A-Z]\\d{5}"],
)  # fmt: skip
def test_what_forms_need_is_allowed_and_quick(pattern):
    assert not list(faults(pattern))
    begun = time.process_time()
    for text in ("1" * 2000, "云（2026）" + "第1" * 900, "-" * 2000):
        re.fullmatch(pattern, text)
    assert time.process_time() - begun < 1
