"""One small county for all tests of this folder; tests that spoil it take a copy."""

import shutil
from pathlib import Path

import pytest

from engine.exchange.demo import write_demo_county

STEM = "9901012025"


@pytest.fixture(scope="session")
def clean(tmp_path_factory) -> Path:
    return write_demo_county(tmp_path_factory.mktemp("clean"), households=60).path


@pytest.fixture
def package(clean: Path, tmp_path: Path) -> Path:
    """A copy that the test may spoil."""
    return Path(shutil.copytree(clean, tmp_path / clean.name))
