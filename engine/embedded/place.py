"""Where the embedded services keep their data, and what is remembered between starts."""

import fcntl
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.embedded.account import Account, account_for
from engine.embedded.errors import EmbeddedError

ELSEWHERE = Path("/var/lib/tianqi")
LEAST_FREE_BYTES = 500 * 1024 * 1024


@dataclass(frozen=True)
class Place:
    """The folders of one set of services, and the account that owns them.

    `home` holds postgres/ and redis/: `var` itself, or a folder under /var/lib/tianqi where the
    account cannot enter `var` (a checkout below a 0700 home). `tag` marks the servers' processes.
    """

    var: Path
    home: Path
    account: Account
    tag: str

    @property
    def postgres(self) -> Path:
        return self.home / "postgres"

    @property
    def redis(self) -> Path:
        return self.home / "redis"


def find_place(var: Path) -> Place:
    """Settle folders and account; creates `var` (and the pointer file when data must lie elsewhere)."""
    var = var.resolve()
    try:
        var.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EmbeddedError(
            f"无法创建目录 {var}：{error.strerror}。", f"Cannot create the folder {var}: {error.strerror}."
        ) from None
    tag = "tianqi-" + hashlib.sha256(os.fsencode(var)).hexdigest()[:10]
    pointer = var / "data-directory"
    if pointer.exists():
        home = Path(pointer.read_text().strip())
        return Place(var, home, account_for(home / "postgres"), tag)
    account = account_for(var / "postgres")
    if account.can_enter(var):
        return Place(var, var, account, tag)
    home = ELSEWHERE / tag
    home.mkdir(parents=True, exist_ok=True)
    pointer.write_text(f"{home}\n")
    return Place(var, home, account, tag)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock file; a second process waits."""
    with _opened(path) as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextmanager
def using(path: Path) -> Iterator[Callable[[], bool]]:
    """Share a lock file with other users; gives a question to be asked at the end: was I the last?

    Answered yes, newcomers wait until the block is left.
    """
    with _opened(path) as handle:
        fcntl.flock(handle, fcntl.LOCK_SH)

        def was_last() -> bool:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

        yield was_last


@contextmanager
def running_alone(path: Path) -> Iterator[None]:
    """Hold a lock file that names this process; a second process is refused at once."""
    with _opened(path) as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = path.read_text().strip() or "?"
            raise EmbeddedError(
                f"本目录的服务已由另一个 tianqi up 运行（进程 {pid}）。请先在那里按 Ctrl-C。",
                f"Another `tianqi up` is running on this folder (process {pid}). Press Ctrl-C there first.",
            ) from None
        handle.truncate(0)
        handle.write(f"{os.getpid()}\n")
        handle.flush()
        yield


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = path.open("a+")
    except PermissionError:
        raise EmbeddedError(
            f"没有权限写 {path}。请以该目录所属用户或 root 身份运行，或用 TIANQI_VAR 指定另一个目录。",
            f"No permission to write {path}. Run as the folder's owner or as root, or name another folder by TIANQI_VAR.",
        ) from None
    with handle:
        yield handle


def require_space(folder: Path) -> None:
    """Refuse to start servers on a nearly full disk: a database that cannot write its log stops hard."""
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE_BYTES:
        megabytes, least = free // 2**20, LEAST_FREE_BYTES // 2**20
        raise EmbeddedError(
            f"磁盘空间不足：{folder} 所在磁盘只剩 {megabytes} MB，至少需要 {least} MB。未启动任何服务，数据未改动。",
            f"Disk nearly full: {megabytes} MB left for {folder}, at least {least} MB needed. "
            "Nothing was started, no data was touched.",
        )


def remembered(place: Place) -> dict[str, Any]:
    """Ports and passwords from the last start. Lost ones are made anew; roles then get the new passwords."""
    try:
        facts = json.loads((place.var / "embedded.json").read_text())
    except (FileNotFoundError, ValueError):
        facts = {}
    except PermissionError:
        raise EmbeddedError(
            f"没有权限读 {place.var / 'embedded.json'}。请以创建它的用户身份运行。",
            f"No permission to read {place.var / 'embedded.json'}. Run as the user who created it.",
        ) from None
    facts.setdefault("ports", {})
    facts.setdefault("passwords", {})
    return facts


def password(facts: dict[str, Any], name: str) -> str:
    """The remembered password of that name, made when there is none."""
    return facts["passwords"].setdefault(name, secrets.token_urlsafe(24))


def remember(place: Place, facts: dict[str, Any]) -> None:
    """Write ports and passwords, whole or not at all."""
    target = place.var / "embedded.json"
    text = json.dumps(facts, indent=1, sort_keys=True)
    if target.exists() and target.read_text() == text:
        return
    draft = target.with_suffix(".new")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(target)


def last_lines(log: Path, count: int = 8) -> str:
    """The end of a log, for error sentences."""
    try:
        return "\n".join("    " + line for line in log.read_text(errors="replace").splitlines()[-count:])
    except OSError:
        return ""


def roll_over(log: Path, largest: int = 10 * 2**20) -> None:
    """Keep one older log of limited size."""
    if log.exists() and log.stat().st_size > largest:
        log.replace(log.with_suffix(log.suffix + ".1"))
