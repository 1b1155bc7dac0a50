"""Rebuild a case from its recorded commands and compare it with what is stored. The register is not touched."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from engine.bpmn import Command, Complete, FireTimer, OperationDone, Start, advance
from engine.domain import events
from engine.domain.chain import Link
from engine.domain.errors import Refused
from engine.store import cases, history
from engine.usecases.procedures import procedure


@dataclass(frozen=True)
class ReplayedStep:
    """One command: where it was in the history, what it left and entered, what was waited for afterwards."""

    seq: int
    at: str
    actor: str
    position: str
    kind: str
    element: str | None
    left: list[str]
    entered: list[str]
    current: list[str]


@dataclass(frozen=True)
class Replay:
    """``differences`` is empty when the rebuilt case equals the recorded one, step by step and at the end."""

    number: str
    version_id: str
    steps: list[ReplayedStep]
    differences: list[str] = field(default_factory=list)


def replay_case(session: Session, county: str, number: str, until: int | None = None) -> Replay:
    """``until``: replay only the first so many commands (the stored state is then not compared).

    Raises Refused when a payload that the replay needs was erased.
    """
    case = cases.find_case(session, county, number)
    definition = procedure(session, case.version_id).definition
    told = [
        (link, body) for link, body in history.read(session, county, case.id) if link.kind in events.COMMANDS
    ]
    state: str | None = None
    steps: list[ReplayedStep] = []
    differences: list[str] = []
    for link, payload in told[:until]:
        if payload is None:
            raise Refused("erased", "第%(seq)s条记录的内容已依法删除，不能重放", seq=link.seq)
        step = advance(definition, state, command_of(link, payload))
        state = step.state
        replayed = {
            "entered": [[trace.element, trace.number] for trace in step.entered],
            "left": [[trace.element, trace.number, trace.outcome] for trace in step.left],
            "flows": list(step.flows),
        }
        if replayed != payload["path"]:
            differences.append(f"第{link.seq}条记录之后的路径与模型不符")
        waiting = [t.element for t in step.tasks] + [w.element for w in step.waits]
        steps.append(
            ReplayedStep(
                link.seq,
                link.at.isoformat(),
                link.actor_name,
                link.position,
                link.kind,
                link.element,
                [trace.element for trace in step.left],
                [trace.element for trace in step.entered],
                waiting + [o.element for o in step.operations],
            )
        )
    if until is None or until >= len(told):
        stored, _ = cases.read_state(session, case)
        if state != stored:
            differences.append("重建的流程状态与保存的不同")
    return Replay(number, case.version_id, steps, differences)


def command_of(link: Link, payload: dict[str, Any]) -> Command:
    """The engine's command of a recorded event."""
    number = link.task_number or 0
    if link.kind == events.CASE_STARTED:
        return Start(payload["data"])
    if link.kind == events.TASK_COMPLETED:
        return Complete(number, payload["data"])
    if link.kind == events.OPERATION_DONE:
        return OperationDone(number, payload["result"])
    return FireTimer(number)
