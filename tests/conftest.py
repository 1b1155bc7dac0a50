"""Real PostGIS and Redis for every test that asks for them: one cluster, one template, a copy per test module.

The services live in var/test and are started when the first test wants them; the template holds the migrated
schema, a small demonstration county, the accounts and the shipped case types.
"""

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine import bootstrap, embedded
from engine.bootstrap import App
from engine.commands.environment import migrate
from engine.domain.clock import VirtualClock
from engine.settings import ROOT, Settings

COUNTY = "990101"
HOUSEHOLDS = 60
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # a Monday, 09:00 in China
VAR = ROOT / "var" / "test"
SECRET = bytes(range(32))
BUILT_FROM = ("migrations", "processes", "engine/exchange", "engine/store", "engine/usecases", "forms", "engine/bpmn")


@pytest.fixture(scope="session")
def services() -> Iterator[embedded.Services]:
    """PostGIS and Redis of the tests; stopped when the last worker ends."""
    with embedded.session(VAR) as found:
        yield found


@pytest.fixture(scope="session")
def template(services: embedded.Services) -> str:
    """Name of the template database, built once for all workers and again when what it holds changes."""
    name = f"template_{fingerprint()}"
    with locked(VAR / "template.lock"):
        done = VAR / f"{name}.done"
        if not done.exists():
            build(services, name)
            done.touch()
    return name


@pytest.fixture(scope="module")
def running(services: embedded.Services, template: str, worker_number: int) -> Iterator[App]:
    """The application over a fresh copy of the template, with a clock that the test moves."""
    name = f"test_{worker_number}"
    with locked(VAR / "clone.lock"):
        embedded.clone_database(services, name, template=template)
    app = wired(services, name, worker_number)
    app.clock = VirtualClock(START)
    yield app
    app.engine.dispose()
    app.portal_engine.dispose()


@pytest.fixture
def clock(running: App) -> VirtualClock:
    assert isinstance(running.clock, VirtualClock)
    return running.clock


@pytest.fixture(scope="session")
def worker_number() -> int:
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


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


def wired(services: embedded.Services, name: str, worker: int) -> App:
    urls = services.settings(name)
    settings = Settings(
        database_url=urls["DATABASE_URL"],
        portal_database_url=urls["PORTAL_DATABASE_URL"],
        owner_database_url=urls["OWNER_DATABASE_URL"],
        redis_url=urls["REDIS_URL"].rsplit("/", 1)[0] + f"/{worker + 1}",
        secret_key=SECRET,
        var=VAR / f"worker{worker}",
        public_url="http://127.0.0.1:8000",
        demo=True,
        processes=ROOT / "processes",
    )
    return bootstrap.app(settings)


def build(services: embedded.Services, name: str) -> None:
    """Everything a test starts from. Uses the very steps of `tianqi up --demo`."""
    from engine.exchange.demo import write_demo_county
    from engine.exchange.importing import import_package
    from engine.usecases import load_demonstration as demonstration

    embedded.drop_database(services, name)
    embedded.create_database(services, name)
    before = os.environ.get("OWNER_DATABASE_URL")
    os.environ["OWNER_DATABASE_URL"] = services.settings(name)["OWNER_DATABASE_URL"]
    try:
        migrate()
    finally:
        os.environ.pop("OWNER_DATABASE_URL")
        if before is not None:
            os.environ["OWNER_DATABASE_URL"] = before
    app = wired(services, name, 99)
    app.pooled = False
    package = VAR / f"{name}-county"
    if not package.exists():
        write_demo_county(package, households=HOUSEHOLDS)
    with app.sessions(COUNTY) as session:
        import_package(session, package, actor="tests", now=START)
        demonstration.create_accounts(session, COUNTY)
        demonstration.publish_shipped(session, VirtualClock(START), COUNTY, ROOT / "processes")
        session.commit()
    app.engine.dispose()


def fingerprint() -> str:
    """Of all the code and data that the template is made from."""
    digest = hashlib.sha256()
    for part in BUILT_FROM:
        for path in sorted((ROOT / part).rglob("*")):
            if path.suffix in (".py", ".yaml", ".bpmn", ".html"):
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


@contextmanager
def locked(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


