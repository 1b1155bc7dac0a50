"""The functions an expression may call, by name only. None of them reads a clock."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, DecimalException
from typing import Any

from engine.bpmn.errors import ExpressionFailed
from engine.bpmn.values import BINARY, DECIMALS, is_number, plain, truth, within


@dataclass(frozen=True)
class Function:
    """`work` receives plain values; between `least` and `most` of them."""

    work: Callable[..., Any]
    least: int
    most: int


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    if type(value) is not list:
        raise ExpressionFailed("此处应为列表。")
    return value


def _numbers(values: list[Any]) -> list[Any]:
    values = [plain(value) for value in values]
    if not all(is_number(value) for value in values):
        raise ExpressionFailed("此处应全为数字。")
    return values


def _length(value: Any) -> int:
    if value is None:
        return 0
    if type(value) in (str, list, dict):
        return len(value)
    raise ExpressionFailed("size(...) 用于文本或列表。")


def to_number(value: Any) -> Any:
    if value is None or is_number(value):
        return value
    if type(value) is str and re.fullmatch(r"\s*-?\d{1,40}(\.\d{1,40})?\s*", value, re.ASCII):
        return Decimal(value.strip())
    raise ExpressionFailed("number(...) 只能用于写成数字的文本。")


def _rounded(value: Any, places: Any = 0) -> Any:
    [value] = _numbers([value])
    if type(places) is not int or not 0 <= places <= 6:
        raise ExpressionFailed("round(...) 的位数应在 0 到 6 之间。")
    try:
        return Decimal(value).quantize(Decimal(1).scaleb(-places), context=DECIMALS)
    except DecimalException:
        raise ExpressionFailed("数字过大。") from None


def _total(values: Any) -> Any:
    total: Any = 0
    for value in _numbers(_list(values)):
        total = BINARY["+"](total, value)
    return total


def _starts(text: Any, beginning: Any) -> bool:
    if text is None:
        return False
    if type(text) is not str or type(beginning) is not str:
        raise ExpressionFailed("starts_with(...) 用于文本。")
    return text.startswith(beginning)


CONTAINS = "contains"
"""`contains(list, x)` is read as `x in list`."""

FUNCTIONS: dict[str, Function] = {
    "size": Function(_length, 1, 1),
    "len": Function(_length, 1, 1),
    "number": Function(to_number, 1, 1),
    "abs": Function(lambda value: abs(_numbers([value])[0]), 1, 1),
    "round": Function(_rounded, 1, 2),
    "min": Function(lambda *values: min(_numbers(list(values))), 1, 8),
    "max": Function(lambda *values: max(_numbers(list(values))), 1, 8),
    "sum": Function(_total, 1, 1),
    "any": Function(lambda values: any(truth(value) for value in _list(values)), 1, 1),
    "all": Function(lambda values: all(truth(value) for value in _list(values)), 1, 1),
    CONTAINS: Function(lambda heap, needle: within(needle, heap), 2, 2),
    "starts_with": Function(_starts, 2, 2),
}
