"""The recorded commands of a case, carried out again one by one on the version they were given to."""

from collections.abc import Iterator
from dataclasses import dataclass
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
from engine.domain import events
from engine.domain.chain import Link
from engine.domain.errors import Refused
from engine.store import history
from engine.store.tables.cases import Case
from engine.usecases.procedures import procedure


@dataclass(frozen=True)
class Rebuilt:
    """One command: its event, and what the definition makes of it now."""

    link: Link
    payload: dict[str, Any]
    command: Command
    definition: Definition
    step: Step


def rebuild(session: Session, case: Case, until: int | None = None) -> Iterator[Rebuilt]:
    """``until``: only the first so many commands. Raises Refused where a payload that is needed was erased."""
    definition = procedure(session, case.version_id).definition
    state: str | None = None
    for link, payload in commands_told(session, case)[:until]:
        if payload is None:
            raise Refused("erased", "第%(seq)s条记录的内容已依法删除，不能重放", seq=link.seq)
        command = command_of(link, payload)
        step = advance(definition, state, command)
        state = step.state
        yield Rebuilt(link, payload, command, definition, step)


def commands_told(session: Session, case: Case) -> list[tuple[Link, dict[str, Any] | None]]:
    told = history.read(session, case.county, case.id)
    return [(link, payload) for link, payload in told if link.kind in events.COMMANDS]


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
