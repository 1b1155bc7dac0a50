"""What a step did and what it leaves waiting, in words that two runs share.

Task numbers differ as soon as two versions differ, and flows may be given new ids; so runs of different versions
are compared by elements, in order. Replaying a case on its own version compares the numbers and ids as well.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.bpmn.commands import Step
from engine.bpmn.definition import Definition

TASK, TIMER, EVENT, OPERATION = "task", "timer", "event", "operation"


def path_of(step: Step) -> dict[str, Any]:
    """The step's trace as events keep it: plain JSON."""
    return {
        "entered": [[trace.element, trace.number] for trace in step.entered],
        "left": [[trace.element, trace.number, trace.outcome] for trace in step.left],
        "flows": list(step.flows),
    }


@dataclass(frozen=True)
class Route:
    """The elements that were entered and left (with how), and the flows taken by their two ends, in order."""

    entered: tuple[str, ...] = ()
    left: tuple[tuple[str, str], ...] = ()
    flows: tuple[tuple[str, str], ...] = ()

    def __add__(self, later: "Route") -> "Route":
        return Route(self.entered + later.entered, self.left + later.left, self.flows + later.flows)


def route_of(step: Step, definition: Definition) -> Route:
    ends = {flow: pair for pair, flow in definition.flow_between.items()}
    return Route(
        tuple(trace.element for trace in step.entered),
        tuple((trace.element, trace.outcome) for trace in step.left),
        tuple(ends[flow] for flow in step.flows if flow in ends),
    )


@dataclass(frozen=True)
class Waiting:
    """Something a case waits for. ``instance`` tells apart several open at one element: the repeat's counter
    (-1 outside a repeat) and the place among those that are alike.
    """

    kind: str
    element: str
    instance: tuple[int, int]
    number: int

    @property
    def same(self) -> tuple[str, str, tuple[int, int]]:
        """Equal for what is the same wait in another run."""
        return self.kind, self.element, self.instance


def waiting(step: Step) -> tuple[Waiting, ...]:
    """In the order of their numbers, kind by kind."""
    counters = {task.number: _counter(task.variables) for task in step.tasks}
    found = [(TASK, task.element, counters[task.number], task.number) for task in step.tasks]
    found += [(TIMER, wait.element, counters.get(wait.task or 0, -1), wait.number) for wait in step.waits]
    found += [
        (EVENT, wait.element, counters.get(wait.task or 0, -1), wait.number)
        for wait in step.events
        if not wait.listens
    ]
    found += [(OPERATION, one.element, -1, one.number) for one in step.operations]
    return tuple(_told_apart(found))


def _counter(variables: Mapping[str, Any]) -> int:
    counter = variables.get("loopCounter", -1)
    return counter if type(counter) is int else -1


def _told_apart(found: Iterable[tuple[str, str, int, int]]) -> Iterable[Waiting]:
    seen: Counter[tuple[str, str, int]] = Counter()
    for kind, element, counter, number in found:
        yield Waiting(kind, element, (counter, seen[kind, element, counter]), number)
        seen[kind, element, counter] += 1
