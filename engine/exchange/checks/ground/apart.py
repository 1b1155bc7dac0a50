"""Another process that judges plots (``judging.py``).

It loads nothing but the rules. A pool of ``multiprocessing`` first loads again, in each process, the program that asks:
the whole command line, which takes longer than to judge a county's plots.
"""

import contextlib
import os
import pickle
import subprocess
import sys
from typing import Any

from engine.exchange.checks.ground.plots import Packed
from engine.exchange.checks.settings import CheckSettings
from engine.exchange.findings import Finding

_PROGRAM = "engine.exchange.checks.ground.judging"


class Apart:
    """A process that was begun. Everything may raise OSError, EOFError or PickleError once it is gone."""

    def __init__(self, settings: CheckSettings):
        paths = os.pathsep.join(filter(None, sys.path))
        self._process = subprocess.Popen(
            [sys.executable, "-m", _PROGRAM],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": paths},
        )  # fmt: skip
        self._settings: CheckSettings | None = settings

    def judge(self, packed: Packed) -> list[Finding]:
        if self._settings:
            self._say(self._settings)
            self._settings = None
        self._say(packed)
        return pickle.load(self._process.stdout)  # type: ignore[arg-type]

    def _say(self, what: Any) -> None:
        pickle.dump(what, self._process.stdin, pickle.HIGHEST_PROTOCOL)  # type: ignore[arg-type]
        self._process.stdin.flush()  # type: ignore[union-attr]

    def end(self) -> None:
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """Once it has ended and nobody speaks to it."""
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()  # type: ignore[union-attr]
