"""What an auditor reads of who looked at what: every kind of thing has a name."""

import re

from engine.settings import ROOT
from web.audit.words import SUBJECTS

NOTED = re.compile(
    r'note_read\((?:[^()]|\([^()]*\))*?"(?:open|unmask|search|look_up|download)",\s*f?"([a-z_]+)'
)


def test_every_kind_of_thing_that_is_noted_has_a_name():
    sources = [path.read_text() for part in ("engine", "web") for path in (ROOT / part).rglob("*.py")]
    noted = {kind for text in sources for kind in NOTED.findall(text)}
    assert {"case", "parcel", "archive", "supervision"} <= noted
    assert noted <= set(SUBJECTS)
