"""Is what the rest of the way reads there? A variable that is missing counts as null and would decide wrongly."""

from collections.abc import Collection, Iterator

from engine.bpmn.check.conditions import places
from engine.bpmn.decisions import decisions_of
from engine.bpmn.definition import Definition
from engine.bpmn.expressions import parse
from engine.bpmn.instance import Case
from engine.bpmn.migration.reason import STAY, Reason, called
from engine.bpmn.model import Element, Model
from engine.domain.said import say


def data_reasons(old: Definition, new: Definition, case: Case, done: Collection[str]) -> Iterator[Reason]:
    read = set(reads(new.model))
    yield from _renamed(old, new, done, {name for _, name in read})
    ahead = reachable(new.model, case)
    known, knew = _known(new, case, ahead), _known(old, case, reachable(old.model, case))
    before = set(reads(old.model))
    for identity, name in sorted(read):
        as_before = (identity, name) in before and name not in knew
        if identity in ahead and name not in known and not as_before:
            message = say(
                "%(element)s要用到“%(name)s”，此件没有这项内容，后面也没有填写它的步骤。",
                element=called(new.elements[identity]),
                name=name,
            )
            yield Reason(identity, message, STAY)


def _known(definition: Definition, case: Case, ahead: set[str]) -> set[str]:
    """Variables that the case has, or that somebody on its way will fill in."""
    own = {name for task in case.find(lambda task: task.is_open) for name in task.own}
    return {*case.variables, *own, *(n for identity in ahead for n in writes(definition.elements[identity]))}


def _renamed(old: Definition, new: Definition, done: Collection[str], read: set[str]) -> Iterator[Reason]:
    for identity in sorted(done):
        before, after = old.elements.get(identity), new.elements.get(identity)
        if before is None or after is None:
            continue
        for name in sorted(writes(after) - writes(before)):
            if name in read:
                message = say(
                    "%(element)s的内容在此件中名为“%(before)s”，新版后面要读的是“%(name)s”（表单或结果改了名）。",
                    element=called(before),
                    before=sorted(writes(before)) or "—",
                    name=name,
                )
                yield Reason(identity, message, STAY)


def reads(model: Model) -> Iterator[tuple[str, str]]:
    """(element, variable) of every expression and decision table; names that a repeat gives are left out."""
    for place in places(model):
        for path in parse(place.text).paths():
            if path[0] not in place.names:
                yield place.element.id, path[0]
    decisions = decisions_of(model)
    for element in model.elements():
        decision = decisions.get(element.decision or "")
        if decision is not None:
            expressions = [entry for entry, _ in decision.inputs]
            expressions += [cell for rule in decision.rules for cell in rule.outputs if cell is not None]
            yield from ((element.id, path[0]) for one in expressions for path in one.paths())


def writes(element: Element) -> set[str]:
    """Variables that the element fills when it is done."""
    names = set()
    if element.type in ("userTask", "serviceTask", "sendTask", "businessRuleTask"):
        names.add(element.namespace)
    if element.event and element.properties.get("result"):
        names.add(element.properties["result"])
    if element.repeat is not None:
        names.add(element.id)
    return names


def reachable(model: Model, case: Case) -> set[str]:
    """Elements that tokens stand at or may still come to, in the version of ``model``."""
    todo = [task.task_spec.bpmn_id for task in case.find(lambda task: task.is_open)]
    todo += [
        element.id
        for workflow in case.levels()
        if workflow.spec.name in model.scopes
        for element in model.scopes[workflow.spec.name].event_subprocesses()
    ]
    links = {a.id: b.id for scope in model.scopes.values() for a, b in scope.links()}
    elements = {element.id: element for element in model.elements()}
    found: set[str] = set()
    while todo:
        identity = todo.pop()
        if identity in found or identity not in elements:
            continue
        found.add(identity)
        element = elements[identity]
        scope = model.scopes[element.scope]
        todo += [flow.target for flow in scope.outgoing(identity)]
        todo += [event.id for event in scope.boundary(identity)]
        todo += [links[identity]] if identity in links else []
        inner = model.scopes.get(element.called or identity)
        todo += inner.elements if inner is not None else []
    return found
