"""What an evaluation may cost, whatever the text and the data: counted steps and measured memory, not seconds."""

import sys
import tracemalloc
from contextlib import suppress
from decimal import Decimal

import pytest

from engine.bpmn import BpmnError, ExpressionFailed, ExpressionRefused, evaluate
from engine.bpmn.cells import unary_test
from engine.bpmn.expressions import KEPT, MAX_STEPS, Budget, parse
from engine.bpmn.syntax import MAX_NODES
from tests.bpmn.test_expressions import ATTACKS
from tests.fuzz.kinds import KINDS

ROWS = [{"id": n, "cells": [n, str(n), None, True] * 12} for n in range(1000)]  # some 50,000 values, 600 KB
BIG = {
    "rows": ROWS,
    "same": [dict(row) for row in ROWS],
    "numbers": list(range(1000)),
    "texts": ["x" * 9000] * 1000,
}
MEMORY = 2_000_000  # bytes above what was there


def calls_of(text: str, data: dict) -> int:
    count = 0

    def watch(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event == "call"

    expression = parse(text)
    sys.setprofile(watch)
    try:
        with suppress(ExpressionFailed):
            expression.value(data)
    finally:
        sys.setprofile(None)
    return count


def chained(part: str, sign: str = "||") -> str:
    """As many of these as one expression may hold."""
    least = 1 + sum(part.count(mark) for mark in " ([,.-")
    return f" {sign} ".join([part] * min((MAX_NODES - 8) // (least + 2), 990 // (len(part) + 4)))


HEAVY = [
    chained("rows == same", "&&"),  # all of it, each time
    chained("'y' in texts"),
    chained("-1 in numbers"),
    chained("rows[0] in same", "&&"),
    chained("sum(numbers) == 1"),
    chained("any([rows == same])", "&&"),
    "[rows, rows, rows] == [same, same, same]",
    "contains(same, rows[999])",
    chained("rows in [same, same]", "&&"),
]


@pytest.mark.parametrize("text", HEAVY, ids=range(len(HEAVY)))
def test_large_data_spends_the_budget_and_no_more(text):
    assert calls_of(text, BIG) < 12 * MAX_STEPS


@pytest.mark.parametrize("text", [HEAVY[0], HEAVY[2], HEAVY[-1]])
def test_when_the_budget_is_spent_it_says_so(text):
    with pytest.raises(ExpressionFailed, match="计算量过大"):
        evaluate(text, BIG)


def test_large_data_that_is_not_looked_through_costs_nothing():
    budget = Budget(12)
    assert (
        parse("rows == null || size(numbers) > 5").holds({"rows": ROWS, "numbers": [1] * 2}, budget) is False
    )
    with pytest.raises(ExpressionFailed):
        parse("rows == same").value(BIG, Budget(10))


@pytest.mark.parametrize("text", [*ATTACKS, *HEAVY], ids=range(len(ATTACKS) + len(HEAVY)))
def test_no_text_takes_memory(text):
    tracemalloc.start()
    try:
        with suppress(BpmnError):
            evaluate(text, BIG)
        assert tracemalloc.get_traced_memory()[1] < MEMORY
    finally:
        tracemalloc.stop()


def test_what_is_kept_of_hostile_texts_is_bounded():
    texts = [f"{n} + " + " + ".join(["a.b"] * 48) for n in range(40)]  # as many nodes as there may be
    tracemalloc.start()
    try:
        for text in texts:
            parse(text)
        assert tracemalloc.get_traced_memory()[0] / len(texts) * KEPT < 64_000_000
    finally:
        tracemalloc.stop()


ODD = [float("nan"), float("inf"), -float("inf"), 1e308, 5e-324, 10**400, -(10**41), Decimal("NaN"), Decimal("sNaN"),
       Decimal("1E+999999"), Decimal("1E-999999"), object(), (1, 2), {1}, b"x", 1j, type, lambda: 1]  # fmt: skip


@pytest.mark.parametrize("value", ODD, ids=range(len(ODD)))
def test_values_that_json_cannot_hold_are_named_where_they_are_met(value):
    for text in (
        "a == 1",
        "a + 1",
        "a in [1]",
        "[a] == [1]",
        "size([a])",
        "min(a, 1)",
        "round(a)",
        "b == b",
        "b.c == 1",
    ):
        with pytest.raises(ExpressionFailed):
            evaluate(text, {"a": value, "b": {"c": value}})


@pytest.mark.parametrize(
    ("text", "data"),
    [("1 == true", {}), ("0 == false", {}), ("a == 1", {"a": True}), ("true in [1]", {}), ("a == b", {"a": [1], "b": [True]}),
     ("a == b", {"a": {"x": 0}, "b": {"x": False}}), ("'1' == 1", {}), ("null == false", {}), ("'' == null", {}), ("[] == null", {})],
)  # fmt: skip
def test_kinds_are_never_mixed_up(text, data):
    assert evaluate(text, data) is False


@pytest.mark.parametrize(
    "text", ["a[true]", "sum([true])", "round(1.5, true)", "-true", "true + 1", "true < 2", "abs(true)"]
)
def test_truth_is_no_number(text):
    with pytest.raises(ExpressionFailed):
        evaluate(text, {"a": [1, 2]})


@pytest.mark.parametrize("digit", "１٣३")
def test_only_plain_digits_are_digits(digit):
    for text in (digit, f"a == {digit}", f"1{digit}", f"0.{digit}"):
        with pytest.raises(ExpressionRefused):
            parse(text)
    with pytest.raises(ExpressionRefused):
        unary_test(f"< {digit}")
    with pytest.raises(ExpressionFailed):
        evaluate("number(a)", {"a": digit})


@pytest.mark.parametrize("kind", ["expressions", "cells"])
def test_reading_the_same_text_again_gives_the_same(kind):
    """What publishing refused is refused when it runs, at the same place and in the same words."""
    for number in range(200):
        text = KINDS[kind].make(7, number)
        assert verdict(kind, text) == verdict(kind, text)


def verdict(kind: str, text: str) -> tuple[str, object]:
    try:
        return "taken", parse(text).tree if kind == "expressions" else unary_test(text)
    except ExpressionRefused as refusal:
        return str(refusal), refusal.facts["position"]
