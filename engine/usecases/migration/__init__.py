"""Move the open cases of a county to the version in force: plan, rehearse, do it, undo it.

Each case is moved in a transaction of its own, under its lock, so that a county's cases can be moved while people
work, in as many goes as it takes: what was moved is on the new version and drops out of the next plan.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from engine.bpmn.migration import Reason
from engine.domain import events
from engine.domain.actor import Actor
from engine.domain.errors import Conflict, DomainError, Refused
from engine.queries import recorded_cases as recorded
from engine.store import cases, versions
from engine.usecases.migration.one import (
    check_administrator,
    migrate_case,
    plan_case,
    reasons_as_dicts,
    undo_migration,
)
from engine.usecases.procedures import Procedure, procedure
from engine.usecases.wiring import Wiring

__all__ = ["Moved", "Planned", "Summary", "migrate_cases", "plan_migration", "rehearse", "undo_migrations"]

MOVED, REFUSED, WENT_ON, FAILED = "moved", "refused", "went_on", "failed"
EXAMPLES = 5


@dataclass(frozen=True)
class Planned:
    """One open case of another version: it can move, or why not. ``revision``: how it stood when planned."""

    number: str
    version: str
    revision: int
    reasons: tuple[Reason, ...] = ()

    @property
    def movable(self) -> bool:
        return not self.reasons

    def as_dict(self) -> dict[str, Any]:
        told = {"case": self.number, "version": self.version, "revision": self.revision}
        return told | {"movable": self.movable, "reasons": reasons_as_dicts(self.reasons)}


@dataclass(frozen=True)
class Moved:
    """What came of one case: moved (or, rehearsed, would be), refused, went_on (somebody acted on it since it
    was planned: it waits for the next plan) or failed, with the ``message``.

    ``tasks``: open tasks whose name, form or position changes. ``begun``, ``given_up``: deadlines.
    """

    number: str
    came: str
    message: str = ""
    reasons: tuple[Reason, ...] = ()
    tasks: tuple[dict[str, Any], ...] = ()
    begun: tuple[dict[str, Any], ...] = ()
    given_up: int = 0

    def as_dict(self) -> dict[str, Any]:
        told: dict[str, Any] = {"case": self.number, "came": self.came, "message": self.message}
        told |= {"reasons": reasons_as_dicts(self.reasons), "tasks": list(self.tasks)}
        return told | {"begun": list(self.begun), "given_up": self.given_up}


@dataclass
class Group:
    count: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, number: str) -> None:
        self.count += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(number)


@dataclass
class Summary:
    """Cases in counts: how many can move, or what came of them; and each reason with how many it keeps."""

    came: dict[str, Group] = field(default_factory=dict)
    reasons: dict[Reason, Group] = field(default_factory=dict)

    def add(self, number: str, came: str, reasons: Collection[Reason] = ()) -> None:
        self.came.setdefault(came, Group()).add(number)
        for reason in reasons:
            self.reasons.setdefault(reason, Group()).add(number)

    def count(self, came: str) -> int:
        return self.came[came].count if came in self.came else 0

    @property
    def total(self) -> int:
        return sum(group.count for group in self.came.values())

    def by_reason(self) -> list[tuple[Reason, Group]]:
        """The most frequent first."""
        return sorted(
            self.reasons.items(), key=lambda item: (-item[1].count, item[0].element or "", item[0].message)
        )

    def as_dict(self) -> dict[str, Any]:
        reasons = [
            {**row, "count": group.count, "examples": group.examples}
            for (reason, group) in self.by_reason()
            for row in reasons_as_dicts([reason])
        ]
        return {**{name: vars(group) for name, group in sorted(self.came.items())}, "reasons": reasons}


def plan_migration(
    app: Wiring, county: str, case_type: str, harmless: Collection[str] = (), most: int | None = None
) -> Iterator[Planned]:
    """Each open case that runs on another version than the one in force, in the order of their numbers; at most
    so many. Changes nothing.
    """
    with app.sessions(county) as session:
        target = target_of(session, county, case_type)
        for done, case in enumerate(
            recorded.open_cases_elsewhere(session, county, case_type, target.version_id)
        ):
            if done == most:
                return
            found = plan_case(session, case, target, harmless)
            yield Planned(case.number, case.version_id, case.revision, found.reasons)


def migrate_cases(
    app: Wiring,
    actor: Actor,
    case_type: str,
    version: str,
    planned: Collection[Planned],
    harmless: Collection[str] = (),
    each: Callable[[Moved], None] = lambda moved: None,
) -> Summary:
    """Move what was planned and can move to ``version``, which must still be in force: else Conflict."""
    return _each(app, actor, case_type, version, planned, harmless, each, commit=True)


def rehearse(
    app: Wiring,
    actor: Actor,
    case_type: str,
    version: str,
    planned: Collection[Planned],
    harmless: Collection[str] = (),
    each: Callable[[Moved], None] = lambda moved: None,
) -> Summary:
    """The very same, each case's transaction rolled back: what would change, and what would fail."""
    return _each(app, actor, case_type, version, planned, harmless, each, commit=False)


def _each(
    app: Wiring,
    actor: Actor,
    case_type: str,
    version: str,
    planned: Collection[Planned],
    harmless: Collection[str],
    each: Callable[[Moved], None],
    commit: bool,
) -> Summary:
    check_administrator(actor)
    summary = Summary()
    for one in planned:
        with app.sessions(actor.county) as session:
            found = _move(app, session, actor, case_type, version, one, harmless)
            session.commit() if commit and found.came == MOVED else session.rollback()
        summary.add(found.number, found.came, found.reasons)
        each(found)
    return summary


def _move(
    app: Wiring,
    session: Session,
    actor: Actor,
    case_type: str,
    version: str,
    planned: Planned,
    harmless: Collection[str],
) -> Moved:
    if versions.version_in_force(session, actor.county, case_type) != version:
        raise Conflict("base_changed", "此间又启用了新的版本，请重新计划")
    case = cases.find_case(session, actor.county, planned.number, lock=True)
    if case.revision != planned.revision:
        return Moved(case.number, WENT_ON)
    try:
        work = migrate_case(session, app.clock.now(), actor, case, procedure(session, version), harmless)
    except Refused as fault:
        reasons = fault.facts.get("reasons", ())
        return Moved(planned.number, REFUSED if reasons else FAILED, str(fault), tuple(reasons))
    except (DomainError, LookupError, ValueError) as fault:
        return Moved(planned.number, FAILED, str(fault))
    told = next(fact.payload for fact in work.happened if fact.kind == events.CASE_MIGRATED)
    begun = tuple(
        {"element": fact.element, **fact.payload}
        for fact in work.happened
        if fact.kind == events.DEADLINE_STARTED
    )
    return Moved(case.number, MOVED, tasks=tuple(told["tasks"]), begun=begun, given_up=len(told["given_up"]))


def undo_migrations(
    app: Wiring,
    actor: Actor,
    case_type: str,
    each: Callable[[Moved], None] = lambda moved: None,
    most: int | None = None,
) -> Summary:
    """Take back every move to the version in force of open cases that nobody acted on since; at most so many."""
    check_administrator(actor)
    summary = Summary()
    with app.sessions(actor.county) as session:
        version = versions.version_in_force(session, actor.county, case_type)
        numbers = recorded.moved_to(session, actor.county, case_type, version, most)
    for number in numbers:
        with app.sessions(actor.county) as session:
            case = cases.find_case(session, actor.county, number, lock=True)
            try:
                undo_migration(session, app.clock.now(), actor, case)
                session.commit()
                found = Moved(number, MOVED)
            except Refused as fault:
                session.rollback()
                found = Moved(number, WENT_ON if fault.code == "touched" else FAILED, str(fault))
        summary.add(number, found.came)
        each(found)
    return summary


def target_of(session: Session, county: str, case_type: str) -> Procedure:
    return procedure(session, versions.version_in_force(session, county, case_type))
