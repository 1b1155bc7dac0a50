"""What was said to be wrong in a filed case, and what became of it. Pure: read off the case's history."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from engine.domain import events
from engine.domain.clock import local_date

WAITING, CORRECTED, DECLINED = "waiting", "corrected", "declined"


@dataclass(frozen=True)
class Finding:
    """``case``: number of the correction; ``answer``: why nothing is corrected."""

    text: str
    by: str
    position: str
    at: datetime
    state: str = WAITING
    case: str | None = None
    answer: str | None = None


def findings(told: Iterable[tuple[Any, dict[str, Any] | None]]) -> tuple[Finding, ...]:
    """In the order of the links. A correction takes up all that wait, and so does an answer."""
    found: list[Finding] = []
    for link, payload in told:
        if link.kind == events.ERROR_FOUND:
            text = (payload or {}).get("finding", "")
            found.append(Finding(text, link.actor_name, link.position or "", link.at))
        elif link.kind == events.CORRECTION_OPENED:
            found = [_ended(one, CORRECTED, case=(payload or {}).get("case")) for one in found]
        elif link.kind == events.ERROR_ANSWERED:
            found = [_ended(one, DECLINED, answer=(payload or {}).get("answer")) for one in found]
    return tuple(found)


def _ended(one: Finding, state: str, **how: Any) -> Finding:
    return replace(one, state=state, **how) if one.state == WAITING else one


def said_to_applicant(found: tuple[Finding, ...]) -> dict[str, Any] | None:
    """The last that the household itself said, for the portal; None where it said nothing."""
    own = [one for one in found if one.position.startswith("applicant")]
    if not own:
        return None
    last = own[-1]
    told = {"text": last.text, "by": last.by, "on": local_date(last.at).isoformat(), "state": last.state}
    return told | {"case": last.case, "answer": last.answer}
