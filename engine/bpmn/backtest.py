"""Lead a draft through what a case was told: the same answers, results and deadlines, on another definition.

What was recorded is matched by element (and instance of a repeat), never by number. Where the draft wants what
nobody was ever asked, nothing is made up but two things, and both are reported: a new operation is taken to
bring nothing, and a new timer to fire when its time has come, or when the case cannot go on without it.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from engine.bpmn.commands import (
    Complete,
    FireTimer,
    OperationDone,
    OperationFailed,
    Receive,
    Start,
    Step,
    TimerWait,
)
from engine.bpmn.definition import Definition
from engine.bpmn.errors import BpmnError
from engine.bpmn.runtime import advance
from engine.bpmn.trace import OPERATION, TIMER, Route, Waiting, route_of, waiting

MOST_OPERATIONS = 100
"""In one turn, as when cases are worked on."""

Act = Start | Complete | FireTimer | Receive
"""What comes from outside; an operation's result only follows."""

Due = Callable[[TimerWait, datetime], datetime | None]
"""When a timer armed at an instant would be due; None where its deadline is not known."""


@dataclass(frozen=True)
class Result:
    """What an operation brought, or the business error (code, detail) it ended in."""

    element: str
    topic: str
    result: Mapping[str, Any]
    failed: tuple[str, str] | None = None

    def told_to(self, number: int) -> OperationDone | OperationFailed:
        return OperationFailed(number, *self.failed) if self.failed else OperationDone(number, self.result)


@dataclass(frozen=True)
class Turn:
    """One recorded act and all that followed from it, until somebody or a deadline was waited for again.

    ``target`` is what the command answered, None for the start; ``waits`` is what was waited for afterwards.
    """

    seq: int
    at: datetime
    command: Act
    target: Waiting | None
    results: tuple[Result, ...]
    route: Route
    waits: tuple[Waiting, ...]
    end: str | None = None

    @property
    def element(self) -> str | None:
        return self.target.element if self.target else None


def turn_of(
    seq: int,
    at: datetime,
    command: Act,
    steps: Sequence[Step],
    results: Sequence[Result],
    before: tuple[Waiting, ...],
    definition: Definition,
) -> Turn:
    """``steps``: what the command made of the case, and then each of its operations' results."""
    number = None if isinstance(command, Start) else command.task
    target = next((one for one in before if one.number == number), None)
    route = sum((route_of(step, definition) for step in steps), Route())
    return Turn(seq, at, command, target, tuple(results), route, waiting(steps[-1]), steps[-1].end)


@dataclass(frozen=True)
class Parting:
    """The first turn after which the two routes differ: the first flow that differs, and what is waited for."""

    seq: int
    element: str | None
    recorded_flow: tuple[str, str] | None
    draft_flow: tuple[str, str] | None
    recorded: tuple[str, ...]
    draft: tuple[str, ...]


@dataclass(frozen=True)
class Failure:
    seq: int
    element: str | None
    message: str


@dataclass(frozen=True)
class Followed:
    """How the draft fared. Elements come in the order in which they were met, one entry for each time.

    asked: tasks, timers, messages and signals the draft waits for and the case never had. superfluous: acts the draft has no use
    for. unreached: acts that come after something newly asked for. added, dropped: operations.
    """

    parting: Parting | None = None
    failure: Failure | None = None
    asked: tuple[str, ...] = ()
    superfluous: tuple[str, ...] = ()
    unreached: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    end: str | None = None

    @property
    def same(self) -> bool:
        return self == Followed(end=self.end)


def follow(draft: Definition, turns: list[Turn], due: Due) -> Followed:
    """``turns`` from the start on, in order."""
    return _Follower(draft, turns, due).run()


@dataclass
class _Skipped:
    """A turn the draft had no place for yet; ``behind``: what only the draft waited for then."""

    turn: Turn
    behind: set[int]


@dataclass
class _Follower:
    draft: Definition
    turns: list[Turn]
    due: Due
    step: Step | None = None
    armed: dict[int, datetime] = field(default_factory=dict)
    place: int = 0  # of the turn that is being taken
    unused: list[tuple[int, Result]] = field(default_factory=list)  # with the place of their turn
    skipped: list[_Skipped] = field(default_factory=list)
    asked: dict[int, str] = field(default_factory=dict)
    added: list[str] = field(default_factory=list)
    parting: Parting | None = None
    failure: Failure | None = None

    def run(self) -> Followed:
        recorded: tuple[Waiting, ...] = ()
        self.unused = [(place, one) for place, turn in enumerate(self.turns) for one in turn.results]
        for place, turn in enumerate(self.turns):
            self.place = place
            try:
                route = self.take(turn, recorded)
            except BpmnError as fault:
                self.failure = Failure(turn.seq, _element_of(fault) or turn.element, str(fault))
                break
            recorded = turn.waits
            self.compare(turn, route)
        return self.outcome()

    # --- one turn ---------------------------------------------------------------------------------------

    def take(self, turn: Turn, recorded: tuple[Waiting, ...]) -> Route:
        """The route the draft takes in this turn; its own timers that have come go first."""
        if self.step is None:
            return self.carry_on(turn.command)
        route = Route()
        while timer := self.timer_come(turn, recorded):
            route += self.carry_on(FireTimer(timer.number))
        target = self.find(turn.target)
        while target is None and (timer := self.timer_in_the_way(turn, recorded)):
            route += self.carry_on(FireTimer(timer.number))
            target = self.find(turn.target)
        if target is None:
            self.skipped.append(_Skipped(turn, {one.number for one in self.own(recorded)}))
            return route
        route += self.answer(turn, target)
        while late := self.answered_before():
            route += self.answer(*late)
        return route

    def answer(self, turn: Turn, target: Waiting) -> Route:
        assert not isinstance(turn.command, Start)
        return self.carry_on(replace(turn.command, task=target.number))

    def answered_before(self) -> tuple[Turn, Waiting] | None:
        """An act the draft had no place for when it came, and asks for now that the record has gone on."""
        for one in self.skipped:
            target = self.find(one.turn.target)
            if target in self.own(self.turns[self.place].waits):
                self.skipped.remove(one)
                return one.turn, target
        return None

    def find(self, wanted: Waiting | None) -> Waiting | None:
        now = self.waits()
        return next((one for one in now if wanted is not None and one.same == wanted.same), None)

    def waits(self) -> tuple[Waiting, ...]:
        return waiting(self.step) if self.step is not None else ()

    def own(self, recorded: tuple[Waiting, ...]) -> list[Waiting]:
        """What only the draft waits for."""
        known = {one.same for one in recorded}
        return [one for one in self.waits() if one.same not in known]

    def own_timers(self, recorded: tuple[Waiting, ...]) -> list[TimerWait]:
        assert self.step is not None
        numbers = {one.number for one in self.own(recorded) if one.kind == TIMER}
        return [wait for wait in self.step.waits if wait.number in numbers]

    def timer_come(self, turn: Turn, recorded: tuple[Waiting, ...]) -> TimerWait | None:
        """The draft's own timer that was due first, if it was before this turn."""
        come = [(self.due(wait, self.armed[wait.number]), wait) for wait in self.own_timers(recorded)]
        past = [(at, wait.number, wait) for at, wait in come if at is not None and at <= turn.at]
        return min(past)[2] if past else None

    def timer_in_the_way(self, turn: Turn, recorded: tuple[Waiting, ...]) -> TimerWait | None:
        if turn.element not in self.draft.elements:
            return None
        return next((wait for wait in self.own_timers(recorded) if wait.task is None), None)

    def carry_on(self, command: Act) -> Route:
        self.step = step = advance(self.draft, self.step.state if self.step else None, command)
        route = route_of(step, self.draft)
        for _ in range(MOST_OPERATIONS):
            if not step.operations:
                break
            wanted = step.operations[0]
            result = self.result(wanted.element, wanted.topic)
            self.step = step = advance(self.draft, step.state, result.told_to(wanted.number))
            route += route_of(step, self.draft)
        for one in self.waits():
            if one.kind != OPERATION:
                self.asked.setdefault(one.number, one.element)
            self.armed.setdefault(one.number, self.turns[self.place].at)
        return route

    def result(self, element: str, topic: str) -> Result:
        """What the operation brought when it was carried out: in this turn, else before, else later; under
        another element where the draft has none of that name.
        """
        for fits in (
            lambda one: one.element == element,
            lambda one: one.topic == topic and one.element not in self.draft.elements,
        ):
            found = [(place, one) for place, one in self.unused if fits(one)]
            if found:
                entry = min(
                    found, key=lambda entry: (entry[0] != self.place, entry[0] > self.place, entry[0])
                )
                self.unused.remove(entry)
                return entry[1]
        self.added.append(element)
        return Result(element, topic, {})

    # --- what came of it --------------------------------------------------------------------------------

    def compare(self, turn: Turn, route: Route) -> None:
        if self.parting is not None:
            return
        waits = self.waits()
        if route == turn.route and {one.same for one in waits} == {one.same for one in turn.waits}:
            return
        mine, theirs = _first_difference(turn.route.flows, route.flows)
        self.parting = Parting(turn.seq, turn.element, mine, theirs, _elements(turn.waits), _elements(waits))

    def outcome(self) -> Followed:
        still = {one.number for one in self.waits()}
        superfluous: list[str] = []
        unreached: list[str] = []
        for one in self.skipped:
            element = one.turn.element or ""
            held = element in self.draft.elements and one.behind & still
            (unreached if held else superfluous).append(element)
        recorded: dict[int, str] = {}
        for turn in self.turns:
            recorded |= {one.number: one.element for one in turn.waits if one.kind != OPERATION}
        asked = _beyond(self.asked, Counter(recorded.values()))
        over = self.failure is None and not unreached
        return Followed(
            self.parting,
            self.failure,
            tuple(asked),
            tuple(superfluous),
            tuple(unreached),
            tuple(self.added),
            tuple(one.element for _, one in self.unused) if over else (),
            self.step.end if self.step else None,
        )


def _beyond(asked: Mapping[int, str], recorded: Counter[str]) -> list[str]:
    """Those of the draft's waits that the case had fewer times, or never."""
    left, found = Counter(recorded), []
    for element in asked.values():
        if left[element]:
            left[element] -= 1
        else:
            found.append(element)
    return found


def _first_difference(one: tuple[Any, ...], other: tuple[Any, ...]) -> tuple[Any, Any]:
    """Where two sequences part: the entry of each, None for the one that is over."""
    for place in range(max(len(one), len(other))):
        pair = (one[place] if place < len(one) else None, other[place] if place < len(other) else None)
        if pair[0] != pair[1]:
            return pair
    return None, None


def _elements(waits: tuple[Waiting, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.element for one in waits))


def _element_of(fault: BpmnError) -> str | None:
    element = fault.facts.get("element")
    return element if isinstance(element, str) else None
