"""Expressions: is each well formed, does it read what something provides, and can it come to what is wanted?"""

from collections import ChainMap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.bpmn.check.elements import usable_name
from engine.bpmn.check.kinds import BOOLEAN, LIST, NUMBER, TEXT, UNKNOWN, Fields, Kind, kind_of, mistakes
from engine.bpmn.check.report import Report, called
from engine.bpmn.check.tables import check_tables, outputs_of
from engine.bpmn.decisions import MANY, Decision
from engine.bpmn.errors import ExpressionRefused
from engine.bpmn.expressions import Expression, constant_fault, parse
from engine.bpmn.model import MAIN_FILE, Element, Model
from engine.bpmn.specs import NAMES_OF_A_REPEAT
from engine.bpmn.times import is_expression
from engine.domain.said import say

Variables = Mapping[str, Fields]
"""Variable -> what it is: a Kind, or its fields (which may map to the values they can take), or None if unknown."""

Known = Mapping[str, Kind]
GUIDE = say("写法见表达式说明（docs/expressions.md）。")
MAX_TEXTS = 300_000  # characters of all expressions of the processes together
SHOWN = 20  # names in one message
TEXTS_OF_EVENTS = ("to", "key", "payload")


@dataclass(frozen=True)
class Place:
    """An expression in the model: `where` is the id to name, `wanted` the type it must come to (None: any),
    `names` what it may use besides the case's variables.
    """

    element: Element
    where: str
    text: str
    wanted: str | None
    names: Known


def check_expressions(
    model: Model, report: Report, decisions: Mapping[str, Decision], variables: Variables | None
) -> None:
    known: dict[str, Kind] | None = None
    if variables is not None:
        known = known_kinds(model, decisions, variables)
    check_tables(decisions, known or {}, report)
    if sum(len(place.text) for place in places(model)) > MAX_TEXTS:
        message = say("表达式总共超过 %(most)s 个字符。", most=f"{MAX_TEXTS:,}")
        report.error(None, "expression", message, say("请拆成几个流程，或改用决策表。"), MAIN_FILE)
        return
    for place in places(model):
        file = place.element.file
        try:
            expression = parse(place.text)
        except ExpressionRefused as fault:
            message = say(
                "%(element)s处的表达式“%(text)s”有误：%(fault)s",
                element=called(place.element),
                text=place.text[:80],
                fault=fault.said,
            )
            report.error(place.where, "expression", message, GUIDE, file)
            continue
        if never := constant_fault(expression):
            message = say(
                "%(element)s处的表达式“%(text)s”永远算不出来：%(never)s",
                element=called(place.element),
                text=place.text[:80],
                never=never.said,
            )
            report.error(place.where, "expression", message, GUIDE, file)
            continue
        around = None if known is None else ChainMap(dict(place.names), known)
        _check_use(expression, place.where, around, place.wanted, file, report)
    for decision in decisions.values():
        for expression in (*(entry for entry, _ in decision.inputs), *_outputs(decision)):
            _check_use(expression, decision.id, known, None, decision.file, report)


def places(model: Model) -> Iterator[Place]:
    """Every expression of the processes. Those of decision tables are in the tables."""
    callers: dict[str, list[Element]] = {}
    for element in model.elements():
        if element.called:
            callers.setdefault(element.called, []).append(element)
    for scope in model.scopes.values():
        inside = _names_around(model, scope.id, callers)
        for flow in scope.flows:
            if flow.condition is not None and flow.source in scope.elements:
                yield Place(scope.elements[flow.source], flow.id, flow.condition, BOOLEAN, inside)
        for element in scope.elements.values():
            for text, wanted, names in _texts(element):
                yield Place(element, element.id, text, wanted, {**inside, **names})


def _texts(element: Element) -> Iterator[tuple[str, str | None, Known]]:
    """What an event, a loop or a repeat computes: text, the type wanted, names of its own."""
    if element.condition:
        yield element.condition, BOOLEAN, {}
    if element.event in ("message", "signal", "error", "escalation"):
        for name in TEXTS_OF_EVENTS:
            if name in element.properties:
                yield element.properties[name], None, {}
    own_time = element.event == "timer" and not element.properties.get("deadline")
    if own_time and is_expression(element.timer_text):
        yield element.timer_text, TEXT, {}
    if element.loop is not None and element.loop.condition:
        yield element.loop.condition, BOOLEAN, {}
    if (repeat := element.repeat) is not None:
        if repeat.cardinality is not None:
            yield repeat.cardinality, NUMBER, {}
        if repeat.collection is not None:
            yield repeat.collection, LIST, {}
        if repeat.until is not None:
            own = {**_names_of(element), **dict.fromkeys(NAMES_OF_A_REPEAT, Kind(NUMBER))}
            yield repeat.until, BOOLEAN, own


def _names_around(model: Model, scope: str | None, callers: Mapping[str, list[Element]]) -> dict[str, Kind]:
    """The names that repeats around a subprocess give to what runs inside it."""
    names: dict[str, Kind] = {}
    while scope is not None and scope in model.scopes:
        parent = model.scopes[scope].parent
        containers = callers.get(scope, []) if parent is None else []
        if parent is not None and parent in model.scopes:
            outer = model.scopes[parent].elements.get(scope)
            containers = [outer] if outer else []
        for container in containers:
            names.update(_names_of(container))
        scope = parent
    return names


def _names_of(element: Element) -> dict[str, Kind]:
    if element.repeat is None:
        return {}
    item = {element.repeat.item: UNKNOWN} if element.repeat.item else {}
    return {**item, "loopCounter": Kind(NUMBER)}


def known_kinds(model: Model, decisions: Mapping[str, Decision], variables: Variables) -> dict[str, Kind]:
    """What the model's own elements provide, completed by what the caller knows of it."""
    known: dict[str, Kind] = {}
    for element in model.elements():
        if (element.type == "userTask" and element.form) or element.type in ("serviceTask", "sendTask"):
            known[element.namespace] = UNKNOWN
        elif element.type == "businessRuleTask":
            decision = decisions.get(element.decision or "")
            single = decision is not None and decision.policy not in MANY
            known[element.namespace] = outputs_of(decision) if decision and single else UNKNOWN
        elif element.repeat is not None:
            known[element.id] = UNKNOWN
        elif element.event and element.properties.get("result"):
            known[element.properties["result"]] = UNKNOWN
    known.update((name, kind_of(fields)) for name, fields in variables.items())
    for element in model.elements():
        if element.repeat is not None and element.namespace in known:
            known[element.namespace] = UNKNOWN  # a list of what each instance brought
    return known


def _check_use(
    expression: Expression, where: str, known: Known | None, wanted: str | None, file: str, report: Report
) -> None:
    """`known` is None where nothing is known of the variables: then only constants can be wrong."""
    missing = set()
    if known is not None:
        missing = {path[0] for path in expression.paths()} - known.keys()
    for name in sorted(missing):
        message = say("表达式用到的变量“%(name)s”没有任何表单、操作或开始数据提供。", name=name)
        report.error(
            where,
            "unknown-variable",
            message,
            say("可用的变量：%(names)s。", names=_names(known or {})),
            file,
        )
    for mistake in mistakes(expression, known or {}, wanted):
        message = say("表达式“%(text)s”中，%(mistake)s。", text=expression.text[:80], mistake=mistake.message)
        report.error(where, mistake.rule, message, mistake.fix, file)


def _names(known: Known) -> list[str]:
    shown = [name[:60] for name, _ in zip(known, range(SHOWN), strict=False)]
    return sorted(shown)


def _outputs(decision: Decision) -> Iterator[Expression]:
    for rule in decision.rules:
        yield from (cell for cell in rule.outputs if cell is not None)


def check_repeats(model: Model, report: Report) -> None:
    for element in model.elements():
        repeat = element.repeat
        if repeat is None:
            continue
        if (repeat.cardinality is None) == (repeat.collection is None):
            message = say(
                "多实例%(element)s应给出次数（loopCardinality）或列表（collection）之一。",
                element=called(element),
            )
            report.error(element, "repeat-over", message, say("请只填写其中一个。"))
        if repeat.item is not None and not usable_name(repeat.item):
            message = say(
                "多实例%(element)s的变量名“%(item)s”不能使用。", element=called(element), item=repeat.item
            )
            report.error(element, "bad-name", message, say("请用英文字母开头，只含英文字母、数字和下划线。"))
        if repeat.item is not None and repeat.collection is None:
            message = say(
                "多实例%(element)s没有列表，变量“%(item)s”总是空的。",
                element=called(element),
                item=repeat.item,
            )
            report.error(element, "repeat-over", message, say("请填写列表（collection），或删去变量。"))
