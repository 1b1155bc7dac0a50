"""What is decided about business capital and rent, without a database."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from engine.domain import capital, rent, transfers
from engine.domain.errors import Invalid
from engine.operations.capital.course import check_reviewers
from engine.operations.capital.sizing import same_asked


@pytest.mark.parametrize(
    ("code", "holds"),
    [
        ("91350100M000100Y43", True),  # of GB 32100-2015's kind; the check sign is reckoned
        ("91350100M000100Y44", False),
        ("91350100M000100Y4", False),
        ("91350100I000100Y43", False),  # I is no sign of it
    ],
)
def test_a_credit_code_is_checked_by_its_last_sign(code, holds):
    assert capital.credit_code_holds(code) is holds


@pytest.mark.parametrize(
    ("votes", "members", "enough"), [(40, 60, True), (39, 60, False), (1, 0, False), (61, 60, False)]
)
def test_two_thirds_must_have_agreed(votes, members, enough):
    assert capital.consented(votes, members) is enough


def heard(side, aspect="all", opinion="agree"):
    return {"side": side, "aspect": aspect, "opinion": opinion}


def test_everybody_must_be_heard_and_everything_judged():
    sides = ("department", "collective", "farmer")
    assert capital.missing_of([heard(side) for side in sides]) == ["没有专家的意见"]
    assert capital.missing_of([*map(heard, sides), heard("expert", opinion="excused")]) == ["没有专家的意见"]
    split = [
        heard(side, aspect)
        for side, aspect in zip((*sides, "expert"), ("project", "risk", "risk", "risk"), strict=True)
    ]
    assert capital.missing_of(split) == ["没有人审查受让方资格"]


def test_what_a_review_allows_on_a_day():
    until = date(2026, 12, 31)
    assert capital.standing("passed", until, "paid", until) == "passed"
    assert capital.standing("passed", until, "paid", date(2027, 1, 1)) == "expired"
    assert capital.standing("passed", until, "due", until) == "deposit_due"
    assert capital.standing("failed", None, "none", until) == "failed"
    assert capital.deposit_due(Decimal("100.01"), 6) == Decimal("50.01")  # half a cent goes up


def test_rent_falls_due_while_the_term_lasts():
    dues = rent.schedule(rent.Rent(Decimal("100.01"), 6, date(2026, 8, 31)), date(2027, 8, 31))
    assert [one.day for one in dues] == [date(2026, 8, 31), date(2027, 2, 28), date(2027, 8, 31)]
    assert {one.yuan for one in dues} == {Decimal("50.01")}
    with pytest.raises(ValueError):
        rent.schedule(rent.Rent(Decimal(1), 12, date(2027, 9, 1)), date(2027, 8, 31))


def test_a_payment_is_late_the_day_after():
    day, before = date(2026, 3, 10), rent.remind_before()
    assert rent.state_of(day, None, day) == "soon"
    assert rent.state_of(day, None, date(2026, 3, 11)) == "overdue"
    assert rent.state_of(day, None, date.fromordinal(day.toordinal() - before)) == "soon"
    assert rent.state_of(day, None, date.fromordinal(day.toordinal() - before - 1)) == "later"
    assert rent.state_of(day, day, date(2026, 3, 11)) == "paid"


def test_rent_rises_by_the_years_since_the_first_payment():
    agreed = rent.Rent(Decimal(800), 12, date(2026, 3, 1), Decimal(5), 2)
    dues = rent.schedule(agreed, date(2030, 12, 31))
    assert [str(due.yuan) for due in dues] == ["800.00", "800.00", "840.00", "840.00", "882.00"]


def test_one_review_at_a_time_of_a_receiver_and_land():
    firm = {"receiver_kind": "company", "credit_code": "A"}
    asked = firm | {"parcels": [{"code": "1"}], "other_parcels": ["2"]}
    assert same_asked("A", ["2", "3"], asked)
    assert not same_asked("A", ["3"], asked)
    assert not same_asked("B", ["1"], asked)


def test_a_review_is_held_once_the_application_was_taken_in():
    rows = [{"side": side, "aspect": "all", "opinion": "agree"} for side in capital.SIDES]
    data = {
        "review_row": {"accepted_on": "2026-03-02"},
        "review": {"held_on": "2026-03-01", "reviewers": rows},
    }
    with pytest.raises(Invalid) as early:
        check_reviewers(SimpleNamespace(data=data), {"form": "review"})
    assert list(early.value.fields) == ["held_on"]
    data["review"]["held_on"] = "2026-03-02"
    assert check_reviewers(SimpleNamespace(data=data), {"form": "review"})["heard"] == len(rows)


@pytest.mark.parametrize(
    ("asked_on", "faulty"), [("2025-12-31", True), ("2026-01-01", False), ("2026-02-10", True)]
)
def test_the_household_is_asked_in_the_course_of_the_transfer_and_has_time(asked_on, faulty):
    answers = {
        "ended_on": "2026-03-01",
        "ending_by": "issuer",
        "ground": "damage",
        "household_asked_on": asked_on,
    }
    transfer = SimpleNamespace(term_start=date(2026, 1, 1), term_end=date(2026, 12, 31))
    found = transfers.ending_faults(answers, transfer, date(2026, 3, 1), 2, 30)
    assert list(found) == (["household_asked_on"] if faulty else [])
