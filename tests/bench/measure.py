"""Times turn by turn: what is measured and its baseline alternate, so that noise of the machine hits both."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Paired:
    """Milliseconds a step of each side, and the ratio of the two round by round."""

    ours: float
    baseline: float
    ratios: tuple[float, ...]  # baseline / ours, one a round

    @property
    def ratio(self) -> float:
        return statistics.median(self.ratios)


@dataclass(frozen=True)
class Figure:
    """One line of the table. ``met`` is None where there is no goal."""

    name: str
    ours: str
    baseline: str
    ratio: str
    goal: str
    met: bool | None


def paired(ours: Callable[[], float], baseline: Callable[[], float], rounds: int, steps: int) -> Paired:
    """Each callable does one step and gives the seconds that count. The two take turns, and turns at being first."""
    totals: list[tuple[float, float]] = []
    for _ in range(rounds):
        mine = theirs = 0.0
        for step in range(steps):
            if step % 2:
                theirs += baseline()
                mine += ours()
            else:
                mine += ours()
                theirs += baseline()
        totals.append((mine, theirs))
    steps_done = rounds * steps
    return Paired(
        ours=sum(mine for mine, _ in totals) / steps_done * 1000,
        baseline=sum(theirs for _, theirs in totals) / steps_done * 1000,
        ratios=tuple(theirs / mine for mine, theirs in totals),
    )


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def milliseconds(value: float) -> str:
    return f"{value:.2f} ms"


def times(ratio: float) -> str:
    return f"{ratio:.2f}x"
