"""A completed task, ours beside the naive pattern: the same walks, in step, checked against each other."""

import random
from dataclasses import dataclass

import psycopg

from engine.bootstrap import App
from tests.bench.measure import seconds
from tests.bench.model import NO, answers, application
from tests.bench.naive import Naive, Open
from tests.bench.ours import OpenCase, Ours

CASES = 40  # walked at once, so that a step meets cases at every place of the model
SPREAD = 5  # steps of each case before anything counts
STEP_GOAL, LOOP_GOAL = 2.5, 1.5
LOOPS = 100


@dataclass
class Twin:
    """The same case on both sides."""

    key: int
    ours: OpenCase
    naive: Open


class Walk:
    """Cases carried along on both sides by the same answers."""

    def __init__(self, app: App, county: str, connection: psycopg.Connection, kilobytes: int, seed: int = 7):
        self.ours, self.naive = Ours(app, county), Naive(connection)
        self.random, self.variables, self.begun = random.Random(seed), application(kilobytes), 0
        self.rounds = 0
        self.twins = [self.start() for _ in range(CASES)]
        for _ in range(CASES * SPREAD):
            self.draw()
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
        self.done: set[str] = set()

    def step_ours(self) -> float:
        took = seconds(lambda: self.ours.complete(self.twin.ours, self.element, self.answers))
        self._after("ours")
        return took

    def step_naive(self) -> float:
        took = seconds(lambda: self._complete_naive())
        self._after("naive")
        return took

    def _complete_naive(self) -> None:
        self.twin.naive = self.naive.complete(self.twin.key, self.element, self.answers)

    def _after(self, side: str) -> None:
        """Once both have stepped: they must stand at the same tasks; timers fire, ended cases are replaced."""
        self.done.add(side)
        if len(self.done) < 2:
            return
        twin = self.twin
        if twin.ours.finished or twin.naive.finished:
            assert twin.ours.finished and twin.naive.finished
            self.twins[self.place] = self.start()
        elif twin.ours.waits:
            self.ours.fire(twin.ours)
            twin.naive = self.naive.fire(twin.key)
        self.ours.claim(twin.ours)
        assert set(self.twin.ours.tasks) == set(twin.naive.tasks), (twin.ours.tasks, twin.naive.tasks)
