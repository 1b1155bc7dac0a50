"""What happened in a case, told by the command that caused it: one moment, and what followed from it.

All facts of one command share their instant and their actor. Where a standing clock gives several commands one
instant, each begins with the materials handed in for it, or with what was done.
The words are the pages' (web/inbox/history_words.py); here are the facts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy.orm import Session

from engine.domain import events
from engine.store import history
from engine.store.tables.cases import Case

LEADING = (events.CASE_STARTED, events.TASK_COMPLETED, events.TIMER_FIRED, events.EVENT_RECEIVED)
MOVING = (events.CASE_MIGRATED, events.MIGRATION_UNDONE)
OPENING = (
    *LEADING,
    *MOVING,
    events.TASK_CLAIMED,
    events.TASK_RELEASED,
    events.TASK_REASSIGNED,
    events.TASK_REMINDED,
    events.ERROR_FOUND,
    events.ERROR_ANSWERED,
    events.CORRECTION_OPENED,
)
# said only to the machine, told by another fact of the same command, or shown at a place of its own
QUIET = frozenset(
    {
        events.OPERATION_DONE,
        events.PAPER_PRINTED,
        events.DEADLINE_STARTED,
        events.CHANGESET_SET,
        events.COMMENT_ADDED,
    }
)


NO_ACTS: Mapping[str, str] = {}
Recorded = tuple[Any, dict[str, Any]]  # a link of the chain, its payload


@dataclass(frozen=True)
class Fact:
    kind: str
    payload: dict[str, Any]
    element: str | None
    task_number: int | None


@dataclass(frozen=True)
class Moment:
    """``position`` is role@division of who acted, empty for the system."""

    seq: int
    at: datetime
    actor: str
    actor_name: str
    position: str
    first: Fact
    then: tuple[Fact, ...] = ()


@dataclass(frozen=True)
class Path:
    """Where the case has been: finished elements and the flows taken, in order of their first time."""

    done: tuple[str, ...]
    current: tuple[str, ...]


@dataclass(frozen=True)
class Remark:
    """What somebody said about the case among the offices."""

    at: datetime
    actor_name: str
    position: str
    text: str


@dataclass(frozen=True)
class Opinion:
    """What a task's form was answered with."""

    at: datetime
    actor_name: str
    position: str
    element: str | None
    task_number: int | None
    form: str
    data: dict[str, Any] = field(default_factory=dict)


class Told:
    """The events of a case, read once and asked several things."""

    def __init__(self, session: Session, case: Case):
        self._events = history.read(session, case.county, case.id)

    def moments(self) -> list[Moment]:
        """Oldest first; moments with nothing to tell are left out."""
        found = []
        for (at, actor), group in groupby(self._events, key=lambda event: (event[0].at, event[0].actor)):
            for links in commands((link, payload or {}) for link, payload in group if link.kind not in QUIET):
                lead = next((pair for pair in links if pair[0].kind in LEADING), links[0])
                rest = [pair for pair in links if pair is not lead]
                link = lead[0]
                then = tuple(_fact(*pair) for pair in rest)
                found.append(Moment(link.seq, at, actor, link.actor_name, link.position, _fact(*lead), then))
        return found

    def application(self) -> dict[str, Any]:
        """The variables that the case was started with."""
        first = next((payload for link, payload in self._events if link.kind == events.CASE_STARTED), None)
        return (first or {}).get("data", {})

    def opinions(self, acts: Mapping[str, str] = NO_ACTS) -> list[Opinion]:
        """Every finished task with its answers, and what was asked beside the tasks, oldest first.

        ``acts``: message -> form, of what a case type lets people do at any time; whoever decides on it reads it here.
        """
        found = []
        for link, payload in self._events:
            told = payload or {}
            if link.kind == events.TASK_COMPLETED:
                form, data = told.get("form"), told.get("data")
            elif link.kind == events.EVENT_RECEIVED and told.get("name") in acts:
                form, data = acts[told["name"]], told.get("payload")
            else:
                continue
            said = (link.at, link.actor_name, link.position, link.element, link.task_number)
            found.append(Opinion(*said, form or "", data or {}))
        return found

    def remarks(self) -> list[Remark]:
        """Oldest first; one that was erased by law is left out."""
        return [
            Remark(link.at, link.actor_name, link.position, payload["text"])
            for link, payload in self._events
            if link.kind == events.COMMENT_ADDED and payload
        ]

    def path(self) -> Path:
        entered: dict[int, str] = {}
        done: dict[str, None] = {}
        for _, payload in self._events:
            path = (payload or {}).get("path") or {}
            for element, number in path.get("entered", ()):
                entered[number] = element
            for element, number, *_ in path.get("left", ()):
                entered.pop(number, None)
                done[element] = None
            done.update(dict.fromkeys(path.get("flows", ())))
        return Path(tuple(done), tuple(dict.fromkeys(entered.values())))


def commands(told: Iterable[Recorded]) -> list[list[Recorded]]:
    """One instant's facts, apart by the command that they came from."""
    parts: list[list[Recorded]] = []
    opened = True
    for link, payload in told:
        opens = link.kind in OPENING
        if not parts or (opened and (opens or link.kind == events.MATERIAL_ADDED)):
            parts.append([])
            opened = False
        parts[-1].append((link, payload))
        opened = opened or opens
    return parts


def _fact(link: Any, payload: dict[str, Any]) -> Fact:
    return Fact(link.kind, payload, link.element, link.task_number)
