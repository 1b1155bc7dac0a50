"""What /proc tells about processes and ports.

Only world-readable entries are trusted for recognising a process (its command line): in a
container without CAP_SYS_PTRACE even root cannot read another user's /proc/<pid>/cwd.
"""

import os
import random
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

# Below the kernel's range for outgoing connections (32768 and up), so that a recorded port is
# not taken by chance while the services are down.
PRIVATE_PORTS = range(20000, 32000)


def command_line(pid: int) -> str:
    """The process's command line, '' when it is gone or a zombie."""
    try:
        return (
            Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace").strip()
        )
    except OSError:
        return ""


def with_title(part: str) -> list[int]:
    """Ids of running processes whose command line contains `part`, this one excepted."""
    pids = (int(name) for name in os.listdir("/proc") if name.isdigit())
    return [pid for pid in pids if pid != os.getpid() and part in command_line(pid)]


def wait_until(condition: Callable[[], bool], seconds: float, step: float = 0.05) -> bool:
    """Poll `condition`; False when `seconds` passed first."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(step)
    return True


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen there now. Closed connections still lingering don't count."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(preferred: int | None = None) -> int:
    """The preferred port if it is free, else a free one out of the private range."""
    if preferred and is_free(preferred):
        return preferred
    for port in random.sample(PRIVATE_PORTS, 200):
        if is_free(port):
            return port
    raise OSError("no free loopback port")


def listener(port: int) -> tuple[int, str] | None:
    """(pid, command line) of who listens on a TCP port, None where this may not be seen."""
    inodes = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    if not inodes:
        return None
    for pid in (int(name) for name in os.listdir("/proc") if name.isdigit()):
        if inodes & set(_open_files(pid)):
            return pid, command_line(pid)
    return None


def _open_files(pid: int) -> Iterator[str]:
    folder = f"/proc/{pid}/fd"
    try:
        handles = os.listdir(folder)
    except OSError:  # gone, or another user's
        return
    for handle in handles:
        with suppress(OSError):  # closed meanwhile
            yield os.readlink(f"{folder}/{handle}")


def _listening_inodes(port: int) -> list[str]:
    found = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        rows = (line.split() for line in lines)
        found += [row[9] for row in rows if row[3] == "0A" and int(row[1].rsplit(":", 1)[1], 16) == port]
    return found
