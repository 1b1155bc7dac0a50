"""A completed task, ours beside the naive pattern: the same walks, in step, checked against each other."""

import random
from collections.abc import Callable
from dataclasses import dataclass

import psycopg

from tests.bench.measure import Figure, milliseconds, paired, seconds, times
from tests.bench.model import NO, answers, application
from tests.bench.naive import TABLES, Naive, Open
from tests.bench.ours import OpenCase, Ours
from tests.bench.place import COUNTY, Place
from tests.bench.plain import Plain
from tests.bench.swapped import Swapped

ROUNDS, STEPS = 8, 20
CASES = 40  # walked at once, so that a step meets cases at every place of the model
SPREAD = 5  # steps of each case before anything counts
GOAL = 2.5


@dataclass
class Twin:
    """The same case on both sides."""

    key: int
    ours: OpenCase
    naive: Open


class Walk:
    """Cases carried along on both sides by the same answers."""

    def __init__(self, ours: Ours, naive: Naive | Swapped, kilobytes: int, seed: int = 7):
        self.ours, self.naive = ours, naive
        self.random, self.variables, self.begun = random.Random(seed), application(kilobytes), 0
        self.rounds = 0
        self.done: set[str] = set()
        self.twins = [self.start() for _ in range(CASES)]
        for _ in range(CASES * SPREAD):
            self.step_ours()
            self.step_naive()

    def start(self) -> Twin:
        self.begun += 1
        return Twin(self.begun, self.ours.start(self.variables), self.naive.start(self.begun, self.variables))

    def draw(self) -> None:
        """Which case goes on, by which task, with which answers."""
        self.place = self.random.randrange(len(self.twins))
        self.twin = self.twins[self.place]
        self.element = self.random.choice(sorted(self.twin.ours.tasks))
        self.rounds += 1
        no = self.random.random() < NO.get(self.element, 0)
        self.answers = answers(self.element, no, self.rounds)

    def step_ours(self) -> float:
        self._begin("ours")
        took = seconds(lambda: self.ours.complete(self.twin.ours, self.element, self.answers))
        self._after()
        return took

    def step_naive(self) -> float:
        self._begin("naive")
        took = seconds(self._complete_naive)
        self._after()
        return took

    def _complete_naive(self) -> None:
        self.twin.naive = self.naive.complete(self.twin.key, self.element, self.answers)

    def _begin(self, side: str) -> None:
        """The first of the two to step draws what both do."""
        if not self.done:
            self.draw()
        self.done.add(side)

    def _after(self) -> None:
        """Once both have stepped: they must stand at the same tasks; timers fire, ended cases are replaced."""
        if len(self.done) < 2:
            return
        self.done.clear()
        twin = self.twin
        if twin.ours.finished or twin.naive.finished:
            assert twin.ours.finished and twin.naive.finished
            self.twins[self.place] = self.start()
        elif twin.ours.waits:
            self.ours.fire(twin.ours)
            twin.naive = self.naive.fire(twin.key)
        twin = self.twins[self.place]
        self.ours.claim(twin.ours)
        if isinstance(self.naive, Swapped):
            self.naive.claim(twin.key)
        assert set(twin.ours.tasks) == set(twin.naive.tasks), (twin.ours.tasks, twin.naive.tasks)


class Engines:
    """The same cases in the naive pattern, once with our engine and once with the stock one."""

    def __init__(self, connection: psycopg.Connection, kilobytes: int, seed: int = 7):
        self.plain, self.naive = Plain(connection), Naive(connection)
        self.random, self.variables, self.rounds = random.Random(seed), application(kilobytes), 0
        self.cases = [self.start(key) for key in range(CASES)]
        self.turn: list[str] = []
        for _ in range(CASES * SPREAD):
            self.step_plain()
            self.step_naive()

    def start(self, key: int) -> tuple[int, Open, Open]:
        """Keys are even on our side and odd on the other."""
        plain = self.plain.start(key * 2, self.variables)
        return key, plain, self.naive.start(key * 2 + 1, self.variables)

    def draw(self) -> None:
        self.place = self.random.randrange(CASES)
        self.key, self.mine, self.theirs = self.cases[self.place]
        self.element = self.random.choice(sorted(self.mine.tasks))
        self.rounds += 1
        no = self.random.random() < NO.get(self.element, 0)
        self.answers = answers(self.element, no, self.rounds)

    def step_plain(self) -> float:
        return self._step("plain", self._complete_plain)

    def step_naive(self) -> float:
        return self._step("naive", self._complete_naive)

    def _complete_plain(self) -> None:
        number = self.mine.tasks[self.element]
        self.mine = self.plain.complete(self.key * 2, self.element, number, self.answers)

    def _complete_naive(self) -> None:
        self.theirs = self.naive.complete(self.key * 2 + 1, self.element, self.answers)

    def _step(self, side: str, work: Callable[[], None]) -> float:
        if not self.turn:
            self.draw()
        took = seconds(work)
        self.turn.append(side)
        if len(self.turn) == 2:
            self.turn.clear()
            self._settle()
        return took

    def _settle(self) -> None:
        """Both must stand at the same tasks; timers fire, ended cases are replaced."""
        assert self.mine.finished == self.theirs.finished
        if self.mine.finished:
            self.cases[self.place] = self.start(len(self.cases) + self.rounds)
            return
        if self.key * 2 in self.plain.publicity:
            self.mine, self.theirs = self.plain.fire(self.key * 2), self.naive.fire(self.key * 2 + 1)
        assert set(self.mine.tasks) == set(self.theirs.tasks)
        self.cases[self.place] = (self.key, self.mine, self.theirs)


def engines(connection: psycopg.Connection, kilobytes: int) -> Figure:
    """Engine against engine: all else is one code."""
    both = Engines(connection, kilobytes)
    result = paired(both.step_plain, both.step_naive, ROUNDS, STEPS)
    return Figure(
        f"a step stored, {kilobytes} KB of variables: our engine beside naive SpiffWorkflow, the same rows by the same code",
        milliseconds(result.ours),
        milliseconds(result.baseline),
        times(result.ratio),
        f">= {GOAL}x as fast",
        result.ratio >= GOAL,
    )


def figures(place: Place) -> list[Figure]:
    """At 1 KB and at 50 KB of variables, beside each of the two baselines."""
    found = []
    for kilobytes in (1, 50):
        ours = Ours(place.app, COUNTY)
        with psycopg.connect(place.owner_address, autocommit=True) as connection:
            connection.execute("drop schema if exists naive cascade")
            connection.execute(TABLES)
            found.append(engines(connection, kilobytes))
            connection.execute("drop schema naive cascade")
            connection.execute(TABLES)
            sides = (
                ("the same command with the stock engine in it", Swapped(ours)),
                ("naive SpiffWorkflow that checks nothing", Naive(connection)),
            )
            for named, side in sides:
                walk = Walk(ours, side, kilobytes)
                found.append(_step(walk, f"complete_task, {kilobytes} KB of variables, beside {named}"))
            found.append(_sizes(walk, f"the stored state, {kilobytes} KB of variables"))
    return found


def _step(walk: Walk, name: str) -> Figure:
    result = paired(walk.step_ours, walk.step_naive, ROUNDS, STEPS)
    ours, baseline = milliseconds(result.ours), milliseconds(result.baseline)
    return Figure(name, ours, baseline, times(result.ratio), "", None)


def _sizes(walk: Walk, name: str) -> Figure:
    ours = sum(walk.ours.size(twin.ours) for twin in walk.twins) / CASES
    naive = sum(walk.naive.size(twin.key) for twin in walk.twins) / CASES
    return Figure(name, f"{ours / 1024:.1f} KB", f"{naive / 1024:.1f} KB", times(ours / naive), "", None)
