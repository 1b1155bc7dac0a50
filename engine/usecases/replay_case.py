"""Rebuild a case from its recorded commands and compare it with what is stored. The register is not touched."""

from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from engine.bpmn.trace import path_of, waiting
from engine.store import cases
from engine.usecases.rebuild_case import Rebuilt, commands_told, rebuild


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
    state: str | None = None
    steps: list[ReplayedStep] = []
    differences: list[str] = []
    for one in rebuild(session, case, until):
        state = one.step.state
        if one.command is not None and path_of(one.step) != one.payload["path"]:
            differences.append(f"第{one.link.seq}条记录之后的路径与模型不符")
        steps.append(_told(one))
    if until is None or until >= len(commands_told(session, case)):
        stored, _ = cases.read_state(session, case)
        if state != stored:
            differences.append("重建的流程状态与保存的不同")
    return Replay(number, case.version_id, steps, differences)


def _told(one: Rebuilt) -> ReplayedStep:
    link, step = one.link, one.step
    return ReplayedStep(
        link.seq,
        link.at.isoformat(),
        link.actor_name,
        link.position,
        link.kind,
        link.element,
        [trace.element for trace in step.left],
        [trace.element for trace in step.entered],
        [wait.element for wait in waiting(step)],
    )
