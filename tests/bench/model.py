"""A land change as a county draws it, written down once and told in two dialects.

3 lanes, 15 user tasks, 6 exclusive gateways, two loops back, a parallel split with a call activity in one
branch, a timer that is waited for and a non-interrupting one beside a task. ``as_case_type`` gives it as our
published case type, ``as_stock`` as the files that SpiffWorkflow's own parser reads. Every form puts its
answers under the task's id, so that conditions mean the same on both sides.
"""

from collections.abc import Callable
from typing import Any

import yaml

NAME = "bench_change"
LANES = {"village": "village_clerk", "township": "township_reviewer", "county": "county_officer"}

# element: (lane, what it is)
NODES = {
    "begun": ("village", "startEvent"),
    "apply": ("village", "userTask"),
    "village_review": ("village", "userTask"),
    "village_decided": ("village", "exclusiveGateway"),
    "announce": ("village", "userTask"),
    "publicity": ("village", "intermediateCatchEvent"),
    "objection": ("village", "userTask"),
    "objected": ("village", "exclusiveGateway"),
    "mediate": ("township", "userTask"),
    "mediated": ("township", "exclusiveGateway"),
    "given_up": ("township", "endEvent"),
    "split": ("township", "parallelGateway"),
    "survey": ("township", "userTask"),
    "surveyed": ("township", "exclusiveGateway"),
    "resurvey": ("township", "userTask"),
    "township_review": ("township", "userTask"),
    "signing": ("village", "callActivity"),
    "together": ("township", "parallelGateway"),
    "county_review": ("county", "userTask"),
    "county_decided": ("county", "exclusiveGateway"),
    "mend": ("township", "userTask"),
    "register": ("county", "userTask"),
    "certificate_wanted": ("county", "exclusiveGateway"),
    "certificate": ("county", "userTask"),
    "filed": ("county", "endEvent"),
    "closed": ("county", "endEvent"),
    "overdue": ("county", "boundaryEvent"),
    "escalate": ("county", "userTask"),
    "escalated": ("county", "endEvent"),
}
# from, to, and the task whose answer ``outcome: no`` sends the case this way; a gateway's other flow is its default
FLOWS = (
    ("begun", "apply", None),
    ("apply", "village_review", None),
    ("village_review", "village_decided", None),
    ("village_decided", "apply", "village_review"),
    ("village_decided", "announce", None),
    ("announce", "publicity", None),
    ("publicity", "objection", None),
    ("objection", "objected", None),
    ("objected", "mediate", "objection"),
    ("objected", "split", None),
    ("mediate", "mediated", None),
    ("mediated", "given_up", "mediate"),
    ("mediated", "announce", None),
    ("split", "survey", None),
    ("split", "signing", None),
    ("survey", "surveyed", None),
    ("surveyed", "resurvey", "survey"),
    ("resurvey", "survey", None),
    ("surveyed", "township_review", None),
    ("township_review", "together", None),
    ("signing", "together", None),
    ("together", "county_review", None),
    ("county_review", "county_decided", None),
    ("county_decided", "mend", "county_review"),
    ("mend", "county_review", None),
    ("county_decided", "register", None),
    ("register", "certificate_wanted", None),
    ("certificate_wanted", "closed", "register"),
    ("certificate_wanted", "certificate", None),
    ("certificate", "filed", None),
    ("overdue", "escalate", None),
    ("escalate", "escalated", None),
)
CALLED_NODES = {
    "called": ("village", "startEvent"),
    "sign_farmer": ("village", "userTask"),
    "sign_issuer": ("village", "userTask"),
    "signed": ("village", "endEvent"),
}
CALLED_FLOWS = (
    ("called", "sign_farmer", None),
    ("sign_farmer", "sign_issuer", None),
    ("sign_issuer", "signed", None),
)
TASKS = {id: lane for id, (lane, kind) in (NODES | CALLED_NODES).items() if kind == "userTask"}

# How often a task's answer is "no", so that the walks of a run take every way.
NO = {
    "village_review": 0.2,
    "objection": 0.15,
    "mediate": 0.2,
    "survey": 0.1,
    "county_review": 0.15,
    "register": 0.1,
}

PERIOD = """
  {name}: {{kind: wait, unit: working_days, values: [{{from: 2020-01-01, value: 15}}],
    counting: {{first_day: excluded}}, source: 测速, title: {{zh: 期限, en: Period}}}}
"""

Write = Callable[[str, str, str], tuple[str, str]]  # (element, kind, lane) -> its attributes, its content


def answers(task: str, no: bool, round: int) -> dict[str, str]:
    """What a clerk sends, some 200 bytes."""
    return {
        "outcome": "no" if no else "yes",
        "opinion": "材料齐全，四至清楚，同意报送；相邻各方已到场指认。",
        "officer": f"u{round % 100_000:05d}",
        "on": "2026-03-02",
        "reference": f"{task}-{round:08d}",
    }


def application(kilobytes: int) -> dict[str, Any]:
    """Variables that a case starts with: about that many KB of parcels."""
    parcel = {
        "code": "9901010010010100001",
        "area": 927.25,
        "holder": "李四",
        "east": "王五",
        "south": "路",
        "west": "赵六",
        "north": "沟",
        "ring": [[35_400_061.25 + i, 3_066_012.5 + i] for i in range(20)],
    }
    few = {"code": parcel["code"], "area": 927.25, "holder": "李四"}
    return {"parcels": [few] * 12 if kilobytes <= 1 else [parcel] * round(kilobytes * 1024 / 710)}


def as_case_type() -> dict[str, bytes]:
    """The files of a case type of ours, publishable as they are."""
    about = {
        "case_type": NAME,
        "title": {"zh": "承包变更（测速）", "en": "Change of a contract (benchmark)"},
        "groups": {role: {"role": role, "level": lane} for lane, role in LANES.items()},
        "start": {
            "variable": "application",
            "origins": {"village": {"form": "application", "group": "village_clerk"}},
        },
    }
    parameters = "deadlines:\n" + PERIOD.format(name="publicity") + PERIOD.format(name="overdue")
    forms = {name: _form(name) for name in ("application", *TASKS)}
    return {
        "case_type.yaml": yaml.safe_dump(about, allow_unicode=True).encode(),
        "parameters.yaml": parameters.encode(),
        "process.bpmn": _document(_process("change", NODES, FLOWS, _ours, "${%s.outcome == 'no'}")),
        "signing.bpmn": _document(_process("sign", CALLED_NODES, CALLED_FLOWS, _ours, "")),
    } | {
        f"forms/{name}.yaml": yaml.safe_dump(form, allow_unicode=True).encode()
        for name, form in forms.items()
    }


def as_stock() -> dict[str, bytes]:
    """The same two processes as SpiffWorkflow's own parser takes them: conditions and durations are Python."""
    return {
        "change.bpmn": _document(_process("change", NODES, FLOWS, _stock, "%s['outcome'] == 'no'")),
        "sign.bpmn": _document(_process("sign", CALLED_NODES, CALLED_FLOWS, _stock, "")),
    }


def _form(name: str) -> dict[str, Any]:
    if name == "application":
        fields = [
            {"name": "parcels_note", "kind": "text", "label": {"zh": "说明", "en": "Note"}, "max_length": 100}
        ]
        return {"form": name, "title": {"zh": name, "en": name}, "fields": fields}
    yes_no = [{"value": value, "label": {"zh": value, "en": value}} for value in ("yes", "no")]
    kinds: dict[str, dict[str, Any]] = {
        "outcome": {"kind": "choice", "options": yes_no},
        "opinion": {"kind": "textarea", "max_length": 500},
        "officer": {"kind": "text", "max_length": 20},
        "on": {"kind": "date"},
        "reference": {"kind": "text", "max_length": 60},
    }
    fields = [
        {"name": field, "label": {"zh": field, "en": field}, "required": True} | kind
        for field, kind in kinds.items()
    ]
    return {"form": name, "title": {"zh": name, "en": name}, "fields": fields}


def _ours(element: str, kind: str, lane: str) -> tuple[str, str]:
    if kind == "userTask":
        return f'camunda:formKey="{element}" camunda:candidateGroups="{LANES[lane]}"', ""
    if element in ("publicity", "overdue"):
        named = (
            f'<camunda:properties><camunda:property name="deadline" value="{element}"/></camunda:properties>'
        )
        return "", f"<bpmn:extensionElements>{named}</bpmn:extensionElements><bpmn:timerEventDefinition/>"
    return "", ""


def _stock(element: str, kind: str, lane: str) -> tuple[str, str]:
    if element in ("publicity", "overdue"):
        length = "PT0S" if element == "publicity" else "P15D"
        duration = f'<bpmn:timeDuration xsi:type="bpmn:tFormalExpression">"{length}"</bpmn:timeDuration>'
        return "", f'<bpmn:timerEventDefinition id="{element}_timer">{duration}</bpmn:timerEventDefinition>'
    return "", ""


def _process(
    name: str,
    nodes: Any,
    flows: Any,
    write: Write,
    condition: str,
) -> str:
    gateways = {source for source, _, no in flows if no}
    default = {source: f"{source}-{target}" for source, target, no in flows if source in gateways and not no}
    lanes: dict[str, str] = {}
    drawn = []
    for element, (lane, kind) in nodes.items():
        lanes[lane] = lanes.get(lane, "") + f"<bpmn:flowNodeRef>{element}</bpmn:flowNodeRef>"
        extra, inside = write(element, kind, lane)
        extra += f' default="{default[element]}"' if element in default else ""
        extra += ' calledElement="sign"' if kind == "callActivity" else ""
        extra += ' attachedToRef="county_review" cancelActivity="false"' if kind == "boundaryEvent" else ""
        ways = "".join(f"<bpmn:incoming>{s}-{t}</bpmn:incoming>" for s, t, _ in flows if t == element)
        ways += "".join(f"<bpmn:outgoing>{s}-{t}</bpmn:outgoing>" for s, t, _ in flows if s == element)
        drawn.append(f'<bpmn:{kind} id="{element}" name="{element}" {extra}>{ways}{inside}</bpmn:{kind}>')
    for source, target, no in flows:
        when = (
            f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">{condition % no}</bpmn:conditionExpression>'
            if no
            else ""
        )
        drawn.append(
            f'<bpmn:sequenceFlow id="{source}-{target}" sourceRef="{source}" targetRef="{target}">{when}</bpmn:sequenceFlow>'
        )
    laned = "".join(
        f'<bpmn:lane id="{name}_{lane}" name="{lane}">{held}</bpmn:lane>' for lane, held in lanes.items()
    )
    return f'<bpmn:process id="{name}" isExecutable="true"><bpmn:laneSet id="{name}_lanes">{laned}</bpmn:laneSet>{"".join(drawn)}</bpmn:process>'


def _document(process: str) -> bytes:
    spaces = (
        'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><bpmn:definitions {spaces} id="d" targetNamespace="bench">{process}</bpmn:definitions>'.encode()
