from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from engine.documents import formats
from engine.domain import masking


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (Decimal("3.138165"), 4, "3.1382"),
        ("3.125", 2, "3.13"),
        ("2.675", 2, "2.68"),
        (3, 2, "3.00"),
        ("0.004", 2, "0.00"),
        ("12345.6", 3, "12345.600"),
    ],
)
def test_mu_is_rounded_half_up_to_the_countys_decimals(value, places, text):
    assert formats.mu(value, places) == text


def test_areas_are_never_binary_floats():
    with pytest.raises(TypeError):
        formats.mu(3.14)


def test_dates():
    assert formats.date_zh("2026-11-23") == "2026年11月23日"
    assert formats.date_zh(date(2026, 1, 2)) == "2026年1月2日"
    assert formats.date_zh("9999-01-01") == "长久"


def test_an_instant_is_not_a_date():
    with pytest.raises(TypeError):
        formats.date_zh(datetime(2026, 11, 23, 23, tzinfo=UTC))


@pytest.mark.parametrize(
    ("number", "masked"),
    [("990101197203040013", "990***********0013"), ("99010119720304001X", "990***********001X"),
     ("1234567", "*******"), ("12", "**"), ("", "")],
)  # fmt: skip
def test_identity_numbers_keep_three_and_four(number, masked):
    assert masking.number(number) == masked
    assert len(masked) == len(number)


def test_codes_of_the_standard_are_spelt_out_and_text_is_kept():
    assert [formats.grade_zh(code) for code in ("01", "10", "4", "三等")] == ["一等", "十等", "四等", "三等"]
    assert [formats.yes_no(value) for value in (True, False, "1", "2", "是")] == [
        "是",
        "否",
        "是",
        "否",
        "是",
    ]
    assert formats.unit_zh("working_days") == "个工作日"
    assert formats.parcel_number("9901011012030100012") == "00012"


def test_a_sentence_stands_within_another_without_its_full_stop():
    assert formats.clause(" 有医院证明。 ") == "有医院证明"
    assert formats.clause("证据不足；") == "证据不足"
