"""A model as read from its files: processes, elements, flows. The publish check, the builder of runnable
definitions, the timeline and the comparison of versions all work on this one reading.

Reading is lenient: whatever is missing or odd is kept as it is, for the check to name.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from engine.bpmn.xml import BPMN, bpmn, camunda, is_kind, local_name, read_xml

T = TypeVar("T")

MAIN_FILE = "process.bpmn"

EVENTS = ("startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent")
NAMED = {"message": "name", "signal": "name", "error": "errorCode", "escalation": "escalationCode"}
"""What events refer to, and the attribute it is known by."""
ENGLISH = "name_en"
"""The property that gives an element's English name; nothing runs by it, so operations are not handed it."""
GATEWAYS = ("exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway")
TASKS = (
    "task", "userTask", "manualTask", "serviceTask", "scriptTask", "sendTask", "receiveTask", "businessRuleTask",
)  # fmt: skip
CONTAINERS = ("subProcess", "transaction", "adHocSubProcess")
ACTIVITIES = (*TASKS, *CONTAINERS, "callActivity")
FLOW_NODES = (*EVENTS, *GATEWAYS, *ACTIVITIES)


@dataclass(frozen=True)
class Flow:
    """A sequence flow. `given_id` is False where the file has none and we made one up from its ends."""

    id: str
    source: str
    target: str
    condition: str | None
    name: str
    given_id: bool = True
    name_en: str = ""


@dataclass(frozen=True)
class Repeat:
    """Multi-instance: so many times at once, or one after the other.

    Either `cardinality` (an expression giving a number) or `collection` (one giving a list) is set;
    `item` names the variable that holds the item of the list; `until` ends it early.
    """

    sequential: bool
    cardinality: str | None
    collection: str | None
    item: str | None
    until: str | None


@dataclass(frozen=True)
class Loop:
    """Standard loop: again while `condition` holds (always, without one), at most `maximum` times."""

    test_before: bool
    condition: str | None
    maximum: str | None


@dataclass(frozen=True)
class Element:
    """A flow node. `type` is its BPMN tag; `event` the kind of event definition, "" for none.

    A send or receive task with a message counts as an event of kind "message". `reference` is what the event
    is known by: name of message, signal or link, code of error or escalation (None catches every code);
    `unresolved` an id that the event refers to and no definition has.
    """

    id: str
    type: str
    name: str
    scope: str
    file: str
    line: int
    lane: str | None = None
    event: str = ""
    attached_to: str | None = None
    interrupting: bool = True
    default: str | None = None
    called: str | None = None
    form: str | None = None
    groups: tuple[str, ...] = ()
    topic: str | None = None
    decision: str | None = None
    result: str | None = None
    result_mapping: str | None = None
    reference: str | None = None
    unresolved: str | None = None
    condition: str | None = None
    timer_kind: str = ""  # duration, date or cycle, as the timer definition says; "" where it says nothing
    timer_text: str = ""
    repeat: Repeat | None = None
    loop: Loop | None = None
    event_subprocess: bool = False
    properties: Mapping[str, str] = field(default_factory=dict)
    name_en: str = ""

    @property
    def namespace(self) -> str:
        """The process variable this element fills: its form, its operation's or its decision's result."""
        if self.type in ("serviceTask", "sendTask"):
            return self.properties.get("result") or self.topic or self.id
        if self.type == "businessRuleTask":
            return self.result or self.decision or self.id
        return self.form or self.id


@dataclass(frozen=True)
class Scope:
    """A process or an embedded subprocess with what lies directly in it, in the order of the file."""

    id: str
    name: str
    file: str
    parent: str | None
    executable: bool
    elements: Mapping[str, Element]
    flows: tuple[Flow, ...]

    def outgoing(self, element: str) -> tuple[Flow, ...]:
        return self._leaving.get(element, ())

    def incoming(self, element: str) -> tuple[Flow, ...]:
        return self._arriving.get(element, ())

    def boundary(self, element: str) -> tuple[Element, ...]:
        return self._attached.get(element, ())

    def linked(self, name: str | None) -> tuple[Element, ...]:
        """The link events of this name, of both ends."""
        return self._links.get(name or "", ())

    @cached_property
    def _links(self) -> dict[str, tuple[Element, ...]]:
        return _grouped((e.reference or "", e) for e in self.elements.values() if e.event == "link")

    @cached_property
    def _leaving(self) -> dict[str, tuple[Flow, ...]]:
        return _grouped((flow.source, flow) for flow in self.flows)

    @cached_property
    def _arriving(self) -> dict[str, tuple[Flow, ...]]:
        return _grouped((flow.target, flow) for flow in self.flows)

    @cached_property
    def _attached(self) -> dict[str, tuple[Element, ...]]:
        return _grouped((e.attached_to, e) for e in self.elements.values() if e.attached_to is not None)

    def event_subprocesses(self) -> tuple[Element, ...]:
        return tuple(e for e in self.elements.values() if e.event_subprocess)

    def links(self) -> Iterator[tuple[Element, Element]]:
        """Each throwing link event with the catching one of its name: a flow that is not drawn."""
        catching = {e.reference: e for e in self.elements.values() if is_link(e, "intermediateCatchEvent")}
        for element in self.elements.values():
            if is_link(element, "intermediateThrowEvent") and element.reference in catching:
                yield element, catching[element.reference]


def _grouped(pairs: Iterable[tuple[str, T]]) -> dict[str, tuple[T, ...]]:
    found: dict[str, list[T]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in found.items()}


@dataclass(frozen=True)
class Model:
    """Everything in the BPMN and DMN files. `roots` are the parsed XML trees by file name."""

    roots: Mapping[str, Any]
    scopes: Mapping[str, Scope]
    main: str | None
    duplicates: tuple[tuple[str, str], ...] = ()  # (id, file) of ids used more than once
    nameless: tuple[tuple[str, int], ...] = ()  # (file, line) of elements without an id, left out
    lanes_en: Mapping[str, str] = field(default_factory=dict)  # name of a lane -> its English name

    def lane(self, element: Element) -> str | None:
        """The element's own lane, or that of the subprocess it lies in."""
        if element.lane:
            return element.lane
        parent = self.scopes[element.scope].parent if element.scope in self.scopes else None
        outer = (
            self.scopes[parent].elements.get(element.scope)
            if parent is not None and parent in self.scopes
            else None
        )
        return self.lane(outer) if outer else None

    def elements(self) -> Iterator[Element]:
        for scope in self.scopes.values():
            yield from scope.elements.values()

    def flows(self) -> Iterator[Flow]:
        for scope in self.scopes.values():
            yield from scope.flows


def is_true(text: str | None) -> bool:
    """A boolean of XML Schema; the check refuses what is none."""
    return text is not None and text.strip() in ("true", "1")


def is_link(element: Element, kind: str) -> bool:
    return element.type == kind and element.event == "link"


def read_model(files: Mapping[str, bytes]) -> Model:
    """Reads every `.bpmn` and `.dmn` among the files; others are left alone. Raises ModelRefused on bad XML."""
    roots = {}
    for file, content in sorted(files.items()):
        if is_kind(file, ".bpmn") or is_kind(file, ".dmn"):
            roots[file] = read_xml(content, file)
    return model_of(roots)


def model_of(roots: Mapping[str, Any]) -> Model:
    reader = _Reader()
    for file, root in roots.items():
        if is_kind(file, ".bpmn"):
            reader.read(file, root)
    main = _main(reader.scopes)
    odd = (tuple(reader.duplicates), tuple(reader.nameless))
    return Model(dict(roots), reader.scopes, main, *odd, reader.lanes_en)


def _main(scopes: Mapping[str, Scope]) -> str | None:
    """The process a case starts with: the one in process.bpmn, else the one nobody calls."""
    processes = [scope for scope in scopes.values() if scope.parent is None and scope.executable]
    called = {element.called for scope in scopes.values() for element in scope.elements.values()}
    for candidates in (
        [scope for scope in processes if scope.file == MAIN_FILE],
        [scope for scope in processes if scope.id not in called],
    ):
        if len(candidates) == 1:
            return candidates[0].id
    return None


class _Reader:
    def __init__(self) -> None:
        self.scopes: dict[str, Scope] = {}
        self.duplicates: list[tuple[str, str]] = []
        self.nameless: list[tuple[str, int]] = []
        self.seen: set[str] = set()
        self.lanes_en: dict[str, str] = {}
        self.named: dict[str, str | None] = {}  # id of a message, signal, error or escalation -> name or code

    def read(self, file: str, root: Any) -> None:
        self.named = {
            str(node.get("id")): node.get(attribute)
            for tag, attribute in NAMED.items()
            for node in root.iterchildren(bpmn(tag))
        }
        for lane in root.iter(bpmn("lane")):
            self.lanes_en[str(lane.get("name") or "")] = english_of(lane)
        for process in root.iterchildren(bpmn("process")):
            self.scope(file, process, None, {})

    def identify(self, node: Any, file: str) -> str:
        identity = str(node.get("id") or "")
        if identity and identity in self.seen:
            self.duplicates.append((identity, file))
        self.seen.add(identity)
        return identity

    def scope(self, file: str, node: Any, parent: str | None, lanes: Mapping[str, str]) -> None:
        identity = str(node.get("id") or "") if parent is not None else self.identify(node, file)
        lanes = {**lanes, **_lanes(node)}
        elements: dict[str, Element] = {}
        flows: list[Flow] = []
        made_up: Counter[str] = Counter()
        containers = []
        for child in node.iterchildren(f"{{{BPMN}}}*"):
            kind = local_name(child)
            if kind == "sequenceFlow":
                flows.append(self.flow(child, file, made_up))
            elif kind in FLOW_NODES:
                element = _element(child, kind, self.identify(child, file), identity, file, lanes, self.named)
                if not element.id:
                    self.nameless.append((file, element.line))
                    continue
                elements.setdefault(element.id, element)
                if kind in CONTAINERS:
                    containers.append(child)
        executable = parent is not None or is_true(node.get("isExecutable"))
        name = str(node.get("name") or "")
        self.scopes.setdefault(
            identity, Scope(identity, name, file, parent, executable, elements, tuple(flows))
        )
        for child in containers:
            self.scope(file, child, identity, lanes)

    def flow(self, node: Any, file: str, made_up: Counter[str]) -> Flow:
        identity = self.identify(node, file)
        source, target = (str(node.get("sourceRef") or ""), str(node.get("targetRef") or ""))
        name = f"flow_{source}_{target}"
        made_up[name] += 1
        condition = node.find(bpmn("conditionExpression"))
        return Flow(
            id=identity or (name if made_up[name] == 1 else f"{name}_{made_up[name]}"),
            source=source,
            target=target,
            condition=None if condition is None else (condition.text or "").strip(),
            name=str(node.get("name") or ""),
            given_id=bool(identity),
            name_en=english_of(node),
        )


def _lanes(node: Any) -> dict[str, str]:
    """Element id -> name of its innermost lane."""
    found = {}
    for lane in node.iterfind(f"{bpmn('laneSet')}//{bpmn('lane')}"):
        for reference in lane.iterchildren(bpmn("flowNodeRef")):
            found[(reference.text or "").strip()] = str(lane.get("name") or lane.get("id") or "")
    return found


def _element(
    node: Any,
    kind: str,
    identity: str,
    scope: str,
    file: str,
    lanes: Mapping[str, str],
    named: Mapping[str, str | None],
) -> Element:
    topic = node.get(camunda("topic")) if node.get(camunda("type")) == "external" else None
    groups = str(node.get(camunda("candidateGroups")) or "")
    properties = _properties(node)
    interrupting = node.get("isInterrupting" if kind == "startEvent" else "cancelActivity", "true")
    return Element(
        id=identity,
        type=kind,
        name=" ".join(str(node.get("name") or "").split()),
        scope=scope,
        file=file,
        line=node.sourceline or 0,
        lane=lanes.get(identity) or None,
        attached_to=node.get("attachedToRef"),
        interrupting=is_true(interrupting),
        default=node.get("default"),
        called=node.get("calledElement"),
        form=node.get(camunda("formKey")),
        groups=tuple(group.strip() for group in groups.split(",") if group.strip()),
        topic=topic,
        decision=node.get(camunda("decisionRef")),
        result=node.get(camunda("resultVariable")),
        result_mapping=node.get(camunda("mapDecisionResult")),
        repeat=_repeat(node),
        loop=_loop(node),
        event_subprocess=is_true(node.get("triggeredByEvent")),
        name_en=properties.pop(ENGLISH, ""),
        properties=properties,
        **_event(node, kind, topic, named),
    )


def _event(node: Any, kind: str, topic: str | None, named: Mapping[str, str | None]) -> dict[str, Any]:
    """The event's part of an element: kind, what it refers to, its time or condition."""
    definitions = [d for d in node.iterchildren(f"{{{BPMN}}}*") if local_name(d).endswith("EventDefinition")]
    if kind == "receiveTask" or (kind == "sendTask" and topic is None):
        return {"event": "message", **_reference(node, "message", named)}
    found: dict[str, Any] = {
        "event": "+".join(local_name(d).removesuffix("EventDefinition") for d in definitions)
    }
    if len(definitions) != 1:
        return found
    definition, event = definitions[0], found["event"]
    if event in NAMED:
        found |= _reference(definition, event, named)
    elif event == "link":
        found["reference"] = definition.get("name")
    elif event == "conditional":
        condition = definition.find(bpmn("condition"))
        found["condition"] = None if condition is None else (condition.text or "").strip()
    elif event == "timer":
        for time in definition.iterchildren(f"{{{BPMN}}}*"):
            found["timer_kind"] = local_name(time).removeprefix("time").lower()
        found["timer_text"] = " ".join("".join(definition.itertext()).split())
    return found


def _reference(node: Any, kind: str, named: Mapping[str, str | None]) -> dict[str, Any]:
    identity = node.get(f"{kind}Ref")
    if identity is None:
        return {}
    identity = identity.rpartition(":")[2]  # a QName: its prefix names the file's own target namespace
    return {"reference": named[identity]} if identity in named else {"unresolved": identity}


def _loop(node: Any) -> Loop | None:
    loop = node.find(bpmn("standardLoopCharacteristics"))
    if loop is None:
        return None
    condition = loop.find(bpmn("loopCondition"))
    return Loop(
        test_before=is_true(loop.get("testBefore")),
        condition=None if condition is None else (condition.text or "").strip(),
        maximum=loop.get("loopMaximum"),
    )


def english_of(node: Any) -> str:
    """The English name of what a node of the XML draws."""
    return _properties(node).get(ENGLISH, "")


def _properties(node: Any) -> dict[str, str]:
    found = {}
    for extension in node.iterchildren(bpmn("extensionElements")):
        for entry in extension.iterfind(f"{camunda('properties')}/{camunda('property')}"):
            found[str(entry.get("name") or "")] = str(entry.get("value") or "")
    return found


def _repeat(node: Any) -> Repeat | None:
    loop = node.find(bpmn("multiInstanceLoopCharacteristics"))
    if loop is None:
        return None
    cardinality, until = (loop.find(bpmn("loopCardinality")), loop.find(bpmn("completionCondition")))
    return Repeat(
        sequential=is_true(loop.get("isSequential")),
        cardinality=None if cardinality is None else (cardinality.text or "").strip(),
        collection=loop.get(camunda("collection")),
        item=loop.get(camunda("elementVariable")),
        until=None if until is None else (until.text or "").strip(),
    )
