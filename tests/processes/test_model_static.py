"""Contract signing as files: the model, forms, parameters and texts fit one another, and the picture is tidy."""

import re
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from lxml import etree

import forms
from engine.bpmn import check_expression, check_model, load_definition
from engine.domain.case_type import CaseType
from engine.domain.deadline import Kind
from engine.domain.from_yaml import read_yaml
from engine.operations import OPERATIONS
from engine.settings import ROOT

FOLDER = Path(__file__).parents[2] / "processes" / "contract_signing"
FILES = {p.relative_to(FOLDER).as_posix(): p.read_bytes() for p in FOLDER.rglob("*") if p.is_file()}
CASE_TYPE = CaseType(FILES)
PARAMETERS = read_yaml(FILES["parameters.yaml"])
NS = {
    "bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "di": "http://www.omg.org/spec/DD/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
    "bpmndi": "http://www.omg.org/spec/BPMN/20100524/DI",
    "camunda": "http://camunda.org/schema/1.0/bpmn",
}
CAMUNDA = f"{{{NS['camunda']}}}"
TREE = etree.fromstring(FILES["process.bpmn"])
PROCESS = TREE.find("bpmn:process", NS)
FLOW_NODES = (
    "startEvent", "endEvent", "userTask", "serviceTask", "exclusiveGateway", "eventBasedGateway",
    "intermediateCatchEvent", "boundaryEvent", "subProcess",
)  # fmt: skip
NODES = {n.get("id"): n for n in PROCESS.iter() if etree.QName(n).localname in FLOW_NODES}
FLOWS = list(PROCESS.iterfind(".//bpmn:sequenceFlow", NS))
ON_THE_WAY = {name for name, n in NODES.items() if n.getparent() is PROCESS}  # not inside a subprocess
ASIDE_ENDS = {
    "end_reminded",
    "end_objection",
    "end_representative",
    "end_collect_reminded",
}  # the case goes on after these


def kind(node):
    return etree.QName(node).localname


def of_kind(*kinds):
    return {name: node for name, node in NODES.items() if kind(node) in kinds}


def properties(node):
    return {p.get("name"): p.get("value") for p in node.iterfind(".//camunda:property", NS)}


def outgoing(name):
    return [flow for flow in FLOWS if flow.get("sourceRef") == name]


USER_TASKS, OPERATION_TASKS = of_kind("userTask"), of_kind("serviceTask")
GATEWAYS, ENDS, RACES = of_kind("exclusiveGateway"), of_kind("endEvent"), of_kind("eventBasedGateway")
ALL_TIMERS = {
    name: node for name, node in NODES.items() if node.find("bpmn:timerEventDefinition", NS) is not None
}
TIMERS = {name: node for name, node in ALL_TIMERS.items() if kind(node) == "intermediateCatchEvent"}
BESIDE = of_kind("boundaryEvent")
CATCHES = {name: node for name, node in NODES.items() if kind(node) == "intermediateCatchEvent"}
MESSAGES = {
    name: node
    for name, node in CATCHES.items()
    if node.find("bpmn:messageEventDefinition", NS) is not None and properties(node).get("deadline")
}


# --- the model ---------------------------------------------------------------------------------------------


def test_the_model_uses_only_what_this_test_knows():
    others = {
        etree.QName(n).localname
        for n in PROCESS.iter("{*}*")
        if n.find("bpmn:outgoing", NS) is not None or n.find("bpmn:incoming", NS) is not None
    }
    assert others <= set(FLOW_NODES)
    for name, node in of_kind("subProcess").items():
        assert node.get("triggeredByEvent") == "true", name


def test_every_element_says_what_it_is():
    for name, node in NODES.items():
        assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)+|survey", name), name
        assert name.lower() not in {"start", "end", "root"}
        assert re.search("[\u4e00-\u9fff]", node.get("name")), name
    assert all(flow.get("id") for flow in FLOWS)
    assert len({flow.get("id") for flow in FLOWS}) == len(FLOWS)


def test_the_engine_sees_every_flow():
    definition = load_definition("static", CASE_TYPE.model_files())
    assert set(definition.flows) == {flow.get("id") for flow in FLOWS}


def test_the_publish_check_has_nothing_to_say():
    fields = {
        name: {
            f.name: {o.value for o in f.options} or None
            for f in forms.load(CASE_TYPE.form_source(name), CASE_TYPE.lists).fields
        }
        for name in CASE_TYPE.form_names
    }
    problems = check_model(
        CASE_TYPE.model_files(),
        operations=OPERATIONS,
        forms=CASE_TYPE.form_names,
        deadlines=CASE_TYPE.deadlines,
        groups=CASE_TYPE.groups,
        variables={**fields, "origin": None},
    )
    assert problems == []


def test_every_gateway_decides_every_answer_of_its_form():
    """One default, a condition on every other flow, and no answer that falls into the default by accident."""
    for name, gateway in GATEWAYS.items():
        flows = outgoing(name)
        conditions = {f.get("id"): f.findtext("bpmn:conditionExpression", namespaces=NS) for f in flows}
        assert conditions.pop(gateway.get("default")) is None, name
        assert all(conditions.values()) and len(flows) > 1, name
        for condition in conditions.values():
            check_expression(condition)
        asked = {path for c in conditions.values() for path in check_expression(c).paths()}
        form = next(iter(asked))[0]
        if len(asked) == 1 and form in CASE_TYPE.form_names and (answers := answers_of(*asked)):
            quoted = {value for c in conditions.values() for value in re.findall(r"'(\w+)'", c)}
            decided = quoted if all("==" in c for c in conditions.values()) else answers - quoted
            assert quoted <= answers and len(answers - decided) == 1, (
                name,
                quoted,
                answers,
            )


def answers_of(path):
    """None for what is no form's answer: an operation's result, a message."""
    form, field = path
    if form not in CASE_TYPE.form_names:
        return None
    return next(
        {o.value for o in f.options}
        for f in forms.load(CASE_TYPE.form_source(form), CASE_TYPE.lists).fields
        if f.name == field
    )


def test_no_other_flow_has_a_condition_or_a_rival():
    for name in NODES.keys() - GATEWAYS.keys() - ENDS.keys() - RACES.keys() - of_kind("subProcess").keys():
        flows = outgoing(name)
        assert len(flows) == 1 and flows[0].find("bpmn:conditionExpression", NS) is None, name


def test_tasks_name_forms_groups_and_limits_that_exist():
    for name, task in USER_TASKS.items():
        assert task.get(CAMUNDA + "formKey") == name
        assert task.get(CAMUNDA + "candidateGroups") in CASE_TYPE.groups
        assert deadline_kind(properties(task)["deadline"]) is Kind.LIMIT, name


def test_timers_wait_for_periods_that_exist():
    assert {properties(timer)["deadline"] for timer in ALL_TIMERS.values()} == set(ALL_TIMERS)
    assert all(deadline_kind(name) is Kind.WAIT for name in ALL_TIMERS)


def test_messages_name_a_limit_that_is_shown():
    assert all(deadline_kind(properties(node)["deadline"]) is Kind.LIMIT for node in MESSAGES.values())


def deadline_kind(name):
    return Kind(CASE_TYPE.deadlines[name]["kind"])


def test_operations_and_papers_exist():
    for name, task in OPERATION_TASKS.items():
        assert task.get(CAMUNDA + "type") == "external" and task.get(CAMUNDA + "topic") in OPERATIONS, name
        inputs = properties(task)
        if task.get(CAMUNDA + "topic") == "issue_document":
            assert f"documents/{inputs['template']}.html" in FILES
            assert set(inputs["audience"].split(",")) <= {
                "applicant",
                "village",
                "township",
                "county",
            }
        if task.get(CAMUNDA + "topic") == "open_publicity":
            assert inputs["deadline"] in TIMERS and inputs["subject"] in (
                "contract",
                "survey",
            )
    issued = {properties(t).get("template") for t in OPERATION_TASKS.values()} - {None}
    assert issued == set(CASE_TYPE.documents)


def test_publicity_is_opened_for_the_period_that_follows():
    for timer in TIMERS:
        before = {f.get("sourceRef"): f.get("targetRef") for f in FLOWS}
        opened = [n for n, t in OPERATION_TASKS.items() if properties(t).get("deadline") == timer]
        assert len(opened) == 1
        reached, away = opened[0], 0
        while reached not in RACES:  # the paper is issued, and then it hangs
            reached, away = before[reached], away + 1
        assert away <= 2 and timer in {f.get("targetRef") for f in outgoing(reached)}


# --- the picture -------------------------------------------------------------------------------------------


def bounds(shape):
    box = shape.find("dc:Bounds", NS)
    return tuple(float(box.get(key)) for key in ("x", "y", "width", "height"))


SHAPES = {s.get("bpmnElement"): s for s in TREE.iterfind(".//bpmndi:BPMNShape", NS)}
EDGES = {e.get("bpmnElement"): e for e in TREE.iterfind(".//bpmndi:BPMNEdge", NS)}
POINTS = {
    name: [(float(p.get("x")), float(p.get("y"))) for p in edge.iterfind("di:waypoint", NS)]
    for name, edge in EDGES.items()
}


def labels():
    found = {}
    for name, drawn in {**SHAPES, **EDGES}.items():
        label = drawn.find("bpmndi:BPMNLabel/dc:Bounds", NS)
        if label is not None:
            found[name] = tuple(float(label.get(key)) for key in ("x", "y", "width", "height"))
    return found


def overlap(a, b):
    return a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]


def test_everything_is_drawn():
    assert NODES.keys() <= SHAPES.keys()
    assert {flow.get("id") for flow in FLOWS} == EDGES.keys()
    named = {flow.get("id") for flow in FLOWS if flow.get("name")}
    assert named | GATEWAYS.keys() | ALL_TIMERS.keys() | MESSAGES.keys() | ENDS.keys() <= labels().keys()


def test_every_element_lies_in_its_lane():
    lanes = {
        lane.get("id"): [r.text for r in lane.iterfind("bpmn:flowNodeRef", NS)]
        for lane in PROCESS.iterfind("bpmn:laneSet/bpmn:lane", NS)
    }
    listed = [name for names in lanes.values() for name in names]
    assert sorted(listed) == sorted(ON_THE_WAY)
    for lane, names in lanes.items():
        x, y, width, height = bounds(SHAPES[lane])
        for name in names:
            left, top, w, h = bounds(SHAPES[name])
            assert x < left and left + w < x + width and y < top and top + h < y + height, name


def test_lines_are_straight_and_touch_their_ends():
    ends = {flow.get("id"): (flow.get("sourceRef"), flow.get("targetRef")) for flow in FLOWS}
    for name, points in POINTS.items():
        assert all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(points)), name
        for point, element in zip((points[0], points[-1]), ends[name], strict=True):
            x, y, width, height = bounds(SHAPES[element])
            assert x <= point[0] <= x + width and y <= point[1] <= y + height, (
                name,
                element,
            )


def test_nothing_covers_anything():
    boxes = {name: bounds(SHAPES[name]) for name in NODES}
    words = labels()
    for (a, box), (b, other) in combinations(boxes.items(), 2):
        together = {NODES[a].get("attachedToRef"), NODES[a].getparent().get("id")} & {b}
        together |= {NODES[b].get("attachedToRef"), NODES[b].getparent().get("id")} & {a}
        assert together or not overlap(box, other), (a, b)
    for (a, box), (b, other) in combinations(words.items(), 2):
        assert not overlap(box, other), (a, b)
    for a, word in words.items():
        assert not [
            b
            for b, box in boxes.items()
            if overlap(word, box) and kind(NODES[b]) not in ("exclusiveGateway", "subProcess")
        ], a
        for flow, points in POINTS.items():
            for (x1, y1), (x2, y2) in pairwise(points):
                line = (min(x1, x2), min(y1, y2), abs(x1 - x2), abs(y1 - y2))
                assert not overlap(word, line), (a, flow)


# --- case type, forms, parameters ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", CASE_TYPE.form_names)
def test_a_form_is_sound(name):
    source = CASE_TYPE.form_source(name)
    assert source["form"] == name and source["intro"] and source["law"]
    assert forms.check(source, CASE_TYPE.lists) == []
    forms.load(source, CASE_TYPE.lists).schema()


def test_every_form_is_used():
    origins = {origin["form"] for origin in CASE_TYPE.about["start"]["origins"].values()}
    acts = {act["form"] for act in CASE_TYPE.about.get("acts", {}).values() if "form" in act}
    assert set(CASE_TYPE.form_names) == origins | USER_TASKS.keys() | acts


def test_papers_are_asked_for_as_the_case_type_says():
    said = {
        (form, paper, need == "required")
        for paper, about in CASE_TYPE.papers.items()
        for form, need in about["asked_in"].items()
    }
    asked = {
        (name, paper.kind, paper.required)
        for name in CASE_TYPE.form_names
        for field in forms.load(CASE_TYPE.form_source(name), CASE_TYPE.lists).fields
        for paper in field.papers
    }
    assert asked == said
    assert all(about["media_types"] and 0 < about["max_mb"] <= 50 for about in CASE_TYPE.papers.values())


def test_every_place_where_a_case_can_stand_has_words_for_the_applicant():
    sealed = {"contract_sealed"}  # a message of our own worker, which no limit is set for
    assert CASE_TYPE.statuses.keys() == USER_TASKS.keys() | TIMERS.keys() | MESSAGES.keys() | sealed | (
        ENDS.keys() - ASIDE_ENDS
    )
    assert set(CASE_TYPE.about["ends"]) == ENDS.keys() - ASIDE_ENDS - {"end_completed"}


def test_the_progress_covers_the_way_to_the_certificate_once():
    listed = [element for step in CASE_TYPE.steps for element in step["elements"]]
    aside = {
        "issue_supplement_notice", "supply_papers", "issue_rejection_notice", "issue_closing_notice",
        "remind_signing", *of_kind("subProcess"), *BESIDE, *GATEWAYS, *RACES, *ENDS,
    }  # fmt: skip
    assert len(listed) == len(set(listed))
    assert set(listed) == ON_THE_WAY - aside


def test_reasons_belong_to_their_level_and_cite_the_law():
    for level, letter in (("village", "V"), ("township", "T"), ("county", "C")):
        rows = CASE_TYPE.lists[f"{level}_rejection_reasons"]
        assert len(rows) >= 5 and all(row["code"].startswith(letter) and row["law"] for row in rows)


@pytest.mark.parametrize("row", PARAMETERS["deadlines"].values(), ids=PARAMETERS["deadlines"].keys())
def test_a_period_is_dated_and_has_a_source(row):
    assert row["source"] and isinstance(row["verify"], bool) and row["counting"] == {"first_day": "excluded"}
    assert row["unit"] in ("working_days", "calendar_days") and row["kind"] in (
        "wait",
        "limit",
    )
    assert all(value["from"] and value["value"] >= row.get("at_least", 1) for value in row["values"])


def test_the_law_s_own_numbers():
    assert PARAMETERS["deadlines"]["contract_publicity"]["at_least"] == 10
    assert (
        CASE_TYPE.value(
            "contract_term_years",
            PARAMETERS["deadlines"]["survey"]["values"][0]["from"],
        )
        == 30
    )


def texts(value):
    if isinstance(value, dict):
        if "zh" in value:
            yield value
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


@pytest.mark.parametrize("path", [p for p in FILES if p.endswith(".yaml")])
def test_every_text_is_in_both_languages(path):
    for text in texts(read_yaml(FILES[path])):
        assert {"zh", "en"} <= set(text) <= {"zh", "en", "void_unless_filed"} and text["zh"] and text["en"], (
            text
        )
        assert not re.search("[\u4e00-\u9fff]", text["en"]), text


def test_every_prefill_is_a_fact_that_something_tells():
    written = "".join(path.read_text("utf-8") for path in (ROOT / "processes").glob("*/forms/*.yaml"))
    code = "".join(
        path.read_text("utf-8") for folder in ("engine", "web") for path in (ROOT / folder).rglob("*.py")
    )
    asked = set(re.findall(r"prefill: ?(\w+)", written))
    assert asked and {name for name in asked if f'"{name}"' not in code} == set()
