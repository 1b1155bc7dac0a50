"""A rejected case lets go of what it held."""

from typing import Any

from engine.operations.work import Work
from engine.store import reservations


def release_reservations(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    reservations.release(work.session, work.case, work.at)
    return {}
