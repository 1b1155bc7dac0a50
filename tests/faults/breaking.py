"""The faults, in random order: kills at failpoints and anywhere, immediate stops of PostgreSQL, losses of Redis."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import cycle, islice
from random import Random
from threading import Event

from engine.failpoints import NAMES
from tests.faults.installation import Installation

KINDS = ("web", "worker", "ticker", "web", "worker", "ticker", "long-worker")
REACHED_WITHIN = 5  # seconds until the next fault; a failpoint stays armed until somebody comes by


@dataclass(frozen=True)
class Amount:
    """How many of which fault, over how many seconds at least."""

    kills: int = 60
    stops: int = 3
    flushes: int = 3
    seconds: int = 150


@dataclass
class Breaker:
    """Does all the faults that were asked for, spread over the time, and counts what truly happened."""

    here: Installation
    amount: Amount
    random: Random
    done: Counter[str] = field(default_factory=Counter)
    stop: Event = field(default_factory=Event)
    log: list[str] = field(default_factory=list)

    def run(self) -> None:
        faults = self.faults()
        pause = self.amount.seconds / (len(faults) + 1)
        began = time.monotonic()
        for number, fault in enumerate(faults, 1):
            self.stop.wait(max(0.0, began + number * pause - time.monotonic()))
            if self.stop.is_set():
                return
            fault()
        self.stop.wait(max(0.0, began + self.amount.seconds - time.monotonic()))

    def faults(self) -> list[Callable[[], None]]:
        """Half of the kills at failpoints, each in turn; of the losses of Redis half are a flush, half a kill."""
        at_points = islice(cycle(NAMES), self.amount.kills // 2)
        anywhere = islice(cycle(KINDS), self.amount.kills - self.amount.kills // 2)
        found: list[Callable[[], None]] = [lambda name=name: self.at_point(name) for name in at_points]  # type: ignore[misc]
        found += [lambda kind=kind: self.anywhere(kind) for kind in anywhere]  # type: ignore[misc]
        found += [self.stop_postgres] * self.amount.stops
        found += [self.flush_redis] * ((self.amount.flushes + 1) // 2)
        found += [self.lose_redis] * (self.amount.flushes // 2)
        self.random.shuffle(found)
        return found

    def at_point(self, name: str) -> None:
        if self.here.is_armed(name):
            self.done[f"armed still, nobody came by: {name}"] += 1
            return
        path = self.here.arm(name)
        self.done[f"kill at {name}"] += 1
        until = time.monotonic() + REACHED_WITHIN
        while path.exists() and time.monotonic() < until and not self.stop.is_set():
            time.sleep(0.02)

    def disarm(self) -> None:
        """At the end: what nobody came by was no kill."""
        for name in NAMES:
            if self.here.is_armed(name):
                (self.here.failpoints / name).unlink(missing_ok=True)
                self.done[f"kill at {name}"] -= 1
                self.done[f"armed still, nobody came by: {name}"] += 1

    def anywhere(self, kind: str) -> None:
        self.log.append(self.here.kill(kind))
        self.done[f"kill of {kind}"] += 1

    def stop_postgres(self) -> None:
        self.here.stop_postgres(self.random.uniform(0, 2))
        self.done["immediate stop of PostgreSQL"] += 1

    def flush_redis(self) -> None:
        self.here.flush_redis()
        self.done["Redis emptied"] += 1

    def lose_redis(self) -> None:
        self.here.lose_redis(self.random.uniform(0, 2))
        self.done["Redis killed, its files lost"] += 1
