"""What the case has behind it and the new version has otherwise.

Nothing of it is done again, but a case that goes on after rules it was not started under must have kept them:
so each difference is a reason, until somebody answerable declares it harmless. Without being asked about are
names and drawing, who did a task, and how long it was allowed to take: these end with the step itself.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields
from typing import Any

from engine.bpmn.decisions import decisions_of
from engine.bpmn.definition import Definition
from engine.bpmn.difference import COSMETIC
from engine.bpmn.migration.reason import DECLARE, Reason, called
from engine.bpmn.model import Element, Model
from engine.domain.said import say

ENDED = frozenset({*COSMETIC, "groups", "timer_kind", "timer_text", "interrupting", "default", "properties"})
"""Properties of an element that have no effect once it is over, or are looked at apart."""
ENDED_PROPERTIES = frozenset({"deadline"})


def reasons_of_what_is_over(old: Definition, new: Definition, done: Collection[str]) -> Iterator[Reason]:
    tables = (_tables(old.model), _tables(new.model))
    for identity in sorted(done):
        before, after = old.elements.get(identity), new.elements.get(identity)
        if before is None:
            continue  # of a version before; it was decided on when the case left that one
        if after is None:
            yield _reason(before, say("%(element)s此件办过，新版已删除。", element=called(before)))
            continue
        if _works(before) != _works(after):
            yield _reason(before, say("%(element)s此件办过，新版改了它的内容。", element=called(before)))
        if _ways(old.model, before) != _ways(new.model, after):
            yield _reason(
                before, say("%(element)s此件走过，新版改了它之后的路线或条件。", element=called(before))
            )
        if tables[0].get(before.decision) != tables[1].get(after.decision):
            yield _reason(before, say("%(element)s此件算过，新版改了决策表。", element=called(before)))


def _reason(element: Element, message: str) -> Reason:
    return Reason(element.id, message, DECLARE, over=True)


def _works(element: Element) -> dict[str, Any]:
    """What the element did, as far as it outlasts it."""
    found = {field.name: getattr(element, field.name) for field in fields(element) if field.name not in ENDED}
    kept = {name: text for name, text in element.properties.items() if name not in ENDED_PROPERTIES}
    return {**found, "properties": kept}


def _ways(model: Model, element: Element) -> list[tuple[str, str | None]]:
    """Where it leads and on what condition; names and ids of flows are drawing."""
    flows = model.scopes[element.scope].outgoing(element.id)
    ways = [(flow.target, None if flow.id == element.default else flow.condition) for flow in flows]
    return ways if element.type == "exclusiveGateway" else sorted(ways, key=str)


def _tables(model: Model) -> Mapping[str | None, str]:
    return {identity: decision.text for identity, decision in decisions_of(model).items()}
