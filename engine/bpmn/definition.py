"""A published version ready to run, kept in memory by its id (versions never change)."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

from engine.bpmn.decisions import decisions_of
from engine.bpmn.errors import ModelRefused
from engine.bpmn.model import Element, Model, read_model
from engine.bpmn.specs import build
from engine.domain.said import say

KEPT = 64
"""Definitions kept in memory; a county works with a few dozen at once."""

_kept: "OrderedDict[str, Definition]" = OrderedDict()
_lock = Lock()


@dataclass(frozen=True)
class Definition:
    """`specs` are shared by all cases and threads and never change once built."""

    version: str
    model: Model
    main: str
    specs: Mapping[str, Any]
    elements: Mapping[str, Element]
    flows: tuple[str, ...]
    flow_between: Mapping[tuple[str, str], str]
    has_events: bool  # it may wait for messages or signals

    def lane(self, element: str) -> str | None:
        return self.model.lane(self.elements[element])


def load_definition(version_id: str, files: Mapping[str, bytes]) -> Definition:
    """The definition of a version; read from `files` the first time. Raises ModelRefused."""
    with _lock:
        if version_id in _kept:
            _kept.move_to_end(version_id)
            return _kept[version_id]
    definition = _define(version_id, files)
    with _lock:
        _kept[version_id] = definition
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return definition


def _define(version: str, files: Mapping[str, bytes]) -> Definition:
    model = read_model(files)
    if model.main is None:
        message = say("找不到案件的主流程：process.bpmn 中应有且只有一个可执行的流程。")
        raise ModelRefused(message, element=None, rule="main-process", fix="", file="process.bpmn")
    flows = tuple(model.flows())
    return Definition(
        version=version,
        model=model,
        main=model.main,
        specs=build(model, decisions_of(model)),
        elements={element.id: element for element in model.elements()},
        flows=tuple(flow.id for flow in flows),
        flow_between={(flow.source, flow.target): flow.id for flow in flows},
        has_events=any(element.event in ("message", "signal") for element in model.elements()),
    )


def diagram(definition: Definition) -> list[dict[str, Any]]:
    """The elements for timelines: id, type, name, lane, the subprocess they lie in, and their flows' ids."""
    found = []
    for scope in definition.model.scopes.values():
        for element in scope.elements.values():
            found.append(
                {
                    "id": element.id,
                    "type": element.type,
                    "name": element.name,
                    "lane": definition.model.lane(element),
                    "scope": scope.id,
                    "incoming": [flow.id for flow in scope.incoming(element.id)],
                    "outgoing": [flow.id for flow in scope.outgoing(element.id)],
                }
            )
    return found
