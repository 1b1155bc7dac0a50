"""By which ways a county tells applicants things, and under which name. Pure; the rows lie in engine/store/channels.py."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from engine.domain.errors import Invalid
from engine.domain.messages import CHOSEN, PORTAL, WAYS, templates
from engine.domain.said import say

LONGEST = 20  # characters of the sender: gateways refuse longer ones


@dataclass(frozen=True)
class Channels:
    """``kinds``: the ways of a kind of message where they differ from the file's; ``off``: ways that are switched off,
    whatever is said of a kind. Codes for signing in and signing go out all the same.
    """

    sender: str = "田契"
    off: tuple[str, ...] = ()
    kinds: Mapping[str, list[str]] = field(default_factory=dict)

    def ways(self, kind: str) -> list[str]:
        row = templates().get(kind) or templates()["other"]
        own = self.kinds.get(kind)
        return [way for way in WAYS if way in (row["ways"] if own is None else own) and way not in self.off]

    def sign(self, text: str) -> str:
        return f"【{self.sender}】{text}"

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def from_json(row: Mapping[str, Any] | None) -> Channels:
    found = row or {}
    return Channels(
        found.get("sender") or Channels.sender, tuple(found.get("off", ())), found.get("kinds", {})
    )


def checked(given: Mapping[str, Any]) -> Channels:
    """``sender``, ``off`` and ``kinds`` as of as_json. Raises Invalid by field; a kind's field is ``kinds-<kind>``."""
    faults: dict[str, list[str]] = {}
    sender = " ".join(str(given.get("sender", "")).split())
    if not 2 <= len(sender) <= LONGEST or set(sender) & set("【】[]<>"):
        faults["sender"] = [say("请填2至%(most)s个字，不用写括号", most=LONGEST)]
    kinds = {}
    for kind, row in templates().items():
        wanted = given.get("kinds", {}).get(kind)
        if wanted is None:
            continue
        kinds[kind] = [way for way in WAYS if way in wanted]
        if row.get("must") and PORTAL not in kinds[kind]:
            faults[f"kinds-{kind}"] = [say("法律要求告知，至少要在网上办理的“我的消息”里告知")]
    if faults:
        raise Invalid(faults)
    return Channels(sender, tuple(way for way in CHOSEN if way in given.get("off", ())), kinds)
