"""Judges plots in as many processes as there are, and in this one where there is only one or none can be begun."""

import multiprocessing
import os
import pickle
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from engine.exchange.checks.ground.judge import judge
from engine.exchange.checks.ground.plots import Plot
from engine.exchange.checks.settings import CheckSettings
from engine.exchange.findings import Finding

WORTH = 12_000  # parcels: below it the processes take longer to begin than to judge
AHEAD = 2  # plots waiting for each process, so that memory stays bounded
_CANNOT = (BrokenProcessPool, OSError, AssertionError, RuntimeError, ImportError, pickle.PicklingError)

Judged = tuple[int, list[Finding]]


def judge_all(plots: Iterable[Plot], settings: CheckSettings, parcels: int) -> Iterator[Judged]:
    """Parcels judged and what was found, plot by plot in their order. ``parcels``: how many there are in all."""
    count = settings.processes or _free()
    if count < 2 or parcels < WORTH:
        yield from ((int(plot.judged.sum()), judge(plot, settings)) for plot in plots)
    else:
        yield from _in_processes(plots, settings, count)


def _free() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _in_processes(plots: Iterable[Plot], settings: CheckSettings, count: int) -> Iterator[Judged]:
    """Started anew (spawn), never forked: this process may hold threads and database connections."""
    waiting: deque[tuple[Plot, Future[list[Finding]] | None]] = deque()
    pool: ProcessPoolExecutor | None
    try:
        pool = ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn"))
    except _CANNOT:
        pool = None
    try:
        for plot in plots:
            if pool is not None:
                try:
                    waiting.append((plot, pool.submit(judge, plot, settings)))
                except _CANNOT:
                    pool.shutdown(wait=False, cancel_futures=True)
                    pool = None
            if pool is None:
                waiting.append((plot, None))
            while len(waiting) > (count * AHEAD if pool is not None else 0):
                yield _answer(*waiting.popleft(), settings)
        while waiting:
            yield _answer(*waiting.popleft(), settings)
    finally:
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)


def _answer(plot: Plot, future: "Future[list[Finding]] | None", settings: CheckSettings) -> Judged:
    """The process's answer; where it died or could not begin, the plot is judged here."""
    count = int(plot.judged.sum())
    if future is None:
        return count, judge(plot, settings)
    try:
        return count, future.result()
    except _CANNOT:
        return count, judge(plot, settings)
