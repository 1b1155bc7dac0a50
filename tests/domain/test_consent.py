"""Whose written consent is missing: everybody's who holds the right, one by one."""

import pytest

from engine.operations.consent import unsigned

TWO_OF_ONE_NAME = ["王秀英", "王秀英", "王建国"]


def rows(*signed):
    return [{"name": name, "signed": how} for name, how in signed]


@pytest.mark.parametrize(
    ("signed", "missing"),
    [
        ([("王秀英", "agrees"), ("王秀英", "agent"), ("王建国", "guardian")], []),
        ([("王秀英", "agrees"), ("王建国", "agrees")], ["王秀英"]),  # one of the two has not signed
        ([("王秀英", "agrees"), ("王秀英", "refuses"), ("王建国", "agrees")], ["王秀英"]),
        ([("王建国", "agrees")], ["王秀英"]),  # named once, however many there are
        ([("王秀英", "agrees"), ("王秀英", "agrees"), ("王建国", "absent")], ["王建国"]),
        ([("王秀英", "agrees"), ("王秀英", "agrees"), ("王建国", "agrees"), ("路人", "refuses")], ["路人"]),
    ],
)
def test_two_members_of_one_name_sign_twice(signed, missing):
    assert unsigned(rows(*signed), TWO_OF_ONE_NAME) == missing
