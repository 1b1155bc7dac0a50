"""One command in, one step out: `advance`. No clock, no database, no randomness: same inputs, same bytes."""

import logging
from collections import Counter
from collections.abc import Callable
from typing import Any

from SpiffWorkflow.exceptions import WorkflowException
from SpiffWorkflow.util.task import TaskState

from engine.bpmn import codec
from engine.bpmn.commands import (
    Command,
    Complete,
    EventWait,
    FireTimer,
    OpenTask,
    OperationDone,
    OperationFailed,
    Receive,
    Start,
    Step,
    TimerWait,
    Trace,
    WantedOperation,
)
from engine.bpmn.data import copied, plain, plain_value
from engine.bpmn.definition import Definition
from engine.bpmn.errors import BadCommand, BpmnError, ExpressionFailed, RunFailed, TaskNotOpen
from engine.bpmn.events import Catch, Listener, raise_error
from engine.bpmn.gateways import InclusiveJoin
from engine.bpmn.instance import Case, CaseTask, Journal
from engine.bpmn.nodes import Operation
from engine.domain.said import say

MAX_PASSES = 50
"""Times one command may run one element of one (sub)process, instances of a repeat aside: more is a loop
that never waits."""

# The library logs every change of state; it costs time even when nobody listens.
for _name in ("spiff", "spiff.task", "spiff.workflow"):
    logging.getLogger(_name).setLevel(logging.ERROR)


def advance(definition: Definition, state: str | None, command: Command) -> Step:
    """What the case is after the command. Raises TaskNotOpen, BadCommand, StateMismatch or RunFailed.

    `state` is None with Start and the last step's state with every other command.
    """
    return carry_out(_case(definition, state, command), definition, command)


def carry_out(case: Case, definition: Definition, command: Command) -> Step:
    """`advance` on a case that is already in memory."""
    case.journal.begin()
    try:
        _obey(case, definition, command)
        _run(case)
    except ExpressionFailed as fault:
        raise RunFailed("表达式无法计算：%(detail)s", element=None, detail=fault.said) from fault
    except BpmnError:
        raise
    except (WorkflowException, RecursionError) as fault:
        raise RunFailed("流程无法继续：%(detail)s", element=None, detail=str(fault)) from fault
    return _step(case, definition)


def describe(case: Case, definition: Definition) -> Step:
    """What a case at rest is waiting for, as a step in which nothing happened."""
    case.journal.begin()
    return _step(case, definition)


def _case(definition: Definition, state: str | None, command: Command) -> Case:
    if isinstance(command, Start) != (state is None):
        raise BadCommand("案件只能开始一次；开始之后每一步都要有上一步的状态。")
    specs = dict(definition.specs)
    if state is None:
        return Case(specs[definition.main], specs, Journal())
    return codec.load(state, definition.version, specs, definition.main)


def _obey(case: Case, definition: Definition, command: Command) -> None:
    match command:
        case Start(data=data):
            case.variables = plain(data)
            case.begin()
        case Complete(task=number, data=data):
            task = _open(case, number, _is_open_task)
            task.write(definition.elements[task.task_spec.bpmn_id].namespace, plain(data))
            _run_one(task)
        case OperationDone(task=number, result=result):
            task = _open(case, number, _is_wanted)
            task.write(definition.elements[task.task_spec.bpmn_id].namespace, plain(result))
            _doing(task, task.complete)
        case OperationFailed(task=number, code=code, detail=detail):
            task = _open(case, number, _is_wanted)
            _doing(task, lambda: raise_error(task, code, {"code": code, "detail": detail}))
        case FireTimer(task=number):
            task = _open(case, number, _is_timer)
            _doing(task, lambda: task.task_spec.fire(task))
        case Receive(task=number, payload=payload):
            task = _open(case, number, _is_event)
            _doing(task, lambda: task.task_spec.fire(task, plain_value(payload)))
        case _:
            raise BadCommand("不认识的命令。")


def _open(case: Case, number: int, fits: Any) -> CaseTask:
    for task in case.find(lambda task: task.number == number):
        if fits(task):
            return task
    raise TaskNotOpen("第 %(task)s 号任务已办结、已撤回或不存在。", task=number)


def _is_open_task(task: CaseTask) -> bool:
    return bool(task._state == TaskState.READY and task.task_spec.manual)


def _is_wanted(task: CaseTask) -> bool:
    return bool(task._state == TaskState.STARTED and isinstance(task.task_spec, Operation))


def _is_timer(task: CaseTask) -> bool:
    return _waits_for(task, "timer")


def _is_event(task: CaseTask) -> bool:
    return _waits_for(task, "message", "signal")


def _waits_for(task: CaseTask, *kinds: str) -> bool:
    spec = task.task_spec
    return task._state == TaskState.WAITING and isinstance(spec, Catch) and spec.kind in kinds


def _is_waited_for(task: CaseTask) -> bool:
    """Something from outside can move the case on here. Events beside an activity do not count alone."""
    outside = _is_timer(task) or _is_event(task)
    return _is_open_task(task) or _is_wanted(task) or (outside and not task.task_spec.armed)


def _stalled_at(case: Case) -> str | None:
    """A gateway that waits for a token nobody can bring."""
    waiting = case.find(lambda task: task._state == TaskState.WAITING and task.number > 0)
    return waiting[0].task_spec.bpmn_id if waiting else None


def _run(case: Case) -> None:
    """Runs what needs nobody, in the order it became ready, until only waits are left."""
    passes: Counter[tuple[Any, str]] = Counter()
    while True:
        while case.journal.ready:
            task = case.journal.ready.popleft()
            if task._state == TaskState.READY:
                _count(passes, task)
                _run_one(task)
        _try_again(case)
        if not case.journal.ready:
            return


def _try_again(case: Case) -> None:
    """Inclusive joins and conditional events depend on what happens elsewhere."""
    looked = [task for task in case.find(_is_conditional) if _is_conditional(task) and _look(task)]
    if looked:
        return
    seen = set()
    for task in case.find(lambda t: t._state == TaskState.WAITING and isinstance(t.task_spec, InclusiveJoin)):
        gateway = (task.workflow, task.task_spec.name)
        if gateway not in seen and task._state == TaskState.WAITING:
            seen.add(gateway)
            task.task_spec.try_to_fire(task)


def _is_conditional(task: CaseTask) -> bool:
    return _waits_for(task, "conditional")


def _look(task: CaseTask) -> bool:
    return bool(_doing(task, lambda: task.task_spec.look(task)))


def _count(passes: Counter[tuple[Any, str]], task: CaseTask) -> None:
    spec = task.task_spec
    key = (task.workflow, spec.name)
    passes[key] += spec.repeat is None
    if passes[key] > MAX_PASSES:
        message = say("流程反复经过“%(name)s”而没有等待：图中有一个没有人工任务或期限的循环。")
        raise RunFailed(message, element=spec.bpmn_id, name=spec.bpmn_name or spec.bpmn_id)


def _run_one(task: CaseTask) -> None:
    _doing(task, task.run)


def _doing(task: CaseTask, work: Callable[[], Any]) -> Any:
    """An expression that does not fit its data stops the case, naming the element."""
    element = task.task_spec.bpmn_id
    try:
        return work()
    except ExpressionFailed as fault:
        message = say("“%(name)s”处的表达式无法计算：%(detail)s")
        name = task.task_spec.bpmn_name or element
        raise RunFailed(message, element=element, name=name, detail=fault.said) from fault


def _step(case: Case, definition: Definition) -> Step:
    if not case.completed and not case.find(_is_waited_for):
        raise RunFailed("流程停住了：没有任务、期限或操作在等待，也没有结束。", element=_stalled_at(case))
    entered = tuple(Trace(task.task_spec.bpmn_id, task.number) for task in case.journal.entered)
    left = tuple(Trace(task.task_spec.bpmn_id, task.number, outcome) for task, outcome in case.journal.left)
    flows = tuple(flow for task in case.journal.entered if (flow := _flow_into(task, definition)))
    case.end = _last_end(case) or case.end
    case.prune()
    return Step(
        state=codec.dump(case, definition.version),
        tasks=tuple(_open_task(task, definition) for task in case.find(_is_open_task)),
        waits=tuple(_timer(task) for task in case.find(_is_timer)),
        events=tuple(_event(task) for task in case.find(_is_event)),
        operations=tuple(_wanted(task, definition) for task in case.find(_is_wanted)),
        entered=entered,
        left=left,
        flows=flows,
        thrown=tuple(case.journal.thrown),
        finished=case.completed,
        end=case.end if case.completed else None,
        data=copied(case.variables),
    )


def _last_end(case: Case) -> str | None:
    ends = [
        task.task_spec.bpmn_id
        for task, outcome in case.journal.left
        if outcome == "completed" and task.task_spec.is_end and _ends_the_case(task)
    ]
    return ends[-1] if ends else None


def _ends_the_case(task: CaseTask) -> bool:
    """It lies in the process itself, or in an event subprocess that took the process over."""
    container = task.container
    while container is not None and _took_over(container.task_spec):
        container = container.container
    return container is None


def _took_over(spec: Any) -> bool:
    return isinstance(spec, Listener) and spec.element.interrupting


def _flow_into(task: CaseTask, definition: Definition) -> str | None:
    """The sequence flow the task's token came by; none for starts, boundary events and repeat instances."""
    before = task.element_before
    if before is None or task.task_spec.repeat is not None:
        return None
    return definition.flow_between.get((before.task_spec.bpmn_id, task.task_spec.bpmn_id))


def _open_task(task: CaseTask, definition: Definition) -> OpenTask:
    element = definition.elements[task.task_spec.bpmn_id]
    return OpenTask(
        number=task.number,
        element=element.id,
        name=element.name,
        form=element.form,
        groups=element.groups,
        properties=dict(element.properties),
        lane=_lane(task, definition),
        variables=plain(task.own),
    )


def _lane(task: CaseTask | None, definition: Definition) -> str | None:
    """The lane drawn for the task, or for the call it runs inside."""
    while task is not None:
        lane = definition.lane(task.task_spec.bpmn_id)
        if lane:
            return lane
        task = task.container
    return None


def _host(task: CaseTask) -> int | None:
    """The number of the task that an event sits on."""
    return task.parent.number or None if task.task_spec.armed else None


def _timer(task: CaseTask) -> TimerWait:
    element = task.task_spec.element
    return TimerWait(
        number=task.number,
        element=element.id,
        deadline=element.properties.get("deadline", ""),
        task=_host(task),
        interrupting=bool(task.task_spec.armed and element.interrupting),
        kind=element.timer_kind if "time" in task.internal_data else "",
        time=task.internal_data.get("time", ""),
        begins=element.properties.get("begins", ""),
        suspends=bool(element.properties.get("suspends")),
    )


def _event(task: CaseTask) -> EventWait:
    spec = task.task_spec
    key = task.internal_data.get("key")
    return EventWait(
        task.number,
        spec.element.id,
        spec.kind,
        spec.reference or "",
        key,
        _host(task),
        bool(spec.element.properties.get("quiet")),
        spec.element.properties.get("deadline", ""),
    )


def _wanted(task: CaseTask, definition: Definition) -> WantedOperation:
    element = definition.elements[task.task_spec.bpmn_id]
    inputs = dict(element.properties)
    return WantedOperation(task.number, element.id, element.topic or "", inputs, plain(task.data))
