"""Facts of one instant are told by the command that they came from."""

from types import SimpleNamespace

import pytest

from engine.domain import events
from engine.queries.timeline import commands

STARTED, COMPLETED, CLAIMED = events.CASE_STARTED, events.TASK_COMPLETED, events.TASK_CLAIMED
MATERIAL, OPENED, ISSUED = events.MATERIAL_ADDED, events.TASK_OPENED, events.PAPER_ISSUED


@pytest.mark.parametrize(
    ("kinds", "parts"),
    [
        ([MATERIAL, MATERIAL, STARTED, ISSUED, OPENED], [5]),
        ([MATERIAL, STARTED, OPENED, CLAIMED, COMPLETED, OPENED], [3, 1, 2]),
        ([COMPLETED, OPENED, CLAIMED, MATERIAL, MATERIAL, COMPLETED, ISSUED], [2, 1, 4]),
        ([ISSUED], [1]),
        ([], []),
    ],
)
def test_one_instant_several_commands(kinds, parts):
    told = [(SimpleNamespace(kind=kind, seq=seq), {}) for seq, kind in enumerate(kinds)]
    found = commands(told)
    assert [len(part) for part in found] == parts
    assert [link.seq for part in found for link, _ in part] == list(range(len(kinds)))
