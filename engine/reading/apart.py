"""Run a reader of this package in a process of its own: the file goes in, JSON comes out."""

import json
import resource
import subprocess
import sys
from collections.abc import Callable
from typing import Any

MEMORY = 2 << 30  # bytes of address space
SECONDS = 60  # of processor time
PATIENCE = 600  # seconds by the clock: a busy machine is slow without anything being wrong with the file


class Unreadable(Exception):
    """The reader did not finish: it broke, or the bounds stopped it."""


def read_apart(module: str, body: bytes) -> Any:
    """What ``module``'s ``main`` says of the bytes. Raises Unreadable."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", module], input=body, capture_output=True, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        raise Unreadable(f"{module} did not end within {PATIENCE} s") from None
    if done.returncode != 0:
        raise Unreadable(done.stderr[-300:].decode("utf-8", "replace"))
    return json.loads(done.stdout)


def answer(read: Callable[[bytes], Any]) -> None:
    """The process's side: within the bounds."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    sys.stdout.write(json.dumps(read(sys.stdin.buffer.read())))
