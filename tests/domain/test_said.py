"""Sentences that can be said in another language."""

import copy
import json

from engine.domain.errors import Conflict
from engine.domain.said import in_words_of, say

ENGLISH = {
    "%(element)s没有%(what)s。": "%(element)s has no %(what)s.",
    "表单": "form",
    "有：%(names)s": "There are: %(names)s",
    "满 100%": "100% full",
}


def translate(text):
    return ENGLISH.get(text, text)


def test_it_is_the_chinese_text_and_knows_how_it_was_made():
    said = say("%(element)s没有%(what)s。", element="“A”", what=say("表单"))
    assert said == "“A”没有表单。"
    assert (hash(said), json.dumps(said)) == (hash("“A”没有表单。"), json.dumps("“A”没有表单。"))
    assert said.in_words_of(translate) == "“A” has no form."
    assert copy.deepcopy(said).in_words_of(translate) == "“A” has no form."


def test_lists_are_joined_as_the_language_does():
    said = say("有：%(names)s", names=["a", say("表单"), 3])
    assert said == "有：a、表单、3"
    assert said.in_words_of(translate) == "There are: a, form, 3"


def test_without_facts_a_percent_sign_is_one():
    assert say("满 100%").in_words_of(translate) == "100% full"


def test_what_a_fact_says_is_no_template():
    assert say("有：%(names)s", names="%(other)s").in_words_of(translate) == "There are: %(other)s"


def test_plain_text_stays_and_errors_are_said():
    assert in_words_of("表单", translate) == "表单"
    error = Conflict("x", "%(element)s没有%(what)s。", element="A", what=say("表单"))
    assert (str(error), error.said.in_words_of(translate)) == ("A没有表单。", "A has no form.")
