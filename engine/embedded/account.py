"""Under which system account the servers run, and running a command as that account.

PostgreSQL refuses to run as root, so root hands over to the owner of the existing data, else to
the `postgres` user that Debian's package creates. Anyone else runs the servers as themselves.
"""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.embedded.errors import EmbeddedError

SYSTEM_ACCOUNT = "postgres"


@dataclass(frozen=True)
class Account:
    """A system user. `switch` says whether this process must change to it."""

    name: str
    uid: int
    gid: int
    switch: bool

    def popen_arguments(self) -> dict[str, Any]:
        """Arguments that make subprocess run something as this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.switch else {}

    def run(
        self, argv: Sequence[str | Path], *, cwd: Path, timeout: float = 400
    ) -> subprocess.CompletedProcess[str]:
        """Run to the end, output captured; the environment is clean (no PGDATA, no PGPORT, no locale)."""
        return subprocess.run(
            [str(word) for word in argv],
            check=False,
            cwd=cwd,
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            **self.popen_arguments(),
        )

    def can_enter(self, folder: Path) -> bool:
        """Whether this account can traverse the path down to `folder`."""
        if not self.switch:
            return os.access(folder, os.X_OK)
        return self.run(["/usr/bin/test", "-x", folder], cwd=Path("/")).returncode == 0

    def own(self, folder: Path) -> None:
        """Make a private folder of this account: 0700, contents untouched."""
        folder.mkdir(parents=True, exist_ok=True)
        if self.switch:
            os.chown(folder, self.uid, self.gid)
        folder.chmod(0o700)


def account_for(data: Path) -> Account:
    """The account that runs (or will run) the servers whose data lies, or will lie, in `data`."""
    me = os.geteuid()
    owner = data.stat().st_uid if data.exists() else None
    if me != 0:
        if owner not in (None, me):
            name = _name(owner or 0)
            raise EmbeddedError(
                f"数据目录 {data} 属于系统用户 {name}，当前用户不能使用。请以该用户或 root 身份运行，或用 TIANQI_VAR 指定另一个目录。",
                f"The data folder {data} belongs to the system user {name}. Run as that user or as root, "
                "or name another folder by TIANQI_VAR.",
            )
        return Account(_name(me), me, os.getegid(), switch=False)
    entry = pwd.getpwuid(owner) if owner else _system_account()
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, switch=True)


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _system_account() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SYSTEM_ACCOUNT)
    except KeyError:
        raise EmbeddedError(
            f"没有系统用户 {SYSTEM_ACCOUNT}：请安装 Debian 软件包 postgresql-15（make run 会自动安装）。",
            f"There is no system user {SYSTEM_ACCOUNT}: install the Debian package postgresql-15 (make run does it).",
        ) from None
