"""Which review counts for a transfer, and what the asking case is told; the rows are given."""

from datetime import date
from types import SimpleNamespace

import pytest

from engine.operations.capital.asking import capital_review_of
from engine.store import capital

TODAY = date(2026, 10, 1)


def row(state, parcels, number=None, until=date(2026, 12, 31), deposit="none"):
    return SimpleNamespace(
        state=state, parcels=parcels, number=number, valid_until=until, deposit=deposit, level="township", conditions=None
    )  # fmt: skip


def asked(monkeypatch, rows, parcels):
    monkeypatch.setattr(capital, "reviews_of", lambda *_: rows)
    work = SimpleNamespace(
        session=None, case=SimpleNamespace(county="990101"), today=TODAY,
        data={"application": {"credit_code": "X", "parcels": [{"code": one} for one in parcels]}},
    )  # fmt: skip
    return capital_review_of(work, {"receiver": "application.credit_code", "parcels": "application.parcels"})


@pytest.mark.parametrize(
    ("rows", "state", "allowed", "uncovered"),
    [
        ([], "none", False, ["a", "b"]),
        ([row("passed", ["a", "b", "c"])], "passed", True, []),
        ([row("exempt", ["a", "b"], until=None)], "exempt", True, []),
        ([row("passed", ["a"])], "passed", False, ["b"]),
        ([row("passed", ["c"])], "none", False, ["a", "b"]),  # of other land
        ([row("passed", ["a", "b"], until=date(2026, 9, 30))], "expired", False, []),
        ([row("passed", ["a", "b"], deposit="due")], "deposit_due", False, []),
        (
            [row("failed", ["a", "b"]), row("passed", ["a", "b"])],
            "passed",
            True,
            [],
        ),  # the one that allows it counts
        ([row("failed", ["a", "b"])], "failed", False, []),
    ],
)
def test_what_a_transfer_is_told(monkeypatch, rows, state, allowed, uncovered):
    told = asked(monkeypatch, rows, ["a", "b"])
    assert (told["state"], told["allowed"], told["uncovered"]) == (state, allowed, uncovered)
