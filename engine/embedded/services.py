"""Start, stop and look at both services together."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from engine.embedded import postgres, redis_server
from engine.embedded.databases import OWNER, ROLES, create_database, ensure_roles
from engine.embedded.errors import EmbeddedError
from engine.embedded.place import (
    Place,
    find_place,
    locked,
    password,
    remember,
    remembered,
    require_space,
    using,
)

DATABASE = "tianqi"
LOOK_SECONDS = 2.0  # between looks at services that are to be kept running
ROLE_SETTINGS = {
    "DATABASE_URL": "tianqi_app",
    "OWNER_DATABASE_URL": OWNER,
    "PORTAL_DATABASE_URL": "tianqi_portal",
    "VAULT_DATABASE_URL": "tianqi_vault",
    "QUERY_DATABASE_URL": "tianqi_query",
}


@dataclass(frozen=True)
class Services:
    """The running services, and how to reach them. A part that was not asked for has no port."""

    var: Path
    place: Place | None
    postgres_port: int | None
    redis_port: int | None
    passwords: dict[str, str]

    def url(self, role: str, database: str = DATABASE) -> str:
        """SQLAlchemy address of a database as that role."""
        return f"postgresql+psycopg://{role}:{self.passwords[role]}@127.0.0.1:{self.postgres_port}/{database}"

    @property
    def database_url(self) -> str:
        return self.url("tianqi_app")

    @property
    def owner_database_url(self) -> str:
        return self.url(OWNER)

    @property
    def portal_database_url(self) -> str:
        return self.url("tianqi_portal")

    @property
    def redis_url(self) -> str:
        return f"redis://:{self.passwords['redis']}@127.0.0.1:{self.redis_port}/0"

    def settings(self, database: str = DATABASE) -> dict[str, str]:
        """The settings by name, for the environment of the programs; only of what was started."""
        found: dict[str, str] = {}
        if self.postgres_port:
            found |= {name: self.url(role, database) for name, role in ROLE_SETTINGS.items()}
        if self.redis_port:
            found["REDIS_URL"] = self.redis_url
        return found


@dataclass(frozen=True)
class ServiceStatus:
    """One service as it is now; port and process id only while it runs."""

    name: str
    running: bool
    pid: int | None
    port: int | None
    data: Path


def default_var() -> Path:
    """TIANQI_VAR, else `var/` beside the source."""
    return Path(os.environ.get("TIANQI_VAR") or Path(__file__).resolve().parents[2] / "var")


def start(
    var: Path | None = None, *, with_postgres: bool = True, with_redis: bool = True, keep: bool = False
) -> Services:
    """Start what is asked for and does not run yet; create roles and the database. Raises EmbeddedError.

    `keep`: no session stops them at its end, only `stop` does.
    Safe to call at the same time from several processes: they wait for each other.
    """
    place = find_place(var or default_var())
    with locked(place.var / "embedded.lock"):
        facts = remembered(place)
        passwords = {name: password(facts, name) for name in (*ROLES, "redis")}
        if with_postgres:
            postgres.require_version(place)
        if (with_postgres and not postgres.running_pid(place)) or (
            with_redis and not redis_server.running_pid(place)
        ):
            require_space(place.home)
        facts["keep"] = keep or facts.get("keep", False)
        remember(place, facts)
        ports = facts["ports"]
        if with_postgres:
            ports["postgres"] = postgres.start(place, ports.get("postgres"))
        if with_redis:
            ports["redis"] = redis_server.start(place, ports.get("redis"), passwords["redis"])
        remember(place, facts)
        services = Services(
            var=place.var,
            place=place,
            postgres_port=ports["postgres"] if with_postgres else None,
            redis_port=ports["redis"] if with_redis else None,
            passwords=passwords,
        )
        if with_postgres:
            _bootstrap(services)
    return services


def stop(var: Path | None = None) -> list[str]:
    """Stop both; gives the names of those that were running."""
    place = find_place(var or default_var())
    with locked(place.var / "embedded.lock"):
        remember(place, {**remembered(place), "keep": False})
        stopped = []
        if redis_server.stop(place):
            stopped.append("redis")
        if postgres.stop(place):
            stopped.append("postgres")
        return stopped


def status(var: Path | None = None) -> list[ServiceStatus]:
    """How both are. Takes no lock and changes nothing."""
    place = find_place(var or default_var())
    ports = remembered(place)["ports"]
    postgres_pid, redis_pid = postgres.running_pid(place), redis_server.running_pid(place)
    return [
        ServiceStatus(
            "postgres", postgres_pid is not None, postgres_pid, ports.get("postgres"), postgres.data(place)
        ),
        ServiceStatus("redis", redis_pid is not None, redis_pid, ports.get("redis"), place.redis),
    ]


@contextmanager
def session(
    var: Path | None = None, *, with_postgres: bool = True, with_redis: bool = True
) -> Iterator[Services]:
    """Services for the length of a block. The last block to end stops them, however it ends,
    unless they were started to stay (`start(keep=True)`, the command `services start`).

    SIGTERM and SIGHUP raise SystemExit inside the block, so that its end is reached; Ctrl-C does by itself.
    (In a thread other than the main one the signals stay as they are.)
    """
    var = (var or default_var()).resolve()
    wanted = (signal.SIGTERM, signal.SIGHUP) if threading.current_thread() is threading.main_thread() else ()
    before = {number: signal.signal(number, _leave) for number in wanted}
    try:
        with using(var / "users.lock") as was_last:
            try:
                yield start(var, with_postgres=with_postgres, with_redis=with_redis)
            finally:
                if was_last() and not _kept(var):
                    stop(var)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def kept_running(var: Path, say: Callable[[str], None] = print) -> Iterator[None]:
    """For the block, which lies inside a ``session``: a service that died is started again, by a thread that looks."""
    over = threading.Event()
    wanted = {service.name for service in status(var) if service.running}

    def look() -> None:
        while not over.wait(LOOK_SECONDS):
            gone = {service.name for service in status(var) if not service.running} & wanted
            if not gone:
                continue
            say(f"{'、'.join(sorted(gone))} 已退出，正在重新启动 / ended, starting again")
            try:
                start(var, with_postgres="postgres" in wanted, with_redis="redis" in wanted)
            except EmbeddedError as error:  # a full disk, say: it is tried again until somebody mends it
                say(str(error))

    watch = threading.Thread(target=look, daemon=True)
    watch.start()
    try:
        yield
    finally:
        over.set()
        watch.join()


def _kept(var: Path) -> bool:
    return bool(remembered(find_place(var)).get("keep"))


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _bootstrap(services: Services) -> None:
    assert services.place is not None and services.postgres_port is not None
    with postgres.connect(services.place, services.postgres_port) as connection:
        ensure_roles(connection, services.passwords)
    create_database(services, DATABASE)
