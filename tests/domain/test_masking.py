import pytest

from engine.domain import masking


@pytest.mark.parametrize(
    ("name", "masked"),
    [("王秀英", "王**"), ("王强", "王*"), ("欧阳明", "欧阳*"), ("欧阳", "欧*"), ("王", "王*"), ("古丽·买买提", "古*****"),
     ("Zhang San", "Z**"), ("  李四 ", "李*"), ("", ""), (None, "")],
)  # fmt: skip
def test_of_a_name_the_family_is_left(name, masked):
    assert masking.name(name) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [("990101197203040013", "990***********0013"), ("13800001234", "138****1234"), ("1234567", "*******"), (None, "")],
)  # fmt: skip
def test_of_a_number_three_and_four_are_left(number, masked):
    assert masking.number(number) == masked


def test_numbers_within_a_text_are_found():
    assert masking.numbers_in("查 99010119720304001X 和 12345") == "查 990***********001X 和 12345"


@pytest.mark.parametrize(
    ("bound", "told"),
    [("水渠", "水渠"), ("田间道", "田间道"), ("第一村民小组", "第一村民小组"), ("罗江宁", "罗**"), ("李长江", "李**"),
     ("王小明承包地", "王*****"), (None, "")],
)  # fmt: skip
def test_of_bounds_landmarks_stay_and_people_do_not(bound, told):
    assert masking.bound(bound) == told


def test_identity_numbers_among_answers_are_masked_in_rows_too():
    said = {
        "respondents": [{"name": "李四", "id_number": "99010119720304001X"}],
        "phone": "13900000001",
        "n": 2,
    }
    told = masking.answers({"application": said})
    assert told == {
        "application": said | {"respondents": [{"name": "李四", "id_number": "990***********001X"}]}
    }
