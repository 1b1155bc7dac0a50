"""What kind of value an expression comes to, as far as it can be known before any case comes along.

Every value may also be null, so null never speaks against an expression. Where the kind of a part is not known
(the result of an operation, say), nothing is said of it: only what is certainly wrong is refused.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from engine.bpmn.expressions import Expression
from engine.bpmn.syntax import Binary, Call, Choice, ListOf, Literal, Member, Name, Node, Unary
from engine.bpmn.values import is_number
from engine.domain.said import say

BOOLEAN, NUMBER, TEXT, LIST, FIELDS = "boolean", "number", "text", "list", "fields"

WORDS = {
    BOOLEAN: say("真假值"),
    NUMBER: say("数字"),
    TEXT: say("文本"),
    LIST: say("列表"),
    FIELDS: say("一组字段"),
}


@dataclass(frozen=True)
class Kind:
    """`type` is one of the words above, None if unknown. `options`: the texts it can be, None for any text.

    `item` is the kind of a list's items; `fields` are those of a group, by name, None if unknown.
    """

    type: str | None = None
    options: frozenset[str] | None = None
    item: "Kind | None" = None
    fields: "Mapping[str, Kind] | None" = None


UNKNOWN = Kind()
Fields = Kind | Collection[str] | Mapping[str, Collection[str] | None] | None


def kind_of(fields: Fields) -> Kind:
    """From the short forms: names of fields, or a mapping of fields to the texts they can be."""
    if fields is None or isinstance(fields, Kind):
        return fields or UNKNOWN
    if isinstance(fields, Mapping):
        return Kind(FIELDS, fields={name: _choice(options) for name, options in fields.items()})
    return Kind(FIELDS, fields=dict.fromkeys(fields, UNKNOWN))


def _choice(options: Collection[str] | None) -> Kind:
    return UNKNOWN if options is None else Kind(TEXT, options=frozenset(options))


@dataclass(frozen=True)
class Mistake:
    """`rule` is the publish check's."""

    rule: str
    message: str
    fix: str


def mistakes(expression: Expression, known: Mapping[str, Kind], wanted: str | None) -> list[Mistake]:
    """What is certainly wrong in it, when its variables are of these kinds and it should come to `wanted`."""
    reader = _Reader(known)
    found = reader.kind(expression.tree)
    if wanted is not None and found.type not in (None, wanted):
        reader.wrong(
            say("结果是%(words)s，应为%(wanted)s", words=WORDS[found.type], wanted=WORDS[wanted]),
            _hint(found, wanted),
        )
    return list(dict.fromkeys(reader.found))


def result(expression: Expression, known: Mapping[str, Kind]) -> Kind:
    return _Reader(known).kind(expression.tree)


def _hint(found: Kind, wanted: str) -> str:
    if wanted == BOOLEAN and found.type == TEXT:
        return say("请与一个值比较，例如 x == 'pass'。")
    if wanted == NUMBER and found.type == TEXT:
        return say("文本中的数字请用 number(...)。")
    return say("写法见表达式说明（docs/expressions.md）。")


class _Reader:
    def __init__(self, known: Mapping[str, Kind]):
        self.known = known
        self.found: list[Mistake] = []

    def wrong(self, message: str, fix: str) -> None:
        self.found.append(Mistake("wrong-type", message, fix))

    def kind(self, node: Node) -> Kind:
        match node:
            case Literal():
                return _of_literal(node.value)
            case Name():
                return self.known.get(node.name, UNKNOWN)
            case Member():
                return self.member(self.kind(node.of), self.kind(node.key), node)
            case ListOf():
                return Kind(LIST, item=merged([self.kind(item) for item in node.items]))
            case Unary():
                return self.unary(node)
            case Binary():
                return self.binary(node)
            case Choice():
                self.need(BOOLEAN, self.kind(node.test), say("“?”前面"))
                return merged([self.kind(node.then), self.kind(node.otherwise)])
            case Call():
                return self.call(node)

    def need(self, wanted: str, kind: Kind, where: str) -> None:
        if kind.type not in (None, wanted):
            self.wrong(
                say(
                    "%(where)s应为%(wanted)s，实际是%(found)s",
                    where=where,
                    wanted=WORDS[wanted],
                    found=WORDS[kind.type],
                ),
                _hint(kind, wanted),
            )

    def member(self, of: Kind, key: Kind, node: Member) -> Kind:
        name = node.key.value if isinstance(node.key, Literal) else None
        if of.type == FIELDS:
            if not isinstance(name, str) or of.fields is None:
                return UNKNOWN
            if name not in of.fields:
                shown = sorted(of.fields)[:20]
                message = say("%(value)s没有名为“%(name)s”的字段", value=_shown(node.of), name=name[:60])
                self.found.append(
                    Mistake("unknown-field", message, say("可用的字段：%(shown)s。", shown=shown))
                )
                return UNKNOWN
            return of.fields[name]
        if of.type == LIST:
            if node.dotted or key.type == TEXT:
                message = say(
                    "%(value)s是列表，不能直接取字段“%(name)s”", value=_shown(node.of), name=str(name)[:60]
                )
                self.wrong(message, say("请先取其中一项，例如 list[0].field。"))
                return UNKNOWN
            return of.item or UNKNOWN
        if of.type is not None:
            self.wrong(
                say("%(value)s是%(words)s，没有字段", value=_shown(node.of), words=WORDS[of.type]),
                say("只有一组字段可以用“.”。"),
            )
        return UNKNOWN

    def unary(self, node: Unary) -> Kind:
        operand = self.kind(node.operand)
        if node.op == "-":
            self.need(NUMBER, operand, say("负号后面"))
            return Kind(NUMBER)
        if node.op == "!":
            self.need(BOOLEAN, operand, say("“!”后面"))
        return Kind(BOOLEAN)

    def binary(self, node: Binary) -> Kind:
        left, right = self.kind(node.left), self.kind(node.right)
        if node.op in ("&&", "||"):
            self.need(BOOLEAN, left, say("“%(op)s”左边", op=node.op))
            self.need(BOOLEAN, right, say("“%(op)s”右边", op=node.op))
        elif node.op in ("==", "!="):
            self.equal(node.left, left, right)
            self.equal(node.right, right, left, alone=True)
        elif node.op in ("in", "not in"):
            self.within(node, left, right)
        elif node.op in ("<", "<=", ">", ">="):
            self.ordered(node.op, left, right)
        else:
            self.need(NUMBER, left, say("“%(op)s”左边", op=node.op))
            self.need(NUMBER, right, say("“%(op)s”右边", op=node.op))
            return Kind(NUMBER)
        return Kind(BOOLEAN)

    def equal(self, node: Node, kind: Kind, other: Kind, alone: bool = False) -> None:
        """`alone`: the other way round was looked at already, so that the types are not told twice."""
        if kind.type is not None and other.type is not None and kind.type != other.type:
            if not alone:
                message = say(
                    "%(value)s是%(words)s，与%(other)s永远不相等",
                    value=_shown(node),
                    words=WORDS[kind.type],
                    other=WORDS[other.type],
                )
                fix = _hint(kind, NUMBER) if {kind.type, other.type} == {TEXT, NUMBER} else _never(kind)
                self.wrong(message, fix)
        elif isinstance(node, (Name, Member)):
            self.possible(node, kind, other)

    def possible(self, node: Node, kind: Kind, other: Kind) -> None:
        if kind.options is None or other.options is None:
            return
        for value in sorted(other.options - kind.options):
            message = say("%(value)s不会等于“%(option)s”", value=_shown(node), option=value[:60])
            shown = [option[:60] for option in sorted(kind.options)[:20]]
            self.found.append(Mistake("unknown-value", message, say("可能的值：%(shown)s。", shown=shown)))

    def within(self, node: Binary, left: Kind, right: Kind) -> None:
        if right.type == LIST:
            item = right.item or UNKNOWN
            self.equal(node.left, left, item)
            if not isinstance(node.right, ListOf):
                self.possible(node.right, item, left)
        elif right.type == TEXT:
            self.need(TEXT, left, say("“%(op)s”左边", op=node.op))
        elif right.type is not None:
            message = say("“%(op)s”右边应为列表，实际是%(words)s", op=node.op, words=WORDS[right.type])
            self.wrong(message, say("例如 x in ['a', 'b']。"))

    def ordered(self, sign: str, left: Kind, right: Kind) -> None:
        for kind in (left, right):
            if kind.type not in (None, NUMBER, TEXT):
                self.wrong(
                    say("“%(sign)s”不能用于%(words)s", sign=sign, words=WORDS[kind.type]),
                    say("大小比较的两边应同为数字或同为文本。"),
                )
                return
        if None not in (left.type, right.type) and left.type != right.type:
            self.wrong(
                say("“%(sign)s”一边是文本，一边是数字", sign=sign), say("文本中的数字请用 number(...)。")
            )

    def call(self, node: Call) -> Kind:
        arguments = [self.kind(argument) for argument in node.arguments]
        accepted, comes_to = _FUNCTIONS[node.function]
        for argument in arguments:
            if not accepted(argument):
                what = WORDS[argument.type or TEXT]
                self.wrong(
                    say("%(function)s(...) 不能用于%(what)s", function=node.function, what=what),
                    say("函数的用法见 docs/expressions.md。"),
                )
        return Kind(comes_to)


def _of_literal(value: object) -> Kind:
    if isinstance(value, bool):
        return Kind(BOOLEAN)
    if isinstance(value, str):
        return Kind(TEXT, options=frozenset([value]))
    return Kind(NUMBER) if is_number(value) else UNKNOWN


def merged(kinds: list[Kind]) -> Kind:
    """The kind of something that is one of these."""
    types = {kind.type for kind in kinds}
    if len(types) != 1:
        return UNKNOWN
    options: frozenset[str] | None = frozenset()
    for kind in kinds:
        options = None if options is None or kind.options is None else options | kind.options
    same = all(kind == kinds[0] for kind in kinds)
    return kinds[0] if same else Kind(kinds[0].type, options=options)


def _only(*types: str) -> Callable[[Kind], bool]:
    return lambda kind: kind.type in (None, *types)


def _list_of(wanted: str) -> Callable[[Kind], bool]:
    return lambda kind: (
        kind.type is None or (kind.type == LIST and (kind.item or UNKNOWN).type in (None, wanted))
    )


_FUNCTIONS: dict[str, tuple[Callable[[Kind], bool], str]] = {
    "size": (_only(TEXT, LIST, FIELDS), NUMBER),
    "len": (_only(TEXT, LIST, FIELDS), NUMBER),
    "number": (_only(NUMBER, TEXT), NUMBER),
    "abs": (_only(NUMBER), NUMBER),
    "round": (_only(NUMBER), NUMBER),
    "min": (_only(NUMBER), NUMBER),
    "max": (_only(NUMBER), NUMBER),
    "sum": (_list_of(NUMBER), NUMBER),
    "any": (_list_of(BOOLEAN), BOOLEAN),
    "all": (_list_of(BOOLEAN), BOOLEAN),
    "starts_with": (_only(TEXT), BOOLEAN),
}
"""What each function takes, and what it comes to."""


def _never(kind: Kind) -> str:
    if kind.type == BOOLEAN:
        return say("真假值直接写，例如 x && !y，或与 true、false 比较。")
    return say("比较的两边应是同一种值。")


def _shown(node: Node) -> str:
    path = ".".join(_path(node))
    return (
        f"“{path[:80]}”" if path else say("左边的值") if not isinstance(node, Literal) else f"“{node.value}”"
    )


def _path(node: Node) -> Iterator[str]:
    if isinstance(node, Member):
        yield from _path(node.of)
        yield str(node.key.value) if isinstance(node.key, Literal) else "…"
    elif isinstance(node, Name):
        yield node.name
