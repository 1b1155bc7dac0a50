"""Why a case cannot move."""

from dataclasses import dataclass

from engine.bpmn.model import Element
from engine.domain.said import say

STAY = say("请让此件按原来的版本办完。")
LATER = say("请等此件办过这一步再迁移，或让它按原来的版本办完。")
DECLARE = say("如不影响这些办件，请声明这一处无妨；否则让它们按原来的版本办完。")


@dataclass(frozen=True)
class Reason:
    """``message`` and ``fix`` as ``said.say`` makes them. ``over``: it is about something that the case has behind it, which may be declared harmless."""

    element: str | None
    message: str
    fix: str
    over: bool = False


def called(element: Element) -> str:
    return f"“{element.name or element.id}”"
