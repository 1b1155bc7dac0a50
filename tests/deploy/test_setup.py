"""deploy/setup.sh says what is missing and stops, before it changes anything; the locks name no registry."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the set-up alone, and commands that answer as a well equipped machine would."""
    copy = tmp_path / "checkout"
    shutil.copytree(ROOT / "deploy", copy / "deploy")
    packages = re.findall(r"^[a-z0-9.+-]+", (copy / "deploy/debian-packages.txt").read_text(), re.MULTILINE)
    installed = " ".join(f"installed:{name}" for name in packages)
    pretend(copy, "node", "echo v20.11.0")
    pretend(copy, "npm", "exit 0")
    pretend(copy, "id", 'case "$1" in -u) echo 1000;; *) echo clerk;; esac')
    pretend(copy, "sudo", "exit 1")
    pretend(copy, "python3", 'case "$2" in *version_info*) echo 3.11;; *) exit 0;; esac')
    pretend(copy, "dpkg-query", f"echo '{installed} '")
    return copy


def pretend(checkout: Path, name: str, script: str) -> None:
    command = checkout / "bin" / name
    command.parent.mkdir(exist_ok=True)
    command.write_text(f"#!/bin/sh\n{script}\n")
    command.chmod(0o755)


def set_up(checkout: Path) -> subprocess.CompletedProcess[str]:
    path = f"{checkout / 'bin'}:/usr/bin:/bin"
    return subprocess.run(
        ["/bin/bash", "deploy/setup.sh"],
        cwd=checkout,
        env={"PATH": path, "HOME": str(checkout)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def refused(checkout: Path) -> str:
    result = set_up(checkout)
    assert result.returncode == 1
    assert not (checkout / ".venv").exists()
    return result.stderr


def test_an_old_node_is_named(checkout: Path) -> None:
    pretend(checkout, "node", "echo v18.19.0")
    message = refused(checkout)
    assert "需要 Node.js 20" in message
    assert "Node.js 20 or newer is needed (here: v18.19.0)" in message


def test_another_python_is_named(checkout: Path) -> None:
    if Path("/usr/bin/python3.11").exists():
        pretend(checkout, "python3.11", "echo 3.9")
        script = checkout / "deploy/setup.sh"
        script.write_text(script.read_text().replace("/usr/bin/python3.11", "/nowhere/python3.11"))
    pretend(checkout, "python3", 'case "$1" in --version) echo Python 3.9.2;; *) echo 3.9;; esac')
    assert "python3 here is: Python 3.9.2" in refused(checkout)


def test_missing_packages_are_named_where_they_cannot_be_installed(checkout: Path) -> None:
    pretend(checkout, "dpkg-query", "echo 'installed:chromium not-installed:redis-server '")
    message = refused(checkout)
    command = next(line for line in message.splitlines() if line.startswith("Error"))
    assert (
        "apt-get install --no-install-recommends postgresql-15 postgresql-15-postgis-3 redis-server"
        in command
    )
    assert "chromium" not in command
    assert "clerk" in command


def test_a_library_that_cannot_be_had_ends_the_set_up_with_its_log(checkout: Path) -> None:
    pretend(
        checkout,
        "python3",
        'case "$*" in *version_info*) echo 3.11;; *ensurepip*) exit 0;; *) echo "No space left"; exit 1;; esac',
    )
    message = refused(checkout)
    assert "No space left" in message
    assert "var/log/setup.log" in message


@pytest.mark.skipif(os.geteuid() == 0, reason="root can write everywhere")
def test_a_folder_of_somebody_else_is_named(checkout: Path) -> None:
    checkout.chmod(0o555)
    try:
        assert "cannot write" in refused(checkout)
    finally:
        checkout.chmod(0o755)


@pytest.mark.parametrize(
    "lock", ["deploy/requirements.lock", "deploy/build-requirements.lock", "web/frontend/package-lock.json"]
)
def test_locks_hold_hashes_and_no_registry(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "sha256:" in text or '"integrity": "sha512-' in text
    assert '"resolved"' not in text
    assert "--index-url" not in text and "--find-links" not in text


def test_the_lock_covers_what_the_program_declares() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {re.split(r"[\[<>=~! ]", line, maxsplit=1)[0].lower().replace("_", "-") for line in declared}
    lock = (ROOT / "deploy/requirements.lock").read_text()
    locked = {name.lower() for name in re.findall(r"^([A-Za-z0-9._-]+)==", lock, re.MULTILINE)}
    assert names <= locked, names - locked
