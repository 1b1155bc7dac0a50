"""The private PostgreSQL cluster: create, start, stop, recover.

Durability is PostgreSQL's own (fsync on, full page writes): a cluster killed with SIGKILL comes
back by its write-ahead log. What is added here is finding out whether a leftover pid file still
means something, and saying in one sentence why a start is not possible.
"""

import os
import shutil
import signal
from pathlib import Path

import psycopg

from engine.embedded.errors import EmbeddedError
from engine.embedded.place import ELSEWHERE, Place, last_lines, roll_over
from engine.embedded.processes import command_line, free_port, wait_until, with_title

MAJOR = "15"  # Debian 12's, the version this release is tested with
BINARIES = Path(f"/usr/lib/postgresql/{MAJOR}/bin")
SUPERUSER = "tianqi_admin"
START_SECONDS = 300  # recovery after a crash may have much log to replay
STOP_SECONDS = 60


def data(place: Place) -> Path:
    return place.postgres / "data"


def log(place: Place) -> Path:
    return place.postgres / "postgres.log"


def sockets(place: Place) -> Path:
    """Folder of the Unix socket. The kernel allows 107 bytes for the whole path: a deep checkout's lies elsewhere.

    Root never uses /tmp for it, where someone could have laid a link in advance.
    """
    usual = place.postgres / "run"
    if len(os.fsencode(usual)) < 85:
        return usual
    return ELSEWHERE / place.tag / "run" if place.account.switch else Path("/tmp") / place.tag


def connect(place: Place, port: int, database: str = "postgres") -> psycopg.Connection:
    """A superuser connection by the socket, autocommit. `dbname` etc. are explicit, PG* variables ignored."""
    return psycopg.connect(
        host=str(sockets(place)),
        port=port,
        user=SUPERUSER,
        dbname=database,
        connect_timeout=10,
        autocommit=True,
        sslmode="disable",
        options="-c client_min_messages=warning",
    )


def require_version(place: Place) -> None:
    """Refuse a data folder of another major version, touching nothing."""
    if not (BINARIES / "postgres").exists():
        raise EmbeddedError(
            f"没有找到 PostgreSQL {MAJOR}（{BINARIES}）。请安装 Debian 软件包 postgresql-{MAJOR} 和 postgresql-{MAJOR}-postgis-3。",
            f"PostgreSQL {MAJOR} was not found in {BINARIES}. "
            f"Install the Debian packages postgresql-{MAJOR} and postgresql-{MAJOR}-postgis-3.",
        )
    marker = data(place) / "PG_VERSION"
    found = marker.read_text().strip() if marker.exists() else MAJOR
    if found != MAJOR:
        raise EmbeddedError(
            f"{data(place)} 是 PostgreSQL {found} 的数据，本程序使用 {MAJOR}。数据未改动。"
            f"请用 PostgreSQL {found} 的 pg_dump 导出后再导入，或移走该目录，或用 TIANQI_VAR 指定另一个目录。",
            f"{data(place)} holds data of PostgreSQL {found}; this program uses {MAJOR}. Nothing was touched. "
            f"Export with pg_dump of {found} and import, or move the folder away, or name another by TIANQI_VAR.",
        )
    if data(place).exists() and not marker.exists() and any(data(place).iterdir()):
        raise EmbeddedError(
            f"{data(place)} 不是完整的 PostgreSQL 数据目录（缺少 PG_VERSION）。未作任何改动；请恢复备份，或移走该目录。",
            f"{data(place)} is no complete PostgreSQL data folder (PG_VERSION is missing). Nothing was touched; "
            "restore a backup or move the folder away.",
        )


def running_pid(place: Place) -> int | None:
    """Process id of this cluster's postmaster, None when it does not run (whatever the pid file says)."""
    try:
        pid = int(_pid_file(place)[0])
    except (OSError, ValueError, IndexError):
        return None
    return pid if str(data(place)) in command_line(pid) else None


def running_port(place: Place) -> int:
    """The TCP port of the running cluster."""
    return int(_pid_file(place)[3])


def _pid_file(place: Place) -> list[str]:
    """Lines: process id, data folder, start time, port, socket folder ..."""
    return (data(place) / "postmaster.pid").read_text().splitlines()


def is_ready(place: Place, port: int) -> bool:
    try:
        with connect(place, port):
            return True
    except psycopg.OperationalError:
        return False


def start(place: Place, recorded_port: int | None) -> int:
    """Start the cluster, creating it first when there is none. Gives the TCP port. The lock must be held."""
    require_version(place)
    if running_pid(place):
        port = running_port(place)
        if wait_until(lambda: is_ready(place, port), START_SECONDS):
            return port
        raise _failure(place)
    if not (data(place) / "PG_VERSION").exists():
        _create(place)
    _clear_leftovers(place)
    for _ in range(3):
        port = free_port(recorded_port)
        _configure(place, port)
        if _launch(place):
            return port
        if "Address already in use" not in last_lines(log(place), 20):
            break
        recorded_port = None
    raise _failure(place)


def stop(place: Place) -> bool:
    """Stop the cluster cleanly, immediately if clients do not let go. False when it was not running."""
    if not running_pid(place):
        return False
    for mode in ("fast", "immediate"):
        argv: list[str | Path] = [
            BINARIES / "pg_ctl",
            "stop",
            "-D",
            data(place),
            "-m",
            mode,
            "-w",
            "-t",
            str(STOP_SECONDS),
        ]
        if place.account.run(argv, cwd=place.postgres).returncode == 0:
            return True
    raise _failure(place)


def _create(place: Place) -> None:
    """initdb beside and rename, so that an interrupted creation leaves nothing that looks like a cluster."""
    place.account.own(place.postgres)
    draft = place.postgres / "data.new"
    shutil.rmtree(draft, ignore_errors=True)
    argv: list[str | Path] = [
        BINARIES / "initdb",
        *("-D", draft, "-U", SUPERUSER, "--encoding=UTF8", "--locale=C.UTF-8"),
        *("--auth-local=peer", "--auth-host=scram-sha-256", "--data-checksums"),
    ]
    result = place.account.run(argv, cwd=place.postgres)
    if result.returncode != 0:
        shutil.rmtree(draft, ignore_errors=True)
        reason = (result.stderr or result.stdout).strip()
        raise EmbeddedError(
            f"无法创建数据库集群：{reason}", f"The database cluster could not be created: {reason}"
        )
    with (draft / "postgresql.conf").open("a") as out:
        out.write(
            "\ninclude = 'tianqi.conf'  # written by tianqi at every start\ninclude_if_exists = 'local.conf'\n"
        )
    _write(place, draft / "local.conf", "# The administrator's settings, read after tianqi.conf.\n")
    if data(place).exists():
        data(place).rmdir()  # empty, see require_version
    draft.rename(data(place))


def _configure(place: Place, port: int) -> None:
    """Write the settings that depend on this machine. `local.conf` beside it is the administrator's."""
    place.account.own(sockets(place))
    me = place.account.name
    _write(
        place,
        data(place) / "tianqi.conf",
        f"""listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{_quoted(sockets(place))}'
unix_socket_permissions = 0700
cluster_name = '{place.tag}'
password_encryption = 'scram-sha-256'
max_connections = 200
shared_buffers = '256MB'
max_wal_size = '1GB'
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
jit = off
log_line_prefix = '%m [%p] %q%u@%d '
""",
    )
    _write(
        place,
        data(place) / "pg_hba.conf",
        f"""# written by tianqi at every start
local all {SUPERUSER} peer map=admin
local all all scram-sha-256
host all {SUPERUSER} 127.0.0.1/32 reject
host all all 127.0.0.1/32 scram-sha-256
""",
    )
    users = {me, "root"}
    _write(
        place,
        data(place) / "pg_ident.conf",
        "".join(f'admin "{user}" {SUPERUSER}\n' for user in sorted(users)),
    )


def _write(place: Place, path: Path, text: str) -> None:
    path.write_text(text)
    if place.account.switch:
        os.chown(path, place.account.uid, place.account.gid)
    path.chmod(0o600)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _launch(place: Place) -> bool:
    roll_over(log(place))
    argv: list[str | Path] = [
        BINARIES / "pg_ctl",
        "start",
        "-D",
        data(place),
        "-l",
        log(place),
        "-w",
        "-s",
        "-t",
        str(START_SECONDS),
    ]
    return place.account.run(argv, cwd=place.postgres).returncode == 0


def _clear_leftovers(place: Place) -> None:
    """After a SIGKILL: end orphaned server processes, and remove pid and socket lock files.

    PostgreSQL refuses to start while the pid in these files belongs to any process of the same
    account: a stranger with a reused id after a reboot, or in a container the dead one itself, not
    yet reaped. The files go only when no process of this cluster is left.
    """
    title = f"postgres: {place.tag}:"
    if not wait_until(lambda: not with_title(title), 5):
        for pid in with_title(title):
            os.kill(pid, signal.SIGQUIT)
        if not wait_until(lambda: not with_title(title), 20):
            raise _failure(place)
    (data(place) / "postmaster.pid").unlink(missing_ok=True)
    for left in sockets(place).glob(".s.PGSQL.*"):
        left.unlink()


def _failure(place: Place) -> EmbeddedError:
    tail = last_lines(log(place))
    return EmbeddedError(
        f"数据库没有按要求启动或停止，数据未改动。日志 {log(place)} 的最后几行：",
        f"The database did not start or stop as asked; no data was changed. Last lines of its log:\n{tail}",
    )
