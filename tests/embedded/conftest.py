"""A `var/` that the database account can enter. pytest's own temporary folders are 0700."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import embedded
from engine.embedded.place import find_place


@pytest.fixture
def var() -> Iterator[Path]:
    """An empty folder; whatever was started there is stopped and removed."""
    with _folder(0o755) as path:
        yield path


@pytest.fixture
def closed_var() -> Iterator[Path]:
    """A folder that only its owner may enter, like a checkout below root's home."""
    with _folder(0o700) as path:
        yield path


class _folder:
    def __init__(self, mode: int) -> None:
        self.mode = mode

    def __enter__(self) -> Path:
        self.top = Path(tempfile.mkdtemp(prefix="tianqi-test-"))
        self.top.chmod(self.mode)
        return self.top / "var"

    def __exit__(self, *exception: object) -> None:
        var = self.top / "var"
        home = find_place(var).home
        marker = home / "postgres" / "data" / "PG_VERSION"
        if marker.exists():
            marker.write_text("15\n")  # a test may have changed it
        embedded.stop(var)
        assert not any(service.running for service in embedded.status(var))
        shutil.rmtree(self.top)
        if home != var:
            shutil.rmtree(home)
