"""Reads the text of an expression into a small tree: tokens, then recursive descent.

Nothing here computes; what may stand in a text is decided here alone.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from engine.bpmn.errors import ExpressionRefused
from engine.bpmn.functions import CONTAINS, FUNCTIONS
from engine.bpmn.values import MAX_DIGITS

MAX_NODES = 200
MAX_DEPTH = 25

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>[0-9]+(?:\.[0-9]+)?)
    | (?P<name>[A-Za-z][A-Za-z0-9_]*)
    | (?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    | (?P<op>==|!=|<=|>=|&&|\|\||[<>!+\-*/%()\[\],.?:])
    )""",
    re.VERBOSE | re.DOTALL,
)
_WORDS = {
    "and": "&&", "or": "||", "eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=",
    "div": "/", "mod": "%", "in": "in", "not": "not", "empty": "empty",
}  # fmt: skip
CONSTANTS = {"true": True, "True": True, "false": False, "False": False, "null": None, "None": None}
_FULL_WIDTH = dict(
    zip("（）［］，．＝＜＞！＆｜“”‘’：？０１２３４５６７８９", "()[],.=<>!&|\"\"'':?0123456789", strict=True)
)


@dataclass(frozen=True, slots=True)
class Literal:
    value: Any


@dataclass(frozen=True, slots=True)
class Name:
    name: str


@dataclass(frozen=True, slots=True)
class Member:
    of: "Node"
    key: "Node"
    dotted: bool


@dataclass(frozen=True, slots=True)
class ListOf:
    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Unary:
    op: str
    operand: "Node"


@dataclass(frozen=True, slots=True)
class Binary:
    op: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Choice:
    test: "Node"
    then: "Node"
    otherwise: "Node"


@dataclass(frozen=True, slots=True)
class Call:
    function: str
    arguments: tuple["Node", ...]


Node = Literal | Name | Member | ListOf | Unary | Binary | Choice | Call


def read(text: str) -> Node:
    """The tree of an expression. Raises ExpressionRefused with the position."""
    return _Parser(text).whole()


class _Token(NamedTuple):
    kind: str  # number, name, string, op, end
    text: str
    position: int


def _tokens(text: str) -> Iterator[_Token]:
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            raise _unreadable(text, position)
        kind = str(match.lastgroup)
        word = match[kind]
        if kind == "name" and word in _WORDS:
            kind, word = "op", _WORDS[word]
        if kind == "number" and _glued(text, match.end()):
            raise ExpressionRefused("数字后面不能直接跟字母。", position=match.end())
        yield _Token(kind, word, match.start(str(match.lastgroup)))
        position = match.end()
    yield _Token("end", "", end)


def _glued(text: str, position: int) -> bool:
    return position < len(text) and (text[position].isalnum() or text[position] == "_")


def _unreadable(text: str, position: int) -> ExpressionRefused:
    position += len(text[position:]) - len(text[position:].lstrip())
    sign = text[position]
    if sign in _FULL_WIDTH:
        return ExpressionRefused(
            "“%(sign)s”是全角符号，请改用半角“%(half)s”。",
            position=position,
            sign=sign,
            half=_FULL_WIDTH[sign],
        )
    if sign == "=":
        return ExpressionRefused("比较相等请写两个等号“==”，表达式不能赋值。", position=position)
    if sign in "'\"":
        return ExpressionRefused("字符串没有结束的引号。", position=position)
    return ExpressionRefused("不认识的符号“%(sign)s”。", position=position, sign=sign)


class _Parser:
    """Recursive descent over the grammar in docs/expressions.md, loosest binding first."""

    def __init__(self, text: str):
        self.tokens = list(_tokens(text))
        self.at = self.nodes = self.depth = 0

    def whole(self) -> Node:
        tree = self.expression()
        if self.now.kind != "end":
            raise self.refuse("多余的内容“%(found)s”。", found=self.now.text)
        return tree

    @property
    def now(self) -> _Token:
        return self.tokens[self.at]

    def refuse(self, message: str, **facts: object) -> ExpressionRefused:
        return ExpressionRefused(message, position=self.now.position, **facts)

    def take(self, *signs: str) -> str | None:
        token = self.tokens[self.at]
        if token.text not in signs or token.kind != "op":
            return None
        self.at += 1
        return token.text

    def need(self, sign: str) -> None:
        if not self.take(sign):
            raise self.refuse("此处缺少“%(sign)s”。", sign=sign)

    def count(self, node: Node) -> Node:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise self.refuse("表达式过于复杂（超过 %(limit)s 项）。", limit=MAX_NODES)
        return node

    def deeper(self, rule: Callable[[], Node]) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.refuse("括号或嵌套过深（超过 %(limit)s 层）。", limit=MAX_DEPTH)
        node = rule()
        self.depth -= 1
        return node

    def expression(self) -> Node:
        return self.deeper(self._choice)

    def _choice(self) -> Node:
        test = self._chain(("||",), lambda: self._chain(("&&",), self._comparison))
        if not self.take("?"):
            return test
        then = self.expression()
        self.need(":")
        return self.count(Choice(test, then, self.expression()))

    def _chain(self, signs: tuple[str, ...], operand: Callable[[], Node]) -> Node:
        node = operand()
        while sign := self.take(*signs):
            node = self.count(Binary(sign, node, operand()))
        return node

    def _comparison(self) -> Node:
        left = self._sum()
        if not (sign := self._comparing()):
            return left
        if isinstance(left, Unary) and left.op in ("!", "empty"):
            raise self.refuse("“!”“not”“empty”与比较连用有歧义，请加括号，例如 !(a == b)。")
        node = self.count(Binary(sign, left, self._sum()))
        if self._comparing():
            raise self.refuse("比较不能连写，请用 && 连接，例如 1 < a && a < 5。")
        return node

    def _comparing(self) -> str | None:
        if self.now.kind == "op" and self.now.text == "not" and self.tokens[self.at + 1].text == "in":
            self.at += 2
            return "not in"
        return self.take("==", "!=", "<", "<=", ">", ">=", "in")

    def _sum(self) -> Node:
        return self._chain(("+", "-"), lambda: self._chain(("*", "/", "%"), self._unary))

    def _unary(self) -> Node:
        sign = self.take("!", "not", "empty", "-")
        if not sign:
            return self._postfix()
        return self.count(Unary("!" if sign == "not" else sign, self.deeper(self._unary)))

    def _postfix(self) -> Node:
        node = self._primary()
        while True:
            if self.take("."):
                if self.now.kind != "name" and self.now.text not in _WORDS:
                    raise self.refuse("“.”后面应为字段名。")
                node = self.count(Member(node, Literal(self.now.text), dotted=True))
                self.at += 1
            elif self.take("["):
                node = self.count(Member(node, self.expression(), dotted=False))
                self.need("]")
            else:
                return node

    def _primary(self) -> Node:
        token = self.now
        if token.kind == "end":
            raise self.refuse("表达式不完整。")
        if self.take("("):
            node = self.expression()
            self.need(")")
            # a bracketed negation may be compared; wrapping it hides it from the ambiguity test
            return Choice(node, Literal(True), Literal(False)) if _negation(node) else node
        if self.take("["):
            return self.count(ListOf(self._items("]")))
        self.at += 1
        if token.kind == "number":
            return self.count(Literal(number(token.text, token.position)))
        if token.kind == "string":
            return self.count(Literal(string(token.text, token.position)))
        if token.kind == "name":
            return self._named(token)
        self.at -= 1
        raise self.refuse("此处不应出现“%(found)s”。", found=token.text)

    def _named(self, token: _Token) -> Node:
        if self.take("("):
            return self.count(_call(token, self._items(")")))
        if token.text in CONSTANTS:
            return self.count(Literal(CONSTANTS[token.text]))
        return self.count(Name(token.text))

    def _items(self, closing: str) -> tuple[Node, ...]:
        items: list[Node] = []
        while not self.take(closing):
            if items:
                self.need(",")
            items.append(self.expression())
        return tuple(items)


def _negation(node: Node) -> bool:
    return isinstance(node, Unary) and node.op in ("!", "empty")


def number(text: str, position: int) -> int | Decimal:
    """The value of digits with or without a point. Raises ExpressionRefused."""
    if len(text) > MAX_DIGITS:
        raise ExpressionRefused("数字过长（超过 %(limit)s 位）。", position=position, limit=MAX_DIGITS)
    return Decimal(text) if "." in text else int(text)


def string(text: str, position: int) -> str:
    """The value of a quoted text. Raises ExpressionRefused."""
    inner = text[1:-1]
    if not inner.isprintable():
        raise ExpressionRefused("字符串中不能有控制字符。", position=position)
    if "\\" not in inner:
        return inner
    if not re.fullmatch(r"(?:[^\\]|\\[\\'\"])*", inner, re.DOTALL):
        raise ExpressionRefused("字符串中反斜杠只能用于 \\\\、\\' 和 \\\"。", position=position)
    return re.sub(r"\\(.)", r"\1", inner)


def _call(token: _Token, arguments: tuple[Node, ...]) -> Call | Binary:
    function = FUNCTIONS.get(token.text)
    if function is None:
        raise ExpressionRefused(
            "没有名为“%(name)s”的函数；可用的有：%(known)s。",
            position=token.position, name=token.text, known="、".join(FUNCTIONS),
        )  # fmt: skip
    if not function.least <= len(arguments) <= function.most:
        raise ExpressionRefused("函数“%(name)s”的参数个数不对。", position=token.position, name=token.text)
    if token.text == CONTAINS:
        return Binary("in", arguments[1], arguments[0])
    return Call(token.text, arguments)
