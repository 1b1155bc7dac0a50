"""The one expression language of models: conditions, collections, decision-table inputs.

Text is tokenised, parsed by recursive descent into a small tree, and the tree is walked; nothing is ever
handed to Python's eval, compile or attribute lookup. The same `parse` serves the publish check and the run,
so what was refused at publish cannot run. No function reads a clock: time enters as data.

Every limit is a bound on work, whatever the text and however large the variables: a tree of at most MAX_NODES
nodes is visited at most once per evaluation, and what looks through lists spends a budget of steps.
Nothing grows: no operator joins or repeats texts or lists, and numbers have at most MAX_DIGITS digits.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from engine.bpmn.errors import ExpressionFailed, ExpressionRefused
from engine.bpmn.functions import FUNCTIONS
from engine.bpmn.syntax import Binary, Call, Choice, ListOf, Literal, Member, Name, Node, Unary, read
from engine.bpmn.values import BINARY, COMPARING, UNARY, member, plain, truth

MAX_TEXT = 1000  # characters
MAX_STEPS = 20_000  # values looked at in one evaluation
KEPT = 512
"""Parsed expressions kept for the next one to ask: the check and the build read each text twice."""

_WRAPPED = re.compile(r"\s*[$#]\{(.*)\}\s*", re.DOTALL)


class Budget:
    """What evaluations may still look at; several may share one."""

    def __init__(self, steps: int = MAX_STEPS):
        self.left = steps

    def spend(self, steps: int = 1) -> None:
        self.left -= steps
        if self.left < 0:
            raise ExpressionFailed("计算量过大：要查看的数据太多，请改用较小的列表。")


@dataclass(frozen=True)
class Expression:
    """A checked expression. `text` is what the model says."""

    text: str
    tree: Node

    def value(self, variables: Mapping[str, Any], budget: Budget | None = None) -> Any:
        """What it comes to. A variable or field nobody has filled yet is null. Raises ExpressionFailed."""
        try:
            return walk(self.tree, variables, budget or Budget())
        except ExpressionFailed as failure:
            raise ExpressionFailed(failure.message, **{**failure.facts, "text": self.text}) from None

    def holds(self, variables: Mapping[str, Any], budget: Budget | None = None) -> bool:
        """As a condition: true or false, null counting as false; anything else is a mistake and raises."""
        found = self.value(variables, budget)
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


@lru_cache(maxsize=KEPT)
def _parse(text: str) -> Expression:
    wrapped = _WRAPPED.fullmatch(text)
    body = wrapped[1] if wrapped else text
    return Expression(text, read(body))


def walk(node: Node, variables: Mapping[str, Any], budget: Budget) -> Any:
    def of(inner: Node) -> Any:
        return walk(inner, variables, budget)

    budget.spend()
    match node:
        case Literal():
            return node.value
        case Name():
            return plain(variables.get(node.name))
        case Member():
            return plain(member(of(node.of), of(node.key), node.dotted))
        case ListOf():
            return [of(item) for item in node.items]
        case Unary():
            return UNARY[node.op](of(node.operand))
        case Binary(op="&&"):
            return truth(of(node.left)) and truth(of(node.right))
        case Binary(op="||"):
            return truth(of(node.left)) or truth(of(node.right))
        case Binary() if node.op in COMPARING:
            return COMPARING[node.op](of(node.left), of(node.right), budget.spend)
        case Binary():
            return BINARY[node.op](of(node.left), of(node.right))
        case Choice():
            return of(node.then if truth(of(node.test)) else node.otherwise)
        case Call():
            arguments = [of(argument) for argument in node.arguments]
            budget.spend(sum(len(argument) for argument in arguments if type(argument) is list))
            return plain(FUNCTIONS[node.function].work(*arguments))
    raise ExpressionFailed("表达式无法计算。")


def constant_fault(expression: Expression) -> ExpressionFailed | None:
    """Why a part that reads no variable can never be computed: known before any case comes along."""
    faults: list[ExpressionFailed] = []

    def constant(node: Node) -> bool:
        """Whether it reads no variable. Tries the largest such parts."""
        if isinstance(node, Name):
            return False
        parts = _children(node, inside_path=False)
        fixed = [part for part in parts if constant(part)]
        if len(fixed) == len(parts):
            return True
        faults.extend(fault for part in fixed if (fault := _fault(part)))
        return False

    if constant(expression.tree) and (fault := _fault(expression.tree)):
        faults.append(fault)
    return faults[0] if faults else None


def _fault(node: Node) -> ExpressionFailed | None:
    try:
        walk(node, {}, Budget())
    except ExpressionFailed as fault:
        return fault
    return None


def _paths(tree: Node) -> Iterator[tuple[str, ...]]:
    todo = [tree]
    while todo:
        node = todo.pop()
        path = _path(node)
        if path:
            yield path
        todo.extend(_children(node, inside_path=bool(path)))


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
