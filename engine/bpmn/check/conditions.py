"""Expressions: is each well formed, and does it read what some form, operation or the start provides?"""

from collections.abc import Collection, Iterator, Mapping

from engine.bpmn.check.elements import usable_name
from engine.bpmn.check.report import Report, called
from engine.bpmn.decisions import MANY, Decision
from engine.bpmn.errors import ExpressionRefused
from engine.bpmn.expressions import Expression, comparisons, constant_fault, parse
from engine.bpmn.model import Element, Model
from engine.bpmn.specs import NAMES_OF_A_REPEAT
from engine.bpmn.times import is_expression

Fields = Collection[str] | Mapping[str, Collection[str] | None] | None
Variables = Mapping[str, Fields]
"""Variable -> its fields; fields may map to the values they can take. None where it is not known."""


def check_expressions(
    model: Model, report: Report, decisions: Mapping[str, Decision], variables: Variables | None
) -> None:
    known = None if variables is None else _known(model, decisions, variables)
    for element, where, text, extra in _expressions(model):
        try:
            expression = parse(text)
        except ExpressionRefused as fault:
            message = f"{called(element)}处的表达式“{text[:80]}”有误：{fault}"
            report.error(
                where, "expression", message, "写法见表达式说明（docs/expressions.md）。", element.file
            )
            continue
        if never := constant_fault(expression):
            message = f"{called(element)}处的表达式“{text[:80]}”永远算不出来：{never}"
            report.error(
                where, "expression", message, "写法见表达式说明（docs/expressions.md）。", element.file
            )
        if known is not None:
            _check_paths(expression, element, where, {**known, **extra}, report)
    if known is not None:
        for decision in decisions.values():
            for expression in (*(entry for entry, _ in decision.inputs), *_outputs(decision)):
                _check_paths(expression, None, decision.id, known, report, decision.file)


def _expressions(model: Model) -> Iterator[tuple[Element, str, str, Variables]]:
    """Every expression: its element, the id to name, the text, and names it may use besides the case's."""
    for scope in model.scopes.values():
        inside = _names_around(model, scope.id)
        for flow in scope.flows:
            if flow.condition is not None and flow.source in scope.elements:
                yield scope.elements[flow.source], flow.id, flow.condition, inside
        for element in scope.elements.values():
            for computed in _texts(element):
                yield element, element.id, computed, inside
            repeat = element.repeat
            if repeat is None:
                continue
            for text in (repeat.cardinality, repeat.collection):
                if text is not None:
                    yield element, element.id, text, inside
            if repeat.until is not None:
                own = {**_names_of(element), **dict.fromkeys(NAMES_OF_A_REPEAT)}
                yield element, element.id, repeat.until, {**inside, **own}


def _texts(element: Element) -> Iterator[str]:
    """What an event or a loop computes."""
    if element.condition:
        yield element.condition
    if element.event in ("message", "signal", "error", "escalation"):
        yield from (
            element.properties[name] for name in ("to", "key", "payload") if name in element.properties
        )
    if (
        element.event == "timer"
        and is_expression(element.timer_text)
        and not element.properties.get("deadline")
    ):
        yield element.timer_text
    if element.loop is not None and element.loop.condition:
        yield element.loop.condition


def _names_around(model: Model, scope: str | None) -> dict[str, Fields]:
    """The names that repeats around a subprocess give to what runs inside it."""
    names: dict[str, Fields] = {}
    while scope is not None and scope in model.scopes:
        parent = model.scopes[scope].parent
        containers = [e for e in model.elements() if e.called == scope] if parent is None else []
        if parent is not None and parent in model.scopes:
            containers.append(model.scopes[parent].elements[scope])
        for container in containers:
            names.update(_names_of(container))
        scope = parent
    return names


def _names_of(element: Element) -> dict[str, Fields]:
    if element.repeat is None:
        return {}
    return {name: None for name in (element.repeat.item, "loopCounter") if name}


def _known(model: Model, decisions: Mapping[str, Decision], variables: Variables) -> dict[str, Fields]:
    """What the model's own elements provide, completed by what the caller knows of it."""
    known: dict[str, Fields] = {}
    for element in model.elements():
        if (element.type == "userTask" and element.form) or element.type in ("serviceTask", "sendTask"):
            known[element.namespace] = None
        elif element.type == "businessRuleTask":
            decision = decisions.get(element.decision or "")
            single = decision is not None and decision.policy not in MANY
            known[element.namespace] = decision.outputs if decision and single else None
        elif element.repeat is not None:
            known[element.id] = None
        elif element.event and element.properties.get("result"):
            known[element.properties["result"]] = None
    known.update(variables)
    for element in model.elements():
        if element.repeat is not None and element.namespace in known:
            known[element.namespace] = None  # a list of what each instance brought
    return known


def _check_paths(
    expression: Expression,
    element: Element | None,
    where: str,
    known: Variables,
    report: Report,
    file: str = "",
) -> None:
    file = element.file if element else file
    for path in sorted(expression.paths()):
        if path[0] not in known:
            message = f"表达式用到的变量“{path[0]}”没有任何表单、操作或开始数据提供。"
            report.error(
                where, "unknown-variable", message, f"可用的变量：{'、'.join(sorted(known)[:20])}。", file
            )
            continue
        fields = known[path[0]]
        if len(path) > 1 and fields is not None and path[1] not in fields:
            message = f"“{path[0]}”没有名为“{path[1]}”的字段。"
            report.error(
                where, "unknown-field", message, f"可用的字段：{'、'.join(sorted(fields)[:20])}。", file
            )
    for path, value in comparisons(expression):
        fields = known.get(path[0])
        options = fields.get(path[1]) if len(path) == 2 and isinstance(fields, Mapping) else None
        if options is not None and value not in options:
            message = f"“{'.'.join(path)}”不会等于“{value}”。"
            report.error(
                where, "unknown-value", message, f"可能的值：{'、'.join(sorted(options)[:20])}。", file
            )


def _outputs(decision: Decision) -> Iterator[Expression]:
    for rule in decision.rules:
        yield from (cell for cell in rule.outputs if cell is not None)


def check_repeats(model: Model, report: Report) -> None:
    for element in model.elements():
        repeat = element.repeat
        if repeat is None:
            continue
        if (repeat.cardinality is None) == (repeat.collection is None):
            message = f"多实例{called(element)}应给出次数（loopCardinality）或列表（collection）之一。"
            report.error(element, "repeat-over", message, "请只填写其中一个。")
        if repeat.item is not None and not usable_name(repeat.item):
            message = f"多实例{called(element)}的变量名“{repeat.item}”不能使用。"
            report.error(element, "bad-name", message, "请用英文字母开头，只含英文字母、数字和下划线。")
        if repeat.item is not None and repeat.collection is None:
            message = f"多实例{called(element)}没有列表，变量“{repeat.item}”总是空的。"
            report.error(element, "repeat-over", message, "请填写列表（collection），或删去变量。")
