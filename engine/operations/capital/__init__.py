"""The review of business capital that wants land: what its service tasks do (docs/transfers_supervision.md)."""

from engine.operations.capital.context import capital_context
from engine.operations.capital.course import (
    check_reviewers,
    close_capital_review,
    decide_capital_review,
    extend_capital_review,
    pay_deposit,
    record_capital_review,
)
from engine.operations.capital.sizing import size_up_capital_review

__all__ = [
    "capital_context",
    "check_reviewers",
    "close_capital_review",
    "decide_capital_review",
    "extend_capital_review",
    "pay_deposit",
    "record_capital_review",
    "size_up_capital_review",
]
