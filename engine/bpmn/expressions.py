"""The one expression language of models: conditions, collections, decision-table inputs.

Text is tokenised, parsed by recursive descent into a small tree, and the tree is walked; nothing is ever
handed to Python's eval, compile or attribute lookup. The same `parse` serves the publish check and the run,
so what was refused at publish cannot run. No function reads a clock: time enters as data.

Every limit below is a bound on work, so hostile text costs microseconds:
a tree of at most MAX_NODES nodes is visited at most once per evaluation.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, DecimalException
from functools import lru_cache
from typing import Any

from engine.bpmn.errors import ExpressionFailed, ExpressionRefused

MAX_TEXT = 1000  # characters
MAX_NODES = 200
MAX_DEPTH = 25
MAX_STRING = 10_000  # characters of any value
MAX_ITEMS = 1000  # of any list an expression looks through
MAX_DIGITS = 40  # of any number, on either side of the point

_WRAPPED = re.compile(r"\s*[$#]\{(.*)\}\s*", re.DOTALL)
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>\d+(?:\.\d+)?)
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
_CONSTANTS = {
    "true": True,
    "True": True,
    "false": False,
    "False": False,
    "null": None,
    "None": None,
}
_FULL_WIDTH = dict(zip("（）［］，．＝＜＞！＆｜“”‘’：？", "()[],.=<>!&|\"\"'':?", strict=True))
_DECIMALS = Context(prec=MAX_DIGITS, Emax=MAX_DIGITS, Emin=-MAX_DIGITS)


@dataclass(frozen=True)
class Literal:
    value: Any


@dataclass(frozen=True)
class Name:
    name: str


@dataclass(frozen=True)
class Member:
    of: "Node"
    key: "Node"
    dotted: bool


@dataclass(frozen=True)
class ListOf:
    items: tuple["Node", ...]


@dataclass(frozen=True)
class Unary:
    op: str
    operand: "Node"


@dataclass(frozen=True)
class Binary:
    op: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True)
class Choice:
    test: "Node"
    then: "Node"
    otherwise: "Node"


@dataclass(frozen=True)
class Call:
    function: str
    arguments: tuple["Node", ...]


Node = Literal | Name | Member | ListOf | Unary | Binary | Choice | Call


@dataclass(frozen=True)
class Expression:
    """A checked expression. `text` is what the model says."""

    text: str
    tree: Node

    def value(self, variables: Mapping[str, Any]) -> Any:
        """What it comes to. A variable or field nobody has filled yet is null. Raises ExpressionFailed."""
        try:
            return _walk(self.tree, variables)
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
    return Expression(text, _Parser(body).whole())


# --- reading ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Token:
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
        if self.now.kind == "op" and self.now.text in signs:
            self.at += 1
            return self.tokens[self.at - 1].text
        return None

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
            return self.count(Literal(_number(token)))
        if token.kind == "string":
            return self.count(Literal(_string(token)))
        if token.kind == "name":
            return self._named(token)
        self.at -= 1
        raise self.refuse("此处不应出现“%(found)s”。", found=token.text)

    def _named(self, token: _Token) -> Node:
        if self.take("("):
            return self.count(_call(token, self._items(")")))
        if token.text in _CONSTANTS:
            return self.count(Literal(_CONSTANTS[token.text]))
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


def _number(token: _Token) -> int | Decimal:
    if len(token.text) > MAX_DIGITS:
        raise ExpressionRefused("数字过长（超过 %(limit)s 位）。", position=token.position, limit=MAX_DIGITS)
    return Decimal(token.text) if "." in token.text else int(token.text)


def _string(token: _Token) -> str:
    inner = token.text[1:-1]
    if re.search(r"\\[^\\'\"]", inner):
        raise ExpressionRefused("字符串中反斜杠只能用于 \\\\、\\' 和 \\\"。", position=token.position)
    if not inner.isprintable():
        raise ExpressionRefused("字符串中不能有控制字符。", position=token.position)
    return re.sub(r"\\(.)", r"\1", inner)


def _call(token: _Token, arguments: tuple[Node, ...]) -> Call:
    function = FUNCTIONS.get(token.text)
    if function is None:
        raise ExpressionRefused(
            "没有名为“%(name)s”的函数；可用的有：%(known)s。",
            position=token.position, name=token.text, known="、".join(FUNCTIONS),
        )  # fmt: skip
    if not function.least <= len(arguments) <= function.most:
        raise ExpressionRefused("函数“%(name)s”的参数个数不对。", position=token.position, name=token.text)
    return Call(token.text, arguments)


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


# --- computing ----------------------------------------------------------------------------------------------


def _walk(node: Node, variables: Mapping[str, Any]) -> Any:
    match node:
        case Literal():
            return node.value
        case Name():
            return _plain(variables.get(node.name))
        case Member():
            return _plain(_member(_walk(node.of, variables), _walk(node.key, variables), node.dotted))
        case ListOf():
            return [_walk(item, variables) for item in node.items]
        case Unary():
            return _UNARY[node.op](_walk(node.operand, variables))
        case Binary(op="&&"):
            return _truth(_walk(node.left, variables)) and _truth(_walk(node.right, variables))
        case Binary(op="||"):
            return _truth(_walk(node.left, variables)) or _truth(_walk(node.right, variables))
        case Binary():
            return _BINARY[node.op](_walk(node.left, variables), _walk(node.right, variables))
        case Choice():
            return _walk(
                node.then if _truth(_walk(node.test, variables)) else node.otherwise,
                variables,
            )
        case Call():
            arguments = [_walk(argument, variables) for argument in node.arguments]
            return _plain(FUNCTIONS[node.function].work(*arguments))
    raise ExpressionFailed("表达式无法计算。")


def _plain(value: Any) -> Any:
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


def _truth(value: Any) -> bool:
    if value is None or type(value) is bool:
        return bool(value)
    raise ExpressionFailed("“与、或、非”两边应为真或假（true/false）。")


def _is_number(value: Any) -> bool:
    return type(value) in (int, Decimal)


def _member(of: Any, key: Any, dotted: bool) -> Any:
    if of is None:
        return None
    if type(of) is dict and type(key) is str:
        return of.get(key)
    if type(of) is list and type(key) is int and not dotted:
        return of[key] if 0 <= key < len(of) else None
    raise ExpressionFailed("无法从该值中取“%(key)s”：只有一组字段可以用“.”，列表用“[序号]”。", key=key)


def same(left: Any, right: Any) -> bool:
    """Equal as values: numbers by size, otherwise only within one type (1 is not true, nor '1')."""
    left, right = _plain(left), _plain(right)
    if _is_number(left) and _is_number(right):
        return bool(left == right)
    return type(left) is type(right) and bool(left == right)


def _ordered(left: Any, right: Any) -> int:
    if not (_is_number(left) and _is_number(right)) and not (type(left) is str and type(right) is str):
        raise ExpressionFailed("大小比较的两边应同为数字或同为文本；文本中的数字请用 number(...)。")
    return int(left > right) - int(left < right)


def _within(needle: Any, heap: Any) -> bool:
    if heap is None:
        return False
    if type(heap) is list:
        return any(same(needle, item) for item in heap)
    if type(heap) is str and type(needle) is str:
        return needle in heap
    raise ExpressionFailed("“in”右边应为列表，或左右均为文本。")


def _arithmetic(compute: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def apply(left: Any, right: Any) -> Any:
        if not (_is_number(left) and _is_number(right)):
            raise ExpressionFailed("加减乘除的两边应为数字；文本中的数字请用 number(...)。")
        try:
            result = compute(Decimal(left), Decimal(right))
        except DecimalException:
            raise ExpressionFailed("无法计算：除数为零或结果过大。") from None
        whole = type(left) is int and type(right) is int and result == result.to_integral_value()
        return _bounded(int(result) if whole else result)

    return apply


def _negate(value: Any) -> Any:
    if not _is_number(value):
        raise ExpressionFailed("负号后面应为数字。")
    return -value


def _empty(value: Any) -> bool:
    return value is None or value == "" or value == [] or value == {}


_UNARY: dict[str, Callable[[Any], Any]] = {
    "!": lambda value: not _truth(value),
    "-": _negate,
    "empty": _empty,
}
ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda left, right: _ordered(left, right) < 0,
    "<=": lambda left, right: _ordered(left, right) <= 0,
    ">": lambda left, right: _ordered(left, right) > 0,
    ">=": lambda left, right: _ordered(left, right) >= 0,
}
_BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "==": same,
    "!=": lambda left, right: not same(left, right),
    **ORDER,
    "in": _within,
    "not in": lambda left, right: not _within(left, right),
    "+": _arithmetic(_DECIMALS.add),
    "-": _arithmetic(_DECIMALS.subtract),
    "*": _arithmetic(_DECIMALS.multiply),
    "/": _arithmetic(_DECIMALS.divide),
    "%": _arithmetic(_DECIMALS.remainder),
}


# --- functions ----------------------------------------------------------------------------------------------


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
    values = [_plain(value) for value in values]
    if not all(_is_number(value) for value in values):
        raise ExpressionFailed("此处应全为数字。")
    return values


def _length(value: Any) -> int:
    if value is None:
        return 0
    if type(value) in (str, list, dict):
        return len(value)
    raise ExpressionFailed("size(...) 用于文本或列表。")


def to_number(value: Any) -> Any:
    if value is None or _is_number(value):
        return value
    if type(value) is str and re.fullmatch(r"\s*-?\d{1,40}(\.\d{1,40})?\s*", value, re.ASCII):
        return Decimal(value.strip())
    raise ExpressionFailed("number(...) 只能用于写成数字的文本。")


def _rounded(value: Any, places: Any = 0) -> Any:
    [value] = _numbers([value])
    if type(places) is not int or not 0 <= places <= 6:
        raise ExpressionFailed("round(...) 的位数应在 0 到 6 之间。")
    try:
        return Decimal(value).quantize(Decimal(1).scaleb(-places), context=_DECIMALS)
    except DecimalException:
        raise ExpressionFailed("数字过大。") from None


def _total(values: Any) -> Any:
    total: Any = 0
    for value in _numbers(_list(values)):
        total = _BINARY["+"](total, value)
    return total


def _starts(text: Any, beginning: Any) -> bool:
    if text is None:
        return False
    if type(text) is not str or type(beginning) is not str:
        raise ExpressionFailed("starts_with(...) 用于文本。")
    return text.startswith(beginning)


FUNCTIONS: dict[str, Function] = {
    "size": Function(_length, 1, 1),
    "len": Function(_length, 1, 1),
    "number": Function(to_number, 1, 1),
    "abs": Function(lambda value: abs(_numbers([value])[0]), 1, 1),
    "round": Function(_rounded, 1, 2),
    "min": Function(lambda *values: min(_numbers(list(values))), 1, 8),
    "max": Function(lambda *values: max(_numbers(list(values))), 1, 8),
    "sum": Function(_total, 1, 1),
    "any": Function(lambda values: any(_truth(value) for value in _list(values)), 1, 1),
    "all": Function(lambda values: all(_truth(value) for value in _list(values)), 1, 1),
    "contains": Function(lambda heap, needle: _within(needle, heap), 2, 2),
    "starts_with": Function(_starts, 2, 2),
}
