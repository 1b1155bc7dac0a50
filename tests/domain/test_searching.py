"""What a case is found by: pieces of its words, and what is sought as a conjunction of pieces."""

import pytest

from engine.domain.searching import lines_of, pieces, sought, told, words


def test_chinese_is_found_by_pairs_and_numbers_by_fours():
    assert pieces("柳沟村") == {"柳沟", "沟村", "村"}
    assert pieces("99010") == {"9901", "9010", "010", "10", "0"}
    assert sought("柳沟村") == "'柳沟' & '沟村'"
    assert sought("99010") == "'9901' & '9010'"


def test_what_is_shorter_than_a_piece_is_the_beginning_of_one():
    assert sought("村") == "'村':*"
    assert sought("12") == "'12':*"


@pytest.mark.parametrize("text", ["'", "\\", "' | '", "!&|():*<->", "\x00", "　"])
def test_signs_of_the_query_language_are_no_pieces(text):
    assert sought(text) == ""


def test_every_part_of_a_text_is_found_again():
    text = "张家坪村二组 地块编码9901012012010000012号，A区"
    kept = pieces(text)
    for word in ("家坪", "张家坪村二组", "2012", "010000012", "二组", "a区", "Ａ区"):
        for piece in sought(word).split(" & "):
            plain = piece.strip("':*")
            assert any(one.startswith(plain) for one in kept) if piece.endswith("*") else plain in kept


def test_what_is_private_and_what_nobody_looks_for_stays_out():
    assert told("身份证 990101198001010011，手机13800138000") == "身份证  ,手机"
    assert told("0f8fad5b-d9cb-469f-a165-70867728950e") == ""
    assert told("POLYGON((1 2,3 4))") == ""
    assert lines_of({"a": "换界址", "b": [{"c": "换界址"}, {"d": 3}, "是"], "e": None}) == ["换界址"]


def test_words_are_at_most_five():
    assert words(" 一一  Ｂb 三三 四四 五五 六六") == ["一一", "bb", "三三", "四四", "五五"]
