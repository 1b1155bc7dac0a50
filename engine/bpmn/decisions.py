"""Decision tables (DMN) as dmn-js writes them: inputs and outputs in our expression language, input cells as
FEEL unary tests: `-`, values, comparisons, ranges, several of them with commas, and `not(...)`.

SpiffWorkflow's own reading evaluates cells as Python and gets lists and `not` wrong without an error.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.bpmn.cells import ANYTHING, Cell, unary_test
from engine.bpmn.errors import ExpressionFailed, ExpressionRefused, ModelRefused
from engine.bpmn.expressions import Budget, Expression, constant_fault, parse
from engine.bpmn.functions import to_number
from engine.bpmn.model import Model
from engine.bpmn.xml import is_kind
from engine.domain.said import say

HIT_POLICIES = ("UNIQUE", "FIRST", "ANY", "COLLECT", "RULE ORDER")
MANY = ("COLLECT", "RULE ORDER")
"""Policies whose result is a list, one set of outputs per rule that fits."""

NUMERIC = ("number", "integer", "long", "double")
TEXTUAL = ("string", "date", "time", "dateTime", "date and time")
TYPES = ("", *NUMERIC, *TEXTUAL, "boolean", "Any")
MAX_TEXTS = 300_000  # characters of all cells of one file
MAX_STEPS = 100_000
"""Values looked at in one decision, over all rows."""


@dataclass(frozen=True)
class Rule:
    id: str
    tests: tuple[Cell, ...]
    outputs: tuple[Expression | None, ...]


@dataclass(frozen=True)
class Decision:
    """One table. `inputs` are expressions with their declared types, `outputs` names of fields.

    `text` is the table as written, a line per rule, without layout: to compare versions by.
    """

    id: str
    name: str
    file: str
    policy: str
    inputs: tuple[tuple[Expression, str], ...]
    outputs: tuple[str, ...]
    rules: tuple[Rule, ...]
    text: str

    def decide(self, variables: Mapping[str, Any]) -> Any:
        """The outputs by name; a list of them for the policies in MANY; null if no rule fits.

        Raises ExpressionFailed, also where UNIQUE or ANY finds rules that contradict it.
        """
        budget = Budget(MAX_STEPS)
        values = [_typed(expression.value(variables, budget), kind) for expression, kind in self.inputs]
        hits = [rule for rule in self.rules if _fits(rule, values)]
        if self.policy in MANY:
            return [self._outputs(rule, variables, budget) for rule in hits]
        if self.policy == "UNIQUE" and len(hits) > 1:
            raise ExpressionFailed(
                "决策表“%(name)s”有多行同时符合，而命中策略为“唯一”。", name=self.name or self.id
            )
        hits = hits if self.policy == "ANY" else hits[:1]
        found = [self._outputs(rule, variables, budget) for rule in hits]
        if any(other != found[0] for other in found[1:]):
            raise ExpressionFailed("决策表“%(name)s”符合的各行结果不一致。", name=self.name or self.id)
        return found[0] if found else None

    def _outputs(self, rule: Rule, variables: Mapping[str, Any], budget: Budget) -> dict[str, Any]:
        values = (None if cell is None else _json(cell.value(variables, budget)) for cell in rule.outputs)
        return dict(zip(self.outputs, values, strict=True))


def _typed(value: Any, kind: str) -> Any:
    return to_number(value) if kind in NUMERIC and isinstance(value, str) else value


def _fits(rule: Rule, values: list[Any]) -> bool:
    return all(cell.fits(value) for cell, value in zip(rule.tests, values, strict=True))


def _json(value: Any) -> Any:
    """Fractions are kept as text, like those of forms: JSON numbers would lose digits."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else str(value)
    return value


# --- reading ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fault:
    """Something in a DMN file that would not run as written."""

    element: str | None
    rule: str
    message: str
    fix: str
    file: str


def read_decisions(model: Model) -> tuple[dict[str, Decision], list[Fault]]:
    """The tables by decision id, and everything that is wrong with them. A faulty table is left out."""
    found: dict[str, Decision] = {}
    faults: list[Fault] = []
    for file, root in model.roots.items():
        if is_kind(file, ".dmn"):
            if sum(len(node.text or "") for node in root.iter("{*}text")) > MAX_TEXTS:
                fix = say("请拆成几张决策表。")
                faults.append(
                    Fault(None, "decision-size", say("决策表的单元格总共超过 30 万字。"), fix, file)
                )
                continue
            for node in root.iterchildren("{*}decision"):
                reader = _Reader(file, node)
                decision = reader.read()
                if decision and decision.id in found:
                    reader.fault(
                        node, "duplicate-id", say("决策表编号重复。"), say("请为每张决策表取不同的编号。")
                    )
                elif decision and not reader.faults:
                    found[decision.id] = decision
                faults += reader.faults
    return found, faults


def decisions_of(model: Model) -> dict[str, Decision]:
    """The tables, for running. Raises ModelRefused at the first fault."""
    found, faults = read_decisions(model)
    for fault in faults:
        raise ModelRefused(
            fault.message.replace("%", "%%"),
            element=fault.element,
            rule=fault.rule,
            fix=fault.fix,
            file=fault.file,
        )
    return found


class _Reader:
    def __init__(self, file: str, node: Any):
        self.file, self.node = file, node
        self.faults: list[Fault] = []

    def fault(self, node: Any, rule: str, message: str, fix: str) -> None:
        self.faults.append(Fault(node.get("id") or self.node.get("id"), rule, message, fix, self.file))

    def read(self) -> Decision | None:
        tables = list(self.node.iterchildren("{*}decisionTable"))
        if len(tables) != 1:
            self.fault(
                self.node, "decision-kind", say("每个决策应有且只有一张决策表。"), say("请改用决策表。")
            )
            return None
        [table] = tables
        self._known_parts(table)
        inputs = [self._input(node) for node in table.iterchildren("{*}input")]
        outputs = [str(node.get("name") or "") for node in table.iterchildren("{*}output")]
        if not outputs or not all(outputs) or len(set(outputs)) < len(outputs):
            self.fault(
                table,
                "decision-output",
                say("决策表的每个输出列应有不同的名称。"),
                say("请填写输出列的名称（name）。"),
            )
        rules = [self._rule(node, len(inputs), len(outputs)) for node in table.iterchildren("{*}rule")]
        if self.faults:
            return None
        return Decision(
            id=str(self.node.get("id") or ""),
            name=str(self.node.get("name") or ""),
            file=self.file,
            policy=str(table.get("hitPolicy") or "UNIQUE"),
            inputs=tuple(entry for entry in inputs if entry),
            outputs=tuple(outputs),
            rules=tuple(rule for rule in rules if rule),
            text=_as_text(table),
        )

    def _known_parts(self, table: Any) -> None:
        if not self.node.get("id"):
            self.fault(self.node, "decision-kind", say("决策没有编号。"), say("请填写决策的编号（id）。"))
        policy = table.get("hitPolicy") or "UNIQUE"
        if policy not in HIT_POLICIES or table.get("aggregation"):
            fix = say("请改用“唯一、首个、任一、收集、规则顺序”之一，且不要聚合。")
            self.fault(
                table, "decision-policy", say("不支持命中策略 %(policy)s 或其聚合方式。", policy=policy), fix
            )
        for child in self.node.iterchildren("{*}informationRequirement", "{*}knowledgeRequirement"):
            if child.find("{*}requiredInput") is None:
                self.fault(
                    child, "decision-chain", say("不支持决策之间的依赖。"), say("请把所需的值作为输入列。")
                )
        for child in table.iter("{*}defaultOutputEntry"):
            fix = say("请删去，并在末尾加一行，各格都写“-”。")
            self.fault(child.getparent(), "decision-output", say("输出列的默认值不起作用。"), fix)
        for child in table.iter("{*}inputExpression", "{*}inputEntry", "{*}outputEntry"):
            language = child.get("expressionLanguage") or ""
            if language and "feel" not in language.lower():
                fix = say("请删去 expressionLanguage。")
                self.fault(
                    child,
                    "expression-language",
                    say("不支持表达式语言 %(language)s。", language=language[:40]),
                    fix,
                )

    def _input(self, node: Any) -> tuple[Expression, str] | None:
        expression = node.find("{*}inputExpression")
        text = _text(expression)
        kind = str(expression.get("typeRef") or "") if expression is not None else ""
        if kind not in TYPES:
            fix = say("请选用 %(types)s 之一。", types=TYPES[1:])
            self.fault(node, "decision-type", say("输入列的类型 %(kind)s 不认识。", kind=kind[:40]), fix)
        try:
            return _sound(text), kind
        except (ExpressionRefused, ExpressionFailed) as fault:
            self.fault(
                node,
                "decision-cell",
                say("输入列“%(text)s”：%(fault)s", text=text[:60], fault=fault.said),
                say("请写成变量，例如 application.kind。"),
            )
            return None

    def _rule(self, node: Any, inputs: int, outputs: int) -> Rule | None:
        tests = [self._test(cell) for cell in node.iterchildren("{*}inputEntry")]
        results = [self._output(cell) for cell in node.iterchildren("{*}outputEntry")]
        if len(tests) != inputs or len(results) != outputs:
            self.fault(
                node, "decision-shape", say("该行的单元格数与列数不符。"), say("请用决策表编辑器重新保存。")
            )
            return None
        return Rule(str(node.get("id") or ""), tuple(tests), tuple(results))

    def _test(self, cell: Any) -> Cell:
        try:
            return unary_test(_text(cell))
        except ExpressionRefused as fault:
            fix = say('可写：-、"值"、"值1","值2"、not("值")、< 5、[1..10]。')
            self.fault(
                cell,
                "decision-cell",
                say("单元格“%(text)s”：%(fault)s", text=_text(cell)[:60], fault=fault.said),
                fix,
            )
            return ANYTHING

    def _output(self, cell: Any) -> Expression | None:
        text = _text(cell)
        if not text:
            return None
        try:
            return _sound(text)
        except (ExpressionRefused, ExpressionFailed) as fault:
            self.fault(
                cell,
                "decision-cell",
                say("单元格“%(text)s”：%(fault)s", text=text[:60], fault=fault.said),
                say('文本请加双引号，例如 "approve"。'),
            )
            return None


def _sound(text: str) -> Expression:
    """Raises ExpressionRefused, or ExpressionFailed for a part that can never be computed."""
    expression = parse(text)
    if fault := constant_fault(expression):
        raise fault
    return expression


def _as_text(table: Any) -> str:
    lines = [str(table.get("hitPolicy") or "UNIQUE")]
    for row in table.iterchildren("{*}input", "{*}output", "{*}rule"):
        cells = [
            _text(cell) for cell in row.iterchildren("{*}inputExpression", "{*}inputEntry", "{*}outputEntry")
        ]
        types = [str(part.get("typeRef") or "") for part in (row, *row.iterchildren("{*}inputExpression"))]
        lines.append(" | ".join([*cells, row.get("name") or "", *types]).strip(" |"))
    return "\n".join(lines)


def _text(node: Any) -> str:
    return (node.findtext("{*}text") or "").strip() if node is not None else ""
