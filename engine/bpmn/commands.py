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


@dataclass(frozen=True)
class OperationFailed:
    """The operation wanted by service task number `task` ended in a business error that the model may catch."""

    task: int
    code: str
    detail: str = ""


@dataclass(frozen=True)
class Receive:
    """The message or signal that wait number `task` waits for has come."""

    task: int
    payload: Any = None


Command = Start | Complete | OperationDone | OperationFailed | FireTimer | Receive


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
    """A timer that waits to be fired.

    `deadline` names a row of parameters.yaml; without one, `time` is what the model says, as `kind` tells:
    duration (`P15D`), date (an ISO date or instant) or cycle (`R3/P7D`).
    `task` is the number of the task a boundary timer is attached to, so its clock can follow that task's.
    `begins` says where the day stands from which a legal period is counted, if not from now.
    `suspends`: while it waits, no other deadline of the case runs.
    """

    number: int
    element: str
    deadline: str
    task: int | None = None
    interrupting: bool = False
    kind: str = ""
    time: str = ""
    begins: str = ""
    suspends: bool = False


@dataclass(frozen=True)
class EventWait:
    """A message or signal that is waited for, by its name; `key` tells apart who waits for the same message.

    `listens`: it may come, and nobody need be told that it is waited for (property `quiet` of an event subprocess's
    start or of a boundary event).
    `deadline` names a row of parameters.yaml: the limit within which it is expected, shown and never fired.
    """

    number: int
    element: str
    kind: str
    name: str
    key: str | None = None
    task: int | None = None
    listens: bool = False
    deadline: str = ""


@dataclass(frozen=True)
class Thrown:
    """A message or signal that leaves the case. A signal is for every case that waits for it; a message for one:
    the case numbered `to`, or whoever waits for it with this `key`.
    """

    kind: str
    element: str | None
    number: int
    name: str
    to: str | None = None
    key: str | None = None
    payload: Any = None


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
    events: tuple[EventWait, ...]
    operations: tuple[WantedOperation, ...]
    entered: tuple[Trace, ...]
    left: tuple[Trace, ...]
    flows: tuple[str, ...]
    thrown: tuple[Thrown, ...]
    finished: bool
    end: str | None
    data: Mapping[str, Any]
