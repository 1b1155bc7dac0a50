"""A rejected case lets go of what it held."""

from typing import Any

from engine.operations.changeset import release
from engine.operations.work import Work


def release_reservations(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    release(work)
    return {}
