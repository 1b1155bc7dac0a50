"""Which characters can be printed, and that a paper with another one is refused by name."""

import pytest

from engine.documents import missing_glyphs, render_document
from engine.documents.fonts import describe
from engine.domain.errors import Refused
from tests.documents import samples

RARE = "𪨊"


def test_usual_and_many_rare_characters_are_there():
    assert missing_glyphs("王德顺，承包合同（耕地）〔2026〕第1号：３.14亩·—…“”\n䶮㙍〇") == []


def test_a_rare_character_of_a_name_is_reported_once():
    assert missing_glyphs(f"张{RARE}与李{RARE}") == [RARE]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("王\ue000顺", "U+E000"),  # private use: typed with an old GBK tool
        ("王\u202e顺", "U+202E"),  # turns the rest of the line round
        ("葛\U000e0100", "U+E0100"),  # asks for another shape of the character
        ("王\x00", "U+0000"),
        ("王\u200b顺", "U+200B"),
    ],
)
def test_what_would_print_as_nothing_or_as_something_else_is_missing(text, code):
    assert describe(missing_glyphs(text)) == code


def test_a_paper_with_a_missing_character_is_refused_and_says_which():
    context = samples.context(1)
    context["contractor"]["members"][1]["name"] = f"王{RARE}兰"
    with pytest.raises(Refused) as refusal:
        render_document(samples.template("contract"), context, verify_url=None)
    assert refusal.value.code == "missing_glyphs"
    assert f"{RARE}（U+2AA0A）" in str(refusal.value)


def test_a_missing_character_on_the_sketch_is_refused_too():
    context = samples.context(1)
    context["sketch"]["pages"][0] = context["sketch"]["pages"][0].replace("水渠", f"{RARE}渠")
    with pytest.raises(Refused, match="U\\+2AA0A"):
        render_document(samples.template("contract"), context, verify_url=None)
