"""Move an open case to another version of its process: what keeps it from moving, or what it is then.

Every token must find its element; what is over must not have changed, or an administrator declares that it does
no harm; and what the rest of the way reads must be there. docs/decisions/0010-migration.md explains the rules.
Pure: the same versions, state and history give the same answer.
"""

from collections.abc import Collection
from dataclasses import dataclass

from engine.bpmn import codec
from engine.bpmn.commands import Step
from engine.bpmn.definition import Definition
from engine.bpmn.errors import BpmnError
from engine.bpmn.migration.data import data_reasons
from engine.bpmn.migration.move import moved
from engine.bpmn.migration.over import reasons_of_what_is_over
from engine.bpmn.migration.reason import STAY, Reason
from engine.bpmn.migration.tokens import joins_that_starve, joins_that_would_fire, token_reasons
from engine.bpmn.runtime import describe
from engine.domain.said import say

__all__ = ["STAY", "Plan", "Reason", "move", "plan"]


@dataclass(frozen=True)
class Plan:
    """Either ``reasons``, or the ``step``: the state in the new version and what is waited for there."""

    reasons: tuple[Reason, ...]
    step: Step | None = None


def plan(
    old: Definition,
    new: Definition,
    state: str,
    done: Collection[str],
    harmless: Collection[str] = (),
) -> Plan:
    """``done``: elements that the case has completed, on whatever version, from its events (the state forgets
    them). ``harmless``: elements whose changes an administrator declares to do no harm where they are over.

    Raises StateMismatch where the state is not one of ``old``.
    """
    case = codec.load(state, old.version, dict(old.specs), old.main)
    reasons = list(token_reasons(old, new, case))
    if not reasons:
        reasons += data_reasons(old, new, case, done)
        reasons += joins_that_starve(old, new, case)
    reasons += [one for one in reasons_of_what_is_over(old, new, done) if one.element not in harmless]
    if any(not one.over for one in reasons):
        return Plan(tuple(reasons))
    try:
        fresh = moved(old, new, state, frozenset(done))
        reasons += joins_that_would_fire(fresh)
        step = describe(fresh, new)
    except BpmnError as fault:
        element = fault.facts.get("element")
        fix = say("请在新版中改正，或让此件按原来的版本办完。")
        return Plan((*reasons, Reason(element if isinstance(element, str) else None, fault.said, fix)))
    return Plan(tuple(reasons), None if reasons else step)


def move(old: Definition, new: Definition, state: str, done: Collection[str]) -> Step:
    """The move itself, without asking whether it is right: for one that was planned, or is replayed."""
    return describe(moved(old, new, state, frozenset(done)), new)
