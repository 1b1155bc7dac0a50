"""A whole installation to be hurt: private PostGIS and Redis, two webs, two workers, two tickers over one database.

Everything runs by the commands of `tianqi up`, on loopback, in a folder of its own, and is started again as soon
as it has died.
"""

import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from urllib.request import urlopen

from engine import bootstrap, embedded
from engine.bootstrap import App
from engine.commands.demo_place import environment
from engine.commands.trial import COUNTY, START, build_county, settings_for
from engine.commands.up import commands
from engine.embedded import postgres, redis_server
from engine.embedded.place import Place
from engine.embedded.processes import free_port
from engine.usecases.move_clock import set_clock

DATABASE = "faults"
REDIS_NUMBER = 0
LOOK = 0.1  # seconds between looks at the processes
PATIENCE = 120  # seconds for a web to answer


@dataclass
class Program:
    """One command and the process that runs it now."""

    name: str
    argv: list[str]
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0


@dataclass
class Installation:
    services: embedded.Services
    app: App
    environ: dict[str, str]
    ports: list[int]
    programs: list[Program]
    failpoints: Path
    random: Random
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def urls(self) -> list[str]:
        return [f"http://127.0.0.1:{port}" for port in self.ports]

    @property
    def place(self) -> Place:
        assert self.services.place is not None
        return self.services.place

    @property
    def log(self) -> Path:
        return self.services.var / "log"

    def keep_running(self) -> None:
        """Start what does not run, until told to close."""
        while not self.closing.wait(LOOK):
            for program in self.programs:
                if program.process is None or program.process.poll() is not None:
                    self.start(program)

    def start(self, program: Program) -> None:
        if program.process is not None:
            _kill_group(program.process.pid)  # workers that outlived their master hold the port
        self.log.mkdir(parents=True, exist_ok=True)
        with (self.log / f"{program.name}.log").open("ab") as log:
            program.process = subprocess.Popen(
                program.argv,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        program.starts += 1

    def wait_for_webs(self) -> None:
        until = time.monotonic() + PATIENCE
        for url in self.urls:
            while True:
                try:
                    with urlopen(f"{url}/healthz", timeout=10):
                        break
                except OSError:
                    if time.monotonic() > until:
                        raise RuntimeError(f"{url} does not answer, see {self.log}") from None
                    time.sleep(LOOK)

    def kill(self, kind: str) -> str:
        """SIGKILL a process of that kind (web, worker, long-worker, ticker); gives its name. Of a web, its master or a worker."""
        program = self.random.choice([p for p in self.programs if p.name.startswith(kind)])
        process = program.process
        if process is None or process.poll() is not None:
            return f"{program.name} was dead already"
        inner = children_of(process.pid)
        if inner and self.random.random() < 0.7:
            _kill(self.random.choice(inner))
            return f"{program.name}, one of its processes"
        _kill_group(process.pid)
        return program.name

    def stop_postgres(self, seconds: float) -> None:
        """`pg_ctl stop -m immediate`, and up again after a while: it recovers from its log."""
        data = postgres.data(self.place)
        argv = [postgres.BINARIES / "pg_ctl", "stop", "-D", data, "-m", "immediate", "-w"]
        self.place.account.run(argv, cwd=self.place.postgres)
        time.sleep(seconds)
        embedded.start(self.services.var)

    def flush_redis(self) -> None:
        with redis_server.connect(self.services.redis_port or 0, self.services.passwords["redis"]) as client:
            client.flushall()

    def lose_redis(self, seconds: float) -> None:
        """Killed, its files gone, started empty."""
        pid = redis_server.running_pid(self.place)
        if pid:
            _kill(pid)
        time.sleep(seconds)
        shutil.rmtree(self.place.redis / "appendonlydir", ignore_errors=True)
        embedded.start(self.services.var)

    def arm(self, name: str) -> Path:
        """The next process that comes by that failpoint dies; the path is gone then."""
        path = self.failpoints / name
        path.touch()
        return path

    def is_armed(self, name: str) -> bool:
        return (self.failpoints / name).exists()

    def close(self) -> None:
        self.closing.set()
        for program in self.programs:
            if program.process is not None:
                _kill_group(program.process.pid)
                program.process.wait()


@contextmanager
def installation(var: Path, households: int, seed: int) -> Iterator[Installation]:
    """For the block. ``var`` is emptied first; what lies there afterwards (logs) is for looking at."""
    embedded.stop(var)
    _empty(var)
    with embedded.session(var) as services:
        build_county(services, DATABASE, var, households)
        ports = [free_port(), free_port()]
        settings = replace(
            settings_for(services, DATABASE, var, REDIS_NUMBER), public_url=f"http://127.0.0.1:{ports[0]}"
        )
        app = bootstrap.app(settings)
        with app.sessions(COUNTY) as session:
            set_clock(session, datetime.now(UTC), START)
            session.commit()
        failpoints = var / "failpoints"
        failpoints.mkdir()
        environ = environment(settings) | {"TIANQI_FAILPOINTS": str(failpoints), "PYTHONUNBUFFERED": "1"}
        here = Installation(services, app, environ, ports, programs(ports), failpoints, Random(seed))
        keeper = threading.Thread(target=here.keep_running, daemon=True)
        keeper.start()
        try:
            here.wait_for_webs()
            yield here
        finally:
            here.closing.set()
            keeper.join()
            here.close()
            app.engine.dispose()
            app.portal_engine.dispose()


def programs(ports: list[int]) -> list[Program]:
    """Of each kind two, by the very commands of `tianqi up`."""
    found = []
    for number, port in enumerate(ports, 1):
        for command in commands(port):
            found.append(Program(f"{command.name}-{number}", list(command.argv)))
    return found


def children_of(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _kill_group(pid: int) -> None:
    """The process and all that it started; each runs in a session of its own."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def _empty(var: Path) -> None:
    """The servers' data may lie elsewhere (engine/embedded/place.py): there too."""
    pointer = var / "data-directory"
    home = Path(pointer.read_text().strip()) if pointer.exists() else var
    for folder in (home / "postgres", home / "redis", var):
        shutil.rmtree(folder, ignore_errors=True)
    var.mkdir(parents=True)
