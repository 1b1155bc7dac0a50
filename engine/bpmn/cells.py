"""Cells of decision tables: FEEL unary tests, read once and then asked whether a value fits.

`-`, values, comparisons, ranges, several of them with commas, and `not(...)`. Values are constants: texts,
numbers, true, false, null and dates (which are texts in ISO order, as forms keep them).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from engine.bpmn.errors import ExpressionRefused
from engine.bpmn.syntax import CONSTANTS, number, string
from engine.bpmn.values import ORDER, is_number, same

MAX_CELL = 1000  # characters

_CELL = re.compile(
    r"""\s*(?:
      (?P<value>"(?:[^"\\]|\\.)*"|-?[0-9]+(?:\.[0-9]+)?(?!\w|\.[0-9])|true\b|false\b|null\b|date\(\s*"[0-9T:+.-]+"\s*\))
    | (?P<dots>\.\.)
    | (?P<sign><=|>=|!=|<|>|=)
    | (?P<not>not\s*\()
    | (?P<mark>[\[\]().,])
    )""",
    re.VERBOSE,
)

Part = tuple[tuple[str, Any], ...]
"""Comparisons that must all hold: (sign, constant). A value is one of them, a range two."""


@dataclass(frozen=True)
class Cell:
    """Fits where one of the parts does; `negated` turns it round. No parts and negated: anything fits."""

    parts: tuple[Part, ...]
    negated: bool = False

    def fits(self, value: Any) -> bool:
        return any(all(_holds(value, *test) for test in part) for part in self.parts) != self.negated

    def constants(self) -> Iterator[tuple[str, Any]]:
        for part in self.parts:
            yield from part


ANYTHING = Cell((), negated=True)


def unary_test(text: str) -> Cell:
    """Reads a cell. Raises ExpressionRefused."""
    if text in ("", "-"):
        return ANYTHING
    if len(text) > MAX_CELL:
        raise ExpressionRefused("单元格过长。", position=MAX_CELL)
    return _Reader(text).whole()


def _holds(value: Any, sign: str, wanted: Any) -> bool:
    """Against null only equality holds, as in FEEL: `< 5` does not fit a value nobody has filled in."""
    if sign in ("=", "!="):
        return same(value, wanted) == (sign == "=")
    return value is not None and ORDER[sign](value, wanted)


def _in_order(low: Any, high: Any) -> bool:
    if not (is_number(low) and is_number(high)) and not (type(low) is str and type(high) is str):
        return False
    return bool(low <= high)


class _Reader:
    def __init__(self, text: str):
        self.text, self.tokens, self.at = text, list(_cells(text)), 0

    def whole(self) -> Cell:
        negated = self.kind == "not"
        if negated:
            self.at += 1
        parts = self.several()
        if negated:
            self.mark(")")
        if self.kind != "end":
            raise self.refuse()
        return Cell(tuple(parts), negated)

    @property
    def kind(self) -> str:
        return self.tokens[self.at][0]

    def refuse(self) -> ExpressionRefused:
        kind, found, position = self.tokens[self.at]
        if kind == "end":
            return ExpressionRefused("内容不完整。", position=position)
        return ExpressionRefused("看不懂“%(found)s”；文本要加双引号。", position=position, found=found)

    def take(self, kind: str) -> str:
        if self.kind != kind:
            raise self.refuse()
        self.at += 1
        return self.tokens[self.at - 1][1]

    def mark(self, *signs: str) -> str:
        if self.kind != "mark" or self.tokens[self.at][1] not in signs:
            raise self.refuse()
        return self.take("mark")

    def several(self) -> list[Part]:
        parts = [self.one()]
        while self.tokens[self.at][:2] == ("mark", ","):
            self.at += 1
            parts.append(self.one())
        return parts

    def one(self) -> Part:
        if self.kind == "sign":
            return ((self.take("sign"), self.value()),)
        if self.kind == "mark":
            return self.range()
        return (("=", self.value()),)

    def range(self) -> Part:
        """`[a..b]`, open on a side with `(` or `]` before, `)` or `[` after."""
        low_sign = ">=" if self.mark("[", "(", "]") == "[" else ">"
        low = self.value()
        self.take("dots")
        high = self.value()
        high_sign = "<=" if self.mark("]", ")", "[") == "]" else "<"
        if not _in_order(low, high):
            raise ExpressionRefused("区间的两端应同为数字或同为文本，且前小后大。", position=0)
        return ((low_sign, low), (high_sign, high))

    def value(self) -> Any:
        position = self.tokens[self.at][2]
        text = self.take("value")
        if text in CONSTANTS:
            return CONSTANTS[text]
        if text.startswith("date("):
            text = text[5:-1].strip()
        if text.startswith('"'):
            return string(text, position)
        return -number(text[1:], position) if text.startswith("-") else number(text, position)


def _cells(text: str) -> Iterator[tuple[str, str, int]]:
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _CELL.match(text, position)
        if match is None:
            rest = text[position:].strip()
            yield "unknown", rest[:30], position
            return
        kind = str(match.lastgroup)
        yield kind, match[kind], position
        position = match.end()
    yield "end", "", end
