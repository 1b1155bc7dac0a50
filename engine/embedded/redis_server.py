"""The private Redis: loopback only, with a password, append-only file. It may be lost whole: jobs are rebuilt."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from engine.embedded.errors import EmbeddedError
from engine.embedded.place import Place, last_lines, roll_over
from engine.embedded.processes import command_line, free_port, wait_until

START_SECONDS = 60
_launched: list[subprocess.Popen[bytes]] = []  # outlive this process; kept so that ended ones are reaped


def log(place: Place) -> Path:
    return place.redis / "redis.log"


def connect(port: int, password: str) -> redis.Redis:
    """A client that answers at once whether it can, instead of trying again and again."""
    return redis.Redis(
        host="127.0.0.1", port=port, password=password, socket_timeout=5, retry=Retry(NoBackoff(), 0)
    )


def is_ready(port: int, password: str) -> bool:
    """Whether our Redis answers there: a stranger's would not know the password."""
    try:
        with connect(port, password) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def running_pid(place: Place) -> int | None:
    try:
        pid = int((place.redis / "redis.pid").read_text())
    except (OSError, ValueError):
        return None
    return pid if place.tag in command_line(pid) else None


def start(place: Place, recorded_port: int | None, password: str) -> int:
    """Start Redis unless it runs; gives its port. The lock must be held."""
    if running_pid(place) and recorded_port and is_ready(recorded_port, password):
        return recorded_port
    stop(place)
    server = shutil.which("redis-server")
    if server is None:
        raise EmbeddedError(
            "没有找到 redis-server。请安装 Debian 软件包 redis-server。",
            "redis-server was not found. Install the Debian package redis-server.",
        )
    place.account.own(place.redis)
    roll_over(log(place))
    for _ in range(3):
        port = free_port(recorded_port)
        _configure(place, port, password)
        if _launch(place, server, port, password):
            return port
        if "Address already in use" not in last_lines(log(place), 20):
            break
        recorded_port = None
    raise EmbeddedError(
        f"Redis 没有启动。日志 {log(place)} 的最后几行：",
        f"Redis did not start. Last lines of its log:\n{last_lines(log(place))}",
    )


def stop(place: Place) -> bool:
    """Stop Redis, its file written. False when it was not running."""
    pid = running_pid(place)
    if pid is None:
        return False
    os.kill(pid, signal.SIGTERM)
    if not wait_until(lambda: running_pid(place) != pid, 20):
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: running_pid(place) != pid, 5)
    _launched[:] = [process for process in _launched if process.poll() is None]
    return True


def _launch(place: Place, server: str, port: int, password: str) -> bool:
    """Start it in a session of its own, where a Ctrl-C in this terminal does not reach it."""
    process = subprocess.Popen(
        [server, str(place.redis / "redis.conf")],
        cwd=place.redis,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        **place.account.popen_arguments(),
    )
    _launched.append(process)
    wait_until(lambda: is_ready(port, password) or process.poll() is not None, START_SECONDS)
    return process.poll() is None


def _configure(place: Place, port: int, password: str) -> None:
    """The password stands in the file, not on the command line where every user could read it."""
    path = place.redis / "redis.conf"
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as out:
        out.write(
            f"""bind 127.0.0.1
port {port}
requirepass {password}
dir "{place.redis}"
pidfile "{place.redis / "redis.pid"}"
logfile "{log(place)}"
proc-title-template "redis-server {place.tag} {{listen-addr}}"
daemonize no
databases 128
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
"""
        )
    if place.account.switch:
        os.chown(path, place.account.uid, place.account.gid)
