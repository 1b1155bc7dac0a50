"""What goes into a step and what comes out of it: plain frozen values, no library types."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Start:
    """Begin a case. `data` is the whole set of initial process variables."""

    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Complete:
    """A person hands in user task number `task`; `data` becomes the variable named like the task's form."""

    task: int
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class OperationDone:
    """The operation wanted by service task number `task` was carried out with this result."""

    task: int
    result: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class FireTimer:
    """The deadline that timer number `task` waits for has come."""

    task: int


Command = Start | Complete | OperationDone | FireTimer


@dataclass(frozen=True)
class OpenTask:
    """A user task somebody of `groups` may do now. `variables` are those of the repeat instance it lies in."""

    number: int
    element: str
    name: str
    form: str | None
    groups: tuple[str, ...]
    properties: Mapping[str, str]
    lane: str | None
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TimerWait:
    """A timer that waits to be fired. `deadline` names a row of parameters.yaml.

    `task` is the number of the task a boundary timer is attached to, so its clock can follow that task's.
    """

    number: int
    element: str
    deadline: str
    task: int | None = None
    interrupting: bool = False


@dataclass(frozen=True)
class WantedOperation:
    """A service task that stopped the runtime until `OperationDone(number, ...)` comes back.

    `inputs` are the element's camunda:properties, `data` the process variables it may read.
    """

    number: int
    element: str
    topic: str
    inputs: Mapping[str, str]
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Trace:
    """An element entered or left.

    `outcome` of a left one: "completed"; "cancelled" (interrupted, or the case was terminated); "merged"
    (a token that reached a joining gateway before the last one). Empty for an entered one.
    """

    element: str
    number: int
    outcome: str = ""


@dataclass(frozen=True)
class Step:
    """The outcome of one command: the new state, what is waited for now, and what happened on the way."""

    state: str
    tasks: tuple[OpenTask, ...]
    waits: tuple[TimerWait, ...]
    operations: tuple[WantedOperation, ...]
    entered: tuple[Trace, ...]
    left: tuple[Trace, ...]
    flows: tuple[str, ...]
    finished: bool
    end: str | None
    data: Mapping[str, Any]
