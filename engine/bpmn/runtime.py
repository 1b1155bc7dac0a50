"""One command in, one step out: `advance`. No clock, no database, no randomness: same inputs, same bytes."""

import logging
import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.bpmn.specs.defaults import EndEvent
from SpiffWorkflow.exceptions import WorkflowException
from SpiffWorkflow.util.task import TaskState

from engine.bpmn import codec
from engine.bpmn.commands import (
    Command,
    Complete,
    FireTimer,
    OpenTask,
    OperationDone,
    Start,
    Step,
    TimerWait,
    Trace,
    WantedOperation,
)
from engine.bpmn.definition import Definition
from engine.bpmn.errors import BadCommand, BpmnError, ExpressionFailed, RunFailed, TaskNotOpen
from engine.bpmn.gateways import InclusiveJoin, ParallelJoin
from engine.bpmn.instance import Case, CaseTask, Journal
from engine.bpmn.specs import Operation, Timer

MAX_PASSES = 50
"""Times one command may run one element of one (sub)process, instances of a repeat aside: more is a loop
that never waits."""

MAX_DATA_DEPTH = 20

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
    case.journal.moves.clear()
    try:
        _obey(case, definition, command)
        _run(case)
    except BpmnError:
        raise
    except (WorkflowException, RecursionError) as fault:
        raise RunFailed("流程无法继续：%(detail)s", element=None, detail=str(fault)) from fault
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
            case.plant()
        case Complete(task=number, data=data):
            task = _open(case, number, _is_open_task)
            task.write(definition.elements[task.task_spec.bpmn_id].namespace, plain(data))
            task.run()
        case OperationDone(task=number, result=result):
            task = _open(case, number, _is_wanted)
            task.write(definition.elements[task.task_spec.bpmn_id].namespace, plain(result))
            task.complete()
        case FireTimer(task=number):
            task = _open(case, number, _is_timer)
            task.internal_data["event_fired"] = True
            task.task_spec._update(task)
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
    definition = getattr(task.task_spec, "event_definition", None)
    return bool(task._state == TaskState.WAITING and isinstance(definition, Timer))


def _is_waited_for(task: CaseTask) -> bool:
    return _is_open_task(task) or _is_wanted(task) or (_is_timer(task) and not task.is_armed)


def _stalled_at(case: Case) -> str | None:
    """A gateway that waits for a token nobody can bring."""
    waiting = case.find(lambda task: task._state == TaskState.WAITING and task.number > 0)
    return waiting[0].task_spec.bpmn_id if waiting else None


def _run(case: Case) -> None:
    """Runs what needs nobody, in the order it became ready, until only waits are left."""
    ready = case.journal.ready
    passes: Counter[tuple[Any, str]] = Counter()
    while ready:
        task = ready.popleft()
        if task._state != TaskState.READY or task.workflow.tasks.get(task.id) is not task:
            continue
        passes[task.workflow, task.task_spec.name] += task.local is None
        if passes[task.workflow, task.task_spec.name] > MAX_PASSES:
            message = "流程反复经过“%(name)s”而没有等待：图中有一个没有人工任务或期限的循环。"
            name = task.task_spec.bpmn_name or task.task_spec.bpmn_id
            raise RunFailed(message, element=task.task_spec.bpmn_id, name=name)
        _run_one(task)


def _run_one(task: CaseTask) -> None:
    element = task.task_spec.bpmn_id
    try:
        task.run()
    except ExpressionFailed as fault:
        message = "“%(name)s”处的表达式无法计算：%(detail)s"
        name = task.task_spec.bpmn_name or element
        raise RunFailed(message, element=element, name=name, detail=str(fault)) from fault


def plain(data: Mapping[str, Any]) -> dict[str, Any]:
    """A deep copy that is certainly JSON: nothing of the caller's is kept, nothing odd gets into the state."""
    if not isinstance(data, Mapping):
        raise BadCommand("数据应为一组命名的值。")
    copied = _plain(data, MAX_DATA_DEPTH)
    assert isinstance(copied, dict)
    return copied


def _plain(value: Any, depth: int) -> Any:
    if depth == 0:
        raise BadCommand("数据嵌套过深。")
    kind = type(value)
    if value is None or kind is bool or kind is str:
        return value
    if kind is int and -(2**63) <= value < 2**63:
        return value
    if kind is float and math.isfinite(value):
        return value
    if isinstance(value, Mapping):
        if not all(type(key) is str for key in value):
            raise BadCommand("数据的名称应为文本。")
        return {key: _plain(inner, depth - 1) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner, depth - 1) for inner in value]
    raise BadCommand("数据中有不能保存的值（%(kind)s），请转换为文本。", kind=kind.__name__)


def _step(case: Case, definition: Definition) -> Step:
    if not case.completed and not case.find(_is_waited_for):
        raise RunFailed("流程停住了：没有任务、期限或操作在等待，也没有结束。", element=_stalled_at(case))
    entered, left, flows = _trace(case, definition)
    case.end = _last_end(case) or case.end
    return Step(
        state=codec.dump(case, definition.version),
        tasks=tuple(_open_task(task, definition) for task in case.find(_is_open_task)),
        waits=tuple(_wait(task, definition) for task in case.find(_is_timer)),
        operations=tuple(_wanted(task, definition) for task in case.find(_is_wanted)),
        entered=entered,
        left=left,
        flows=flows,
        finished=case.completed,
        end=case.end if case.completed else None,
        data=plain(case.variables),
    )


def _last_end(case: Case) -> str | None:
    ends = [
        task.task_spec.bpmn_id
        for task, state in case.journal.moves
        if state == TaskState.COMPLETED and task.workflow is case and isinstance(task.task_spec, EndEvent)
    ]
    return ends[-1] if ends else None


def _trace(
    case: Case, definition: Definition
) -> tuple[tuple[Trace, ...], tuple[Trace, ...], tuple[str, ...]]:
    entered, left, flows = [], [], []
    for task, state in case.journal.moves:
        element = task.task_spec.bpmn_id
        if state == TaskState.READY:
            entered.append(Trace(element, task.number))
            flow = _flow_into(task, definition)
            if flow:
                flows.append(flow)
        else:
            left.append(Trace(element, task.number, _outcome(task, state)))
    return tuple(entered), tuple(left), tuple(flows)


def _flow_into(task: CaseTask, definition: Definition) -> str | None:
    """The sequence flow the task's token came by; none for starts, boundary events and repeat instances."""
    before = task.element_before
    if before is None or task.local is not None:
        return None
    return definition.flow_between.get((before.task_spec.bpmn_id, task.task_spec.bpmn_id))


def _outcome(task: CaseTask, state: int) -> str:
    if state == TaskState.COMPLETED:
        return "completed"
    return "merged" if isinstance(task.task_spec, ParallelJoin | InclusiveJoin) else "cancelled"


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


def _wait(task: CaseTask, definition: Definition) -> TimerWait:
    element = definition.elements[task.task_spec.bpmn_id]
    host = None
    if task.is_armed:
        siblings = [other for other in task.parent.children if not other.is_armed]
        host = siblings[0].number if siblings else None
    deadline = element.properties.get("deadline", "")
    return TimerWait(task.number, element.id, deadline, host, task.is_armed and element.interrupting)


def _wanted(task: CaseTask, definition: Definition) -> WantedOperation:
    element = definition.elements[task.task_spec.bpmn_id]
    inputs = dict(element.properties)
    return WantedOperation(task.number, element.id, element.topic or "", inputs, plain(task.data))
