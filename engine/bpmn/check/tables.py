"""Decision tables: cells that can never fit, rows that contradict each other, inputs that no row has.

Where the inputs can be enumerated (choices, booleans, the numbers and dates that the cells themselves name and what
lies between them), every combination is tried against every row. Tables too large for that are left alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice, pairwise, product
from math import prod
from typing import Any

from engine.bpmn.check.kinds import BOOLEAN, FIELDS, NUMBER, TEXT, UNKNOWN, WORDS, Kind, merged, result
from engine.bpmn.check.report import Report
from engine.bpmn.decisions import MANY, NUMERIC, TEXTUAL, Decision, Rule
from engine.bpmn.expressions import Expression
from engine.bpmn.syntax import Literal
from engine.bpmn.values import is_number
from engine.domain.said import Said, say

MOST_TRIED = 200_000  # cells looked at, all tables together
OTHER = "\uffff"
"""A text that no cell names, and that comes after all of them."""


@dataclass(frozen=True)
class Column:
    """`options` are the texts that the input can be, None for any text."""

    expression: Expression
    type: str | None
    options: frozenset[str] | None

    @property
    def name(self) -> str:
        return self.expression.text[:60]


def check_tables(decisions: Mapping[str, Decision], known: Mapping[str, Kind], report: Report) -> None:
    left = MOST_TRIED
    for decision in decisions.values():
        columns = [_column(decision, place, known) for place in range(len(decision.inputs))]
        sound = [_check_cells(decision, place, column, report) for place, column in enumerate(columns)]
        points = _points_by_input(decision, columns) if all(sound) else None
        if points is None:
            continue
        tries = len(decision.rules) * max(1, len(columns)) * prod(len(values) for values in points.values())
        if tries <= left:
            left -= tries
            _check_rows(decision, columns, points, report)


def outputs_of(decision: Decision) -> Kind:
    """What a decision with a single result gives, from its output cells."""
    columns = zip(
        decision.outputs, zip(*(rule.outputs for rule in decision.rules), strict=True), strict=False
    )
    return Kind(FIELDS, fields={name: _output(cells) for name, cells in columns})


def _output(cells: tuple[Expression | None, ...]) -> Kind:
    return merged([result(cell, {}) for cell in cells if cell is not None]) if any(cells) else UNKNOWN


def _column(decision: Decision, place: int, known: Mapping[str, Kind]) -> Column:
    expression, declared = decision.inputs[place]
    found = result(expression, known)
    if declared in NUMERIC:
        return Column(expression, NUMBER, None)
    if declared in TEXTUAL:
        return Column(expression, TEXT, found.options)
    if declared == "boolean":
        return Column(expression, BOOLEAN, None)
    return Column(expression, found.type or _type_of_cells(decision, place), found.options)


def _type_of_cells(decision: Decision, place: int) -> str | None:
    types = {_type(value) for value in _constants(decision, place) if value is not None}
    return types.pop() if len(types) == 1 else None


def _constants(decision: Decision, place: int) -> Iterator[Any]:
    for rule in decision.rules:
        for _, value in rule.tests[place].constants():
            yield value


def _type(value: Any) -> str:
    return TEXT if isinstance(value, str) else NUMBER if is_number(value) else BOOLEAN


def _check_cells(decision: Decision, place: int, column: Column, report: Report) -> bool:
    """Every constant is of the column's type and can occur."""
    sound = True
    for number, rule in enumerate(decision.rules, start=1):
        for _, value in rule.tests[place].constants():
            if value is None or column.type is None:
                continue
            where = say("决策表“%(name)s”第 %(number)s 行", name=decision.name or decision.id, number=number)
            if _type(value) != column.type:
                message = say(
                    "%(where)s：输入“%(name)s”是%(words)s，单元格中的“%(value)s”永远不会符合。",
                    where=where,
                    name=column.name,
                    words=WORDS[column.type],
                    value=value,
                )
                fix = say("文本加双引号，数字和 true、false 不加；或更正输入列的类型。")
            elif column.options is not None and value not in column.options:
                message = say(
                    "%(where)s：输入“%(name)s”不会等于“%(value)s”。",
                    where=where,
                    name=column.name,
                    value=value,
                )
                fix = say(
                    "可能的值：%(options)s。", options=[option[:60] for option in sorted(column.options)[:20]]
                )
            else:
                continue
            report.error(rule.id or decision.id, "decision-value", message, fix, decision.file)
            sound = False
    return sound


def _points_by_input(decision: Decision, columns: list[Column]) -> dict[str, list[Any]] | None:
    """Columns with the same input always have the same value, so they are one. None if not enumerable."""
    names = list(dict.fromkeys(column.expression.text for column in columns))
    if not decision.rules or any(_is_mixed(decision, columns, name) for name in names):
        return None
    return {name: _points(decision, columns, name) for name in names}


def _check_rows(
    decision: Decision, columns: list[Column], points: Mapping[str, list[Any]], report: Report
) -> None:
    gaps, used = [], set()
    for combination in product(*points.values()):
        case = dict(zip(points, combination, strict=True))
        inputs = [case[column.expression.text] for column in columns]
        hits = [n for n, rule in enumerate(decision.rules) if _fits(rule, inputs)]
        used.update(hits[:1] if decision.policy == "FIRST" else hits)
        if not hits:
            gaps.append(_shown(case))
        elif _contradict(decision, hits):
            _overlap(decision, hits, _shown(case), report)
            return
    _tell(decision, gaps, used, report)


def _fits(rule: Rule, inputs: list[Any]) -> bool:
    return all(cell.fits(value) for cell, value in zip(rule.tests, inputs, strict=True))


def _points(decision: Decision, columns: list[Column], name: str) -> list[Any]:
    """Values of an input that stand for all it can have: any two others fit the same cells."""
    places = [place for place, column in enumerate(columns) if column.expression.text == name]
    column = columns[places[0]]
    named = {value for place in places for value in _constants(decision, place)}
    empty = [None] if None in named else []
    named.discard(None)
    if column.type == BOOLEAN:
        return [True, False, *empty]
    if column.options is not None:
        return [*sorted(column.options), *empty]
    if column.type == NUMBER:
        return [*_between(sorted(named)), *empty]
    if column.type == TEXT:
        return [*sorted({*named, *(value + " " for value in named), "", OTHER}), *empty]
    return [OTHER, *empty]


def _is_mixed(decision: Decision, columns: list[Column], name: str) -> bool:
    """Nothing says of what type the input is, and its cells name values of several."""
    places = [place for place, column in enumerate(columns) if column.expression.text == name]
    named = [value for place in places for value in _constants(decision, place) if value is not None]
    return columns[places[0]].type is None and bool(named)


def _between(numbers: list[Any]) -> Iterator[Any]:
    """Each number, one between every two, one below and one above."""
    if not numbers:
        yield 0
        return
    yield numbers[0] - 1
    for low, high in pairwise(numbers):
        yield low
        yield (Decimal(low) + Decimal(high)) / 2
    yield numbers[-1]
    yield numbers[-1] + 1


def _contradict(decision: Decision, hits: list[int]) -> bool:
    if decision.policy == "UNIQUE":
        return len(hits) > 1
    if decision.policy == "ANY":
        return len({_fixed(decision.rules[n]) for n in hits} - {None}) > 1
    return False


def _fixed(rule: Rule) -> tuple[Any, ...] | None:
    """The outputs of a row as constants; None where they depend on the case."""
    trees = [None if cell is None else cell.tree for cell in rule.outputs]
    if all(tree is None or isinstance(tree, Literal) for tree in trees):
        return tuple(tree.value if isinstance(tree, Literal) else None for tree in trees)
    return None


def _overlap(decision: Decision, hits: list[int], case: Said, report: Report) -> None:
    rows = [n + 1 for n in hits[:5]]
    unique = decision.policy == "UNIQUE"
    what = say("而命中策略为“唯一”") if unique else say("而结果不同")
    message = say(
        "决策表“%(name)s”第 %(rows)s 行会同时符合（%(case)s），%(what)s，案件会停在这里。",
        name=decision.name or decision.id,
        rows=rows,
        case=case,
        what=what,
    )
    fix = say("请更正单元格，或把命中策略改为“首个”（FIRST）。")
    report.error(decision.rules[hits[1]].id or decision.id, "decision-overlap", message, fix, decision.file)


def _tell(decision: Decision, gaps: list[Said], used: set[int], report: Report) -> None:
    name = decision.name or decision.id
    if gaps and decision.policy not in MANY:
        message = say(
            "决策表“%(name)s”有没有任何一行符合的情形，例如：%(cases)s。此时结果为空。",
            name=name,
            cases=gaps[:3],
        )
        report.warning(
            decision.id, "decision-gap", message, say("请补上一行，例如各格都写“-”。"), decision.file
        )
    for number, rule in enumerate(decision.rules):
        if number not in used:
            message = say("决策表“%(name)s”第 %(row)s 行永远用不上。", name=name, row=number + 1)
            report.warning(
                rule.id or decision.id, "decision-idle", message, say("请删去，或移到前面。"), decision.file
            )


def _shown(values: Mapping[str, Any]) -> Said:
    cells = [
        say("%(name)s = %(value)s", name=name[:60], value=_word(value))
        for name, value in islice(values.items(), 6)
    ]
    return say("%(cells)s", cells=cells)


def _word(value: Any) -> str:
    if value is None:
        return say("空")
    if value == OTHER:
        return say("其他文本")
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"“{value}”" if isinstance(value, str) else str(value)
