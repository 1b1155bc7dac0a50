"""What changed between two versions of a model, as far as it matters to a case: drawing and layout do not.

Used before publishing (what does the draft change?) and to plan the move of open cases.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from engine.bpmn.decisions import read_decisions
from engine.bpmn.model import Element, Flow, Model, read_model

COSMETIC = ("name", "name_en", "line", "file", "lane")
"""What people see of an element; a change of it never keeps a case from moving."""


@dataclass(frozen=True)
class Change:
    """`kind`: added, removed, changed (runs otherwise) or relabelled. `what`: element, flow or decision.

    `details` maps each changed property to its old and new value.
    """

    kind: str
    what: str
    id: str
    name: str
    details: Mapping[str, tuple[Any, Any]]


def semantic_diff(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> list[Change]:
    """Changes in the order of the new model, removals last. Raises ModelRefused on unreadable files."""
    before, after = read_model(old), read_model(new)
    return [
        *_compare("element", _elements(before), _elements(after)),
        *_compare("flow", _flows(before), _flows(after)),
        *_compare("decision", _decisions(before), _decisions(after)),
    ]


def _elements(model: Model) -> dict[str, Element]:
    return {element.id: element for element in model.elements()}


def _flows(model: Model) -> dict[str, Flow]:
    return {flow.id: flow for flow in model.flows()}


def _decisions(model: Model) -> dict[str, "_Table"]:
    found, _ = read_decisions(model)
    return {identity: _Table(identity, table.name, table.text) for identity, table in found.items()}


@dataclass(frozen=True)
class _Table:
    id: str
    name: str
    text: str


def _compare(what: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    changes = []
    for identity, item in new.items():
        if identity not in old:
            changes.append(Change("added", what, identity, item.name, {}))
        elif details := _details(old[identity], item):
            kind = "relabelled" if set(details) <= set(COSMETIC) else "changed"
            changes.append(Change(kind, what, identity, item.name, details))
    gone = [item for identity, item in old.items() if identity not in new]
    return changes + [Change("removed", what, item.id, item.name, {}) for item in gone]


def _details(old: Any, new: Any) -> dict[str, tuple[Any, Any]]:
    pairs = {field.name: (getattr(old, field.name), getattr(new, field.name)) for field in fields(new)}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1] and name not in ("line", "file")}
