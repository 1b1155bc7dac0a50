"""Decision tables and their FEEL cells."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bpmn import ExpressionFailed, ExpressionRefused, Start, advance, check_model
from engine.bpmn.decisions import read_decisions, unary_test
from engine.bpmn.model import read_model
from tests.bpmn.support import END, MODELS, START, define, document, flow, flows, process


@pytest.mark.parametrize(
    ("cell", "fits", "others"),
    [
        ("-", ["x", None, 1], []),
        ("", ["x", None], []),
        ('"lease"', ["lease"], ["share", None, 1]),
        ('"lease","share"', ["lease", "share"], ["other"]),
        ('not("lease")', ["other", None], ["lease"]),
        ('not("lease", "share")', ["other"], ["lease", "share"]),
        ("5", [5, Decimal("5.0")], [6, "5", True]),
        ("-5", [-5], [5]),
        ("< 5", [4, -1], [5, None]),
        (">= 2.5", [Decimal("2.5"), 3], [2]),
        ("[1..10]", [1, 10, 5], [0, 11, None]),
        ("(1..10)", [2, 9], [1, 10]),
        ("]1..10[", [2, 9], [1, 10]),
        ("[1..10)", [1], [10]),
        ("< 1, > 10", [0, 11], [5]),
        ("true", [True], [False, "true", 1]),
        ("null", [None], ["x"]),
        ("not(null)", ["x"], [None]),
        ('[date("2024-01-01")..date("2024-12-31")]', ["2024-06-01"], ["2025-01-01"]),
        ('"say \\"a\\""', ['say "a"'], ["a"]),
    ],
)
def test_cells(cell, fits, others):
    test = unary_test(cell).fits
    assert [value for value in fits if not test(value)] == []
    assert [value for value in others if test(value)] == []


@pytest.mark.parametrize(
    "cell",
    ["lease", "lease, share", '"a" "b"', "not(", 'not "a"', "[1..", "1..2", "? > 5", "> ", "a.b", "1x", '"a', "__import__('os')",
     "[1,2]", "not(not(1))", "=", ",", '"a",', "date(now())", "x" * 2000],
)  # fmt: skip
def test_cells_that_are_refused(cell):
    with pytest.raises(ExpressionRefused):
        unary_test(cell)


@settings(deadline=None)
@given(st.text(alphabet='"ab015.,-()[]<>= not', max_size=30))
def test_no_cell_breaks(cell):
    with suppress(ExpressionRefused, ExpressionFailed):
        unary_test(cell).fits("x")


def table(policy: str = "FIRST", rules: str = "", inputs: str = '<input id="i"><inputExpression typeRef="string"><text>kind</text></inputExpression></input>',
          attributes: str = "") -> bytes:  # fmt: skip
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n"><decision id="choose">'
        f'<decisionTable id="t" hitPolicy="{policy}" {attributes}>{inputs}<output id="o" name="way"/>{rules}</decisionTable></decision></definitions>'
    ).encode()


def rule(cell: str, result: str) -> str:
    return f"<rule><inputEntry><text>{cell}</text></inputEntry><outputEntry><text>{result}</text></outputEntry></rule>"


def decision(content: bytes):
    found, faults = read_decisions(read_model({"t.dmn": content}))
    assert faults == []
    return found["choose"]


def test_hit_policies():
    rules = rule('"a"', '"one"') + rule('"a","b"', '"two"')
    assert decision(table("FIRST", rules)).decide({"kind": "a"}) == {"way": "one"}
    assert decision(table("FIRST", rules)).decide({"kind": "z"}) is None
    assert decision(table("COLLECT", rules)).decide({"kind": "a"}) == [{"way": "one"}, {"way": "two"}]
    assert decision(table("UNIQUE", rules)).decide({"kind": "b"}) == {"way": "two"}
    with pytest.raises(ExpressionFailed):
        decision(table("UNIQUE", rules)).decide({"kind": "a"})
    with pytest.raises(ExpressionFailed):
        decision(table("ANY", rules)).decide({"kind": "a"})


def test_numbers_written_as_text_by_forms_are_numbers_in_numeric_columns():
    inputs = '<input id="i"><inputExpression typeRef="number"><text>area</text></inputExpression></input>'
    found = decision(table(rules=rule("&gt; 12.4", "area"), inputs=inputs))
    assert found.decide({"area": "12.50"}) == {"way": "12.50"}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (table("PRIORITY"), "decision-policy"),
        (table("COLLECT", attributes='aggregation="SUM"'), "decision-policy"),
        (table(rules=rule("lease", '"x"')), "decision-cell"),
        (table(rules=rule('"x"', "now()")), "decision-cell"),
        (table(rules="<rule><inputEntry><text>-</text></inputEntry></rule>"), "decision-shape"),
        (
            table(inputs='<input id="i"><inputExpression><text>a +</text></inputExpression></input>'),
            "decision-cell",
        ),
        (table().replace(b'name="way"', b""), "decision-output"),
        (table().replace(b"decisionTable", b"literalExpression"), "decision-kind"),
    ],
)
def test_faulty_tables_are_refused(content, expected):
    model = document(process('<startEvent id="s"/><endEvent id="e"/>' + flows("s e")))
    rules = [problem.rule for problem in check_model({"process.bpmn": model, "t.dmn": content})]
    assert expected in rules


def test_a_business_rule_task_stores_its_decision():
    body = (
        START
        + '<businessRuleTask id="b" camunda:decisionRef="urgency" camunda:resultVariable="rank"/>'
        + END
        + flows("s b e")
    )
    model = define(body, **{"urgency.dmn": (MODELS / "urgency.dmn").read_bytes()})
    for kind, parcels, level in (("share", [], "low"), ("swap", [1, 2, 3], "high"), ("swap", [1], "normal")):
        step = advance(model, None, Start({"application": {"kind": kind, "parcels": parcels}}))
        assert step.data["rank"] == {"level": level}


def wide(policy: str, *rows: tuple[str, ...], inputs: tuple[tuple[str, str], ...]) -> bytes:
    """A table with these (expression, type) inputs; the last cell of a row is the output."""
    columns = "".join(
        f'<input id="i{n}"><inputExpression typeRef="{kind}"><text>{text}</text></inputExpression></input>'
        for n, (text, kind) in enumerate(inputs)
    )
    rules = ""
    for number, (*cells, output) in enumerate(rows, start=1):
        tests = "".join(f"<inputEntry><text>{cell}</text></inputEntry>" for cell in cells)
        rules += f'<rule id="r{number}">{tests}<outputEntry><text>{output}</text></outputEntry></rule>'
    return table(policy, rules, columns)


def said(content: bytes, variables=None) -> set[tuple[str, str | None]]:
    model = document(process('<startEvent id="s"/><endEvent id="e"/>' + flows("s e")))
    found = check_model({"process.bpmn": model, "t.dmn": content}, variables=variables)
    return {(problem.rule, problem.element) for problem in found}


KIND, AREA, URGENT = ("a.kind", "string"), ("a.area", "number"), ("a.urgent", "boolean")
KINDS = {"a": {"kind": ["new", "change"], "area": None, "urgent": None}}


@pytest.mark.parametrize(
    ("policy", "inputs", "rows", "expected"),
    [
        ("UNIQUE", (KIND,), [('"new"', "1"), ('"change"', "2")], set()),
        ("UNIQUE", (KIND,), [('"new"', "1")], {("decision-gap", "choose")}),
        ("UNIQUE", (KIND,), [('"new"', "1"), ("-", "2")], {("decision-overlap", "r2")}),
        ("FIRST", (KIND,), [('"new"', "1"), ("-", "2")], set()),
        ("FIRST", (KIND,), [("-", "1"), ('"new"', "2")], {("decision-idle", "r2")}),
        ("FIRST", (KIND,), [('"new","change"', "1"), ('not("new","change")', "2")], {("decision-idle", "r2")}),
        ("ANY", (KIND,), [('"new"', "1"), ("-", "1")], set()),
        ("ANY", (KIND,), [('"new"', "1"), ("-", "2")], {("decision-overlap", "r2")}),
        ("COLLECT", (KIND,), [('"new"', "1"), ('"new"', "2")], set()),
        ("UNIQUE", (KIND,), [('"knew"', "1"), ("-", "2")], {("decision-value", "r1")}),
        ("UNIQUE", (KIND,), [("5", "1"), ('"new"', "2")], {("decision-value", "r1")}),
        ("UNIQUE", (AREA,), [("&lt; 5", "1"), ("[5..10]", "2"), ("&gt; 10", "3")], set()),
        ("UNIQUE", (AREA,), [("&lt;= 5", "1"), ("[5..10]", "2"), ("&gt; 10", "3")], {("decision-overlap", "r2")}),
        ("UNIQUE", (AREA,), [("&lt; 5", "1"), ("(5..10]", "2"), ("&gt; 10", "3")], {("decision-gap", "choose")}),
        ("UNIQUE", (AREA,), [("&lt; 5", "1"), ("[5..9]", "2"), ("&gt;= 10", "3")], {("decision-gap", "choose")}),
        ("UNIQUE", (AREA,), [('"5"', "1"), ("-", "2")], {("decision-value", "r1")}),
        ("UNIQUE", (URGENT,), [("true", "1"), ("false", "2")], set()),
        ("UNIQUE", (URGENT,), [("true", "1"), ("null", "2")], {("decision-gap", "choose")}),
        ("UNIQUE", (URGENT,), [('"true"', "1"), ("-", "2")], {("decision-value", "r1")}),
        ("UNIQUE", (KIND, URGENT), [('"new"', "true", "1"), ('"new"', "false", "2"), ('"change"', "-", "3")], set()),
        ("UNIQUE", (KIND, URGENT), [('"new"', "true", "1"), ("-", "false", "2"), ('"change"', "-", "3")], {("decision-overlap", "r3")}),
        ("UNIQUE", (KIND, KIND), [('"new"', '"new"', "1"), ('"change"', '"change"', "2")], set()),
        ("FIRST", (("a.day", "date"),), [('&lt; date("2024-01-01")', "1"), ('&gt;= date("2024-01-01")', "2")], set()),
        ("FIRST", (("a.day", "date"),), [('&lt; date("2024-01-01")', "1"), ('&gt; date("2024-01-01")', "2")], {("decision-gap", "choose")}),
    ],
)  # fmt: skip
def test_gaps_overlaps_and_impossible_cells_are_named(policy, inputs, rows, expected):
    known = {"a": {**KINDS["a"], "day": None}}
    assert said(wide(policy, *rows, inputs=inputs), known) == expected


def test_a_table_too_large_to_try_is_left_alone():
    inputs = tuple((f"a.f{n}", "boolean") for n in range(20))
    assert said(wide("UNIQUE", ("true",) * 20 + ("1",), inputs=inputs)) == set()


def test_the_result_of_a_table_has_the_values_of_its_cells():
    body = (
        START
        + '<businessRuleTask id="b" camunda:decisionRef="choose"/><exclusiveGateway id="g" default="g-e"/>'
        + '<endEvent id="f"/>'
        + END
        + flows("s b g e")
    )
    tables = wide("FIRST", ('"new"', '"fast"'), ("-", '"slow"'), inputs=(KIND,))
    for text, rules in (("fast", set()), ("quick", {"unknown-value"})):
        model = document(process(body + flow("g", "f", f"choose.way == '{text}'")))
        found = check_model({"process.bpmn": model, "t.dmn": tables}, variables=KINDS)
        assert {problem.rule for problem in found} == rules


@pytest.mark.parametrize(
    "cell", ["[5..1]", '["b".."a"]', '[1.."a"]', "[true..false]", "[null..1]", "１", "[１..２]"]
)
def test_ranges_that_hold_nothing_are_refused(cell):
    with pytest.raises(ExpressionRefused):
        unary_test(cell)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (table(rules=rule('"x"', '"y"').replace("<inputEntry>", '<inputEntry expressionLanguage="javascript">')), "expression-language"),
        (table(inputs='<input id="i"><inputExpression typeRef="money"><text>a</text></inputExpression></input>'), "decision-type"),
        (table().replace(b'name="way"/>', b'name="way"><defaultOutputEntry><text>1</text></defaultOutputEntry></output>'), "decision-output"),
        (table(rules=rule('"' + "x" * 990 + '"', "1") * 400), "decision-size"),
        (table().replace(b"<decisionTable", b'<informationRequirement><requiredDecision href="#x"/></informationRequirement><decisionTable'), "decision-chain"),
    ],
)  # fmt: skip
def test_what_would_be_ignored_in_a_table_is_refused(content, expected):
    assert expected in {rule for rule, _ in said(content)}


def test_an_input_drawn_beside_a_table_is_only_a_picture():
    drawn = b'<informationRequirement><requiredInput href="#x"/></informationRequirement><decisionTable'
    assert said(table(rules=rule("-", "1")).replace(b"<decisionTable", drawn)) == set()
