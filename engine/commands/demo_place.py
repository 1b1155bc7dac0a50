"""Where the demonstration plays: a database, files and a web server of its own, gone when it is over.

It uses the embedded PostgreSQL and Redis, started if they do not run; a running `tianqi up` and its data are
left alone.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.error import URLError
from urllib.request import urlopen

from engine import bootstrap, embedded
from engine.bootstrap import App
from engine.commands.trial import COUNTY, START, build_county, settings_for
from engine.jobs.ticker import tick
from engine.settings import Settings
from engine.usecases.carry_out_effect import drain
from engine.usecases.move_clock import set_clock

REDIS_NUMBER = 15  # the last of sixteen; the installation's own is 0
PATIENCE = 60  # seconds for the web server to answer


@dataclass
class Place:
    app: App
    url: str

    def work(self) -> None:
        """What ticker and worker do meanwhile, until nothing is left to do."""
        for _ in range(20):
            done = tick(self.app, None)
            if not drain(self.app) and not any(done.values()):
                return


@contextmanager
def place(households: int) -> Iterator[Place]:
    name = f"demo_{os.getpid()}"
    with embedded.session() as services, TemporaryDirectory(prefix="tianqi-demo-") as folder:
        try:
            build_county(services, name, Path(folder), households)
            listening = socket.create_server(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{listening.getsockname()[1]}"
            settings = replace(settings_for(services, name, Path(folder), REDIS_NUMBER), public_url=url)
            app = bootstrap.app(settings, pooled=False)
            with app.sessions(COUNTY) as session:
                set_clock(session, datetime.now(UTC), START)
                session.commit()
            with web_server(settings, listening, url, Path(folder)):
                yield Place(app, url)
            app.dispose()
        finally:
            embedded.drop_database(services, name)


@contextmanager
def web_server(settings: Settings, listening: socket.socket, url: str, folder: Path) -> Iterator[None]:
    """The real server, on a port that was free, listening on it before it starts: nobody can take it away."""
    fd = listening.fileno()
    gunicorn = [sys.executable, "-m", "gunicorn", "web.app:create_app()", "-b", f"fd://{fd}", "-k", "gthread"]
    gunicorn += ["--threads", "4", "--timeout", "120", "--log-level", "warning"]
    with (folder / "web.log").open("wb") as log:
        process = subprocess.Popen(
            gunicorn,
            env=environment(settings),
            pass_fds=(fd,),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    listening.close()
    try:
        wait_for(process, url, folder / "web.log")
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def environment(settings: Settings) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GUNICORN")}
    return kept | {
        "DATABASE_URL": settings.database_url,
        "PORTAL_DATABASE_URL": settings.portal_database_url,
        "VAULT_DATABASE_URL": settings.vault_database_url or "",
        "QUERY_DATABASE_URL": settings.query_database_url or "",
        "OWNER_DATABASE_URL": settings.owner_database_url or "",
        "REDIS_URL": settings.redis_url or "",
        "TIANQI_SECRET_KEY": settings.secret_key.hex(),
        "TIANQI_VAR": str(settings.var),
        "TIANQI_PROCESSES": str(settings.processes),
        "TIANQI_PUBLIC_URL": settings.public_url,
        "TIANQI_DEMO": "1",
        "TIANQI_LIMITS": "off",
    }


def wait_for(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            with urlopen(f"{url}/healthz", timeout=PATIENCE):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(
        "网页服务没有启动 the web server did not start:\n" + log.read_text("utf-8", "replace")[-2000:]
    )
