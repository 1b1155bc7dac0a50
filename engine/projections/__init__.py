"""What is derived from a case's events for reading elsewhere: an explicit, ordered list.

Each runs in the command's own transaction, after tasks and deadlines are saved.
"""

from collections.abc import Callable

from engine.operations.work import Work
from engine.projections.portal import tell_portal, tell_step
from engine.projections.publicity import keep_its_end
from engine.projections.words import keep_words

PROJECTIONS: tuple[Callable[[Work], None], ...] = (keep_its_end, tell_portal, tell_step, keep_words)


def run(work: Work) -> None:
    for project in PROJECTIONS:
        project(work)
