"""Values of expressions: which kinds there are, how big they may be, and what the operators do to them.

Plain JSON, with exact decimals for fractions. Nothing is converted in silence: 1 is neither true nor '1'.
"""

from collections.abc import Callable
from decimal import Context, Decimal, DecimalException
from typing import Any

from engine.bpmn.errors import ExpressionFailed

MAX_STRING = 10_000  # characters of any value
MAX_ITEMS = 1000  # of any list an expression looks through
MAX_DIGITS = 40  # of any number, on either side of the point

DECIMALS = Context(prec=MAX_DIGITS, Emax=MAX_DIGITS, Emin=-MAX_DIGITS)


def plain(value: Any) -> Any:
    """Lets only plain, bounded values through; JSON fractions become exact decimals."""
    kind = type(value)
    if value is None or kind is bool or kind is dict:
        return value
    if kind is str:
        if len(value) > MAX_STRING:
            raise ExpressionFailed("文本过长。")
        return value
    if kind is list:
        if len(value) > MAX_ITEMS:
            raise ExpressionFailed("列表过长。")
        return value
    if kind is int or kind is float or kind is Decimal:
        return _bounded(Decimal(repr(value)) if kind is float else value)
    raise ExpressionFailed("数据中有不支持的类型。")


def _bounded(value: Any) -> int | Decimal:
    if isinstance(value, Decimal) and (not value.is_finite() or abs(value.adjusted()) > MAX_DIGITS):
        raise ExpressionFailed("数字过大或无效。")
    if isinstance(value, int) and value.bit_length() > 3.33 * MAX_DIGITS:
        raise ExpressionFailed("数字过大。")
    return value


def truth(value: Any) -> bool:
    if value is None or type(value) is bool:
        return bool(value)
    raise ExpressionFailed("“与、或、非”两边应为真或假（true/false）。")


def is_number(value: Any) -> bool:
    return type(value) in (int, Decimal)


def member(of: Any, key: Any, dotted: bool) -> Any:
    if of is None:
        return None
    if type(of) is dict and type(key) is str:
        return of.get(key)
    if type(of) is list and type(key) is int and not dotted:
        return of[key] if 0 <= key < len(of) else None
    raise ExpressionFailed("无法从该值中取“%(key)s”：只有一组字段可以用“.”，列表用“[序号]”。", key=key)


Spend = Callable[[], None]
"""Called for each pair of values looked at; raises ExpressionFailed when it was enough."""


def free() -> None:
    """For what is certainly small."""


def same(left: Any, right: Any, spend: Spend = free) -> bool:
    """Equal as values: numbers by size, otherwise only within one type (1 is not true, nor '1')."""
    spend()
    left, right = plain(left), plain(right)
    if is_number(left) and is_number(right):
        return bool(left == right)
    if type(left) is not type(right):
        return False
    if type(left) is list:
        return len(left) == len(right) and all(same(*pair, spend) for pair in zip(left, right, strict=True))
    if type(left) is dict:
        return len(left) == len(right) and all(
            key in right and same(value, right[key], spend) for key, value in left.items()
        )
    return bool(left == right)


def _ordered(left: Any, right: Any) -> int:
    if not (is_number(left) and is_number(right)) and not (type(left) is str and type(right) is str):
        raise ExpressionFailed("大小比较的两边应同为数字或同为文本；文本中的数字请用 number(...)。")
    return int(left > right) - int(left < right)


def within(needle: Any, heap: Any, spend: Spend = free) -> bool:
    if heap is None:
        return False
    if type(heap) is list:
        return any(same(needle, item, spend) for item in heap)
    if type(heap) is str and type(needle) is str:
        return needle in heap
    raise ExpressionFailed("“in”右边应为列表，或左右均为文本。")


def _arithmetic(compute: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def apply(left: Any, right: Any) -> Any:
        if not (is_number(left) and is_number(right)):
            raise ExpressionFailed("加减乘除的两边应为数字；文本中的数字请用 number(...)。")
        try:
            result = compute(Decimal(left), Decimal(right))
        except DecimalException:
            raise ExpressionFailed("无法计算：除数为零或结果过大。") from None
        whole = type(left) is int and type(right) is int and result == result.to_integral_value()
        return _bounded(int(result) if whole else result)

    return apply


def _negate(value: Any) -> Any:
    if not is_number(value):
        raise ExpressionFailed("负号后面应为数字。")
    return -value


def _empty(value: Any) -> bool:
    return value is None or value == "" or value == [] or value == {}


UNARY: dict[str, Callable[[Any], Any]] = {
    "!": lambda value: not truth(value),
    "-": _negate,
    "empty": _empty,
}
ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda left, right: _ordered(left, right) < 0,
    "<=": lambda left, right: _ordered(left, right) <= 0,
    ">": lambda left, right: _ordered(left, right) > 0,
    ">=": lambda left, right: _ordered(left, right) >= 0,
}
COMPARING: dict[str, Callable[[Any, Any, Spend], bool]] = {
    "==": same,
    "!=": lambda left, right, spend: not same(left, right, spend),
    "in": within,
    "not in": lambda left, right, spend: not within(left, right, spend),
}
"""The operators whose work grows with the data."""

BINARY: dict[str, Callable[[Any, Any], Any]] = {
    **ORDER,
    "+": _arithmetic(DECIMALS.add),
    "-": _arithmetic(DECIMALS.subtract),
    "*": _arithmetic(DECIMALS.multiply),
    "/": _arithmetic(DECIMALS.divide),
    "%": _arithmetic(DECIMALS.remainder),
}
