"""A case as compact JSON text and back.

Format 1, keys sorted so that equal cases give equal bytes:

    {"f": 1, "v": version id, "n": [tasks made, tasks numbered], "d": variables, "e": end event or null,
     "w": workflow, "s": [[number of the containing task in the tree, workflow], ...]}
    workflow = {"p": process id, "c": completed, "t": [row, ...]}
    row = [id, index of the parent row or -1, specification, state, number, entered, triggered, internal, local]

Rows stand in the order the tasks were made; trailing zeros are left out. Identity of definitions is by name,
so a state needs the very version it was written with.
"""

from typing import Any
from uuid import UUID

import orjson

from engine.bpmn.errors import StateMismatch
from engine.bpmn.instance import Case, CaseTask, Inner, Journal

FORMAT = 1
_ROW = 9


def dump(case: Case, version: str) -> str:
    """Only for a case at rest: no engine step pending."""
    inner = [[container.int, _workflow(workflow)] for container, workflow in case.subprocesses.items()]
    content = {
        "f": FORMAT,
        "v": version,
        "n": [case.journal.made, case.journal.numbered],
        "d": case.variables,
        "e": case.end,
        "w": _workflow(case),
        "s": inner,
    }
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS).decode()


def _workflow(workflow: Any) -> dict[str, Any]:
    index: dict[UUID, int] = {}
    rows: list[list[Any]] = []
    for task in workflow.tasks.values():
        index[task.id] = len(rows)
        rows.append(_row(task, index.get(task._parent, -1)))
    return {"p": workflow.spec.name, "c": int(workflow.completed), "t": rows}


def _row(task: CaseTask, parent: int) -> list[Any]:
    row = [
        task.id.int,
        parent,
        task.task_spec.name,
        task._state,
        task.number,
        int(task.entered),
        int(task.triggered),
        task.internal_data or 0,
        0 if task.local is None else task.local,
    ]
    while row[-1] == 0 and not isinstance(row[-1], dict):
        row.pop()
    return row


def load(text: str, version: str, specs: dict[str, Any], main: str) -> Case:
    """Raises StateMismatch where the text is not a state of this version."""
    try:
        content = orjson.loads(text)
        found = (content["f"], content["v"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise StateMismatch("流程状态无法读取。") from None
    if found != (FORMAT, version):
        message = "流程状态属于版本 %(found)s，不能用版本 %(wanted)s 继续。"
        raise StateMismatch(message, found=str(found[1]), wanted=version)
    case = Case(specs[main], specs, Journal(*content["n"]))
    case.variables, case.end = content["d"], content["e"]
    _fill(case, content["w"])
    by_id = dict(case.tasks)
    for container_id, encoded in content["s"]:
        container = by_id[UUID(int=container_id)]
        inner = Inner(specs[encoded["p"]], container, case)
        case.subprocesses[container.id] = inner
        _fill(inner, encoded)
        by_id.update(inner.tasks)
        if not inner.completed:
            inner.completed_event.connect(container.task_spec._on_subworkflow_completed, container)
    return case


def _fill(workflow: Any, encoded: dict[str, Any]) -> None:
    workflow.completed = bool(encoded["c"])
    made: list[CaseTask] = []
    for row in encoded["t"]:
        task = _task(workflow, row + [0] * (_ROW - len(row)), made)
        workflow.tasks[task.id] = task
        made.append(task)
    workflow.task_tree = made[0]


def _task(workflow: Any, row: list[Any], made: list[CaseTask]) -> CaseTask:
    identity, parent_index, name, state, number, entered, triggered, internal, local = row
    parent = made[parent_index] if parent_index >= 0 else None
    task = CaseTask.__new__(CaseTask)
    task.__dict__.update(
        id=UUID(int=identity),
        workflow=workflow,
        _parent=parent.id if parent is not None else None,
        _children=[],
        _state=state,
        triggered=bool(triggered),
        task_spec=workflow.spec.task_specs[name],
        thread_id=0,
        internal_data=internal or {},
        last_state_change=0,
        number=number,
        entered=bool(entered),
        local=local if isinstance(local, dict) else None,
        level=parent.level + 1 if parent is not None else workflow.level,
    )
    if parent is not None:
        parent._children.append(task.id)
    return task
