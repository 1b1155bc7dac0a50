"""The one expression language of models: conditions, collections, decision-table inputs.

Text is tokenised, parsed by recursive descent into a small tree, and the tree is walked; nothing is ever
handed to Python's eval, compile or attribute lookup. The same `parse` serves the publish check and the run,
so what was refused at publish cannot run. No function reads a clock: time enters as data.

Every limit below is a bound on work, so hostile text costs microseconds:
a tree of at most MAX_NODES nodes is visited at most once per evaluation.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from engine.bpmn.errors import ExpressionFailed, ExpressionRefused
from engine.bpmn.functions import FUNCTIONS
from engine.bpmn.syntax import Binary, Call, Choice, ListOf, Literal, Member, Name, Node, Unary, read
from engine.bpmn.values import BINARY, UNARY, member, plain, truth

MAX_TEXT = 1000  # characters

_WRAPPED = re.compile(r"\s*[$#]\{(.*)\}\s*", re.DOTALL)


@dataclass(frozen=True)
class Expression:
    """A checked expression. `text` is what the model says."""

    text: str
    tree: Node

    def value(self, variables: Mapping[str, Any]) -> Any:
        """What it comes to. A variable or field nobody has filled yet is null. Raises ExpressionFailed."""
        try:
            return walk(self.tree, variables)
        except ExpressionFailed as failure:
            raise ExpressionFailed(failure.message, **{**failure.facts, "text": self.text}) from None

    def holds(self, variables: Mapping[str, Any]) -> bool:
        """As a condition: true or false, null counting as false; anything else is a mistake and raises."""
        found = self.value(variables)
        if found is None or type(found) is bool:
            return bool(found)
        raise ExpressionFailed("条件的结果应为真或假（true/false），实际为其他类型的值。", text=self.text)

    def paths(self) -> frozenset[tuple[str, ...]]:
        """The variables it reads, each as (variable, field, ...)."""
        return frozenset(_paths(self.tree))


def parse(text: str) -> Expression:
    """`${a.b == 'x' && !c}` or the same without `${}`. Raises ExpressionRefused with the position."""
    if not isinstance(text, str):
        raise ExpressionRefused("表达式应为文本。", position=0)
    if len(text) > MAX_TEXT:
        raise ExpressionRefused("表达式过长（超过 %(limit)s 个字符）。", position=MAX_TEXT, limit=MAX_TEXT)
    return _parse(text)


def constant(value: Any) -> Expression:
    """An expression that is always this value; for places where a model may write either."""
    return Expression(str(value), Literal(value))


def check_expression(text: str) -> Expression:
    """The publish check's name for `parse`."""
    return parse(text)


def evaluate(text: str, variables: Mapping[str, Any]) -> Any:
    """Parse and compute in one go, for callers that do not keep the parsed form."""
    return parse(text).value(variables)


@lru_cache(maxsize=4096)
def _parse(text: str) -> Expression:
    wrapped = _WRAPPED.fullmatch(text)
    body = wrapped[1] if wrapped else text
    return Expression(text, read(body))


def walk(node: Node, variables: Mapping[str, Any]) -> Any:
    match node:
        case Literal():
            return node.value
        case Name():
            return plain(variables.get(node.name))
        case Member():
            return plain(member(walk(node.of, variables), walk(node.key, variables), node.dotted))
        case ListOf():
            return [walk(item, variables) for item in node.items]
        case Unary():
            return UNARY[node.op](walk(node.operand, variables))
        case Binary(op="&&"):
            return truth(walk(node.left, variables)) and truth(walk(node.right, variables))
        case Binary(op="||"):
            return truth(walk(node.left, variables)) or truth(walk(node.right, variables))
        case Binary():
            return BINARY[node.op](walk(node.left, variables), walk(node.right, variables))
        case Choice():
            return walk(node.then if truth(walk(node.test, variables)) else node.otherwise, variables)
        case Call():
            arguments = [walk(argument, variables) for argument in node.arguments]
            return plain(FUNCTIONS[node.function].work(*arguments))
    raise ExpressionFailed("表达式无法计算。")


def comparisons(expression: Expression) -> Iterator[tuple[tuple[str, ...], str]]:
    """Where a variable is compared with a fixed text: its path and the text."""
    todo: list[Node] = [expression.tree]
    while todo:
        node = todo.pop()
        todo.extend(_children(node, inside_path=False))
        if not isinstance(node, Binary) or node.op not in ("==", "!=", "in", "not in"):
            continue
        for here, there in ((node.left, node.right), (node.right, node.left)):
            texts = there.items if isinstance(there, ListOf) and node.op in ("in", "not in") else (there,)
            for text in texts:
                if _path(here) and isinstance(text, Literal) and isinstance(text.value, str):
                    yield _path(here), text.value


def constant_fault(expression: Expression) -> ExpressionFailed | None:
    """Why a part that reads no variable can never be computed: known before any case comes along."""
    todo: list[Node] = [expression.tree]
    while todo:
        node = todo.pop()
        if any(isinstance(part, Name) for part in _parts(node)):
            todo.extend(_children(node, inside_path=False))
            continue
        try:
            walk(node, {})
        except ExpressionFailed as fault:
            return fault
    return None


def _parts(node: Node) -> Iterator[Node]:
    yield node
    for child in _children(node, inside_path=False):
        yield from _parts(child)


def _paths(node: Node) -> Iterator[tuple[str, ...]]:
    path = _path(node)
    if path:
        yield path
    for child in _children(node, inside_path=bool(path)):
        yield from _paths(child)


def _path(node: Node) -> tuple[str, ...]:
    """The longest plain path `a.b.c` that ends at this node, or () if it is not one."""
    if isinstance(node, Name):
        return (node.name,)
    if isinstance(node, Member) and isinstance(node.key, Literal) and isinstance(node.key.value, str):
        base = _path(node.of)
        return (*base, node.key.value) if base else ()
    return ()


def _children(node: Node, inside_path: bool) -> tuple[Node, ...]:
    match node:
        case Member():
            return () if inside_path else (node.of, node.key)
        case ListOf():
            return node.items
        case Unary():
            return (node.operand,)
        case Binary():
            return (node.left, node.right)
        case Choice():
            return (node.test, node.then, node.otherwise)
        case Call():
            return node.arguments
    return ()
