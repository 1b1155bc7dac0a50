"""Run web, worker and ticker as children of one process: `tianqi up`.

Each command runs in a session of its own, so a Ctrl-C reaches only this process, which then ends
the others in order. If this process itself is killed, the kernel ends its children (pdeathsig).
A crashed command is started again, later each time; one that never comes up ends everything with
the last lines of its log, because a system that half runs is worse than a clear sentence.
"""

import os
import selectors
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import IO

from engine.embedded.errors import EmbeddedError
from engine.embedded.place import last_lines, roll_over, running_alone
from engine.embedded.processes import is_free, listener

LOOK_SECONDS = 0.2  # how often children and readiness are looked at
READY_SECONDS = 90
STOP_SECONDS = 15  # for requests and jobs under way to finish
LONGEST_WAIT_SECONDS = 30
STEADY_SECONDS = 60  # having run this long, a command's earlier crashes are forgiven
CRASHES_BEFORE_READY = 3


@dataclass(frozen=True)
class Command:
    """A program to keep running; `name` names its log."""

    name: str
    argv: Sequence[str]
    environ: Mapping[str, str] = field(default_factory=dict)


def require_free_port(port: int, host: str = "127.0.0.1") -> None:
    """Refuse, before anything is started, when another program listens there."""
    if is_free(port, host):
        return
    found = listener(port)
    who_zh = f"，占用者是进程 {found[0]}（{found[1][:80]}）" if found else ""
    who_en = f" by process {found[0]} ({found[1][:80]})" if found else ""
    raise EmbeddedError(
        f"端口 {port} 已被占用{who_zh}。请先停止它，或用 TIANQI_PORT 指定另一个端口。未启动任何程序。",
        f"Port {port} is taken{who_en}. Stop that program first, or name another port by TIANQI_PORT. Nothing was started.",
    )


def supervise(
    commands: Sequence[Command],
    *,
    var: Path,
    ready_url: str | None = None,
    on_ready: Callable[[], None] | None = None,
    say: Callable[[str], None] = print,
) -> int:
    """Run the commands until Ctrl-C or SIGTERM; gives the exit code (0 stopped as asked, 1 could not run).

    `ready_url` must answer 200 before `on_ready` is called once, the ready message of the caller.
    """
    with running_alone(var / "up.lock"), _stop_requests() as requests:
        children = [_Child(command, var / "log") for command in commands]
        try:
            return _watch(children, requests, ready_url, on_ready, say)
        finally:
            _end(children, requests)


def _watch(
    children: "Sequence[_Child]",
    requests: list[int],
    ready_url: str | None,
    on_ready: Callable[[], None] | None,
    say: Callable[[str], None],
) -> int:
    started, ready = time.monotonic(), False
    with selectors.DefaultSelector() as selector:
        for child in children:
            child.start(selector)
        while not requests:
            for key, _ in selector.select(LOOK_SECONDS):
                key.data.read()
            for child in children:
                if (code := child.has_ended()) is None:
                    continue
                if not ready and child.crashes >= CRASHES_BEFORE_READY:
                    say(_never_came_up(child))
                    return 1
                child.finish(selector)
                say(
                    f"{child.name} 已退出（{code}），{child.wait:.0f} 秒后重启 / ended, restarting in {child.wait:.0f} s: {child.log}"
                )
            for child in children:
                child.start_when_due(selector)
            if ready:
                continue
            if ready_url is None or _answers(ready_url):
                ready = True
                if on_ready:
                    on_ready()
            elif time.monotonic() - started > READY_SECONDS:
                say(_never_came_up(children[0]))
                return 1
    return 0


def _never_came_up(child: "_Child") -> str:
    child.read()
    return (
        f"{child.name} 未能启动，已全部停止，数据未丢失。日志 {child.log} 的最后几行：\n"
        f"{child.name} did not come up; everything was stopped, nothing was lost. Last lines of its log:\n"
        f"{last_lines(child.log, 15)}"
    )


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # a loopback address given by the caller
            return bool(answer.status == 200)
    except (OSError, urllib.error.HTTPError):
        return False


@contextmanager
def _stop_requests() -> Iterator[list[int]]:
    """A list that fills with the signals that ask for the end. A second one shortens the wait."""
    requests: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        requests.append(number)

    wanted = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, note) for number in wanted}
    try:
        yield requests
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(children: "Sequence[_Child]", requests: list[int]) -> None:
    """Ask all to end, then insist."""
    asked_before = len(requests)
    for child in children:
        child.send(signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while any(child.is_running() for child in children):
        if time.monotonic() > deadline or len(requests) > asked_before:
            break
        time.sleep(0.05)
    for child in children:
        child.send(signal.SIGKILL)
        child.close()


class _Child:
    """One command: its process, its log, and when it may be started again."""

    def __init__(self, command: Command, logs: Path) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self.command = command
        self.name = command.name
        self.log = logs / f"{command.name}.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.out: IO[bytes] | None = None
        self.crashes = 0
        self.wait = 0.0
        self._pending = b""
        self._since = self._due = time.monotonic()

    def start(self, selector: selectors.BaseSelector) -> None:
        roll_over(self.log)
        self._since = time.monotonic()
        # setpriv replaces itself by the command: the process id stays
        ended_with_us = ["setpriv", "--pdeathsig", "TERM", "--"] if shutil.which("setpriv") else []
        self.process = subprocess.Popen(
            [*ended_with_us, *self.command.argv],
            env={**os.environ, "PYTHONUNBUFFERED": "1", **self.command.environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        self.out = self.process.stdout
        os.set_blocking(self.out.fileno(), False)
        selector.register(self.out, selectors.EVENT_READ, self)

    def start_when_due(self, selector: selectors.BaseSelector) -> None:
        if self.process is None and time.monotonic() >= self._due:
            self.start(selector)

    def is_running(self) -> bool:
        self.read()
        return self.process is not None and self.process.poll() is None

    def has_ended(self) -> int | None:
        """The exit code of a process that ended by itself, counted as a crash; None otherwise."""
        if self.process is None or (code := self.process.poll()) is None:
            return None
        self.crashes = 1 if time.monotonic() - self._since > STEADY_SECONDS else self.crashes + 1
        self.wait = min(2.0 ** (self.crashes - 1), LONGEST_WAIT_SECONDS)
        self._due = time.monotonic() + self.wait
        return code

    def finish(self, selector: selectors.BaseSelector) -> None:
        """Clear up after a process that ended; what it left behind would hold the port."""
        self.send(signal.SIGKILL)
        if self.out is not None and self.out.fileno() in selector.get_map():
            selector.unregister(self.out)
        self.close()

    def read(self) -> None:
        """Move what the process wrote into its log, line by line with time and name before it."""
        if self.out is None:
            return
        try:
            chunk = os.read(self.out.fileno(), 1 << 16)
        except BlockingIOError:
            return
        *lines, self._pending = (self._pending + chunk).split(b"\n")
        self._write(lines)

    def _write(self, lines: Sequence[bytes]) -> None:
        if not lines:
            return
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        before = f"{now} {self.name} | ".encode()
        try:
            with self.log.open("ab") as log:
                log.writelines(before + line + b"\n" for line in lines)
        except OSError:  # a full disk must not end the programs
            pass

    def send(self, number: int) -> None:
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def close(self) -> None:
        if self.process is None:
            return
        self.process.wait()
        self.read()
        if self._pending:
            self._write([self._pending])
            self._pending = b""
        if self.out is not None:
            self.out.close()
        self.process = self.out = None
