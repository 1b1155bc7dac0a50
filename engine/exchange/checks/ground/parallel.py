"""Judges plots in as many processes as there are, and in this one where there is only one or none can be begun."""

import os
import pickle
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue

from engine.exchange.checks.ground.apart import Apart
from engine.exchange.checks.ground.judge import judge
from engine.exchange.checks.ground.plots import Packed
from engine.exchange.checks.settings import CheckSettings
from engine.exchange.findings import Finding

WORTH = 12_000  # parcels: below it the processes take longer to begin than to judge
AHEAD = 2  # plots with each process, judged or waiting, so that memory stays bounded
_GONE = (OSError, EOFError, ValueError, pickle.PickleError)  # a process could not begin, or died

Judged = tuple[int, list[Finding]]


def judge_all(plots: Iterable[Packed], settings: CheckSettings, parcels: int) -> Iterator[Judged]:
    """Parcels judged and what was found, plot by plot in their order. ``parcels``: how many there are in all.

    This process cuts the plots, and judges those for which no other has a place: of two processors one is its own.
    """
    others = (settings.processes or _free()) - 1 if parcels >= WORTH else 0
    waiting: deque[Judged | _Asked] = deque()
    with _Others(others, settings) as pool:
        for packed in plots:
            waiting.append(pool.take(packed) or (packed.count, judge(packed.opened(), settings)))
            while waiting and (isinstance(waiting[0], tuple) or waiting[0].answer.done()):
                yield _answer(waiting.popleft(), settings)
        while waiting:
            yield _answer(waiting.popleft(), settings)


def _free() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass
class _Asked:
    """A plot that another process judges."""

    packed: Packed
    answer: "Future[list[Finding]]"


class _Others:
    """The other processes, each spoken to by a thread that does nothing but wait for it."""

    def __init__(self, count: int, settings: CheckSettings):
        self._idle: SimpleQueue[Apart] = SimpleQueue()
        self._begun: list[Apart] = []
        self._taken: list[Future[list[Finding]]] = []
        for _ in range(count):
            try:
                self._begun.append(Apart(settings))
            except OSError:
                break
        for one in self._begun:
            self._idle.put(one)
        self._threads = ThreadPoolExecutor(max(1, len(self._begun)))

    def __enter__(self) -> "_Others":
        return self

    def __exit__(self, *_: object) -> None:
        for one in self._begun:
            one.end()
        self._threads.shutdown(cancel_futures=True)
        for one in self._begun:
            one.close()

    def take(self, packed: Packed) -> _Asked | None:
        """The plot with one of them; None where all have enough to do."""
        self._taken = [future for future in self._taken if not future.done()]
        if len(self._taken) >= AHEAD * len(self._begun):
            return None
        self._taken.append(self._threads.submit(self._ask, packed))
        return _Asked(packed, self._taken[-1])

    def _ask(self, packed: Packed) -> list[Finding]:
        one = self._idle.get()
        try:
            return one.judge(packed)
        finally:
            self._idle.put(one)


def _answer(waiting: Judged | _Asked, settings: CheckSettings) -> Judged:
    """The other process's answer; where it died or has not come to it, the plot is judged here."""
    if isinstance(waiting, tuple):
        return waiting
    packed = waiting.packed
    if not waiting.answer.cancel():
        try:
            return packed.count, waiting.answer.result()
        except _GONE:
            pass
    return packed.count, judge(packed.opened(), settings)
