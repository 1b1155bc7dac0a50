"""Plays tokens over the drawing, without data: every choice is tried both ways. Finds joins that can never
fire, joins that may wait for ever, and places where two tokens run one behind the other.

Choices are taken as independent of each other, so what only *may* happen is a warning.
"""

from collections.abc import Iterator
from itertools import chain, combinations

from engine.bpmn.check.report import Report, called
from engine.bpmn.model import Element, Model, Scope
from engine.domain.said import say

MOST_MARKINGS = 4_000
MOST_WORK = 400_000  # tokens looked at in one play
MOST_BRANCHES = 6  # of an inclusive gateway whose every combination is tried

Marking = frozenset[str]  # flows that hold a token


def check_tokens(model: Model, report: Report) -> None:
    """Only for models without structural errors."""
    for scope in model.scopes.values():
        joining = any(e.type in ("parallelGateway", "inclusiveGateway") for e in scope.elements.values())
        if joining and not (_Play(scope, report).play() or _Play(scope, report, in_turn=True).play()):
            message = say("图太大，没有逐步推演汇合处是否等得齐。")
            report.warning(
                scope.id, "not-played", message, say("请拆成几个子流程或被调用的流程。"), scope.file
            )


def starved(scope: Scope, begin: Marking) -> set[str]:
    """Where tokens may be left waiting for ever, from a marking on; empty where the drawing is too large to tell."""
    for in_turn in (False, True):
        play = _Play(scope, Report(), in_turn)
        if play.walk(begin):
            return play.stuck
    return set()


class _Play:
    """One play over one scope. With `in_turn`, tokens that need no other move one at a time instead of in
    every order: far fewer markings, the same joins fire or starve, but meetings of two tokens go unseen.
    """

    def __init__(self, scope: Scope, report: Report, in_turn: bool = False):
        self.scope, self.report, self.in_turn = scope, report, in_turn
        self.order = {identity: place for place, identity in enumerate(scope.elements)}
        self.target = {flow.id: flow.target for flow in scope.flows}
        self.source = {flow.id: flow.source for flow in scope.flows}
        self.work = 0
        self.joins = {
            e.id
            for e in scope.elements.values()
            if e.type in ("parallelGateway", "inclusiveGateway") and len(self.into(e)) > 1
        }
        self.fired: set[str] = set()
        self.stuck: set[str] = set()
        self.doubled: set[str] = set()
        self.reaches: dict[tuple[str, str], frozenset[str]] = {}
        self.links = {throwing.id: catching.id for throwing, catching in scope.links()}

    def into(self, element: Element) -> list[str]:
        return [flow.id for flow in self.scope.incoming(element.id)]

    def out(self, identity: str) -> list[str]:
        return [flow.id for flow in self.scope.outgoing(self.links.get(identity, identity))]

    def play(self) -> bool:
        """False, with nothing told, where there are too many markings to see them all."""
        start = next(e for e in self.scope.elements.values() if e.type == "startEvent")
        if not self.walk(frozenset(self.out(start.id))):
            return False
        self.tell()
        return True

    def walk(self, begin: Marking) -> bool:
        todo = [begin]
        seen = set(todo)
        while todo:
            marking = todo.pop()
            moved = False
            for following in self.moves(marking):
                moved = True
                if following is not None and following not in seen:
                    seen.add(following)
                    todo.append(following)
                if len(seen) > MOST_MARKINGS or self.work > MOST_WORK:
                    return False
            if marking and not moved:
                self.stuck |= {self.target[flow] for flow in marking}
        return True

    def tell(self) -> None:
        never = set() if self.doubled else self.joins - self.fired
        for identity in sorted(never):
            element = self.scope.elements[identity]
            message = say(
                "%(element)s要等所有入口，但各入口不会都走到，案件会停在这里。", element=called(element)
            )
            self.report.error(element, "deadlock", message, say("分开时用的是排他网关，汇合也请用排他网关。"))
        for identity in sorted(self.stuck - never):
            element = self.scope.elements[identity]
            message = say(
                "%(element)s可能等不齐所有入口：有的分支可以不经过它而结束。", element=called(element)
            )
            self.report.warning(
                element, "may-deadlock", message, say("请让各分支都走到汇合处，或用终止结束事件。")
            )
        for identity in sorted(self.doubled & self.main_line()):
            element = self.scope.elements[identity]
            message = say(
                "%(element)s会被并行的分支各走一次，它和其后的步骤会办两遍。", element=called(element)
            )
            self.report.warning(element, "runs-twice", message, say("请先用并行网关或包容网关汇合。"))

    def main_line(self) -> set[str]:
        """What is reached without a reminder branch: those run beside the rest, and may well overlap."""
        found = {e.id for e in self.scope.elements.values() if e.type == "startEvent"}
        todo = list(found)
        while todo:
            identity = todo.pop()
            following = {flow.target for flow in self.scope.outgoing(identity)}
            following |= {event.id for event in self.scope.boundary(identity) if event.interrupting}
            todo += following - found
            found |= following
        return found

    def moves(self, marking: Marking) -> Iterator[Marking | None]:
        """The markings one step on; None for one that is not followed further."""
        self.work += len(marking)
        reached = sorted({self.target[flow] for flow in marking}, key=self.order.__getitem__)
        elements = [self.scope.elements[identity] for identity in reached]
        alone = [element for element in elements if element.id not in self.joins]
        if self.in_turn and alone:
            elements = alone[:1]
        for element in elements:
            yield from self.moves_of(element, marking)

    def moves_of(self, element: Element, marking: Marking) -> Iterator[Marking | None]:
        present = [flow for flow in self.into(element) if flow in marking]
        if element.type == "parallelGateway":
            if len(present) == len(self.into(element)):
                self.fired.add(element.id)
                yield self.put(marking.difference(present), self.out(element.id))
        elif element.type == "inclusiveGateway":
            if self.may_fire(element, marking, present):
                self.fired.add(element.id)
                for taken in _some(self.out(element.id)):
                    yield self.put(marking.difference(present), taken)
        elif element.event == "terminate" or (element.type == "endEvent" and element.event == "error"):
            yield frozenset()
        else:
            for flow in present:
                for taken in self.leaving(element):
                    yield self.put(marking - {flow}, taken)

    def leaving(self, element: Element) -> Iterator[list[str]]:
        """The ways a single token can leave an element."""
        out = self.out(element.id)
        if element.type in ("exclusiveGateway", "eventBasedGateway"):
            yield from ([flow] for flow in out)
            return
        yield out
        for event in self.scope.boundary(element.id):
            yield self.out(event.id) if event.interrupting else out + self.out(event.id)

    def put(self, rest: Marking, flows: list[str]) -> Marking | None:
        twice = [flow for flow in flows if flow in rest]
        if twice:
            self.doubled |= {self.source[flow] for flow in twice}
            return None
        self.work += len(rest)
        return rest.union(flows)

    def may_fire(self, gateway: Element, marking: Marking, present: list[str]) -> bool:
        missing = set(self.into(gateway)) - set(present)
        for flow in marking:
            if self.target[flow] != gateway.id:
                reached = self.reach(self.target[flow], gateway.id)
                if reached & missing and not reached & set(present):
                    return False
        return True

    def reach(self, start: str, gateway: str) -> frozenset[str]:
        """The gateway's incoming flows that a token arriving at `start` could come by."""
        key = (start, gateway)
        if key not in self.reaches:
            found, seen, todo = set(), {start}, [start]
            while todo:
                identity = todo.pop()
                self.work += 1
                identity = self.links.get(identity, identity)
                nearby = [identity, *(event.id for event in self.scope.boundary(identity))]
                for flow in chain.from_iterable(self.scope.outgoing(near) for near in nearby):
                    if flow.target == gateway:
                        found.add(flow.id)
                    elif flow.target not in seen:
                        seen.add(flow.target)
                        todo.append(flow.target)
            self.reaches[key] = frozenset(found)
        return self.reaches[key]


def _some(flows: list[str]) -> Iterator[list[str]]:
    """Every non-empty choice of flows; of many, only single ones and all."""
    if len(flows) > MOST_BRANCHES:
        yield from ([flow] for flow in flows)
        yield flows
        return
    for size in range(1, len(flows) + 1):
        yield from (list(chosen) for chosen in combinations(flows, size))
