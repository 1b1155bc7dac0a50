"""The recorded commands of a case, carried out again one by one on the version they were given to.

Where the case was moved to another version it is moved again, and from there it goes on with that one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from engine.bpmn import (
    Command,
    Complete,
    Definition,
    FireTimer,
    OperationDone,
    OperationFailed,
    Receive,
    Start,
    Step,
    advance,
)
from engine.bpmn.migration import move
from engine.domain import events
from engine.domain.chain import Link
from engine.domain.errors import Refused
from engine.store import history
from engine.store.tables.cases import Case
from engine.usecases.procedures import procedure

Told = tuple[Link, dict[str, Any] | None]


@dataclass(frozen=True)
class Rebuilt:
    """One command: its event, and what the definition makes of it now. ``command`` is None for a move to
    another version, in which nothing happens.
    """

    link: Link
    payload: dict[str, Any]
    command: Command | None
    definition: Definition
    step: Step


def rebuild(session: Session, case: Case, until: int | None = None) -> Iterator[Rebuilt]:
    """``until``: only the first so many commands. Raises Refused where a payload that is needed was erased."""
    done: set[str] = set()
    now: Rebuilt | None = None
    left: list[Rebuilt] = []  # what the case was before each move
    for link, payload in commands_told(session, case)[:until]:
        if payload is None:
            raise Refused("erased", "第%(seq)s条记录的内容已依法删除，不能重放", seq=link.seq)
        if link.kind == events.MIGRATION_UNDONE:
            before = left.pop()
            still = replace(before.step, entered=(), left=(), flows=(), thrown=())
            now = Rebuilt(link, payload, None, before.definition, still)
        elif link.kind == events.CASE_MIGRATED:
            assert now is not None
            left.append(now)
            target = procedure(session, payload["to"]).definition
            now = Rebuilt(link, payload, None, target, move(now.definition, target, now.step.state, done))
        else:
            now = _carried_out(session, case, link, payload, now)
            done |= {trace.element for trace in now.step.left if trace.outcome == "completed"}
        yield now


def _carried_out(
    session: Session, case: Case, link: Link, payload: dict[str, Any], before: Rebuilt | None
) -> Rebuilt:
    command = command_of(link, payload)
    if before is None:
        definition = procedure(session, payload.get("version", case.version_id)).definition
        return Rebuilt(link, payload, command, definition, advance(definition, None, command))
    step = advance(before.definition, before.step.state, command)
    return Rebuilt(link, payload, command, before.definition, step)


def commands_told(session: Session, case: Case) -> list[Told]:
    """Commands and moves to another version, in order."""
    told = history.read(session, case.county, case.id)
    return [(link, payload) for link, payload in told if link.kind in events.REPLAYED]


def completed(told: Iterable[Told]) -> set[str]:
    """Elements that the case has completed, on whatever version. Raises Refused where a payload was erased."""
    found: set[str] = set()
    for link, payload in told:
        if link.kind not in events.COMMANDS:
            continue
        if payload is None:
            raise Refused("erased", "第%(seq)s条记录的内容已依法删除，走过的路线无法核对", seq=link.seq)
        found |= {element for element, _, outcome in payload["path"]["left"] if outcome == "completed"}
    return found


def command_of(link: Link, payload: dict[str, Any]) -> Command:
    """The engine's command of a recorded event."""
    number = link.task_number or 0
    if link.kind == events.CASE_STARTED:
        return Start(payload["data"])
    if link.kind == events.TASK_COMPLETED:
        return Complete(number, payload["data"])
    if link.kind == events.OPERATION_DONE:
        return OperationDone(number, payload["result"])
    if link.kind == events.OPERATION_FAILED:
        return OperationFailed(number, payload["code"], payload["detail"])
    if link.kind == events.EVENT_RECEIVED:
        return Receive(number, payload["payload"])
    return FireTimer(number)
