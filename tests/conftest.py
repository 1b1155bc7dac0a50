"""Real PostGIS and Redis for every test that asks for them: one cluster, one template, a copy per test module.

The services live in var/test and are started when the first test wants them; the template holds the migrated
schema, a small demonstration county, the accounts and the shipped case types. Every process that tests takes a
slot of its own: its database, its Redis number and its folder. So several runs can go on side by side.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest
from argon2.profiles import CHEAPEST
from flask import Flask
from hypothesis import HealthCheck, settings
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from engine import bootstrap, embedded
from engine.bootstrap import App
from engine.commands import trial
from engine.commands.trial import COUNTY, START
from engine.domain.clock import VirtualClock
from engine.embedded import postgres
from engine.settings import ROOT
from engine.usecases import sign_in

__all__ = ["COUNTY", "START"]

VAR = ROOT / "var" / "test"
SLOTS = range(1, 16)  # Redis has 16 numbered databases
BUILT_FROM = (
    "migrations",
    "processes",
    "engine/exchange",
    "engine/store",
    "engine/usecases/load_demonstration.py",
    "engine/commands/trial.py",
)

# no test is decided by how long it takes
settings.register_profile("tianqi", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tianqi")

# a password's hash is to cost an attacker time; hundreds of sign-ins of tests would pay it
sign_in.HASHER._parameters = CHEAPEST
sign_in._NOBODY = sign_in.HASHER.hash("nobody has this password")


class Compiled(BytecodeCache):
    """Templates as they were compiled: each module makes an application of its own, and would compile them again."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])  # not if the source is another by now

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


Flask.jinja_options = {"bytecode_cache": Compiled()}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest tests, whose parts others look at too, run with LONG=1 (`make test LONG=1`)."""
    if not os.environ.get("LONG"):
        for item in items:
            if item.get_closest_marker("long"):
                item.add_marker(pytest.mark.skip(reason="LONG=1 runs it"))


@pytest.fixture(scope="session")
def services() -> Iterator[embedded.Services]:
    """PostGIS and Redis of the tests; stopped when the last worker ends."""
    with embedded.session(VAR) as found:
        forgo_durability(found)
        yield found


def forgo_durability(services: embedded.Services) -> None:
    """Commits do not wait for the disk: what tests wrote is worth nothing when the machine stops."""
    with postgres.connect(services.place, services.postgres_port) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")


@pytest.fixture(scope="session")
def template(services: embedded.Services) -> Iterator[str]:
    """Name of the template database, built once for all workers and again when what it holds changes."""
    name = f"template_{fingerprint()}"
    with locked(VAR / "template.lock"):
        done = VAR / f"{name}.done"
        if not done.exists():
            drop_stale_templates(services)
            trial.build_county(services, name, VAR / name)
            done.touch()
        using = done.open()
        fcntl.flock(using, fcntl.LOCK_SH)  # nobody drops it while it is used
    with using:
        yield name


def drop_stale_templates(services: embedded.Services) -> None:
    """Those of earlier code that no other process still tests with."""
    for done in VAR.glob("template_*.done"):
        with done.open() as file:
            if taken(file):
                embedded.drop_database(services, done.stem)
                shutil.rmtree(done.with_suffix(""), ignore_errors=True)
                done.unlink()


@pytest.fixture(scope="module")
def running(services: embedded.Services, template: str, slot: int) -> Iterator[App]:
    """The application over a fresh copy of the template, with a clock that the test moves."""
    name, var = f"test_{slot}", VAR / f"slot{slot}"
    shutil.rmtree(var, ignore_errors=True)
    with locked(VAR / "clone.lock"):
        embedded.clone_database(services, name, template=template)
    shutil.copytree(VAR / template / "files", var / "files")
    app = bootstrap.app(trial.settings_for(services, name, var, redis=slot))
    app.clock = VirtualClock(START)
    yield app
    app.dispose()


@pytest.fixture
def clock(running: App) -> VirtualClock:
    assert isinstance(running.clock, VirtualClock)
    return running.clock


@pytest.fixture(scope="session")
def slot() -> Iterator[int]:
    """The first number that no other testing process has."""
    VAR.mkdir(parents=True, exist_ok=True)
    for number in SLOTS:
        with (VAR / f"slot{number}.lock").open("w") as file:
            if taken(file):
                yield number
                return
    raise RuntimeError(f"more than {len(SLOTS)} processes test here at once")


@pytest.fixture(scope="module")
def web(running: App):
    """The Flask application over ``running``; rate limits are off except where a test turns them on."""
    from redis import Redis

    from web.app import create_app

    os.environ.setdefault("TIANQI_LIMITS", "off")
    Redis.from_url(running.settings.redis_url).flushdb()
    app = create_app(running)
    app.config["WTF_CSRF_ENABLED"] = False
    return app


@pytest.fixture
def client_for(web) -> Callable[[str], object]:
    """``client_for("village1")``: a test client signed in with that demonstration account."""

    def sign_in(username: str):
        client = web.test_client()
        answer = client.post("/sign-in", data={"username": username, "password": "tianqi-demo"})
        assert answer.status_code == 302, answer.text[:500]
        return client

    return sign_in


def fingerprint() -> str:
    """Of all the code and data that the template is made from."""
    digest = hashlib.sha256()
    for part in BUILT_FROM:
        found = [ROOT / part] if (ROOT / part).is_file() else sorted((ROOT / part).rglob("*"))
        for path in found:
            if path.suffix in (".py", ".yaml", ".bpmn", ".dmn", ".html") and path.parent.name != "scenarios":
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def taken(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def locked(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
